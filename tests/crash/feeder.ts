import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudEvent } from '@queuecast/events';

/** An answer that leaves no doubt is waited for this long; after that the request is sent again. */
const ANSWER_MS = 15_000;
const PAUSE_MS = 50;

/**
 * Sends batches in order, one request at a time, each until it is acknowledged: so the first of every event reaches the
 * log in the same order in every run, whatever happens to the receiver, and repetitions come on top.
 */
export class Feeder {
  /** Batches acknowledged. */
  position = 0;
  /** Requests that were not acknowledged and sent again. */
  resent = 0;
  /** What the receiver last said when it took nothing. */
  refusal = '';
  /** Events in acknowledged requests. */
  acknowledged = 0;
  private allowed = 0;
  private closed = false;
  private watchers: (() => void)[] = [];
  private readonly running: Promise<void>;

  /** @param origin where the receiver is; asked before every request */
  constructor(
    private readonly batches: readonly (readonly CloudEvent[])[],
    private readonly origin: () => string,
    private readonly key: string,
  ) {
    this.running = this.run();
    this.running.catch(() => this.wake());
  }

  /** Lets it send the batches before `position`. */
  allow(position: number): void {
    this.allowed = Math.max(this.allowed, Math.min(position, this.batches.length));
    this.wake();
  }

  /** Resolves when the batches before `position` are acknowledged. @throws Error when an event was refused */
  async reached(position: number): Promise<void> {
    const wanted = Math.min(position, this.batches.length);
    while (this.position < wanted && !this.closed)
      await Promise.race([this.running, new Promise<void>((resolve) => this.watchers.push(resolve))]);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    await this.running;
  }

  private wake(): void {
    for (const wake of this.watchers.splice(0)) wake();
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      const batch = this.position < this.allowed ? this.batches[this.position] : undefined;
      if (!batch) {
        if (this.position === this.batches.length) return;
        await new Promise<void>((resolve) => this.watchers.push(resolve));
        continue;
      }
      if (await this.send(batch)) {
        this.position += 1;
        this.acknowledged += batch.length;
        this.wake();
      } else {
        this.resent += 1;
        await sleep(PAUSE_MS);
      }
    }
  }

  /** Whether the batch was acknowledged; if not, nothing is known about it. */
  private async send(batch: readonly CloudEvent[]): Promise<boolean> {
    let status: number;
    let body: string;
    try {
      const response = await fetch(`${this.origin()}/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      status = response.status;
      body = await response.text();
    } catch {
      return false;
    }
    if (status === 202) return true;
    if (status === 503) {
      this.refusal = body;
      return false;
    }
    throw new Error(`events were refused with ${status}: ${body.slice(0, 2_000)}`);
  }
}
