import { instant, type Instant } from '@queuecast/events';
import { IANAZone } from 'luxon';
import type { OpeningHours } from './calendar.js';
import { closingsBetween } from './closings.js';
import type { TimeSpan } from './facts.js';
import { DAY, firstReading, timeOfDay, wallReading } from './wall-clock.js';
import type { BusinessDays } from './windows.js';

/** What tells when a queue is open, and by what its days are cut. */
export interface QueueCalendarDays extends BusinessDays {
  readonly hours: OpeningHours;
  /** Local dates on which it is closed, `2026-12-25`. */
  readonly holidays: readonly string[];
}

/** An hour of a queue's own clock, or the part of one in which it is open or closed throughout. */
export interface HourAhead extends TimeSpan {
  readonly open: boolean;
  /** Date of the business day, `2026-03-01`. */
  readonly date: string;
  /** Weekday of the business day, 0 for Monday to 6. */
  readonly weekday: number;
  /** What the clock shows, 0 to 23. */
  readonly hour: number;
}

const HOUR = 3_600_000;
const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/**
 * The hours from the running one to the end of `days` business days, today's included: cut where the queue's clock shows
 * a full hour, and where the queue opens or closes. A day on which the clock changes has 23 or 25 of them.
 */
export const hoursAhead = (calendar: QueueCalendarDays, now: Instant, days: number): HourAhead[] => {
  const { hours, holidays, timeZone, businessDayStart } = calendar;
  const zone = IANAZone.create(timeZone);
  const dayStart = timeOfDay(businessDayStart);
  const dayOf = (at: number): number => Math.floor((wallReading(zone, at) - dayStart) / DAY);
  const from = instant(now - modulo(wallReading(zone, now), HOUR));
  const to = instant(firstReading(zone, (dayOf(now) + days) * DAY + dayStart));
  const closings = closingsBetween(hours, holidays, timeZone, from, to);
  const ahead: HourAhead[] = [];
  let today = { day: NaN, next: to as number };
  for (let at = from, n = 0; at < to;) {
    while (closings[n] && closings[n]!.to <= at) n += 1;
    const closing = closings[n];
    const open = !closing || closing.from > at;
    const wall = wallReading(zone, at);
    const fullHour = at + HOUR - modulo(wall, HOUR);
    const change = closing ? (open ? closing.from : closing.to) : to;
    const day = dayOf(at);
    // The day begins anew within an hour where businessDayStart is no full hour.
    if (day !== today.day) today = { day, next: firstReading(zone, (day + 1) * DAY + dayStart) };
    const end = instant(Math.min(fullHour, change, to, today.next > at ? today.next : to));
    ahead.push({
      from: at,
      to: end,
      open,
      date: new Date(day * DAY).toISOString().slice(0, 10),
      weekday: modulo(day + 3, 7),
      hour: Math.floor(modulo(wall, DAY) / HOUR),
    });
    at = end;
  }
  return ahead;
};
