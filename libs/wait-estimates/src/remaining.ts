import type { ExactBand } from './display.js';

/** What a waiting contact is told of the time that is left to it: milliseconds from `at`. */
export interface Remaining extends ExactBand {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MINUTE_MS = 60_000;
/** Of a band narrower than this the upper end rises as if it were so wide. */
const NARROW_MS = 2 * MINUTE_MS;

/**
 * What is told next. Time that passes takes from what was told; a wait that has become shorter is told at once, one that
 * has become longer never by more than what was told before explains:
 *
 * - the end of the wait that the upper end promises moves by one width of the band told before per minute at most;
 * - the middle lies within the band told before, less the time since;
 * - until the upper end has come to where it belongs, the lower end stays: the band widens before it moves.
 *
 * @param previous what it was told last, however long ago that was and whatever could not be told since; null the first time
 * @param fresh what would be told it now, had nothing been told before
 */
export const nextRemaining = (previous: Remaining | null, fresh: Remaining): Remaining => {
  if (!previous) return fresh;
  const { at } = fresh;
  const elapsed = Math.max(0, at - previous.at);
  const left = (ms: number): number => Math.max(0, ms - elapsed);
  const width = Math.max(NARROW_MS, previous.highMs - previous.lowMs);
  const highest = left(previous.highMs) + (width * elapsed) / MINUTE_MS;
  const highMs = Math.min(fresh.highMs, highest);
  const p50Ms = Math.min(fresh.p50Ms, left(previous.highMs), highMs);
  const lowMs = Math.min(fresh.lowMs, fresh.highMs > highest ? left(previous.lowMs) : p50Ms);
  return { lowMs: Math.min(lowMs, p50Ms), p50Ms, highMs, at };
};
