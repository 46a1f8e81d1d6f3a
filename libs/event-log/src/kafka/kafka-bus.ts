import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { queueFrameSchema, type LiveBus, type QueueFrame } from '@queuecast/live';
import { LogAwayError, LogMisconfiguredError, type StoredRecord } from '../port.js';
import { Cancellation, type LogNotice } from '../delivery.js';
import { Disposable, kafkaClient, reasonOf, type KafkaConnection } from './client.js';
import { FramePublisher, frameKey } from './frame-publisher.js';
import { GroupMember, type MemberEvents } from './group-member.js';
import { topicOf } from './kafka-log.js';
import { ensureTopic } from './topic.js';

export interface KafkaBusOptions extends KafkaConnection {
  /** "frames" if absent. */
  readonly name?: string;
  /** The topic is `<prefix>.<name>`. */
  readonly topicPrefix?: string;
  /** For a topic that does not exist yet; one that does must have at least as many replicas. 1 if absent. */
  readonly replicationFactor?: number;
}

const OPEN_TIMEOUT_MS = 15_000;
const OFFSETS_TIMEOUT_MS = 5_000;
const OFFSETS_RETRY_MS = 1_000;

/**
 * Opens the bus on a compacted topic of one partition, made if absent. Throws {@link LogAwayError} if no broker
 * answers, and {@link LogMisconfiguredError} if the topic exists and is not compacted.
 */
export const openKafkaBus = async (options: KafkaBusOptions): Promise<KafkaBus> => {
  const topic = topicOf({ name: 'frames', ...options });
  const kafka = kafkaClient(options);
  const admin = new Disposable(() => kafka.admin());
  try {
    await admin.use(OPEN_TIMEOUT_MS, (client) =>
      ensureTopic(client, {
        topic,
        partitions: 1,
        replicationFactor: options.replicationFactor ?? 1,
        cleanup: 'compact',
        retentionHours: 0,
        maxMessageBytes: 4_194_304,
      }),
    );
  } catch (error) {
    await admin.dispose();
    if (error instanceof LogMisconfiguredError) throw error;
    throw new LogAwayError(
      `Kafka at ${options.brokers.join(', ')} could not open topic "${topic}": ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }
  return new KafkaBus(kafka, admin, topic, options.notice ?? (() => undefined));
};

/** Frames between processes. Nothing is connected for reading before somebody subscribes. */
export class KafkaBus implements LiveBus {
  readonly #publisher: FramePublisher;
  readonly #closing = new Cancellation();
  #feed: FrameFeed | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly admin: Disposable<Admin>,
    private readonly topic: string,
    private readonly notice: LogNotice,
  ) {
    this.#publisher = new FramePublisher(kafka, topic, notice);
  }

  /** Records on the topic that were not frames. */
  get invalid(): number {
    return this.#feed?.invalid ?? 0;
  }

  publish(frames: readonly QueueFrame[]): void {
    this.#publisher.publish(frames);
  }

  /** Resolves when the topic has been read whole, as it was then: every queue's latest frame was given to `listener`. */
  async subscribe(listener: (frame: QueueFrame) => void): Promise<() => Promise<void>> {
    const feed = (this.#feed ??= new FrameFeed(this.kafka, this.topic, () => this.#ends(), this.notice));
    return feed.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#closing.cancel();
    await Promise.all([this.#publisher.close(), this.#feed?.close()]);
    await this.admin.dispose();
  }

  /** The end of each partition that holds anything; asked until the broker answers. */
  async #ends(): Promise<Map<number, number>> {
    for (;;) {
      try {
        const offsets = await this.admin.use(OFFSETS_TIMEOUT_MS, (admin) => admin.fetchTopicOffsets(this.topic));
        return new Map(
          offsets
            .filter(({ low, high }) => Number(high) > Number(low))
            .map(({ partition, high }) => [partition, Number(high)]),
        );
      } catch (error) {
        this.notice(`topic "${this.topic}" cannot be read, going on trying`, error);
        if (await this.#closing.within(OFFSETS_RETRY_MS)) return new Map();
      }
    }
  }
}

/** Reads the topic from its beginning and keeps the latest frame of every queue. Each feed is a group of its own that never commits. */
class FrameFeed implements MemberEvents {
  invalid = 0;
  readonly #latest = new Map<string, QueueFrame>();
  readonly #listeners = new Set<(frame: QueueFrame) => void>();
  readonly #positions = new Map<number, number>();
  readonly #whole: Promise<void>;
  #ends: Map<number, number> | null = null;
  #becameWhole: () => void = () => undefined;
  #member: GroupMember | null = null;
  #closed = false;

  constructor(
    kafka: Kafka,
    private readonly topic: string,
    ends: () => Promise<Map<number, number>>,
    private readonly notice: LogNotice,
  ) {
    this.#whole = new Promise((resolve) => (this.#becameWhole = resolve));
    void ends().then((found) => {
      this.#ends = found;
      this.#checkWhole();
      if (this.#closed) return;
      // The broker answers a fetch as soon as a frame arrives: the wait only bounds an idle one.
      const timing = { sessionMs: 10_000, heartbeatMs: 3_000, fetchWaitMs: 250 };
      this.#member = new GroupMember(kafka, { topic, groupId: `${topic}.${randomUUID()}`, timing }, this, notice);
    });
  }

  async subscribe(listener: (frame: QueueFrame) => void): Promise<() => Promise<void>> {
    await this.#whole;
    for (const frame of this.#latest.values()) listener(frame);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      return Promise.resolve();
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#becameWhole();
    await this.#member?.close();
  }

  claim(): { holding: number[]; releasing: number[] } {
    return { holding: [...this.#positions.keys()], releasing: [] };
  }

  joined(partitions: ReadonlySet<number>): void {
    for (const partition of partitions) {
      const position = this.#positions.get(partition);
      if (position !== undefined) this.#member?.seek(partition, position);
    }
  }

  records(partition: number, records: readonly StoredRecord[]): void {
    for (const record of records) this.#take(record);
    this.#positions.set(partition, (records.at(-1)?.offset ?? -1) + 1);
    if (!this.#isWhole) this.#checkWhole();
  }

  #isWhole = false;

  #checkWhole(): void {
    if (this.#ends === null) return;
    for (const [partition, end] of this.#ends) if ((this.#positions.get(partition) ?? 0) < end) return;
    this.#isWhole = true;
    this.#becameWhole();
  }

  #take({ key, value, offset }: StoredRecord): void {
    if (value === null) {
      this.#latest.delete(key ?? '');
      return;
    }
    const frame = parseFrame(value);
    if (frame === null) {
      this.invalid += 1;
      if (this.invalid === 1)
        this.notice(`topic "${this.topic}" has a record that is not a frame, at offset ${offset}`);
      return;
    }
    this.#latest.set(frameKey(frame), frame);
    for (const listener of this.#listeners) listener(frame);
  }
}

const parseFrame = (value: Uint8Array): QueueFrame | null => {
  try {
    return queueFrameSchema.parse(JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()));
  } catch {
    return null;
  }
};
