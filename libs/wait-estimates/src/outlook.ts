import { virtualWaitQuantiles, type WeightedWaits } from './outlook-curve.js';

/** What history tells of one hour of the week of one queue, holidays left out. */
export interface OutlookCell extends WeightedWaits {
  /** 0 for Monday to 6: of the business day. */
  readonly weekday: number;
  /** What the queue's clock showed, 0 to 23. */
  readonly hour: number;
  /** Contacts, each counted as one however long ago. */
  readonly contacts: number;
  /** On how many days they came. */
  readonly days: number;
}

/** How long a caller of such an hour would wait: 8 of 10 between `lowMs` and `highMs`. */
export interface HourForecast {
  readonly lowMs: number;
  readonly p50Ms: number;
  readonly highMs: number;
  /** What it was learnt from: this hour of this weekday, or of all working days (or of both days of the weekend). */
  readonly basis: 'weekday' | 'similar_days';
  readonly contacts: number;
  readonly days: number;
}

/** Below this nothing is said of an hour. */
export interface OutlookLimits {
  readonly minContacts: number;
  readonly minDays: number;
}

/** Forecast of an hour of the week; null where there are too few data. */
export type HoursOfWeek = (weekday: number, hour: number) => HourForecast | null;

const HOURS = 24;
const SATURDAY = 5;

/** Share of callers below the lower bound, the likely wait, and the upper bound. */
const SHARES = [0.1, 0.5, 0.9] as const;

const forecastOf = (
  cells: readonly OutlookCell[],
  basis: HourForecast['basis'],
  { minContacts, minDays }: OutlookLimits,
): HourForecast | null => {
  const contacts = cells.reduce((sum, cell) => sum + cell.contacts, 0);
  const days = cells.reduce((sum, cell) => sum + cell.days, 0);
  if (contacts < minContacts || days < minDays) return null;
  const [low, p50, high] = virtualWaitQuantiles(cells.length === 1 ? cells[0]! : joined(cells), SHARES);
  if (low == null || p50 == null || high == null) return null;
  return { lowMs: low * 1000, p50Ms: p50 * 1000, highMs: high * 1000, basis, contacts, days };
};

const joined = (cells: readonly OutlookCell[]): WeightedWaits => {
  const sum = (of: (cell: OutlookCell) => ReadonlyMap<number, number>): Map<number, number> => {
    const total = new Map<number, number>();
    for (const cell of cells) for (const [wait, weight] of of(cell)) total.set(wait, (total.get(wait) ?? 0) + weight);
    return total;
  };
  return { answered: sum(({ answered }) => answered), left: sum(({ left }) => left) };
};

/**
 * Forecasts by hour of the week from what history tells. An hour of which its own weekday knows too little is that of
 * similar days: Monday to Friday, or Saturday and Sunday.
 *
 * @param cells at most one of each weekday and hour; recent weeks should weigh more in their waits
 */
export const hoursOfWeek = (cells: readonly OutlookCell[], limits: OutlookLimits): HoursOfWeek => {
  const forecasts: (HourForecast | null)[] = [];
  for (let hour = 0; hour < HOURS; hour += 1) {
    const sameHour = cells.filter((cell) => cell.hour === hour);
    const similar = [true, false].map((weekend) =>
      forecastOf(
        sameHour.filter(({ weekday }) => weekday >= SATURDAY === weekend),
        'similar_days',
        limits,
      ),
    );
    for (let weekday = 0; weekday < 7; weekday += 1) {
      const own = sameHour.filter((cell) => cell.weekday === weekday);
      forecasts[weekday * HOURS + hour] =
        forecastOf(own, 'weekday', limits) ?? similar[weekday >= SATURDAY ? 0 : 1] ?? null;
    }
  }
  return (weekday, hour) => forecasts[weekday * HOURS + hour] ?? null;
};

/** An hour, or a part of one, in which a queue is open or closed throughout; instants in milliseconds since the epoch. */
export interface HourOfDay {
  readonly from: number;
  readonly to: number;
  readonly open: boolean;
  /** Date of the business day, `2026-03-01`. */
  readonly date: string;
  readonly weekday: number;
  readonly hour: number;
}

/** What is expected of an hour. */
export type OutlookHour = Pick<HourOfDay, 'from' | 'to' | 'date'> &
  (
    | { readonly kind: 'band'; readonly forecast: HourForecast }
    | { readonly kind: 'none'; readonly reason: 'CLOSED' | 'TOO_FEW_DATA' }
  );

/** The outlook of hours to come. */
export const outlookOf = (hours: readonly HourOfDay[], week: HoursOfWeek): OutlookHour[] =>
  hours.map(({ from, to, date, open, weekday, hour }) => {
    const forecast = open ? week(weekday, hour) : null;
    if (forecast) return { from, to, date, kind: 'band', forecast };
    return { from, to, date, kind: 'none', reason: open ? 'TOO_FEW_DATA' : 'CLOSED' };
  });
