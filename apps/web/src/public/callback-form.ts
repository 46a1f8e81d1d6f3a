import type { CallbackForm, CallbackOffer } from '@queuecast/live';
import { pickText } from '../language/words.js';
import { fragment, type Html } from './html.js';
import { problemBox } from './problem.js';
import { momentPhrase, windowOptions } from './windows.js';
import type { PageKey, PageWords } from './words.js';

const NOT_OFFERED = {
  never: 'offerNever',
  short_wait: 'offerShort',
  closed: 'offerClosed',
  full: 'offerFull',
} as const satisfies Record<NonNullable<CallbackOffer['reason']>, PageKey>;

/** A field with its label, its hint and what is wrong with it, tied together for assistive technology. */
const field = (
  id: string,
  label: Html | string,
  hint: string | null,
  error: string | undefined,
  control: (attributes: Html) => Html,
): Html => {
  const described = [hint !== null && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ');
  const attributes = fragment`id="${id}" name="${id}"${described !== '' && fragment` aria-describedby="${described}"`}\
${error !== undefined && fragment` aria-invalid="true" autofocus`}`;
  return fragment`<div class="field"><label for="${id}">${label}</label>\
${hint !== null && fragment`<p class="hint" id="${id}-hint">${hint}</p>`}\
${error !== undefined && fragment`<p class="error" id="${id}-error">${error}</p>`}${control(attributes)}</div>`;
};

/** The language of a text that is given in several: the one that the customer agrees to. */
const languageOf = (texts: Readonly<Record<string, string>>, text: string, language: string): string =>
  texts[language] === text ? language : (Object.keys(texts).find((tag) => texts[tag] === text) ?? language);

/** Proves that the number is the visitor's. */
const codeField = (challenge: string, error: string | undefined, { say }: PageWords): Html =>
  fragment`<input type="hidden" name="codeChallenge" value="${challenge}">\
${field(
  'code',
  say('code'),
  say('codeHint'),
  error,
  (attributes) => fragment`<input ${attributes} type="text" \
inputmode="numeric" autocomplete="one-time-code" maxlength="16" required${error === undefined && fragment` autofocus`}>`,
)}`;

const formOf = (tenant: string, form: CallbackForm, offer: CallbackOffer, words: PageWords, now: number): Html => {
  const { say, locale, language } = words;
  const { queue, timeZone, key, codeChallenge, values, problem } = form;
  const consent = pickText(offer.consent.text, language);
  const country = new Intl.DisplayNames(locale, { type: 'region' }).of(offer.region) ?? offer.region;
  const options = windowOptions(offer.windows, values.window, words, timeZone, now);
  const soonest =
    offer.dueAt === null ? null : say('anyTimeBy', { moment: momentPhrase(offer.dueAt, words, timeZone, now) });
  const errors = problem?.fields ?? {};
  const address = `/t/${encodeURIComponent(tenant)}/callbacks?${new URLSearchParams({ lang: language }).toString()}`;
  const { puzzle } = offer;
  return fragment`<form method="post" action="${address}" novalidate>\
<input type="hidden" name="queue" value="${queue}"><input type="hidden" name="key" value="${key}">\
<input type="hidden" name="consentVersion" value="${offer.consent.version}">\
<input type="hidden" name="consentLanguage" value="${languageOf(offer.consent.text, consent, language)}">\
${
  puzzle &&
  fragment`<input type="hidden" name="challenge" value="${puzzle.challenge}" data-bits="${puzzle.bits}">\
<input type="hidden" name="solution" value=""><noscript><p class="problem">${say('needsScripts')}</p></noscript>`
}\
${field(
  'number',
  say('number'),
  say('numberHint', { country }),
  errors['number'],
  (attributes) => fragment`<input \
${attributes} type="tel" autocomplete="tel" inputmode="tel" maxlength="40" required value="${values.number}">`,
)}\
${field(
  'window',
  say('when'),
  soonest,
  errors['window'],
  (attributes) => fragment`<select ${attributes}>\
<option value="">${say('anyTime')}</option>${options}</select>`,
)}\
<div class="field consent">\
${errors['consent'] !== undefined && fragment`<p class="error" id="consent-error">${errors['consent']}</p>`}\
<label><input type="checkbox" name="consent" value="yes" required${values.consent && fragment` checked`}\
${errors['consent'] !== undefined && fragment` aria-invalid="true" aria-describedby="consent-error"${errors['number'] === undefined && fragment` autofocus`}`}>\
<span>${consent}</span></label></div>\
${codeChallenge !== null && codeField(codeChallenge, errors['code'], words)}\
<button type="submit" data-working="${say('working')}">${say('ask')}</button>\
${codeChallenge !== null && fragment`<button type="submit" class="quiet" name="newCode" value="yes">${say('codeNew')}</button>`}\
<p class="hint">${say('free')}</p></form>`;
};

/** Where a visitor asks for a call back, or is told why not. */
export const callbackSection = (tenant: string, form: CallbackForm, words: PageWords, now: number): Html => {
  const { say } = words;
  const { offer, problem } = form;
  const name = pickText(form.name, words.language, form.queue);
  const reason = offer?.reason ?? null;
  return fragment`<section class="panel" id="callback" aria-labelledby="callback-title">\
<h2 id="callback-title">${say('callbackOf', { name })}</h2>${problem && problemBox(problem)}\
${reason !== null && !problem && fragment`<p>${say(NOT_OFFERED[reason])}</p>`}\
${offer && reason === null && formOf(tenant, form, offer, words, now)}</section>`;
};
