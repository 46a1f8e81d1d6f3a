import { instant } from '@queuecast/events';
import { LogAwayError } from '../port.js';
import type { EventLog, LogConsumer, LogHealth, LogIdentity, LogPosition, LogReader, LogRecord } from '../port.js';
import { noCounts, type LogCounts } from '../counts.js';
import { DEFAULT_BATCH, type BatchLimits, type LogNotice } from '../delivery.js';
import { LogEnvironment } from './environment.js';
import { EmbeddedReader } from './reader.js';
import { EmbeddedTopic } from './topic.js';
import { trim, type Retention } from './trim.js';

export interface EmbeddedLogOptions {
  /** Holds the LMDB environment; several topics may share it. One process at a time. */
  readonly directory: string;
  /** The topic: "events", "dead-letters". */
  readonly name: string;
  /** Fixed when the topic is created. */
  readonly partitions: number;
  /** Records older than this are removed once every known group has committed them. 72 if absent. */
  readonly retentionHours?: number;
  /** Oldest records are removed, once committed, to stay below this. 8 GB if absent. */
  readonly retentionBytes?: number;
  /** Past this even uncommitted records are removed, and counted. Twice `retentionBytes` if absent. */
  readonly hardRetentionBytes?: number;
  readonly trimEveryMs?: number;
  readonly batch?: BatchLimits;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly notice?: LogNotice;
}

const MS_PER_HOUR = 3_600_000;

/**
 * Opens the embedded log, made if absent. Throws {@link LogMisconfiguredError} if another process holds the directory,
 * or the topic was made with another number of partitions.
 */
export const openEmbeddedLog = async (options: EmbeddedLogOptions): Promise<EmbeddedLog> => {
  const environment = LogEnvironment.open(options.directory);
  try {
    const now = options.now ?? Date.now;
    return new EmbeddedLog(await EmbeddedTopic.open(environment, options.name, options.partitions, now()), options);
  } catch (error) {
    await environment.release();
    throw error;
  }
};

/** The log on one machine: LMDB, flushed to disk before an append resolves. */
export class EmbeddedLog implements EventLog {
  readonly name: string;
  readonly #counts = noCounts();
  readonly #readers = new Set<EmbeddedReader>();
  readonly #groups = new Set<string>();
  readonly #now: () => number;
  readonly #notice: LogNotice;
  readonly #retention: Retention;
  readonly #trimTimer: NodeJS.Timeout;
  #trimming: Promise<void> | null = null;
  #health: LogHealth = { state: 'up' };
  #closed = false;

  constructor(
    private readonly topic: EmbeddedTopic,
    private readonly options: EmbeddedLogOptions,
  ) {
    this.name = topic.name;
    this.#now = options.now ?? Date.now;
    this.#notice = options.notice ?? (() => undefined);
    const bytes = options.retentionBytes ?? 8_000_000_000;
    this.#retention = {
      ageMs: (options.retentionHours ?? 72) * MS_PER_HOUR,
      bytes,
      hardBytes: options.hardRetentionBytes ?? 2 * bytes,
    };
    this.#trimTimer = setInterval(() => void this.trim(), options.trimEveryMs ?? 60_000);
    this.#trimTimer.unref();
  }

  identity(): Promise<LogIdentity> {
    const { id, partitions } = this.topic.meta;
    return Promise.resolve({ id, partitions });
  }

  partitionOf(key: string): Promise<number> {
    return Promise.resolve(this.topic.partitionOf(key));
  }

  async append(records: readonly LogRecord[]): Promise<LogPosition[]> {
    if (this.#closed) throw new LogAwayError(`log "${this.name}" is closed`);
    if (records.length === 0) return [];
    const positions = await this.#watched(() => this.topic.append(records, this.#now()));
    this.#counts.appended += positions.length;
    for (const partition of new Set(positions.map((position) => position.partition))) {
      for (const reader of this.#readers) reader.wake(partition);
    }
    return positions;
  }

  async read(group: string, consumer: LogConsumer): Promise<LogReader> {
    if (this.#closed) throw new LogAwayError(`log "${this.name}" is closed`);
    if (this.#groups.has(group)) {
      throw new Error(
        `log "${this.name}" is being read by group "${group}" already: the embedded log has one reader per group`,
      );
    }
    this.#groups.add(group);
    try {
      await this.#watched(() => this.#introduce(group));
    } catch (error) {
      this.#groups.delete(group);
      throw error;
    }
    const reader = new EmbeddedReader(
      this.topic,
      group,
      consumer,
      this.options.batch ?? DEFAULT_BATCH,
      this.#counts,
      this.#notice,
    );
    this.#readers.add(reader);
    return {
      commit: (partition, offset) => this.#watched(() => reader.commit(partition, offset)),
      close: async () => {
        await reader.close();
        this.#readers.delete(reader);
        this.#groups.delete(group);
      },
    };
  }

  health(): LogHealth {
    return this.#health;
  }

  /** What this log did since it was opened. */
  counts(): LogCounts {
    return { ...this.#counts };
  }

  /** Removes what retention lets go; runs by itself every minute. */
  trim(): Promise<void> {
    this.#trimming ??= this.#trim().finally(() => (this.#trimming = null));
    return this.#trimming;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#trimTimer);
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#trimming;
    await this.topic.environment.release();
  }

  /** From now on trimming knows this group and keeps what it has not committed. */
  async #introduce(group: string): Promise<void> {
    const unknown = Array.from({ length: this.topic.meta.partitions }, (_, partition) => partition).filter(
      (partition) => this.topic.committed(group, partition) === null,
    );
    await Promise.all(
      unknown.map((partition) => this.topic.commit(group, partition, this.topic.firstOffset(partition))),
    );
  }

  async #trim(): Promise<void> {
    try {
      const { removed, uncommitted } = await trim(this.topic, this.#retention, this.#now());
      this.#counts.trimmed += removed;
      this.#counts.trimmedUncommitted += uncommitted;
      if (uncommitted > 0) {
        this.#notice(
          `log "${this.name}" passed its hard bound: ${uncommitted} records were removed that a reader had not committed`,
        );
      }
    } catch (error) {
      this.#notice(`log "${this.name}" could not be trimmed`, error);
    }
  }

  async #watched<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      const result = await write();
      this.#health = { state: 'up' };
      return result;
    } catch (error) {
      if (error instanceof LogAwayError && this.#health.state === 'up') {
        this.#health = { state: 'away', reason: error.message, since: instant(this.#now()) };
      }
      throw error;
    }
  }
}
