import { partitionKey } from '@queuecast/events';
import type { LogPosition } from '@queuecast/event-log';
import { Metrics } from '@queuecast/http';
import { Catalog, type Settings } from '@queuecast/settings';
import { Ports } from '@queuecast/wiring';
import { Processor } from '../../../processor/src/processor.js';
import { ProcessorMetrics } from '../../../processor/src/metrics.js';
import type { Send } from '../delivery/http-sender.js';

/** Batches that may be in the log before they are in the facts: bounds what waits, and keeps the progress honest. */
const BATCHES_AHEAD = 20;

/** A data directory opened by the import itself, with a processor that turns what is appended into facts. */
export interface DataDirectory {
  /** Appends events durably; resolves at the latest when they are few batches ahead of the facts. */
  readonly send: Send;
  /** Resolves when everything appended is in the facts. */
  settle(): Promise<void>;
  /** Events that the processor could not take, each in the dead-letter log with its reason. */
  deadLetters(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the embedded log and store of a data directory, whatever servers the settings name.
 * Throws LogMisconfiguredError when a running server holds it.
 */
export const openDataDirectory = async (settings: Settings): Promise<DataDirectory> => {
  const embedded: Settings = {
    ...settings,
    kafka: { ...settings.kafka, brokers: [] },
    clickhouse: { ...settings.clickhouse, url: undefined },
  };
  const ports = new Ports(embedded, 'process');
  try {
    const [events, deadLetters, store, bus] = [
      await ports.events(),
      await ports.deadLetters(),
      await ports.store(),
      await ports.bus(),
    ];
    const metrics = new ProcessorMetrics(new Metrics({ processMetrics: false }));
    const catalog = new Catalog(embedded);
    const processor = new Processor({
      settings: embedded,
      catalog,
      events,
      deadLetters,
      store,
      bus,
      metrics,
      now: Date.now,
    });
    await processor.start();
    const ahead: (readonly LogPosition[])[] = [];
    return {
      send: async (batch) => {
        const positions = await events.append(
          batch.map((event) => ({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) })),
        );
        ahead.push(positions.slice(-1));
        if (ahead.length > BATCHES_AHEAD) await processor.committedThrough(ahead.shift() ?? []);
        return { accepted: batch.length, rejected: [] };
      },
      settle: () => processor.committedThrough(ahead.splice(0).flat()),
      deadLetters: async () => {
        const { values } = await metrics.deadLetters.get();
        return values.reduce((sum, { value }) => sum + value, 0);
      },
      close: async () => {
        await processor.close();
        await ports.close();
      },
    };
  } catch (error) {
    await ports.close();
    throw error;
  }
};
