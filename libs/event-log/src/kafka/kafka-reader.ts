import type { Admin, Kafka } from 'kafkajs';
import { PartitionLostError, type LogConsumer, type LogReader, type StoredRecord } from '../port.js';
import type { LogCounts } from '../counts.js';
import type { BatchLimits, LogNotice } from '../delivery.js';
import type { Disposable } from './client.js';
import { GroupMember, type GroupTiming, type MemberEvents } from './group-member.js';
import { HeldPartition, type PartitionSource } from './held-partition.js';

export interface ReaderOptions {
  readonly topic: string;
  readonly groupId: string;
  readonly batch: BatchLimits;
  readonly timing: GroupTiming;
}

const OFFSETS_TIMEOUT_MS = 5_000;

/** This process' part of a consumer group: the partitions it holds, and what it tells the group about them. */
export class KafkaReader implements LogReader, MemberEvents, PartitionSource {
  readonly #held = new Map<number, HeldPartition>();
  readonly #member: GroupMember;
  #closed: Promise<void> | null = null;

  constructor(
    kafka: Kafka,
    private readonly admin: Disposable<Admin>,
    private readonly options: ReaderOptions,
    private readonly consumer: LogConsumer,
    private readonly counts: LogCounts,
    private readonly notice: LogNotice,
  ) {
    this.#member = new GroupMember(kafka, options, this, notice);
  }

  commit(partition: number, offset: number): Promise<void> {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      return Promise.reject(new RangeError(`cannot commit offset ${offset} of partition ${partition}`));
    }
    const held = this.#held.get(partition);
    return this.#member.commit(partition, offset, () => {
      if (!held?.committable) throw new PartitionLostError(partition);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  claim(): { holding: number[]; releasing: number[] } {
    const live = [...this.#held.values()].filter((held) => held.claimed);
    return {
      holding: live.filter((held) => !held.releasing).map((held) => held.partition),
      releasing: live.filter((held) => held.releasing).map((held) => held.partition),
    };
  }

  joined(partitions: ReadonlySet<number>, continued: boolean): void {
    for (const held of this.#held.values()) {
      if (!continued) held.lose();
      else if (partitions.has(held.partition)) held.continue();
      else held.release();
    }
    for (const partition of partitions) {
      const before = this.#held.get(partition);
      if (this.#closed) this.pause(partition);
      else if (!before || before.releasing) this.#hold(partition, before);
    }
  }

  records(partition: number, records: readonly StoredRecord[], endOffset: number): void {
    this.#held.get(partition)?.accept(records, endOffset);
  }

  pause(partition: number): void {
    this.#member.pause(partition);
  }

  resume(partition: number): void {
    this.#member.resume(partition);
  }

  seek(partition: number, offset: number): void {
    this.#member.seek(partition, offset);
  }

  async startOffset(partition: number): Promise<number> {
    const { topic, groupId } = this.options;
    const [stored, committed] = await this.admin.use(OFFSETS_TIMEOUT_MS, (admin) =>
      Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]),
    );
    const bounds = stored.find((each) => each.partition === partition);
    const first = Number(bounds?.low ?? 0);
    const end = Number(bounds?.high ?? 0);
    const offset = Number(committed[0]?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
    if (offset < 0) return first;
    if (offset < first) {
      this.counts.trimmedUncommitted += first - offset;
      this.notice(
        `topic "${topic}" partition ${partition}: ${first - offset} records were removed by retention before group ` +
          `"${groupId}" had committed them`,
      );
      return first;
    }
    if (offset > end) {
      this.notice(
        `topic "${topic}" partition ${partition} ends at ${end}, before what group "${groupId}" committed (${offset}): ` +
          'it was made again or lost its end, and is read from the beginning',
      );
      return first;
    }
    return offset;
  }

  #hold(partition: number, before: HeldPartition | undefined): void {
    const held = new HeldPartition(
      partition,
      before?.drained ?? Promise.resolve(),
      this.options.topic,
      this,
      this.consumer,
      this.options.batch,
      this.counts,
      this.notice,
    );
    this.#held.set(partition, held);
    void held.drained.then(() => {
      if (this.#held.get(partition) !== held) return;
      this.#held.delete(partition);
      if (!held.lost) this.#member.rejoin();
    });
  }

  async #close(): Promise<void> {
    for (const held of this.#held.values()) held.release();
    await Promise.all([...this.#held.values()].map((held) => held.drained));
    await this.#member.close();
  }
}
