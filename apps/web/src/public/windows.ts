import type { CallbackWindow } from '@queuecast/live';
import { clockTime, dayPhrase } from '../element/phrases.js';
import { fragment, type Html } from './html.js';
import { upperFirst, type PageWords } from './words.js';

/** `tomorrow, 14:00–15:00`, by the clock of the queue. */
export const windowPhrase = (
  { from, to }: Pick<CallbackWindow, 'from' | 'to'>,
  { locale, say }: PageWords,
  timeZone: string,
  now: number,
): string =>
  say('window', {
    day: dayPhrase(from, now, locale, timeZone),
    from: clockTime(from, locale, timeZone),
    to: clockTime(to, locale, timeZone),
  });

/** `tomorrow at 17:00`, by the clock of the queue. */
export const momentPhrase = (at: number, { locale, say }: PageWords, timeZone: string, now: number): string =>
  say('moment', { day: dayPhrase(at, now, locale, timeZone), time: clockTime(at, locale, timeZone) });

/** A choice for each free hour. The value of one is when it begins. */
export const windowOptions = (
  windows: readonly CallbackWindow[],
  chosen: string,
  words: PageWords,
  timeZone: string,
  now: number,
): Html[] =>
  windows
    .filter(({ free }) => free)
    .map((window) => {
      const value = new Date(window.from).toISOString();
      const selected = value === chosen && fragment` selected`;
      const phrase = upperFirst(windowPhrase(window, words, timeZone, now), words.locale);
      return fragment`<option value="${value}"${selected}>${phrase}</option>`;
    });
