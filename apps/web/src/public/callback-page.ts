import type { CallbackPage, PageVisit } from '@queuecast/live';
import { pickText } from '../language/words.js';
import { fragment, type Html } from './html.js';
import type { Layout } from './layout.js';
import { problemBox } from './problem.js';
import { momentPhrase, windowOptions, windowPhrase } from './windows.js';
import type { PageWords } from './words.js';

const STATES = {
  promised: 'statePromised',
  overdue: 'stateOverdue',
  kept: 'stateKept',
  cancelled: 'stateCancelled',
  withdrawn: 'stateWithdrawn',
} as const;

/** What the customer may expect, in one sentence. */
const sentence = (page: CallbackPage, words: PageWords, now: number): string => {
  const { say } = words;
  const { state, window, dueAt, closedAt, timeZone } = page;
  const by = momentPhrase(dueAt, words, timeZone, now);
  const closed = closedAt === null ? '' : momentPhrase(closedAt, words, timeZone, now);
  switch (state) {
    case 'promised':
      return window
        ? say('callIn', { window: windowPhrase(window, words, timeZone, now) })
        : say('callBy', { moment: by });
    case 'overdue':
      return say('callLate', { moment: by });
    case 'kept':
      return say('calledAt', { moment: closed });
    case 'cancelled':
      return say('cancelledAt', { moment: closed });
    case 'withdrawn':
      return say('withdrawnAt', { moment: closed });
  }
};

const changes = (page: CallbackPage, path: string, words: PageWords, now: number): Html => {
  const { say, language } = words;
  const { windows, timeZone, window, problem } = page;
  const query = `?${new URLSearchParams({ lang: language }).toString()}`;
  const others = windows.filter(({ from }) => from !== window?.from);
  const options = windowOptions(others, '', words, timeZone, now);
  const error = problem?.fields['window'];
  const move = fragment`<form method="post" action="${path}/move${query}" novalidate><div class="field">\
<label for="window">${say('moveTo')}</label>${error !== undefined && fragment`<p class="error" id="window-error">${error}</p>`}\
<select id="window" name="window"${error !== undefined && fragment` aria-invalid="true" aria-describedby="window-error" autofocus`}>\
${options}</select></div><button type="submit">${say('move')}</button></form>`;
  return fragment`${options.length > 0 && move}\
<form method="post" action="${path}/cancel${query}"><details class="confirm"><summary>${say('cancel')}</summary>\
<p>${say('cancelSure')}</p><button type="submit" class="danger">${say('cancelYes')}</button></details></form>`;
};

/** A promise as whoever has its link sees it. */
export const callbackLayout = (visit: PageVisit, page: CallbackPage, words: PageWords): Layout => {
  const { say, language } = words;
  const { tenant, tenantName, state, attempts, canChange, problem } = page;
  const back = `/t/${encodeURIComponent(tenant)}?${new URLSearchParams({ lang: language }).toString()}`;
  return {
    title: say('yourCallback'),
    above: fragment`<a class="back" href="${back}">${say('titleOf', { name: tenantName })}</a>`,
    isPublic: false,
    body: fragment`<section class="panel status" aria-labelledby="status">${problem && problemBox(problem)}\
<p class="state" data-state="${state}">${say(STATES[state])}</p>\
<h2 id="status">${pickText(page.name, language, page.queue)}</h2>\
<p class="sentence">${sentence(page, words, visit.now)}</p>\
${attempts > 0 && fragment`<p>${say('attempts', { count: attempts })}</p>`}\
${state === 'promised' && fragment`<p class="hint">${say('keepLink')}</p>`}\
${canChange && changes(page, visit.path, words, visit.now)}</section>`,
  };
};
