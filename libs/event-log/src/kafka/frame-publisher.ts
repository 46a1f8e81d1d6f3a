import type { Kafka, Producer } from 'kafkajs';
import type { QueueFrame } from '@queuecast/live';
import { Cancellation, type LogNotice } from '../delivery.js';
import { Disposable, RETRY } from './client.js';

const SEND_TIMEOUT_MS = 3_000;
const RETRY_MS = 500;

/** The key of a frame on the topic: one queue. */
export const frameKey = (frame: QueueFrame): string => `${frame.tenant}/${frame.site}/${frame.queue}`;

/**
 * Sends the latest frame of each queue, one request at a time. What cannot be sent waits for the broker, and a newer
 * frame of the same queue takes its place: memory is bounded by the number of queues, and the last state always arrives.
 */
export class FramePublisher {
  readonly #producer: Disposable<Producer>;
  readonly #closing = new Cancellation();
  #pending = new Map<string, QueueFrame>();
  #sending: Promise<void> | null = null;

  constructor(
    kafka: Kafka,
    private readonly topic: string,
    private readonly notice: LogNotice,
  ) {
    this.#producer = new Disposable(() =>
      kafka.producer({ allowAutoTopicCreation: false, retry: { ...RETRY, retries: 1 } }),
    );
  }

  publish(frames: readonly QueueFrame[]): void {
    if (this.#closing.cancelled || frames.length === 0) return;
    for (const frame of frames) this.#pending.set(frameKey(frame), frame);
    this.#sending ??= this.#send();
  }

  async close(): Promise<void> {
    this.#closing.cancel();
    await this.#sending;
    await this.#producer.dispose();
  }

  async #send(): Promise<void> {
    await Promise.resolve();
    let failing = false;
    while (this.#pending.size > 0) {
      const frames = this.#pending;
      this.#pending = new Map();
      try {
        const messages = [...frames].map(([key, frame]) => ({ key, value: JSON.stringify(frame) }));
        // The leader's word is enough: what it loses is made good by the next frame.
        await this.#producer.use(SEND_TIMEOUT_MS, (producer) =>
          producer.send({ topic: this.topic, acks: 1, messages }),
        );
        failing = false;
      } catch (error) {
        if (!failing) this.notice(`frames cannot be sent to topic "${this.topic}", going on trying`, error);
        failing = true;
        this.#pending = new Map([...frames, ...this.#pending]);
        if (await this.#closing.within(RETRY_MS)) break;
      }
    }
    this.#sending = null;
  }
}
