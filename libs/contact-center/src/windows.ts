import { instant, type Instant } from '@queuecast/events';
import { IANAZone } from 'luxon';
import type { TimeSpan } from './facts.js';
import { DAY, firstReading, localDay, timeOfDay, wallReading } from './wall-clock.js';

/** The stretches of time that a supervisor compares, in the order in which they are shown. */
export const WINDOWS = [
  'last_15_minutes',
  'last_30_minutes',
  'last_60_minutes',
  'today',
  'yesterday',
  'week_to_date',
  'same_time_last_week',
] as const;
export type WindowName = (typeof WINDOWS)[number];

/** By what a queue's days are cut. */
export interface BusinessDays {
  /** IANA time zone. */
  readonly timeZone: string;
  /** Local time at which "today" begins, `04:00`. */
  readonly businessDayStart: string;
}

const MINUTE = 60_000;

/** A business day by its number: that of the local date on which it began, days since 1970-01-01. */
const startOfDay = (zone: IANAZone, businessDayStart: string, day: number): Instant =>
  instant(firstReading(zone, day * DAY + timeOfDay(businessDayStart)));

const businessDayAt = (zone: IANAZone, businessDayStart: string, at: Instant): number => {
  const today = localDay(zone, at);
  // Where the clock goes back over midnight, tomorrow may have begun already while the clock shows today again.
  return [today + 1, today].find((day) => startOfDay(zone, businessDayStart, day) <= at) ?? today - 1;
};

/**
 * The instant at which the business day that contains `at` began.
 *
 * @param businessDayStart local time at which "today" begins, `04:00`; days have 23, 24 or 25 hours
 */
export const startOfBusinessDay = (timeZone: string, businessDayStart: string, at: Instant): Instant => {
  const zone = IANAZone.create(timeZone);
  return startOfDay(zone, businessDayStart, businessDayAt(zone, businessDayStart, at));
};

/** The instant at which the business day that contains `at` ends, and the next one begins. */
export const endOfBusinessDay = (timeZone: string, businessDayStart: string, at: Instant): Instant => {
  const zone = IANAZone.create(timeZone);
  return startOfDay(zone, businessDayStart, businessDayAt(zone, businessDayStart, at) + 1);
};

/** The instants at which the business days begin that [from, to) touches, oldest first. */
export const startsOfBusinessDays = (
  timeZone: string,
  businessDayStart: string,
  { from, to }: TimeSpan,
): readonly Instant[] => {
  const zone = IANAZone.create(timeZone);
  const starts: Instant[] = [];
  for (let day = businessDayAt(zone, businessDayStart, from); ; day += 1) {
    const start = startOfDay(zone, businessDayStart, day);
    if (starts.length > 0 && start >= to) return starts;
    starts.push(start);
  }
};

/** The instant at which the business day of a local date begins, ISO. */
export const startOfBusinessDate = (timeZone: string, businessDayStart: string, date: string): Instant =>
  startOfDay(IANAZone.create(timeZone), businessDayStart, Date.parse(`${date}T00:00:00Z`) / DAY);

/** The business day that contains `at`: the local date on which it began, ISO. */
export const businessDayOf = (timeZone: string, businessDayStart: string, at: Instant): string =>
  new Date(businessDayAt(IANAZone.create(timeZone), businessDayStart, at) * DAY).toISOString().slice(0, 10);

/** Whole minutes, the running one among them: intervals are no finer. */
const rolling = (minutes: number, at: Instant): TimeSpan => ({
  from: instant(Math.ceil(at / MINUTE) * MINUTE - minutes * MINUTE),
  to: at,
});

/** Days from the Monday before, 0 to 6; day 0 of the epoch was a Thursday. */
const daysSinceMonday = (day: number): number => (((day + 3) % 7) + 7) % 7;

/**
 * The stretch [from, to) that a window covers at an instant, by a queue's own days.
 *
 * A rolling window is so many minutes of the clock, the running one included. A week begins with the business day of
 * Monday. `same_time_last_week` is the business day of a week ago up to the time that the clock shows now: what today is
 * to be compared with, 23 or 25 hours or not.
 */
export const windowSpan = (name: WindowName, days: BusinessDays, at: Instant): TimeSpan => {
  const zone = IANAZone.create(days.timeZone);
  const today = businessDayAt(zone, days.businessDayStart, at);
  const startOf = (day: number): Instant => startOfDay(zone, days.businessDayStart, day);
  switch (name) {
    case 'last_15_minutes':
      return rolling(15, at);
    case 'last_30_minutes':
      return rolling(30, at);
    case 'last_60_minutes':
      return rolling(60, at);
    case 'today':
      return { from: startOf(today), to: at };
    case 'yesterday':
      return { from: startOf(today - 1), to: startOf(today) };
    case 'week_to_date':
      return { from: startOf(today - daysSinceMonday(today)), to: at };
    case 'same_time_last_week':
      return { from: startOf(today - 7), to: instant(firstReading(zone, wallReading(zone, at) - 7 * DAY)) };
  }
};
