import type { Admin } from 'kafkajs';
import { LogAwayError, LogMisconfiguredError } from '../port.js';
import type { EventLog, LogConsumer, LogHealth, LogIdentity, LogPosition, LogReader, LogRecord } from '../port.js';
import { noCounts, type LogCounts } from '../counts.js';
import { DEFAULT_BATCH, type BatchLimits, type LogNotice } from '../delivery.js';
import { partitionFor } from '../partitioner.js';
import { KafkaAppender } from './appender.js';
import { Availability } from './availability.js';
import { Disposable, kafkaClient, reasonOf, type KafkaConnection } from './client.js';
import { GROUP_TIMING, type GroupTiming } from './group-member.js';
import { KafkaReader } from './kafka-reader.js';
import { ensureTopic, type FoundTopic, type TopicSpecification } from './topic.js';
import { TopicInspector, type TopicState } from './topic-inspector.js';

export interface KafkaLogOptions extends KafkaConnection {
  /** "events", "dead-letters": also the second half of the id of a consumer group in Kafka. */
  readonly name: string;
  /** The topic is `<prefix>.<name>`, or just the name without one. */
  readonly topicPrefix?: string;
  /** For a topic that does not exist yet. */
  readonly partitions: number;
  /** For a topic that does not exist yet; one that does must have at least as many replicas. 1 if absent. */
  readonly replicationFactor?: number;
  /** `compact` keeps the latest record of each key. `delete` if absent. */
  readonly cleanup?: TopicSpecification['cleanup'];
  /** For a topic that does not exist yet. 168 (a week) if absent. */
  readonly retentionHours?: number;
  /** For a topic that does not exist yet: largest batch, bytes. 4 MiB if absent. */
  readonly maxMessageBytes?: number;
  readonly compression?: 'none' | 'gzip';
  /** An append is given up after this long. 5 s if absent. */
  readonly appendTimeoutMs?: number;
  readonly batch?: BatchLimits;
  readonly timing?: Partial<GroupTiming>;
}

const OPEN_TIMEOUT_MS = 15_000;
const PROBE_TIMEOUT_MS = 3_000;

/**
 * Opens a topic as a log, made if absent. Throws {@link LogAwayError} if no broker answers, and
 * {@link LogMisconfiguredError} if the topic exists with settings that would lose, reorder or misdate events.
 */
export const openKafkaLog = async (options: KafkaLogOptions): Promise<KafkaLog> => {
  const topic = topicOf(options);
  const kafka = kafkaClient(options);
  const admin = new Disposable(() => kafka.admin());
  const inspector = new Disposable(() => new TopicInspector(kafka, topic));
  try {
    const found = await admin.use(OPEN_TIMEOUT_MS, (client) =>
      ensureTopic(client, {
        topic,
        partitions: options.partitions,
        replicationFactor: options.replicationFactor ?? 1,
        cleanup: options.cleanup ?? 'delete',
        retentionHours: options.retentionHours ?? 168,
        maxMessageBytes: options.maxMessageBytes ?? 4_194_304,
      }),
    );
    const state = await inspector.use(OPEN_TIMEOUT_MS, (client) => client.state());
    return new KafkaLog(kafka, admin, inspector, found, state, options);
  } catch (error) {
    await Promise.all([admin.dispose(), inspector.dispose()]);
    if (error instanceof LogMisconfiguredError) throw error;
    throw new LogAwayError(
      `Kafka at ${options.brokers.join(', ')} could not open topic "${topic}": ${reasonOf(error)}`,
      { cause: error },
    );
  }
};

/** The log on a Kafka topic. A consumer group belongs to one log: its id in Kafka is `<group>.<name of the log>`. */
export class KafkaLog implements EventLog {
  readonly name: string;
  readonly #topic: string;
  readonly #counts = noCounts();
  readonly #identity: LogIdentity;
  readonly #availability: Availability;
  readonly #appender: KafkaAppender;
  readonly #readers = new Set<KafkaReader>();
  readonly #notice: LogNotice;
  #closed: Promise<void> | null = null;

  constructor(
    private readonly kafka: ReturnType<typeof kafkaClient>,
    private readonly admin: Disposable<Admin>,
    private readonly inspector: Disposable<TopicInspector>,
    found: FoundTopic,
    opened: TopicState,
    private readonly options: KafkaLogOptions,
  ) {
    this.name = options.name;
    this.#topic = topicOf(options);
    this.#notice = options.notice ?? (() => undefined);
    this.#identity = { id: identify(this.#topic, opened), partitions: opened.partitions };
    this.#availability = new Availability(this.name, () => this.#probe(), this.#notice);
    this.#appender = new KafkaAppender(
      kafka,
      {
        topic: this.#topic,
        partitions: opened.partitions,
        maxMessageBytes: found.maxMessageBytes,
        compression: options.compression ?? 'none',
        timeoutMs: options.appendTimeoutMs ?? 5_000,
      },
      this.#availability,
    );
  }

  identity(): Promise<LogIdentity> {
    return Promise.resolve(this.#identity);
  }

  partitionOf(key: string): Promise<number> {
    return Promise.resolve(partitionFor(key, this.#identity.partitions));
  }

  async append(records: readonly LogRecord[]): Promise<LogPosition[]> {
    this.#availability.check();
    if (records.length === 0) return [];
    const positions = await this.#appender.append(records);
    this.#counts.appended += positions.length;
    return positions;
  }

  read(group: string, consumer: LogConsumer): Promise<LogReader> {
    if (this.#closed) return Promise.reject(new LogAwayError(`log "${this.name}" is closed`));
    const reader = new KafkaReader(
      this.kafka,
      this.admin,
      {
        topic: this.#topic,
        groupId: `${group}.${this.name}`,
        batch: this.options.batch ?? DEFAULT_BATCH,
        timing: { ...GROUP_TIMING, ...this.options.timing },
      },
      consumer,
      this.#counts,
      this.#notice,
    );
    this.#readers.add(reader);
    return Promise.resolve({
      commit: (partition, offset) => reader.commit(partition, offset),
      close: async () => {
        await reader.close();
        this.#readers.delete(reader);
      },
    });
  }

  health(): LogHealth {
    return this.#availability.health;
  }

  /** What this log did since it was opened. */
  counts(): LogCounts {
    return { ...this.#counts };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#availability.close();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#appender.close();
    await Promise.all([this.admin.dispose(), this.inspector.dispose()]);
  }

  /** A topic made again or repartitioned under a running process would put events where their readers are not. */
  async #probe(): Promise<void> {
    const state = await this.inspector.use(PROBE_TIMEOUT_MS, (client) => client.state());
    if (identify(this.#topic, state) !== this.#identity.id) {
      throw new Error(
        `topic "${this.#topic}" was made again or repartitioned since it was opened: restart this process`,
      );
    }
    if (state.leaderless > 0)
      throw new Error(`${state.leaderless} partitions of topic "${this.#topic}" have no leader`);
  }
}

/** The topic of a log. */
export const topicOf = ({ topicPrefix, name }: { readonly topicPrefix?: string; readonly name: string }): string =>
  topicPrefix === undefined ? name : `${topicPrefix}.${name}`;

const identify = (topic: string, { clusterId, topicId, partitions }: TopicState): string =>
  `${clusterId}/${topic}/${topicId ?? 'unknown'}/${partitions}`;
