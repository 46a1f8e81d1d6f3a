import type { OutlookHour } from './outlook.js';

/** A stretch of open hours, and the band that holds throughout. Instants in milliseconds since the epoch. */
export interface BestTime {
  readonly from: number;
  readonly to: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/** Nobody calls later for less than this, or for less than this share of the wait. */
const WORTH_MS = 120_000;
const WORTH_SHARE = 0.25;
/** An hour whose upper bound exceeds the lowest by no more than this is as good. */
const AS_GOOD_MS = 30_000;
const AS_GOOD_SHARE = 0.1;

/**
 * When to call instead of now: the open hours with the lowest upper bound, and those beside them that are as good. The
 * earliest of several.
 *
 * @param hours those to choose from, which abut, without the running one
 * @param nowHighMs upper bound of the wait of whoever calls now
 * @returns null if none of them is meaningfully better: 2 minutes, and a quarter of the wait
 */
export const bestTime = (hours: readonly OutlookHour[], nowHighMs: number): BestTime | null => {
  const boundOf = (hour: OutlookHour | undefined): number => (hour?.kind === 'band' ? hour.forecast.highMs : Infinity);
  const lowest = Math.min(Infinity, ...hours.map(boundOf));
  if (lowest === Infinity || nowHighMs - lowest < Math.max(WORTH_MS, nowHighMs * WORTH_SHARE)) return null;
  const asGood = lowest + Math.max(AS_GOOD_MS, lowest * AS_GOOD_SHARE);
  let first = hours.findIndex((hour) => boundOf(hour) === lowest);
  let last = first;
  while (boundOf(hours[first - 1]) <= asGood) first -= 1;
  while (boundOf(hours[last + 1]) <= asGood) last += 1;
  const stretch = hours.slice(first, last + 1);
  const bands = stretch.flatMap((hour) => (hour.kind === 'band' ? [hour.forecast] : []));
  return {
    from: stretch[0]!.from,
    to: stretch.at(-1)!.to,
    lowMs: Math.min(...bands.map(({ lowMs }) => lowMs)),
    highMs: Math.max(...bands.map(({ highMs }) => highMs)),
  };
};
