import type { PageQueue, PageVisit, TenantPage } from '@queuecast/live';
import { pickText } from '../language/words.js';
import { callbackSection } from './callback-form.js';
import { cardOf } from './card.js';
import { fragment, type Html } from './html.js';
import type { Layout } from './layout.js';
import { outlookPanel } from './outlook.js';
import { recordSection } from './record.js';
import type { PageWords } from './words.js';
import { dateFormat } from '../language/formats.js';

/** Dates as the locale writes them. */
const holidays = ({ holidays: dates }: PageQueue, { say, locale }: PageWords): Html | null => {
  if (dates.length === 0) return null;
  const format = dateFormat(locale, { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long' });
  const names = dates.map((date) => format.format(Date.parse(date)));
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
  return fragment`<p class="holidays">${say('holidays', { dates: list })}</p>`;
};

const queueArticle = (queue: PageQueue, words: PageWords, now: number): Html => {
  const { document, outlook } = queue;
  const name = pickText(document.name, words.language, document.queue);
  const panel = outlookPanel(outlook, name, words, now);
  const beside = panel && fragment`<div class="panel">${panel}${holidays(queue, words)}</div>`;
  return fragment`<article class="queue${panel && ' wide'}" aria-label="${name}">${cardOf(document, words.locale, now)}\
${beside ?? holidays(queue, words)}</article>`;
};

/** Every public queue of a tenant. */
export const tenantLayout = (visit: PageVisit, page: TenantPage, words: PageWords): Layout => {
  const { say } = words;
  const { now } = visit;
  const { tenant, name, queues, record, form } = page;
  const isLearning = queues.every(({ outlook }) => outlook.hours.every(({ wait }) => wait.kind === 'none'));
  const again = fragment`<a href="${`${visit.path}?${new URLSearchParams({ lang: words.language }).toString()}`}">${say('again')}</a>`;
  return {
    title: say('titleOf', { name }),
    isPublic: form === null,
    body: fragment`${form && callbackSection(tenant, form, words, now)}\
<noscript><p class="message">${say('noScripts')} ${again}</p></noscript>\
<div class="queues">${queues.map((queue) => queueArticle(queue, words, now))}</div>\
${isLearning && fragment`<p class="message">${say('learning')}</p>`}${recordSection(record, words)}`,
  };
};
