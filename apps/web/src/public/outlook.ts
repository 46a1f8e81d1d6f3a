import type { PublicOutlook } from '@queuecast/live';
import { clockTime, dayPhrase } from '../element/phrases.js';
import { dayChart, topOf } from './chart.js';
import { fragment, type Html } from './html.js';
import { outlookDays, type DayHour, type OutlookDay, type OutlookDays } from './outlook-days.js';
import { upperFirst, type PageWords } from './words.js';
import { dateFormat } from '../language/formats.js';

/** So many labels fit below a chart on a telephone. */
const MOST_LABELS = 4;

/** An hour of the clock as the locale writes it, as short as may be: `08:00`, `8 AM`. */
const hourName = (hour: number, locale: string): string => {
  const at = Date.UTC(2000, 0, 1, hour);
  const format = dateFormat(locale, { timeZone: 'UTC', hour: 'numeric' });
  return format.resolvedOptions().hour12 ? format.format(at) : clockTime(at, locale, 'UTC');
};

const hoursOf = ({ firstHour, lastHour }: OutlookDays): number[] =>
  Array.from({ length: lastHour - firstHour + 1 }, (_, n) => firstHour + n);

const axis = (days: OutlookDays, locale: string): Html => {
  const hours = hoursOf(days);
  const step = [1, 2, 3, 4, 6].find((each) => hours.length / each <= MOST_LABELS) ?? 6;
  const labels = hours.map((hour, n) => (n % step === 0 ? hourName(hour, locale) : ''));
  return fragment`<div class="axis" aria-hidden="true">${labels.map((label) => fragment`<span>${label}</span>`)}</div>`;
};

const cell = (found: DayHour | undefined, { say }: PageWords): string => {
  if (!found) return '';
  const { wait } = found;
  if (wait.kind === 'none') return say(wait.reason === 'CLOSED' ? 'hourClosed' : 'hourUnknown');
  const { lowMinutes, highMinutes } = wait;
  return lowMinutes === highMinutes
    ? say('minutes', { count: highMinutes })
    : say('minutesRange', { low: lowMinutes, high: highMinutes });
};

const table = (days: OutlookDays, names: readonly string[], words: PageWords, title: string): Html => {
  const head = names.map((name) => fragment`<th scope="col">${name}</th>`);
  const rows = hoursOf(days).map((hour) => {
    const cells = days.days.map(
      (day) =>
        fragment`<td>${cell(
          day.hours.find((each) => each.hour === hour),
          words,
        )}</td>`,
    );
    return fragment`<tr><th scope="row">${hourName(hour, words.locale)}</th>${cells}</tr>`;
  });
  return fragment`<details class="behind"><summary>${words.say('asTable')}</summary>\
<div class="scroll" role="region" tabindex="0" aria-label="${title}"><table>\
<thead><tr><th scope="col">${words.say('hour')}</th>${head}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
};

const dayName = ({ at }: OutlookDay, now: number, { locale }: PageWords, timeZone: string): string =>
  upperFirst(dayPhrase(at, now, locale, timeZone), locale);

/**
 * What to expect by hour today and in the days after it: a chart, and a table of the same figures behind it. Null where
 * nothing is known of any hour.
 */
export const outlookPanel = (outlook: PublicOutlook, name: string, words: PageWords, now: number): Html | null => {
  const days = outlookDays(outlook);
  if (!days) return null;
  const top = topOf(days.mostMinutes);
  const names = days.days.map((day) => dayName(day, now, words, outlook.timeZone));
  const rows = days.days.map(
    (day, n) => fragment`<div class="day"><span class="day-name">${names[n]}</span>${dayChart(day, days)}</div>`,
  );
  const title = `${words.say('expected')}: ${name}`;
  return fragment`<figure class="outlook"><h3>${words.say('expected')}</h3>\
<div class="days" aria-hidden="true">${rows}${axis(days, words.locale)}</div>\
<figcaption>${words.say('scale', { top, half: top / 2 })}</figcaption>${table(days, names, words, title)}</figure>`;
};
