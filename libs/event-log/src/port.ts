import type { Instant } from '@queuecast/events';

/** One record to append. `key` decides the partition: equal keys stay in order. */
export interface LogRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Where a record stands. Offsets of one partition ascend, with gaps allowed. */
export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

/** One record read. `value` is null for a tombstone, `key` is null where a foreign program sent none. */
export interface StoredRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  /** When the log took the record, by the log's clock. */
  readonly appendedAt: Instant;
}

/** Consecutive records of one partition, in order. */
export interface LogBatch {
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  /** Offset that the next record to be appended will get: the distance to it is the lag in records. */
  readonly endOffset: number;
}

/** Identifies one life of the log: it changes when the log is recreated or repartitioned. */
export interface LogIdentity {
  readonly id: string;
  readonly partitions: number;
}

/** What the log's consumer group tells the processor. Calls never overlap for one partition. */
export interface LogConsumer {
  /** A partition is ours now. Nothing of it is delivered before this resolves. */
  assigned(partition: number): Promise<void>;
  /**
   * The partition goes to someone else, or the reader closes: drain it. Resolves when every record delivered is
   * flushed (and may be committed) or abandoned; only then is the partition given away.
   */
  revoked(partition: number): Promise<void>;
  /** Records in order. The next batch of this partition is delivered after this resolves: this is the back pressure. */
  batch(batch: LogBatch): Promise<void>;
}

export interface LogReader {
  /**
   * Everything below `offset` is done for good; after a restart delivery starts at `offset`. Throws {@link LogAwayError},
   * and {@link PartitionLostError} when the group gave the partition to others: do not repeat it then.
   */
  commit(partition: number, offset: number): Promise<void>;
  /** Drains (`revoked` for every partition), then leaves the group. */
  close(): Promise<void>;
}

export type LogHealth =
  { readonly state: 'up' } | { readonly state: 'away'; readonly reason: string; readonly since: Instant };

/**
 * The ordered, durable, partitioned log of events. Adapters: LMDB (embedded) and Kafka.
 * One object is one topic ("events", "dead-letters", "frames" ...).
 */
export interface EventLog {
  readonly name: string;
  identity(): Promise<LogIdentity>;
  /** The partition of a key: what {@link append} uses, so that a reader can tell which sites are its own. */
  partitionOf(key: string): Promise<number>;
  /**
   * Appends all records or throws {@link LogAwayError}. Resolves when they are durable (flushed to disk; acks=all),
   * with the position of each record in the order given.
   */
  append(records: readonly LogRecord[]): Promise<LogPosition[]>;
  /** Joins the consumer group `group` and delivers until closed. A group's committed offsets survive restarts. */
  read(group: string, consumer: LogConsumer): Promise<LogReader>;
  health(): LogHealth;
  close(): Promise<void>;
}

/** The log cannot be reached or did not acknowledge: nothing of this call may be taken as done. Retry later. */
export class LogAwayError extends Error {
  override readonly name = 'LogAwayError';
}

/**
 * This process was out of the consumer group and holds the partition no more: whoever holds it now is given everything
 * since the last commit. Nothing is lost, and repeating the commit is of no use.
 */
export class PartitionLostError extends Error {
  override readonly name = 'PartitionLostError';

  constructor(readonly partition: number) {
    super(`partition ${partition} is not held by this process any more: the commit was not made`);
  }
}

/** The topic exists with settings that would lose or reorder events: the message says which, and the remedy. */
export class LogMisconfiguredError extends Error {
  override readonly name = 'LogMisconfiguredError';
}
