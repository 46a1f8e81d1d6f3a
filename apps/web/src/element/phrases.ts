import type { CallTime, PublicQueue } from '@queuecast/live';
import { shortAge } from '../language/age.js';
import type { PublicWords } from './words.js';
import { dateFormat } from '../language/formats.js';

/** A figure older than this is shown as out of date. */
export const OUTDATED_MS = 60_000;

type Band = Pick<CallTime, 'lowMinutes' | 'highMinutes'>;

const bandPhrase = ({ lowMinutes, highMinutes }: Band, { say }: PublicWords): string => {
  if (lowMinutes <= 0) return say('waitUnder', { count: Math.max(1, highMinutes) });
  if (lowMinutes === highMinutes) return say('waitAbout', { count: lowMinutes });
  return say('waitRange', { low: lowMinutes, high: highMinutes });
};

/** The wait in words: a band, when it opens, or the reason why there is no figure. */
export const waitPhrase = ({ wait, opening, timeZone }: PublicQueue, words: PublicWords, now: number): string => {
  if (wait.kind === 'band') return bandPhrase(wait, words);
  const { until } = opening;
  if (wait.reason !== 'CLOSED' || until === null || until <= now) return words.say(`none${wait.reason}`);
  const day = dayPhrase(until, now, words.locale, timeZone);
  return words.say('opensAt', { day, time: clockTime(until, words.locale, timeZone) });
};

/** Calendar days from `from` to `to` in a time zone: 0 is the same day, 1 tomorrow. */
export const daysBetween = (from: number, to: number, timeZone: string): number => {
  const day = (at: number): number => Date.parse(dateFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at));
  return Math.round((day(to) - day(from)) / 86_400_000);
};

/** `14:05`, as the locale writes it, in the queue's zone. */
export const clockTime = (at: number, locale: string, timeZone: string): string =>
  dateFormat(locale, { timeZone, timeStyle: 'short' }).format(at);

/** `14:05:10` in a time zone. */
export const exactTime = (at: number, locale: string, timeZone: string): string =>
  dateFormat(locale, { timeZone, timeStyle: 'medium' }).format(at);

/** The day of a coming instant as people say it: today, tomorrow, the weekday within a week, otherwise the date. */
export const dayPhrase = (at: number, now: number, locale: string, timeZone: string): string => {
  const days = daysBetween(now, at, timeZone);
  if (days >= 0 && days < 2) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  const style: Intl.DateTimeFormatOptions = days < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'long' };
  return dateFormat(locale, { timeZone, ...style }).format(at);
};

/** Open, until when if that is today, or closed. */
export const openingPhrase = (
  { opening, timeZone }: PublicQueue,
  { say, locale }: PublicWords,
  now: number,
): string => {
  const { state, until } = opening;
  if (state === 'closed' || until === null || until <= now || daysBetween(now, until, timeZone) > 0) return say(state);
  return say('openUntil', { time: clockTime(until, locale, timeZone) });
};

export interface BestTimePhrase {
  /** When to call instead. */
  readonly when: string;
  /** The wait to expect then. */
  readonly wait: string;
}

/** When to call instead of now, today if that helps; null where it would not be worth it, or nobody tells. */
export const bestTimePhrase = (
  { bestTime, timeZone }: PublicQueue,
  words: PublicWords,
  now: number,
): BestTimePhrase | null => {
  const best = [bestTime?.today, bestTime?.week].find((each) => each != null && each.from > now);
  if (!best) return null;
  const { say, locale } = words;
  const when = say('bestTime', {
    day: dayPhrase(best.from, now, locale, timeZone),
    from: clockTime(best.from, locale, timeZone),
    to: clockTime(best.to, locale, timeZone),
  });
  return { when, wait: bandPhrase(best, words) };
};

export interface Freshness {
  readonly stale: boolean;
  readonly text: string;
}

export interface Connection {
  /** Since when nothing can reach us, or null. */
  readonly lostSince: number | null;
  /** Since when the visitor has the figure stand still, or null. */
  readonly pausedAt: number | null;
  /** The visitor's time zone; null if it is not known. */
  readonly ownZone: string | null;
}

/**
 * How old the figure is, in words, and whether it may still be believed: for a minute after it was confirmed last. While
 * we are connected that is what it says itself; a figure that was believed when the connection dropped was confirmed then.
 *
 * @param now the server's clock
 */
export const freshness = (
  { asOf, source, timeZone }: PublicQueue,
  { say, locale }: PublicWords,
  now: number,
  { lostSince, pausedAt, ownZone }: Connection,
): Freshness => {
  const clock = (at: number): string => exactTime(at, locale, ownZone ?? timeZone);
  const confirmedAt = lostSince !== null && lostSince - asOf <= OUTDATED_MS ? Math.max(lostSince, asOf) : asOf;
  const outdated = now - confirmedAt > OUTDATED_MS;
  const tell = (text: string): Freshness => ({
    stale: outdated || source === 'silent',
    text: outdated ? `${text} ${say('mayBeOld')}` : text,
  });
  if (pausedAt !== null) return tell(say('pausedSince', { time: clock(pausedAt) }));
  if (lostSince !== null) return tell(say('connectionLost', { time: clock(lostSince) }));
  if (outdated) return tell(say('outdated', { time: clock(asOf) }));
  return tell(say('asOf', { time: clock(asOf), age: shortAge(now - asOf, locale) }));
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
  const today = dateFormat('en-CA', { timeZone: queue.timeZone, dateStyle: 'short' }).format(now);
  return queue.hours.map(({ date, spans }) => ({
    day: dateFormat(locale, { timeZone: 'UTC', weekday: 'long' }).format(Date.parse(date)),
    spans: spans.some(([from, to]) => from === '00:00' && (to === '24:00' || to === '00:00'))
      ? say('allDay')
      : spans.map(([from, to]) => `${spanTime(from, locale)}–${spanTime(to, locale)}`).join(', ') || say('closedDay'),
    today: date === today,
  }));
};

/** The visitor's zone differs from the queue's right now, or is not known: the hours need a word about whose they are. */
export const needsZone = (now: number, timeZone: string, ownZone: string | null): boolean =>
  ownZone === null || clockTime(now, 'en-GB', timeZone) !== clockTime(now, 'en-GB', ownZone);
