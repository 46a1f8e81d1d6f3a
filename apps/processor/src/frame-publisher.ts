import type { QueueFrame } from '@queuecast/live';

const TICK_MS = 20;

/** A queue of one site, as a key. */
export type QueueRef = string;

/**
 * At most so many frames per queue and second: the first change goes out at once, what follows within the spacing goes
 * out together at its end.
 */
export class FramePublisher {
  private readonly lastSent = new Map<QueueRef, number>();
  private readonly due = new Map<QueueRef, () => QueueFrame | null>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param publish takes frames to the gateways
   * @param spacingMs least time between two frames of one queue
   * @param now the wall clock, milliseconds
   */
  constructor(
    private readonly publish: (frames: readonly QueueFrame[]) => void,
    private readonly spacingMs: number,
    private readonly now: () => number,
  ) {
    this.timer = setInterval(() => this.flush(), TICK_MS);
    this.timer.unref();
  }

  /** A queue changed; its frame is built when it is sent, so that it is as fresh as can be. */
  changed(queue: QueueRef, build: () => QueueFrame | null): void {
    this.due.set(queue, build);
  }

  /** Sends what is due. */
  flush(): void {
    if (this.due.size === 0) return;
    const now = this.now();
    const frames: QueueFrame[] = [];
    for (const [queue, build] of this.due) {
      const last = this.lastSent.get(queue);
      // A clock that stepped back must not silence a queue.
      if (last !== undefined && now >= last && now - last < this.spacingMs) continue;
      this.due.delete(queue);
      const frame = build();
      if (!frame) continue;
      this.lastSent.set(queue, now);
      frames.push(frame);
    }
    if (frames.length > 0) this.publish(frames);
  }

  /** Milliseconds since the queue's last frame; Infinity if it never had one. */
  age(queue: QueueRef): number {
    return this.now() - (this.lastSent.get(queue) ?? -Infinity);
  }

  close(): void {
    clearInterval(this.timer);
    this.flush();
  }
}
