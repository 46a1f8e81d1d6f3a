import { StoreAwayError } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import de from '../callbacks/languages/de.json' with { type: 'json' };
import en from '../callbacks/languages/en.json' with { type: 'json' };
import fr from '../callbacks/languages/fr.json' with { type: 'json' };
import nl from '../callbacks/languages/nl.json' with { type: 'json' };
import { RunningGateway } from '../gateway.testing.js';

const LANGUAGES = Object.entries({ en, fr, nl, de });
let gateway: RunningGateway;
/** Everything that a visitor can ask of something that has a name: method and path, with names that nobody has. */
let asked: (readonly [method: string, path: string])[];

beforeAll(async () => {
  gateway = await RunningGateway.start();
  const document = (await (await gateway.get('/docs-json')).json()) as {
    readonly paths: Record<string, Record<string, unknown>>;
  };
  asked = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/public/') && path.includes('{'))
    .flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'options' && method !== 'parameters')
        .map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/g, 'nobody')] as const),
    );
});
afterAll(() => gateway.stop());

const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('vary')).toBe('Accept-Language');
  const { title, detail, errors } = (await response.json()) as {
    readonly title: string;
    readonly detail: string;
    readonly errors?: readonly { readonly field?: string; readonly message: string }[];
  };
  return { status: response.status, language: response.headers.get('content-language'), title, detail, errors };
};

describe('what a visitor is refused', () => {
  it('is told in his language by every public route', async () => {
    expect(asked.length).toBeGreaterThanOrEqual(11);
    for (const [language, words] of LANGUAGES)
      for (const [method, path] of asked) {
        const expected = { status: 404, language, title: words.notFound };
        const told = await problemOf(
          await gateway.get(path, { 'Accept-Language': `${language}-BE, en;q=0.1` }, method),
        );
        expect(told, `${method} ${path}`).toMatchObject(expected);
        expect([words.queueUnknown, words.linkUnknown]).toContain(told.detail);
        const byAddress = await gateway.get(`${path}?lang=${language}`, { 'Accept-Language': 'it' }, method);
        expect(await problemOf(byAddress), `${method} ${path}`).toEqual(told);
      }
  });

  it('is told in English to whoever speaks none of ours', async () => {
    for (const [method, path] of asked)
      expect(await problemOf(await gateway.get(path, { 'Accept-Language': 'it' }, method))).toMatchObject({
        language: 'en',
        title: en.notFound,
      });
  });

  it.each(LANGUAGES)('names the fields at fault in %s', async (language, words) => {
    const response = await fetch(`${gateway.url}/public/v1/acme/queues/support/callbacks`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
      body: JSON.stringify({ number: 7, consent: { language: 'en' }, window: { from: 'soon' }, more: true }),
    });
    const told = await problemOf(response);
    expect(told).toMatchObject({ status: 400, language, title: words.invalid, detail: words.bodyInvalid });
    expect(told.errors).toEqual(
      expect.arrayContaining([
        { field: 'number', message: words.numberInvalid },
        { field: 'consent.version', message: words.consentMissing },
        { field: 'window.from', message: words.windowUnknown },
      ]),
    );
  });

  it.each(LANGUAGES)('says in %s that history is away, and when to come again', async (language, words) => {
    vi.spyOn(gateway.store, 'callbackReport').mockRejectedValueOnce(new StoreAwayError('away'));
    const response = await gateway.get(`/public/v1/acme/promise-record.json?lang=${language}`);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await problemOf(response)).toMatchObject({
      status: 503,
      language,
      title: words.away,
      detail: words.readAway,
    });
  });
});
