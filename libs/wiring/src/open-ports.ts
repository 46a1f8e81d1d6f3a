import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedLog, openKafkaBus, openKafkaLog, type EventLog, type LogNotice } from '@queuecast/event-log';
import type { Metrics } from '@queuecast/http';
import { InProcessBus, type LiveBus } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import { openStore, type Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import { LogMetrics } from './log-metrics.js';

/** A role of its own was started without what it shares with the other roles; the message names the setting. */
export class MissingServerError extends Error {
  override readonly name = 'MissingServerError';
}

const DEAD_LETTER_RETENTION_HOURS = 24 * 30;
/** A dead letter holds the original bytes in base64 and says why. */
const MAX_MESSAGE_BYTES = { events: 4_194_304, 'dead-letters': 8_388_608 } as const;

const logger = new Logger('Log');
const notice: LogNotice = (message, error) =>
  logger.warn(error === undefined ? message : `${message}: ${reasonOf(error)}`);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What roles are composed of, opened as they are asked for and closed together, last opened first. */
export class Ports {
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly counted: LogMetrics | null;

  /**
   * @param settings brokers and URL absent mean the embedded log and the embedded store in `dataDir`
   * @param sharing `process`: every role runs here, so the embedded ones will do; `servers`: other processes have the
   *   other roles, so Kafka and a ClickHouse server are needed
   * @param metrics where what the logs count is shown; nowhere if absent
   */
  constructor(
    private readonly settings: Settings,
    private readonly sharing: 'process' | 'servers',
    metrics?: Metrics,
  ) {
    this.counted = metrics ? new LogMetrics(metrics) : null;
  }

  /** The log of events. @throws MissingServerError, LogMisconfiguredError */
  events(): Promise<EventLog> {
    return this.log('events', this.settings.kafka.partitions, this.settings.log.partitions);
  }

  /** Where records go that are not events of ours. */
  deadLetters(): Promise<EventLog> {
    return this.log('dead-letters', 1, 1);
  }

  /** The facts, migrated. @throws MissingServerError, MigrationError */
  async store(): Promise<Store> {
    const { clickhouse, dataDir } = this.settings;
    if (clickhouse.url === undefined) this.needServer('clickhouse.url', 'QUEUECAST_CLICKHOUSE_URL');
    const directory = join(dataDir, 'store');
    if (clickhouse.url === undefined) await mkdir(directory, { recursive: true });
    const store = await openStore(
      clickhouse.url === undefined
        ? { kind: 'embedded', directory }
        : { kind: 'server', url: clickhouse.url, requestTimeoutMs: clickhouse.requestTimeoutSeconds * 1000 },
    );
    this.closers.push(() => store.close());
    await store.migrate();
    return store;
  }

  /** Frames from processors to gateways. */
  async bus(): Promise<LiveBus> {
    if (this.sharing === 'process') {
      const bus = new InProcessBus();
      this.closers.push(() => bus.close());
      return bus;
    }
    const bus = await openKafkaBus(this.kafka());
    this.closers.push(() => bus.close());
    this.counted?.bus(bus);
    return bus;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  private async log(
    name: keyof typeof MAX_MESSAGE_BYTES,
    kafkaPartitions: number,
    embeddedPartitions: number,
  ): Promise<EventLog> {
    const { kafka, dataDir, log: retention } = this.settings;
    const retentionHours = name === 'events' ? retention.retentionHours : DEAD_LETTER_RETENTION_HOURS;
    const log =
      kafka.brokers.length > 0 || this.sharing === 'servers'
        ? await openKafkaLog({
            ...this.kafka(),
            name,
            partitions: kafkaPartitions,
            retentionHours,
            maxMessageBytes: MAX_MESSAGE_BYTES[name],
          })
        : await openEmbeddedLog({
            directory: join(dataDir, 'log'),
            name,
            partitions: embeddedPartitions,
            retentionHours,
            retentionBytes: retention.retentionBytes,
            notice,
          });
    this.closers.push(() => log.close());
    this.counted?.log(name, log);
    return log;
  }

  private kafka() {
    const { brokers, topicPrefix, replicationFactor } = this.settings.kafka;
    if (brokers.length === 0) this.needServer('kafka.brokers', 'QUEUECAST_KAFKA_BROKERS');
    return { brokers, topicPrefix, replicationFactor, notice };
  }

  private needServer(setting: string, variable: string): void {
    if (this.sharing === 'process') return;
    throw new MissingServerError(
      `${setting} is not set: a role in a process of its own shares it with the others. ` +
        `Set ${variable} (or ${setting} in queuecast.yaml), or run every role in one process with npm start.`,
    );
  }
}
