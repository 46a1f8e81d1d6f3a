import type { LogConsumer, LogReader } from '../port.js';
import { breathe, Cancellation, offsetAfter, persist, Wake, type BatchLimits, type LogNotice } from '../delivery.js';
import type { LogCounts } from '../counts.js';
import type { EmbeddedTopic } from './topic.js';

/** Delivers one topic to the only member of a consumer group: one loop per partition, woken by appends. */
export class EmbeddedReader implements LogReader {
  readonly #wakes: Wake[];
  readonly #closing = new Cancellation();
  readonly #loops: Promise<void>[];
  #closed: Promise<void> | null = null;

  constructor(
    private readonly topic: EmbeddedTopic,
    readonly group: string,
    private readonly consumer: LogConsumer,
    private readonly limits: BatchLimits,
    private readonly counts: LogCounts,
    private readonly notice: LogNotice,
  ) {
    this.#wakes = Array.from({ length: topic.meta.partitions }, () => new Wake());
    this.#loops = this.#wakes.map((wake, partition) => this.#deliver(partition, wake));
  }

  /** Something was appended to the partition. */
  wake(partition: number): void {
    this.#wakes[partition]?.signal();
  }

  async commit(partition: number, offset: number): Promise<void> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.topic.endOffset(partition)) {
      throw new RangeError(
        `log "${this.topic.name}": cannot commit offset ${offset} of partition ${partition}, which ends at ` +
          `${this.topic.endOffset(partition)}`,
      );
    }
    if (offset <= (this.topic.committed(this.group, partition) ?? 0)) return;
    await this.topic.commit(this.group, partition, offset);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.cancel();
    for (const wake of this.#wakes) wake.signal();
    await Promise.all(this.#loops);
  }

  async #deliver(partition: number, wake: Wake): Promise<void> {
    const what = `log "${this.topic.name}" partition ${partition}:`;
    const call = (name: string, action: () => Promise<void>): Promise<boolean> =>
      persist(`${what} ${name}`, action, this.#closing, this.counts, this.notice);

    if (!(await call('assigned', () => this.consumer.assigned(partition)))) return;
    let position = this.topic.committed(this.group, partition) ?? 0;
    while (!this.#closing.cancelled) {
      const batch = this.topic.read(partition, position, this.limits);
      if (batch === null) {
        await wake.wait();
        continue;
      }
      this.counts.delivered += batch.records.length;
      if (!(await call('batch', () => this.consumer.batch(batch)))) break;
      position = offsetAfter(batch);
      await breathe();
    }
    try {
      await this.consumer.revoked(partition);
    } catch (error) {
      this.counts.failedDeliveries += 1;
      this.notice(`${what} could not be drained; what was not committed is delivered again after a restart`, error);
    }
  }
}
