import { instant, type Instant } from '@queuecast/events';
import { IANAZone } from 'luxon';
import { DAY, firstReading, localDay, timeOfDay } from './wall-clock.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `always`, or the spans of each weekday in local time, each like `08:00-20:00`; `24:00` is the end of the day. */
export type OpeningHours = 'always' | { readonly [Day in Weekday]: readonly string[] };

/** Open or closed by the calendar, and when that changes: null if not within {@link HORIZON_DAYS} days. */
export interface CalendarOpening {
  readonly state: 'open' | 'closed';
  readonly until: Instant | null;
}

/** One date's opening for display: local times such as `['08:00', '12:30']`; no span means closed. */
export interface DayHours {
  /** Local date, `2026-03-01`. */
  readonly date: string;
  readonly spans: readonly (readonly [from: string, to: string])[];
}

/** How far ahead a change of state is looked for. */
export const HORIZON_DAYS = 400;

const isoDate = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;

/** A date's spans as `[from, to]` texts, earliest first. */
const spansOf = (hours: OpeningHours, holidays: readonly string[], day: number): [string, string][] => {
  if (holidays.includes(isoDate(day))) return [];
  if (hours === 'always') return [['00:00', '24:00']];
  return hours[weekdayOf(day)]
    .map((span): [string, string] => {
      const [from, to] = span.split('-');
      return [from!, to!];
    })
    .sort(([a], [b]) => timeOfDay(a) - timeOfDay(b));
};

/** Opening spans from `firstDay` to `lastDay` in wall-clock milliseconds; spans that touch or overlap are one. */
function* wallSpans(hours: OpeningHours, holidays: readonly string[], firstDay: number, lastDay: number) {
  let current: { from: number; to: number } | undefined;
  for (let day = firstDay; day <= lastDay; day++) {
    for (const [from, to] of spansOf(hours, holidays, day)) {
      const next = { from: day * DAY + timeOfDay(from), to: day * DAY + timeOfDay(to) };
      if (current && next.from <= current.to) current.to = Math.max(current.to, next.to);
      else {
        if (current) yield current;
        current = next;
      }
    }
  }
  if (current) yield current;
}

/** The last date worth looking at: once the holidays are over, a week repeats itself. */
const horizonOf = (holidays: readonly string[], today: number): number => {
  const lastHoliday = holidays.reduce((latest, date) => Math.max(latest, Date.parse(date) / DAY), today);
  return Math.min(Math.max(lastHoliday, today) + 8, today + HORIZON_DAYS);
};

/**
 * Whether a queue is open by its calendar at an instant, and until when.
 *
 * @param holidays local dates on which it is closed, `2026-12-25`
 * @param timeZone IANA zone in which `hours` and `holidays` are read
 * @returns the state and its end; the answer holds until then, so it can be kept
 */
export const isOpen = (
  hours: OpeningHours,
  holidays: readonly string[],
  timeZone: string,
  at: Instant,
): CalendarOpening => {
  const zone = IANAZone.create(timeZone);
  const today = localDay(zone, at);
  const lastDay = horizonOf(holidays, today);
  for (const span of wallSpans(hours, holidays, today - 1, lastDay)) {
    const to = firstReading(zone, span.to);
    if (to <= at) continue;
    const from = firstReading(zone, span.from);
    // A span that the clock skips altogether has no length.
    if (from === to) continue;
    if (from > at) return { state: 'closed', until: instant(from) };
    return { state: 'open', until: span.to >= (lastDay + 1) * DAY ? null : instant(to) };
  }
  return { state: 'closed', until: null };
};

/**
 * Since when a queue has been open by its calendar, looking back to the beginning of the day before; null if it is closed.
 */
export const openSince = (
  hours: OpeningHours,
  holidays: readonly string[],
  timeZone: string,
  at: Instant,
): Instant | null => {
  const zone = IANAZone.create(timeZone);
  const today = localDay(zone, at);
  for (const span of wallSpans(hours, holidays, today - 1, today + 1)) {
    const from = firstReading(zone, span.from);
    if (from <= at && at < firstReading(zone, span.to)) return instant(from);
  }
  return null;
};

/** The opening hours of `days` dates from the local date of `at` on, for display. */
export const weeklyHours = (
  hours: OpeningHours,
  holidays: readonly string[],
  timeZone: string,
  at: Instant,
  days = 7,
): DayHours[] => {
  const today = localDay(IANAZone.create(timeZone), at);
  return Array.from({ length: days }, (_, ahead) => ({
    date: isoDate(today + ahead),
    spans: spansOf(hours, holidays, today + ahead),
  }));
};

/**
 * The end of the last opening span of the nth working day after the local date of an instant. A working day is a date on
 * which the queue is open at all; the date of the instant itself does not count.
 *
 * @param n 1 for the next working day
 * @returns null if there are not that many within {@link HORIZON_DAYS} days
 */
export const endOfWorkingDay = (
  hours: OpeningHours,
  holidays: readonly string[],
  timeZone: string,
  at: Instant,
  n: number,
): Instant | null => {
  const zone = IANAZone.create(timeZone);
  const today = localDay(zone, at);
  let left = n;
  for (let day = today + 1; day <= today + HORIZON_DAYS; day += 1) {
    const last = spansOf(hours, holidays, day).at(-1);
    if (!last) continue;
    left -= 1;
    if (left === 0) return instant(firstReading(zone, day * DAY + timeOfDay(last[1])));
  }
  return null;
};
