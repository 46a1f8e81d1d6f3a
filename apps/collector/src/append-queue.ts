import type { EventLog, LogRecord } from '@queuecast/event-log';
import { awayProblem } from '@queuecast/http';
import type { CollectorMetrics } from './metrics.js';

interface Waiting {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  readonly since: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/**
 * Appends to the log for all requests: one append runs at a time, and what arrives meanwhile goes with the next. So a
 * thousand small requests cost the log a few flushes, and events of one site keep the order in which they arrived.
 */
export class AppendQueue {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | null = null;

  /** @param maxWaitingBytes above it {@link append} refuses: the log is slower than the senders */
  constructor(
    private readonly log: EventLog,
    private readonly metrics: CollectorMetrics,
    private readonly maxWaitingBytes: number,
  ) {}

  /**
   * Resolves when the records are durable.
   *
   * @throws LogAwayError if the log did not take them; ProblemException 503 if too many wait already
   */
  append(records: readonly LogRecord[], bytes: number): Promise<void> {
    if (this.waiting.length > 0 && this.waitingBytes + bytes > this.maxWaitingBytes)
      return Promise.reject(
        awayProblem(`${this.waitingBytes} bytes of events wait for the log: send again shortly`, 2),
      );
    return new Promise((done, failed) => {
      this.waiting.push({ records, bytes, since: performance.now(), done, failed });
      this.waitingBytes += bytes;
      this.metrics.pendingBytes.set(this.waitingBytes);
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing waits any more: for shutdown. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.waiting.length > 0) await this.appendGroup(this.nextGroup());
    } finally {
      this.running = null;
    }
  }

  private nextGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.waiting.length && (count === 0 || bytes + this.waiting[count]!.bytes <= MAX_GROUP_BYTES))
      bytes += this.waiting[count++]!.bytes;
    return this.waiting.splice(0, count);
  }

  private async appendGroup(group: readonly Waiting[]): Promise<void> {
    let outcome: { readonly error: unknown } | null = null;
    try {
      await this.log.append(group.length === 1 ? group[0]!.records : group.flatMap((each) => each.records));
    } catch (error) {
      outcome = { error };
    }
    const now = performance.now();
    for (const each of group) {
      this.waitingBytes -= each.bytes;
      if (outcome) each.failed(outcome.error);
      else {
        this.metrics.appendSeconds.observe((now - each.since) / 1000);
        each.done();
      }
    }
    this.metrics.pendingBytes.set(this.waitingBytes);
  }
}
