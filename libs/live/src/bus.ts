import type { QueueFrame } from './frames.js';

/** Frames from processors to gateways. Adapters: in process, and a compacted Kafka topic that each gateway reads whole. */
export interface LiveBus {
  /** Fire and forget: a frame that cannot be sent is superseded by the next one. */
  publish(frames: readonly QueueFrame[]): void;
  /** Every frame from now on, after the latest known frame of each queue. Returns the way to stop. */
  subscribe(listener: (frame: QueueFrame) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
