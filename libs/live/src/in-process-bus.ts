import type { LiveBus } from './bus.js';
import type { QueueFrame } from './frames.js';

type Listener = (frame: QueueFrame) => void;

/** Frames within one process. Keeps the latest of every queue for whoever subscribes later. */
export class InProcessBus implements LiveBus {
  private readonly latest = new Map<string, QueueFrame>();
  private readonly listeners = new Set<Listener>();

  publish(frames: readonly QueueFrame[]): void {
    for (const frame of frames) {
      this.latest.set(`${frame.tenant}/${frame.site}/${frame.queue}`, frame);
      for (const listener of this.listeners) listener(frame);
    }
  }

  subscribe(listener: Listener): Promise<() => Promise<void>> {
    for (const frame of this.latest.values()) listener(frame);
    this.listeners.add(listener);
    return Promise.resolve(() => {
      this.listeners.delete(listener);
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    this.listeners.clear();
    return Promise.resolve();
  }
}
