import type { LogBatch, LogConsumer, StoredRecord } from '../port.js';
import type { LogCounts } from '../counts.js';
import {
  breathe,
  bytesOf,
  Cancellation,
  offsetAfter,
  persist,
  Wake,
  type BatchLimits,
  type LogNotice,
} from '../delivery.js';

/** What a held partition needs of the group's consumer. */
export interface PartitionSource {
  /** The offset to start from: the committed one, as far as it is still stored. Asked once the consumer took over. */
  startOffset(partition: number): Promise<number>;
  seek(partition: number, offset: number): void;
  pause(partition: number): void;
  resume(partition: number): void;
}

/** Fetched ahead at most this much per partition (and one more fetch, which is on its way). */
const QUEUE_BYTES = 2_097_152;

/** One partition from the moment the group gives it to us until it is drained. */
export class HeldPartition {
  /** Resolves when drained. */
  readonly drained: Promise<void>;
  /** Offset of the next record wanted from the broker; null before the start is known. */
  #position: number | null = null;
  #endOffset = 0;
  #state: 'waiting' | 'running' | 'drained' = 'waiting';
  #lost = false;
  #queue: StoredRecord[] = [];
  #queuedBytes = 0;
  #paused = true;
  readonly #releasing = new Cancellation();
  readonly #wake = new Wake();

  constructor(
    readonly partition: number,
    /** The same partition's former life, which must be drained first. */
    before: Promise<void>,
    private readonly topic: string,
    private readonly source: PartitionSource,
    private readonly consumer: LogConsumer,
    private readonly limits: BatchLimits,
    private readonly counts: LogCounts,
    private readonly notice: LogNotice,
  ) {
    source.pause(partition);
    this.drained = before.then(() => this.#run()).finally(() => (this.#state = 'drained'));
  }

  /** The group took it away: whoever has it now is given what was not committed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether commits are ours to make: from `assigned` until drained, unless it was lost. */
  get committable(): boolean {
    return this.#state === 'running' && !this.#lost;
  }

  /** Whether the group must know that nobody else may have it. */
  get claimed(): boolean {
    return this.#state !== 'drained' && !this.#lost;
  }

  get releasing(): boolean {
    return this.#releasing.cancelled;
  }

  /** Drain it: nothing more is delivered, {@link drained} resolves when the consumer is done with it. */
  release(): void {
    this.source.pause(this.partition);
    this.#releasing.cancel();
    this.#wake.signal();
  }

  /** The group gave it to others without asking: no commit from here counts any more. */
  lose(): void {
    this.#lost = true;
    this.release();
  }

  /** After a rebalance in which we kept it: kafkajs would start again from the committed offset. */
  continue(): void {
    if (this.#paused) this.source.pause(this.partition);
    if (this.#position !== null) this.source.seek(this.partition, this.#position);
  }

  /** Takes what was fetched. */
  accept(records: readonly StoredRecord[], endOffset: number): void {
    const position = this.#position;
    if (position === null || this.releasing) return;
    const fresh = records.filter((record) => record.offset >= position);
    this.#endOffset = Math.max(this.#endOffset, endOffset);
    this.#position = (fresh.at(-1)?.offset ?? position - 1) + 1;
    this.#queue.push(...fresh);
    for (const record of fresh) this.#queuedBytes += bytesOf(record);
    if (this.#queuedBytes > QUEUE_BYTES && !this.#paused) {
      this.#paused = true;
      this.source.pause(this.partition);
    }
    this.#wake.signal();
  }

  async #run(): Promise<void> {
    if (this.releasing) return;
    if (!(await this.#call('assigned', () => this.consumer.assigned(this.partition)))) return;
    this.#state = 'running';
    let start = 0;
    const started = await this.#call('start offset', async () => {
      start = await this.source.startOffset(this.partition);
    });
    if (started) await this.#deliver(start);
    try {
      await this.consumer.revoked(this.partition);
    } catch (error) {
      this.counts.failedDeliveries += 1;
      this.notice(`${this.#what} could not be drained; what was not committed is delivered again`, error);
    }
  }

  async #deliver(start: number): Promise<void> {
    this.#position = start;
    this.#endOffset = start;
    this.source.seek(this.partition, start);
    this.#unpause();
    while (!this.releasing) {
      if (this.#queue.length === 0) {
        await this.#wake.wait();
        continue;
      }
      const batch = this.#takeBatch();
      if (this.#paused && this.#queuedBytes <= QUEUE_BYTES / 2) this.#unpause();
      this.counts.delivered += batch.records.length;
      if (!(await this.#call('batch', () => this.consumer.batch(batch)))) return;
      await breathe();
    }
  }

  #takeBatch(): LogBatch {
    let bytes = 0;
    let count = 0;
    for (const record of this.#queue) {
      bytes += bytesOf(record);
      if (count > 0 && (count === this.limits.records || bytes > this.limits.bytes)) {
        bytes -= bytesOf(record);
        break;
      }
      count += 1;
    }
    const records = this.#queue.splice(0, count);
    this.#queuedBytes -= bytes;
    const batch = { partition: this.partition, records, endOffset: this.#endOffset };
    return { ...batch, endOffset: Math.max(this.#endOffset, offsetAfter(batch)) };
  }

  #unpause(): void {
    this.#paused = false;
    this.source.resume(this.partition);
  }

  #call(name: string, action: () => Promise<void>): Promise<boolean> {
    return persist(`${this.#what} ${name}`, action, this.#releasing, this.counts, this.notice);
  }

  get #what(): string {
    return `topic "${this.topic}" partition ${this.partition}:`;
  }
}
