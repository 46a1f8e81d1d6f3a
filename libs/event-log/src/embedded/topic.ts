import { randomUUID } from 'node:crypto';
import type { Database } from 'lmdb';
import type { LogBatch, LogPosition, LogRecord, StoredRecord } from '../port.js';
import { LogMisconfiguredError } from '../port.js';
import { bytesOf, type BatchLimits } from '../delivery.js';
import { partitionFor } from '../partitioner.js';
import type { LogEnvironment, TopicMeta } from './environment.js';
import {
  appendedAtOf,
  bytesUpTo,
  decodeRecord,
  encodeRecord,
  offsetOfKey,
  partitionOfKey,
  positionKey,
} from './record.js';

/** Where a partition ends. */
interface Tail {
  /** Offset of the next record. */
  next: number;
  /** Running total of bytes. */
  bytes: number;
  appendedAt: number;
}

/** The records and committed offsets of one topic in an LMDB environment. Reads are synchronous: they are memory-mapped. */
export class EmbeddedTopic {
  readonly meta: TopicMeta;
  readonly #records: Database<Buffer, Buffer>;
  #tails: Tail[] = [];

  private constructor(
    readonly environment: LogEnvironment,
    readonly name: string,
    meta: TopicMeta,
  ) {
    this.meta = meta;
    this.#records = environment.records(name);
    this.#readTails();
  }

  /** Opens the topic, made if absent. Throws {@link LogMisconfiguredError} if it was made with other partitions. */
  static async open(
    environment: LogEnvironment,
    name: string,
    partitions: number,
    now: number,
  ): Promise<EmbeddedTopic> {
    const key = ['topic', name];
    const found = environment.meta.get(key) as TopicMeta | undefined;
    const meta = found ?? { id: randomUUID(), partitions, createdAt: now };
    if (meta.partitions !== partitions) {
      throw new LogMisconfiguredError(
        `the embedded log "${name}" in ${environment.directory} was created with ${meta.partitions} partitions and the ` +
          `settings say ${partitions}: set log.partitions to ${meta.partitions}, or start on a new data directory`,
      );
    }
    if (!found) await environment.commit(0, () => void environment.meta.put(key, meta));
    return new EmbeddedTopic(environment, name, meta);
  }

  partitionOf(key: string): number {
    return partitionFor(key, this.meta.partitions);
  }

  /** Appends in one group commit; resolves when on disk. */
  async append(records: readonly LogRecord[], now: number): Promise<LogPosition[]> {
    const positions: LogPosition[] = [];
    const cost = records.reduce((sum, record) => sum + record.value.length + 100, 0);
    await this.environment.commit(
      cost,
      () => {
        for (const record of records) positions.push(this.#put(record, now));
      },
      // What was not written takes no offset.
      () => this.#readTails(),
    );
    return positions;
  }

  /** Offset that the next record gets. */
  endOffset(partition: number): number {
    return this.#tail(partition).next;
  }

  /** The oldest offset still stored; the end offset if there is none. */
  firstOffset(partition: number): number {
    for (const key of this.#records.getKeys({ ...bounds(partition), limit: 1 })) return offsetOfKey(key);
    return this.endOffset(partition);
  }

  /** Records from `from` on, at least one unless the partition ends there; null then. */
  read(partition: number, from: number, limits: BatchLimits): LogBatch | null {
    this.#records.resetReadTxn();
    const records: StoredRecord[] = [];
    let bytes = 0;
    const range = { start: positionKey(partition, from), end: bounds(partition).end, limit: limits.records };
    for (const { key, value } of this.#records.getRange(range)) {
      const record = decodeRecord(offsetOfKey(key), value);
      records.push(record);
      bytes += bytesOf(record);
      if (bytes >= limits.bytes) break;
    }
    return records.length === 0 ? null : { partition, records, endOffset: this.endOffset(partition) };
  }

  /** Append time and running total of bytes of a stored record. */
  measure(partition: number, offset: number): { readonly appendedAt: number; readonly bytes: number } {
    const stored = this.#records.get(positionKey(partition, offset));
    if (!stored) throw new Error(`log "${this.name}": no record ${offset} in partition ${partition}`);
    return { appendedAt: appendedAtOf(stored), bytes: bytesUpTo(stored) };
  }

  /** Removes the records `from` to `to - 1`. */
  remove(partition: number, from: number, to: number): Promise<void> {
    return this.environment.commit((to - from) * 100, () => {
      for (let offset = from; offset < to; offset += 1) void this.#records.remove(positionKey(partition, offset));
    });
  }

  committed(group: string, partition: number): number | null {
    return (this.environment.meta.get(['commit', this.name, group, partition]) as number | undefined) ?? null;
  }

  commit(group: string, partition: number, offset: number): Promise<void> {
    return this.environment.commit(0, () => {
      void this.environment.meta.put(['commit', this.name, group, partition], offset);
    });
  }

  /** The lowest offset that some group known to this topic still has to process; null if no group ever read it. */
  lowestCommitted(partition: number): number | null {
    let lowest: number | null = null;
    const range = { start: ['commit', this.name], end: ['commit', `${this.name}\u0000`] };
    for (const { key, value } of this.environment.meta.getRange(range)) {
      if (key[1] !== this.name || key[3] !== partition || typeof value !== 'number') continue;
      lowest = Math.min(lowest ?? value, value);
    }
    return lowest;
  }

  #put(record: LogRecord, now: number): LogPosition {
    const partition = this.partitionOf(record.key);
    const tail = this.#tail(partition);
    // A clock set back must not break the order by time that trimming searches.
    const appendedAt = Math.max(now, tail.appendedAt);
    const { stored, bytesAfter } = encodeRecord(record, appendedAt, tail.bytes);
    const offset = tail.next;
    void this.#records.put(positionKey(partition, offset), stored);
    this.#tails[partition] = { next: offset + 1, bytes: bytesAfter, appendedAt };
    return { partition, offset };
  }

  #tail(partition: number): Tail {
    const tail = this.#tails[partition];
    if (!tail) throw new RangeError(`log "${this.name}" has no partition ${partition}`);
    return tail;
  }

  #readTails(): void {
    this.#records.resetReadTxn();
    this.#tails = Array.from({ length: this.meta.partitions }, (_, partition) => this.#readTail(partition));
  }

  #readTail(partition: number): Tail {
    const last = { start: positionKey(partition, Number.MAX_SAFE_INTEGER), reverse: true, limit: 1 };
    for (const { key, value } of this.#records.getRange(last)) {
      if (partitionOfKey(key) !== partition) break;
      return { next: offsetOfKey(key) + 1, bytes: bytesUpTo(value), appendedAt: appendedAtOf(value) };
    }
    return { next: 0, bytes: 0, appendedAt: 0 };
  }
}

const bounds = (partition: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: positionKey(partition, 0),
  end: positionKey(partition + 1, 0),
});
