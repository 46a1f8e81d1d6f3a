/** What a waiting contact is told of the time that is left to it: milliseconds from `at`. */
export interface Remaining {
  readonly lowMs: number;
  readonly p50Ms: number;
  readonly highMs: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What is told next. Time that passes takes from what was told; the middle rises at most to the upper end of what was
 * told before, less the time since, so that nobody hears more than the band he was given allowed for. The upper end may
 * rise: it says that the band no longer holds, and the middle may follow next time.
 *
 * @param previous what it was told last; null the first time
 * @param fresh what would be told it now, had nothing been told before
 */
export const nextRemaining = (previous: Remaining | null, fresh: Remaining): Remaining => {
  const { lowMs, highMs, at } = fresh;
  if (!previous) return fresh;
  const elapsed = Math.max(0, at - previous.at);
  const p50Ms = Math.min(fresh.p50Ms, Math.max(0, previous.highMs - elapsed));
  return { lowMs: Math.min(lowMs, p50Ms), p50Ms, highMs: Math.max(highMs, p50Ms), at };
};
