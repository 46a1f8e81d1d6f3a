import type { Cluster, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { instant } from '@queuecast/events';
import { LogAwayError, type StoredRecord } from '../port.js';
import { Cancellation, type LogNotice } from '../delivery.js';
import { cooperativeAssigner } from './assignment.js';
import { reasonOf, RETRY, within } from './client.js';

/** What the group says, told synchronously: kafkajs goes on fetching as soon as these return. */
export interface MemberEvents {
  /** The partitions that are held, and those being drained, whenever the group asks. */
  claim(): { readonly holding: readonly number[]; readonly releasing: readonly number[] };
  /**
   * The group agreed on who has what. `continued` is false when this process was out of the group since the last
   * time: whatever it held may have been with others.
   */
  joined(partitions: ReadonlySet<number>, continued: boolean): void;
  records(partition: number, records: readonly StoredRecord[], endOffset: number): void;
}

export interface MemberOptions {
  readonly topic: string;
  readonly groupId: string;
  readonly timing: GroupTiming;
}

/** How fast the group notices things, milliseconds. */
export interface GroupTiming {
  /** A member that is not heard of for this long is out of the group; the broker wants 6 s or more. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /**
   * How long a fetch may wait for something to arrive, and so how long a resumed partition may wait for its turn. What
   * arrives is delivered at once whatever this is; a shorter wait only costs idle work.
   */
  readonly fetchWaitMs: number;
}

export const GROUP_TIMING: GroupTiming = { sessionMs: 10_000, heartbeatMs: 1_000, fetchWaitMs: 100 };

const REBALANCE_TIMEOUT_MS = 30_000;
const FIRST_RESTART_MS = 250;
const LAST_RESTART_MS = 2_000;
const COMMIT_TIMEOUT_MS = 5_000;
const COMMIT_RETRY_MS = 100;
const FETCH_BYTES = 1_048_576;

/** kafkajs rejoins the group on an error of this type; there is no call for it. */
class RejoinRequest extends Error {
  readonly type = 'REBALANCE_IN_PROGRESS';
}

/** One kafkajs consumer from its start to its crash. */
interface Session {
  readonly consumer: Consumer;
  readonly cluster: () => Cluster;
  readonly committed: Map<number, number>;
  joined: boolean;
  lastSign: number;
}

/**
 * Membership in a consumer group over any number of kafkajs consumers: one that crashes, or falls silent, is replaced.
 * Batches are handed over at once and back pressure is by pausing partitions, so heartbeats never wait for a consumer.
 */
export class GroupMember {
  #session: Session | null = null;
  #memberId = '';
  #rejoin = false;
  #restartMs = FIRST_RESTART_MS;
  readonly #closing = new Cancellation();
  readonly #running: Promise<void>;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: MemberOptions,
    private readonly events: MemberEvents,
    private readonly notice: LogNotice,
  ) {
    this.#running = this.#run();
  }

  /** Asks the group for another round: what was drained can be given to someone. */
  rejoin(): void {
    this.#rejoin = true;
  }

  pause(partition: number): void {
    this.#whileJoined((consumer) => consumer.pause([{ topic: this.options.topic, partitions: [partition] }]));
  }

  resume(partition: number): void {
    this.#whileJoined((consumer) => consumer.resume([{ topic: this.options.topic, partitions: [partition] }]));
  }

  seek(partition: number, offset: number): void {
    this.#whileJoined((consumer) => consumer.seek({ topic: this.options.topic, partition, offset: String(offset) }));
  }

  /**
   * Commits as long as `owned()`; repeats through rebalances. Throws {@link LogAwayError} when the broker has not
   * acknowledged within 5 s, and what `owned` throws.
   */
  async commit(partition: number, offset: number, owned: () => void): Promise<void> {
    const deadline = Date.now() + COMMIT_TIMEOUT_MS;
    let reason = 'this process is not in the consumer group';
    for (;;) {
      owned();
      const session = this.#session;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new LogAwayError(`offset ${offset} of partition ${partition} could not be committed: ${reason}`);
      if (session?.joined) {
        // Never back: a lower offset is done already. And a consumer that is stopping ignores commits without an error.
        if ((session.committed.get(partition) ?? -1) >= offset) return;
        try {
          const { topic } = this.options;
          const sent = session.consumer.commitOffsets([{ topic, partition, offset: String(offset) }]);
          await within(left, sent, () => new Error('no answer'));
          if ((session.committed.get(partition) ?? -1) >= offset) return;
        } catch (error) {
          reason = reasonOf(error);
        }
      }
      await this.#closing.within(COMMIT_RETRY_MS);
    }
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#closing.cancel();
    await this.#running;
  }

  #whileJoined(action: (consumer: Consumer) => void): void {
    // Between two consumers there is nothing to tell: joining again starts from what is held then.
    if (this.#session?.joined) action(this.#session.consumer);
  }

  async #run(): Promise<void> {
    while (!this.#closing.cancelled) {
      const end = new Cancellation();
      const session = this.#open(end);
      this.#session = session;
      try {
        await session.consumer.connect();
        await this.#leaveAsBefore(session);
        await session.consumer.subscribe({ topics: [this.options.topic], fromBeginning: true });
        await session.consumer.run({
          autoCommit: false,
          eachBatch: (payload) => Promise.resolve(this.#deliver(session, payload)),
        });
        await this.#watch(session, end);
      } catch (error) {
        this.notice(`consumer of group "${this.options.groupId}" could not start`, error);
      }
      session.joined = false;
      await disconnect(session.consumer);
      await this.#closing.within(this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, LAST_RESTART_MS);
    }
    this.#session = null;
  }

  /**
   * A consumer that crashed could not say goodbye, and the group would wait for it until its session has passed. Its
   * successor says it instead.
   */
  async #leaveAsBefore({ cluster }: Session): Promise<void> {
    if (this.#memberId === '') return;
    const { groupId } = this.options;
    try {
      const coordinator: unknown = await cluster().findGroupCoordinator({ groupId });
      if (canLeave(coordinator)) await coordinator.leaveGroup({ groupId, memberId: this.#memberId });
    } catch {
      // It is out of the group already.
    }
  }

  /** Resolves when the consumer crashed, fell silent, or is not wanted any more. */
  async #watch(session: Session, end: Cancellation): Promise<void> {
    const { sessionMs } = this.options.timing;
    const silence = 3 * sessionMs + REBALANCE_TIMEOUT_MS;
    const stop = (): void => end.cancel();
    void this.#closing.whenCancelled.then(stop);
    while (!(await end.within(sessionMs))) {
      if (Date.now() - session.lastSign > silence) {
        this.notice(`consumer of group "${this.options.groupId}" fell silent and is replaced`);
        return;
      }
    }
  }

  #open(end: Cancellation): Session {
    const { topic, groupId, timing } = this.options;
    const assigner = cooperativeAssigner(topic, () => this.#claim());
    let cluster: Cluster | undefined;
    const consumer = this.kafka.consumer({
      groupId,
      partitionAssigners: [
        (config) => {
          cluster = config.cluster;
          return assigner(config);
        },
      ],
      sessionTimeout: timing.sessionMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: timing.heartbeatMs,
      minBytes: 1,
      maxWaitTimeInMs: timing.fetchWaitMs,
      maxBytesPerPartition: FETCH_BYTES,
      allowAutoTopicCreation: false,
      // Restarting is done here, one way for all failures.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    const connected = (): Cluster => {
      if (!cluster) throw new Error('kafkajs made a consumer without asking its assigner: is it still version 2.2?');
      return cluster;
    };
    const session: Session = {
      consumer,
      cluster: connected,
      committed: new Map(),
      joined: false,
      lastSign: Date.now(),
    };
    const sign = (): void => void (session.lastSign = Date.now());
    consumer.on(consumer.events.HEARTBEAT, sign);
    consumer.on(consumer.events.FETCH, sign);
    consumer.on(consumer.events.FETCH_START, () => {
      if (!this.#rejoin || this.#closing.cancelled) return;
      this.#rejoin = false;
      throw new RejoinRequest('a partition was drained');
    });
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { partitions } of payload.topics) {
        for (const { partition, offset } of partitions) session.committed.set(partition, Number(offset));
      }
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      sign();
      session.joined = true;
      this.#restartMs = FIRST_RESTART_MS;
      const continued = payload.memberId === this.#memberId;
      this.#memberId = payload.memberId;
      if (!continued) session.committed.clear();
      this.events.joined(new Set(payload.memberAssignment[topic] ?? []), continued);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      session.joined = false;
      this.notice(`consumer of group "${groupId}" crashed and is replaced`, payload.error);
      end.cancel();
    });
    return session;
  }

  #claim(): { member: string; holding: readonly number[]; releasing: readonly number[] } {
    // This round knows of everything drained so far.
    this.#rejoin = false;
    return { member: this.#memberId, ...this.events.claim() };
  }

  #deliver(session: Session, { batch }: EachBatchPayload): void {
    session.lastSign = Date.now();
    const records = batch.messages.map(({ offset, key, value, timestamp }) => ({
      offset: Number(offset),
      key: key === null ? null : key.toString(),
      value,
      appendedAt: instant(Number(timestamp)),
    }));
    this.events.records(batch.partition, records, Number(batch.highWatermark));
  }
}

/** kafkajs' brokers can; its types leave it out. */
interface Coordinator {
  leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
}

const canLeave = (broker: unknown): broker is Coordinator =>
  typeof broker === 'object' && broker !== null && 'leaveGroup' in broker && typeof broker.leaveGroup === 'function';

/** A consumer whose broker is away may take for ever to leave. */
const disconnect = async (consumer: Consumer): Promise<void> => {
  try {
    await within(5_000, consumer.disconnect(), () => new Error('no answer'));
  } catch {
    // It is out of the group after its session has passed, then.
  }
};
