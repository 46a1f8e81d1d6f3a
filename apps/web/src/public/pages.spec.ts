import type { CallbackForm, CallbackPage, PageQueue, PageVisit, TenantPage } from '@queuecast/live';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, publicQueue } from '../element/public-queue.testing.js';
import template from '../../page.html?raw';
import { createPages } from './server.js';
import { PAGE_LANGUAGES } from './words.js';

const pages = createPages(template);
const EVIL = `</script></template><img src=x onerror="alert('1')">&`;

const queue = (overrides: Partial<PageQueue['document']> = {}): PageQueue => ({
  document: publicQueue(overrides),
  outlook: {
    tenant: 'acme',
    queue: 'support',
    timeZone: 'Europe/Brussels',
    history: null,
    bestTime: { today: null, week: null },
    hours: [{ from: NOW, to: NOW + 3_600_000, wait: { kind: 'band', lowMinutes: 8, highMinutes: 12 } }],
  },
  holidays: ['2026-05-01'],
});
const visit = (...wanted: string[]): PageVisit => ({ wanted, path: '/t/acme', query: {}, now: NOW });
const tenant = (overrides: Partial<TenantPage> = {}): TenantPage => ({
  tenant: 'acme',
  name: 'Acme Telecom',
  queues: [queue()],
  record: null,
  form: null,
  ...overrides,
});
const form = (overrides: Partial<CallbackForm> = {}): CallbackForm => ({
  queue: 'support',
  name: { en: 'Support' },
  timeZone: 'Europe/Brussels',
  offer: {
    reason: null,
    dueAt: NOW + 86_400_000,
    windows: [
      { from: NOW + 3_000_000, to: NOW + 6_600_000, free: true },
      { from: NOW + 6_600_000, to: NOW + 10_200_000, free: false },
    ],
    consent: { version: '7', text: { en: 'I agree.', fr: 'J’accepte.' } },
    region: 'BE',
    puzzle: null,
  },
  key: 'once',
  codeChallenge: null,
  values: { number: '', window: '', consent: false },
  problem: null,
  ...overrides,
});
const promise = (overrides: Partial<CallbackPage> = {}): CallbackPage => ({
  tenant: 'acme',
  tenantName: 'Acme Telecom',
  queue: 'support',
  name: { en: 'Support' },
  timeZone: 'Europe/Brussels',
  state: 'promised',
  dueAt: NOW + 86_400_000,
  window: null,
  attempts: 0,
  closedAt: null,
  canChange: true,
  windows: [],
  problem: null,
  ...overrides,
});

describe('the page of a tenant', () => {
  it('shows what the element would, before any script and from the same document', () => {
    const html = pages.tenant(visit('en-GB'), tenant());
    const [shadow = ''] = /<template shadowrootmode="open">.*?<\/template>/s.exec(html) ?? [];
    expect(
      shadow
        .replace(/<style>.*<\/style>/s, '')
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' '),
    ).toContain('Support Open until 20:00 Estimated wait About 8 to 12 minutes');
    // The clock of the queue: a server does not know the visitor's.
    expect(shadow).toContain('As of 14:05:06, 4s ago');
    const [, json = ''] = /<script type="application\/json">(.*?)<\/script>/s.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual({ serverTime: NOW, queue: queue().document });
    expect(pages.inlineStyles.every((style) => html.includes(`<style>${style}</style>`))).toBe(true);
  });

  it.each(Object.keys(PAGE_LANGUAGES))('is all in one language, and leads to the others: %s', (tag) => {
    const html = pages.tenant(visit('xx', tag), tenant({ form: form() }));
    expect(html).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${tag}" dir="ltr">`));
    expect(html).toContain(`<queue-wait tenant="acme" queue="support" lang="${tag}">`);
    for (const other of Object.keys(PAGE_LANGUAGES)) expect(html).toContain(`href="/t/acme?lang=${other}"`);
    expect(html).not.toMatch(/\{\{?\w+\}?\}/);
  });

  it('takes the region for dates from whoever names one, and keeps the place in links', () => {
    const html = pages.tenant({ ...visit('en-US'), query: { queue: 'support' } }, tenant());
    expect(html).toContain('As of 2:05:06');
    expect(html).toContain('/t/acme?queue=support&amp;lang=fr');
    expect(pages.language(['en-US'])).toEqual({ language: 'en', locale: 'en-US' });
  });

  it('takes names and notices for text, whatever is in them', () => {
    const texts = fc.tuple(fc.string(), fc.constant(EVIL), fc.string()).map((parts) => parts.join(''));
    const tags = (html: string): string[] =>
      html.replace(/<style>.*?<\/style>/gs, '').match(/<\/?[a-zA-Z][^\s>]*/g) ?? [];
    const harmless = tags(pages.tenant(visit('en'), withTexts('x')));
    fc.assert(
      fc.property(texts, (text) => {
        expect(tags(pages.tenant(visit('en'), withTexts(text)))).toEqual(harmless);
      }),
    );
  });

  it('says how promises were kept, of enough only', () => {
    const of = (record: TenantPage['record']): string => pages.tenant(visit('en'), tenant({ record }));
    const record = { tenant: 'acme', days: 90, due: 200, kept: 170, late: 20, broken: 10 };
    expect(of(record)).toMatch(/200 calls back.*85%<\/strong> in time.*10%<\/strong> too late.*5%<\/strong> not made/s);
    expect(of({ ...record, kept: 199, late: null, broken: null })).toMatch(
      /99%<\/strong> in time.*1%<\/strong> late or/s,
    );
    expect(of({ ...record, due: null, kept: null, late: null, broken: null })).not.toContain('Do we keep our word?');
  });

  it('names the coming holidays', () => {
    expect(pages.tenant(visit('en-GB'), tenant())).toContain('Also closed on Friday 1 May');
  });
});

const withTexts = (text: string): TenantPage =>
  tenant({
    name: text,
    queues: [
      queue({
        name: { en: text },
        notices: [{ id: 'n', severity: 'critical', text: { en: text }, until: null }],
      }),
    ],
    form: form({
      name: { en: text },
      key: text,
      values: { number: text, window: text, consent: true },
      problem: { title: text, detail: text, fields: { number: text, window: text, consent: text } },
    }),
  });

describe('the form', () => {
  const of = (overrides: Partial<CallbackForm> = {}, lang = 'en-GB'): string =>
    pages.tenant(visit(lang), tenant({ form: form(overrides) }));

  it('offers the free windows, and the consent in the language of the reader or the one there is', () => {
    expect(of()).toContain('>Today, 14:55–15:55</option>');
    expect(of()).not.toContain('15:55–16:55');
    expect(of()).toMatch(/id="window-hint">As soon as possible: tomorrow at 14:05 at the latest\.</);
    expect(of({}, 'fr')).toMatch(/name="consentLanguage" value="fr".*J’accepte\./s);
    expect(of({}, 'nl')).toMatch(/name="consentLanguage" value="en".*I agree\./s);
  });

  it('says what is wrong beside the field, and keeps what was filled in', () => {
    const html = of({
      values: { number: '12', window: '', consent: true },
      problem: { title: 'No', detail: 'Too short', fields: { number: 'Too short' } },
    });
    expect(html).toMatch(/<p class="error" id="number-error">Too short<\/p><input id="number"[^>]*number-error"/);
    expect(html).toMatch(/aria-invalid="true" autofocus[^>]*value="12"/);
    expect(html).toContain('value="yes" required checked');
    // Said once.
    expect(html.match(/Too short/g)).toHaveLength(1);
  });

  it.each([
    ['never', 'does not call back'],
    ['short_wait', 'please call'],
    ['closed', 'no opening hours'],
    ['full', 'as many calls as we can'],
  ] as const)('is not there while nothing is offered, and says why: %s', (reason, text) => {
    const html = of({ offer: { ...form().offer!, reason } });
    expect(html).toContain(text);
    expect(html).not.toContain('<form');
  });

  it('has the puzzle where there is one, and says that it takes scripts', () => {
    const html = of({ offer: { ...form().offer!, puzzle: { challenge: 'c', bits: 12 } } });
    expect(html).toContain('name="challenge" value="c" data-bits="12"');
    expect(html).toMatch(/<noscript><p class="problem">/);
  });
});

describe('the page of a promise', () => {
  const of = (overrides: Partial<CallbackPage> = {}): string =>
    pages.callback({ ...visit('en-GB'), path: '/callbacks/t' }, promise(overrides));
  const closedAt = NOW - 60_000;

  it.each([
    [{ state: 'promised' }, 'We will call you tomorrow at 14:05 at the latest.'],
    [{ state: 'promised', window: { from: NOW, to: NOW + 3_600_000 } }, 'We will call you today, 14:05–15:05.'],
    [{ state: 'overdue', dueAt: closedAt, canChange: false }, 'We should have called you by today at 14:04'],
    [{ state: 'kept', closedAt, canChange: false }, 'We called you today at 14:04.'],
    [{ state: 'cancelled', closedAt, canChange: false }, 'You cancelled the call today at 14:04.'],
    [{ state: 'withdrawn', closedAt, canChange: false }, 'We had to call it off today at 14:04.'],
  ] as const)('says how it stands: %j', (overrides, sentence) => {
    const html = of(overrides);
    expect(html).toContain(sentence);
    expect(html.includes('/callbacks/t/cancel')).toBe(overrides.state === 'promised');
    expect(html).toContain('<meta name="robots" content="noindex" />');
  });

  it('can be moved to another free window', () => {
    const window = { from: NOW, to: NOW + 3_600_000 };
    const windows = [0, 1, 2].map((n) => ({ from: NOW + n * 3_600_000, to: NOW + (n + 1) * 3_600_000, free: n !== 1 }));
    expect(of({ window, windows }).match(/<option[^>]*>[^<]*/g)).toEqual([
      '<option value="2026-03-02T15:05:10.000Z">Today, 16:05–17:05',
    ]);
    expect(of({ window })).not.toContain('/callbacks/t/move');
  });
});
