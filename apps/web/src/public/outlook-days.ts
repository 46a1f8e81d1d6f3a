import type { PublicOutlook } from '@queuecast/live';
import { dateFormat } from '../language/formats.js';

type Wait = PublicOutlook['hours'][number]['wait'];

/** One hour of the clock on one day, and what to expect in it. */
export interface DayHour {
  /** 0 to 23. */
  readonly hour: number;
  readonly wait: Wait;
}

export interface OutlookDay {
  /** An instant within it. */
  readonly at: number;
  readonly hours: readonly DayHour[];
}

/** The outlook as days of hours by the clock of the queue, those hours only in which something is ever open. */
export interface OutlookDays {
  readonly days: readonly OutlookDay[];
  /** First and last hour of the clock that is open on any of the days. */
  readonly firstHour: number;
  readonly lastHour: number;
  /** Highest upper bound, in minutes. */
  readonly mostMinutes: number;
}

const HOUR = 3_600_000;

const isOpen = (wait: Wait): boolean => wait.kind === 'band' || wait.reason !== 'CLOSED';

/** Null where there is no hour of which anything is known. */
export const outlookDays = ({ hours, timeZone }: PublicOutlook): OutlookDays | null => {
  const clock = dateFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hour12: false });
  const days = new Map<string, { at: number; hours: DayHour[] }>();
  for (const { from, to, wait } of hours)
    // What is the same for neighbours is told once.
    for (let at = from; at < to; at += HOUR) {
      const [date = '', time = ''] = clock.format(at).split(', ');
      const day = days.get(date) ?? { at, hours: [] };
      day.hours.push({ hour: Number.parseInt(time, 10) % 24, wait });
      days.set(date, day);
    }
  const all = [...days.values()].flatMap((day) => day.hours);
  const bands = all.flatMap(({ wait }) => (wait.kind === 'band' ? [wait.highMinutes] : []));
  if (bands.length === 0) return null;
  const open = all.filter(({ wait }) => isOpen(wait)).map(({ hour }) => hour);
  return {
    days: [...days.values()],
    firstHour: Math.min(...open),
    lastHour: Math.max(...open),
    mostMinutes: Math.max(...bands),
  };
};
