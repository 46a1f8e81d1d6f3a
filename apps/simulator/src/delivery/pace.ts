import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudEvent } from '@queuecast/events';
import type { TimedEvent } from '../centre/stage.js';

/** Events of simulated time per second of real time: a factor, or as fast as they are taken. */
export type Speed = number | 'max';

export interface PaceOptions {
  readonly speed: Speed;
  /** Most events in one batch. */
  readonly batch: number;
  /** Real clock, milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** Which simulated instant is due at which real one; the first event is due at once if absent. */
  readonly origin?: Origin;
  /** Told once, when the first event is met that is not due yet: whatever is past has been handed out. */
  readonly onCaughtUp?: () => void;
  /** Waits on the clock of `now`; real timers if absent. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Origin {
  readonly real: number;
  readonly simulated: number;
}

/** Sleeps, or returns at once when `signal` is aborted. */
export const pause = async (ms: number, signal?: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
};

/**
 * Groups events into batches and yields each when it is due: the first event at once, the others as much later as they
 * happen later, divided by the speed. A receiver that falls behind gets larger batches, never lost events.
 * Ends early, between two batches, when `signal` is aborted.
 */
export async function* pace(
  events: Iterable<TimedEvent> | AsyncIterable<TimedEvent>,
  options: PaceOptions,
): AsyncGenerator<CloudEvent[]> {
  const { speed, batch, now, signal, sleep: wait = pause } = options;
  let pending: CloudEvent[] = [];
  let origin = options.origin;
  let caughtUp = false;
  for await (const { event, at } of events) {
    if (signal?.aborted) return;
    if (speed !== 'max') {
      origin ??= { real: now(), simulated: at };
      const due = origin.real + (at - origin.simulated) / speed;
      // Timers count whole milliseconds: what is due within one is due.
      if (due >= now() + 1) {
        if (pending.length > 0) {
          yield pending;
          pending = [];
        }
        if (!caughtUp) {
          caughtUp = true;
          options.onCaughtUp?.();
        }
        // Long sleeps are cut, so that a timer never exceeds what Node.js can hold (2^31 ms).
        for (let left = due - now(); left > 0 && !signal?.aborted; left = due - now())
          await wait(Math.min(left, 60_000), signal);
        if (signal?.aborted) return;
      }
    }
    pending.push(event);
    if (pending.length >= batch) {
      yield pending;
      pending = [];
    }
  }
  if (pending.length > 0 && !signal?.aborted) yield pending;
}
