import type { ExactBand } from './display.js';

/** What is left of the wait to whoever stands at a position, 1 for the head. Milliseconds. */
export interface Rung extends ExactBand {
  readonly position: number;
}

/**
 * The positions that a ladder has rungs at: Fibonacci numbers, close together where few are ahead, and the last of all.
 * Some two dozen for a hundred thousand who wait.
 */
export const ladderPositions = (waiting: number): number[] => {
  const positions: number[] = [];
  for (let [position, next] = [1, 2]; position < waiting; [position, next] = [next, position + next])
    positions.push(position);
  if (waiting > 0) positions.push(waiting);
  return positions;
};

const between = (one: number, other: number, share: number): number => one + share * (other - one);

/**
 * What is left to whoever stands at `position`: between two rungs in proportion, behind the last as to the last.
 *
 * @param ladder by position, ascending
 * @returns null of a ladder without rungs
 */
export const remainingAt = (ladder: readonly Rung[], position: number): ExactBand | null => {
  const above = ladder.find((rung) => rung.position >= position) ?? ladder.at(-1);
  if (!above) return null;
  const below = ladder.findLast((rung) => rung.position < position) ?? above;
  const share =
    above.position > below.position && position < above.position
      ? (position - below.position) / (above.position - below.position)
      : 1;
  return {
    lowMs: between(below.lowMs, above.lowMs, share),
    p50Ms: between(below.p50Ms, above.p50Ms, share),
    highMs: between(below.highMs, above.highMs, share),
  };
};

/**
 * The same where the queue is not first come, first served: later ones may be served before, everybody who waits if it
 * comes to that, so that the band ends where that of the last ends.
 *
 * @param rank where he would stand if nobody were passed over
 */
export const remainingUnordered = (ladder: readonly Rung[], rank: number): ExactBand | null => {
  const here = remainingAt(ladder, rank);
  return here && { ...here, highMs: Math.max(here.highMs, ladder.at(-1)?.highMs ?? 0) };
};
