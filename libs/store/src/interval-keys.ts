import { whole } from './literals.js';
import type { TouchedInterval } from './port.js';

/** Grains kept in `queue_intervals`, in seconds. */
export const MINUTE = 60;
export const QUARTER = 900;
export type Grain = typeof MINUTE | typeof QUARTER;
/**
 * Minute rows live for 8 days; half a day short of that, minutes are taken from the facts instead. The same time last
 * week, however long that window, is among those that are kept.
 */
export const MINUTES_KEPT_SECONDS = 7.5 * 86_400;
const HOUR = 3600;

const LAST_SECOND = 2 ** 32 - 1;

/** Epoch seconds as the store's DateTime holds them: instants outside 1970 to 2106 are clamped, as in the SQL. */
export const storedSecond = (epochMilliseconds: number): number =>
  Math.min(Math.max(Math.trunc(epochMilliseconds / 1000), 0), LAST_SECOND);

/** The hour of an instant in a leg's storage key: hours since the epoch. */
export const hourOf = (epochMilliseconds: number): number => Math.floor(storedSecond(epochMilliseconds) / HOUR);

/** The quarter of an hour of an instant: quarters since the epoch. */
export const quarterOf = (epochMilliseconds: number): number => Math.floor(storedSecond(epochMilliseconds) / QUARTER);

/** The minute of an instant: minutes since the epoch. */
export const minuteOf = (epochMilliseconds: number): number => Math.floor(storedSecond(epochMilliseconds) / MINUTE);

export const hourOfQuarter = (quarter: number): number => Math.floor(quarter / 4);

/** One quarter of an hour of one queue, and the minutes in it, that a flush touched. */
export interface TouchedQuarter {
  readonly tenant: string;
  readonly site: string;
  readonly queue: string;
  readonly quarter: number;
  readonly minutes: ReadonlySet<number>;
}

/** The distinct quarters that hold the instants, oldest first. */
export const touchedQuarters = (touched: Iterable<TouchedInterval>): TouchedQuarter[] => {
  const quarters = new Map<string, TouchedQuarter & { readonly minutes: Set<number> }>();
  for (const { tenant, site, queue, at } of touched) {
    const quarter = quarterOf(at);
    const key = `${quarter}/${tenant}/${site}/${queue}`;
    const known = quarters.get(key);
    if (known) known.minutes.add(minuteOf(at));
    else quarters.set(key, { tenant, site, queue, quarter, minutes: new Set([minuteOf(at)]) });
  }
  return [...quarters.values()].sort((one, other) => one.quarter - other.quarter);
};

/** Quarters per recompute: bounds the statement's text and what it reads. */
const BATCH_QUARTERS = 2000;
/** A statement reads every listed queue in every listed hour: quarters far apart are better read apart. */
const BATCH_HOURS = 6;

/** Cuts quarters, oldest first, into the batches that one statement recomputes. */
export const batchesOf = (quarters: readonly TouchedQuarter[]): TouchedQuarter[][] => {
  const batches: TouchedQuarter[][] = [];
  let batch: TouchedQuarter[] = [];
  for (const quarter of quarters) {
    const first = batch[0];
    if (first && (batch.length >= BATCH_QUARTERS || quarter.quarter - first.quarter >= BATCH_HOURS * 4)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(quarter);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
};

/** What stands before the queue in the sorting key, by grain: minutes lie by the quarter of an hour, quarters by the day. */
const SPANS = { [MINUTE]: QUARTER, [QUARTER]: 86_400 } as const;

/**
 * Condition that finds kept intervals of one grain by their `start`, epoch seconds, both included. The span is named
 * because the engine does not infer it.
 */
export const keptWithin = (grain: Grain, firstSecond: number, lastSecond: number): string => {
  const span = `intDiv(toUInt32(start), if(grain = ${MINUTE}, ${SPANS[MINUTE]}, ${SPANS[QUARTER]}))`;
  const [firstSpan, lastSpan] = [firstSecond, lastSecond].map((second) => whole(Math.floor(second / SPANS[grain])));
  const [first, last] = [firstSecond, lastSecond].map((second) => `toDateTime(${whole(second)}, 'UTC')`);
  return `(grain = ${grain} AND ${span} BETWEEN ${firstSpan} AND ${lastSpan} AND start BETWEEN ${first} AND ${last})`;
};
