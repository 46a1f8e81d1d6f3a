import type { PublicQueue } from '@queuecast/live';
import { shortAge } from '../language/age.js';
import type { PublicWords } from './words.js';

/** A figure older than this is shown as out of date. */
export const OUTDATED_MS = 60_000;

/** The wait in words: a band, or the reason why there is none. */
export const waitPhrase = ({ wait }: PublicQueue, { say }: PublicWords): string => {
  if (wait.kind === 'none') return say(`none${wait.reason}`);
  const { lowMinutes, highMinutes } = wait;
  if (lowMinutes <= 0) return say('waitUnder', { count: Math.max(1, highMinutes) });
  if (lowMinutes === highMinutes) return say('waitAbout', { count: lowMinutes });
  return say('waitRange', { low: lowMinutes, high: highMinutes });
};

/** Calendar days from `from` to `to` in a time zone: 0 is the same day, 1 tomorrow. */
export const daysBetween = (from: number, to: number, timeZone: string): number => {
  const day = (at: number): number =>
    Date.parse(new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at));
  return Math.round((day(to) - day(from)) / 86_400_000);
};

/** `14:05`, as the locale writes it, in the queue's zone. */
export const clockTime = (at: number, locale: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'short' }).format(at);

/** `14:05:10` in the reader's own zone. */
export const exactTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at);

/** The day of a coming instant as people say it: today, tomorrow, the weekday within a week, otherwise the date. */
export const dayPhrase = (at: number, now: number, locale: string, timeZone: string): string => {
  const days = daysBetween(now, at, timeZone);
  if (days >= 0 && days < 2) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  const style: Intl.DateTimeFormatOptions = days < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'long' };
  return new Intl.DateTimeFormat(locale, { timeZone, ...style }).format(at);
};

/** When to call instead of now, in words; empty where it would not be worth it. */
export const bestTimePhrase = (
  { bestTime, timeZone }: PublicQueue,
  { say, locale }: PublicWords,
  now: number,
): string => {
  const best = [bestTime?.today, bestTime?.week].find((each) => each != null && each.from > now);
  if (!best) return '';
  return say('bestTime', {
    day: dayPhrase(best.from, now, locale, timeZone),
    from: clockTime(best.from, locale, timeZone),
    to: clockTime(best.to, locale, timeZone),
  });
};

/** Open or closed, until when, and when it opens next, in words. */
export const openingPhrase = ({ opening, timeZone }: PublicQueue, words: PublicWords, now: number): string => {
  const { say, locale } = words;
  const { state, until } = opening;
  if (until === null || until <= now) return say(state);
  const time = clockTime(until, locale, timeZone);
  if (state === 'closed') return say('opensAt', { day: dayPhrase(until, now, locale, timeZone), time });
  return daysBetween(now, until, timeZone) === 0 ? say('openUntil', { time }) : say('open');
};

export interface Freshness {
  readonly stale: boolean;
  readonly text: string;
}

/**
 * How old the figure is, in words, and whether it may still be believed.
 *
 * @param now the server's clock
 * @param lostSince since when there is no connection, or null
 */
export const freshness = (queue: PublicQueue, words: PublicWords, now: number, lostSince: number | null): Freshness => {
  const { say, locale } = words;
  const age = now - queue.asOf;
  if (lostSince !== null) return { stale: true, text: say('connectionLost', { time: exactTime(lostSince, locale) }) };
  if (age > OUTDATED_MS) return { stale: true, text: say('outdated', { time: exactTime(queue.asOf, locale) }) };
  return {
    stale: queue.source === 'silent',
    text: say('asOf', { time: exactTime(queue.asOf, locale), age: shortAge(age, locale) }),
  };
};

export interface HoursRow {
  /** Weekday, in the locale. */
  readonly day: string;
  readonly spans: string;
  readonly today: boolean;
}

const spanTime = (time: string, locale: string): string => {
  const [hours = '0', minutes = '0'] = time.split(':');
  return clockTime(Date.UTC(2000, 0, 1, Number(hours), Number(minutes)), locale, 'UTC');
};

/** The opening hours of the coming days, a row for each. */
export const hoursRows = (queue: PublicQueue, words: PublicWords, now: number): HoursRow[] => {
  const { say, locale } = words;
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: queue.timeZone, dateStyle: 'short' }).format(now);
  return queue.hours.map(({ date, spans }) => ({
    day: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'long' }).format(Date.parse(date)),
    spans: spans.some(([from, to]) => from === '00:00' && (to === '24:00' || to === '00:00'))
      ? say('allDay')
      : spans.map(([from, to]) => `${spanTime(from, locale)}–${spanTime(to, locale)}`).join(', ') || say('closedDay'),
    today: date === today,
  }));
};

/** The visitor's zone differs from the queue's right now, so the hours need a word about whose they are. */
export const needsZone = (now: number, timeZone: string, ownZone: string): boolean =>
  clockTime(now, 'en-GB', timeZone) !== clockTime(now, 'en-GB', ownZone);
