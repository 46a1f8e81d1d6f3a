import { instant, type Instant } from '@queuecast/events';
import { IANAZone } from 'luxon';

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

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How far ahead a change of state is looked for. */
export const HORIZON_DAYS = 400;

const offsetMs = (zone: IANAZone, at: number): number => zone.offset(at) * MINUTE;

/** The number of the local date at an instant: days since 1970-01-01 by the zone's clock. */
const localDay = (zone: IANAZone, at: number): number => Math.floor((at + offsetMs(zone, at)) / DAY);

const isoDate = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;

/**
 * The first instant at which the zone's clock reads `wall` (milliseconds since 1970-01-01 00:00 local) or later.
 *
 * An hour that the clock skips maps to the moment of the jump, an hour that it shows twice to its first showing. So the
 * map ascends with `wall`, and spans that abut on the wall abut in time.
 */
const firstReading = (zone: IANAZone, wall: number): number => {
  const offsets = [offsetMs(zone, wall - DAY), offsetMs(zone, wall + DAY)].sort((a, b) => b - a);
  for (const offset of offsets) if (offsetMs(zone, wall - offset) === offset) return wall - offset;
  let before = wall - offsets[0]!;
  let reached = wall - offsets[1]!;
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2);
    if (middle + offsetMs(zone, middle) >= wall) reached = middle;
    else before = middle;
  }
  return reached;
};

const timeOfDay = (text: string): number => {
  const [hours, minutes] = text.split(':');
  return (Number(hours) * 60 + Number(minutes)) * MINUTE;
};

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
 * The instant at which the business day that contains `at` began.
 *
 * @param businessDayStart local time at which "today" begins, `04:00`; days have 23, 24 or 25 hours
 */
export const startOfBusinessDay = (timeZone: string, businessDayStart: string, at: Instant): Instant => {
  const zone = IANAZone.create(timeZone);
  const today = localDay(zone, at);
  // Where the clock goes back over midnight, tomorrow may have begun already while the clock shows today again.
  for (const day of [today + 1, today]) {
    const start = firstReading(zone, day * DAY + timeOfDay(businessDayStart));
    if (start <= at) return instant(start);
  }
  return instant(firstReading(zone, (today - 1) * DAY + timeOfDay(businessDayStart)));
};
