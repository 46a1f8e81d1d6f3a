import type { PromiseRecord } from '@queuecast/live';
import { fragment, type Html } from './html.js';
import type { PageWords } from './words.js';

/** Shares of a whole in whole percents, none of which is rounded to all or nothing. */
const percent = (part: number, of: number): number => {
  const share = Math.round((part / of) * 100);
  if (part > 0 && share === 0) return 1;
  return part < of && share === 100 ? 99 : share;
};

/** How the tenant has kept its promises of a call back; nothing where too few fell due to say so without telling on anybody. */
export const recordSection = (record: PromiseRecord | null, words: PageWords): Html | null => {
  const { due, kept, late, broken, days } = record ?? {};
  if (due == null || kept == null || days === undefined) return null;
  const { say } = words;
  const shares: (readonly [name: 'recordKept' | 'recordLate' | 'recordBroken' | 'recordNot', count: number])[] =
    late == null || broken == null
      ? [
          ['recordKept', kept],
          ['recordNot', due - kept],
        ]
      : [
          ['recordKept', kept],
          ['recordLate', late],
          ['recordBroken', broken],
        ];
  let at = 0;
  const bars = shares.map(([name, count]) => {
    const width = (count / due) * 100;
    const bar = fragment`<rect class="${name}" x="${at.toFixed(2)}" width="${width.toFixed(2)}" height="1"/>`;
    at += width;
    return bar;
  });
  const items = shares.map(
    ([name, count]) =>
      fragment`<li class="${name}"><strong>${say('percent', { count: percent(count, due) })}</strong> ${say(name)}</li>`,
  );
  return fragment`<section class="record" aria-labelledby="record"><h2 id="record">${say('record')}</h2>\
<p>${say('recordOf', { count: due, days })}</p>\
<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">${bars}</svg><ul>${items}</ul></section>`;
};
