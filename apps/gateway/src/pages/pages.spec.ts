import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { leadingZeroBits, proofDigest } from '@queuecast/callbacks';
import { StoreAwayError } from '@queuecast/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundlePages } from '../../../web/bundles.js';
import { recordOf } from '../callbacks/promise-record.js';
import { band, frame } from '../frame.testing.js';
import { RunningGateway } from '../gateway.testing.js';

const NOW = Date.parse('2026-03-02T10:00:00Z');
let now = NOW;
let gateway: RunningGateway;
let base: string;

const always = { offer: 'always', perHour: 100 } as const;

/** A program of the tenant that sends text messages: the codes that it was given. */
class Sender {
  readonly codes: string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Sender> {
    const server = createServer();
    const made = new Sender(server);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        made.codes.push((JSON.parse(body) as { data: { code: string } }).data.code);
        response.writeHead(204).end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return made;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/codes`;
  }
  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
let sender: Sender;

beforeAll(async () => {
  sender = await Sender.start();
  base = await mkdtemp(join(tmpdir(), 'queuecast-pages-'));
  await mkdir(join(base, 'server'));
  await writeFile(join(base, 'server', 'page.mjs'), await bundlePages());
  await copyFile('apps/web/page.html', join(base, 'page.html'));
  gateway = await RunningGateway.start({
    clock: () => now,
    webDirectory: base,
    tenants: [
      {
        id: 'acme',
        name: 'Acme <b>Telecom</b>',
        timeZone: 'Europe/Brussels',
        callbacks: { perAddressPerHour: 6, consent: { version: '3' } },
        queues: [
          { id: 'support', name: { en: 'Support & more', fr: 'Assistance' }, public: true, callbacks: always },
          { id: 'quiet', public: true, callbacks: { offer: 'when_long' }, holidays: ['2026-03-05'] },
          { id: 'board', name: { en: 'The board' }, callbacks: always },
        ],
      },
      {
        id: 'guarded',
        callbacks: { proofOfWorkBits: 6 },
        queues: [{ id: 'support', public: true, callbacks: always }],
      },
      {
        id: 'proven',
        callbacks: { codes: { url: sender.url, secret: 'the secret of the sender of codes' } },
        queues: [{ id: 'support', public: true, callbacks: always }],
      },
      { id: 'secret', queues: [{ id: 'support' }] },
    ],
  });
});
afterAll(async () => {
  await gateway.stop();
  sender.stop();
  await rm(base, { recursive: true, force: true });
});
beforeEach(() => {
  now += 3_600_000;
  gateway.bus.publish([frame({ at: now, estimate: band(8, 10, 12, now) })]);
});
afterEach(() => vi.restoreAllMocks());

const dutch = { 'Accept-Language': 'nl-BE,nl;q=0.9,en;q=0.5' };
const page = async (path: string, headers: Record<string, string> = {}, status = 200) => {
  const response = await gateway.get(path, headers);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  return { html: await response.text(), headers: response.headers };
};
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
let asked = 0;
const wish = (fields: Record<string, string> = {}): Record<string, string> => {
  asked += 1;
  return {
    queue: 'support',
    key: `form-${asked}`,
    number: `0470 12 34 ${String(asked).padStart(2, '0')}`,
    window: '',
    consent: 'yes',
    consentVersion: '3',
    consentLanguage: 'en',
    ...fields,
  };
};
const promised = async (fields = wish(), path = '/t/acme/callbacks?lang=en'): Promise<string> => {
  const response = await send(path, fields);
  expect(response.status, await response.clone().text()).toBe(303);
  return response.headers.get('location') ?? '';
};
const optionsOf = (html: string): string[] => [...html.matchAll(/<option value="([^"]+)"/g)].map(([, value]) => value!);

describe('the page of a tenant', () => {
  it('shows its public queues and no other, under a strict policy, cacheable', async () => {
    const { html, headers } = await page('/t/acme', dutch);
    expect(html).toContain('Support &amp; more');
    expect(html).toContain('Wachttijden bij Acme &lt;b&gt;Telecom&lt;/b&gt;');
    expect(html).not.toContain('board');
    expect(html).toContain('Ook gesloten op donderdag 5 maart');
    expect(headers.get('cache-control')).toBe('public, max-age=5, stale-while-revalidate=30, stale-if-error=300');
    expect(headers.get('vary')).toBe('Accept-Language, Accept-Encoding');
    expect(headers.get('content-language')).toBe('nl-BE');
    expect(headers.get('set-cookie')).toBeNull();
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    expect(style.length).toBeGreaterThan(1000);
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  });

  it('is in the language that is asked for, else in one that the browser likes, else in English', async () => {
    const language = async (path: string, accept: string): Promise<string | undefined> =>
      /<html lang="([^"]+)"/.exec((await page(path, { 'Accept-Language': accept })).html)?.[1];
    expect(await language('/t/acme?lang=fr', 'nl')).toBe('fr');
    expect(await language('/t/acme', 'pt,de-CH;q=0.8')).toBe('de-CH');
    expect(await language('/t/acme?lang=%22%3E%3Cscript%3E', 'pt')).toBe('en');
  });

  it('is sent compressed, and without a body to who asks for its head', async () => {
    const zipped = await gateway.get('/t/acme', { 'Accept-Encoding': 'gzip' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toContain('Support');
    const head = await gateway.get('/t/acme', {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is one answer, in the language of the visitor, for a tenant that does not exist and for one that is private', async () => {
    const pages = [await page('/t/secret', dutch, 404), await page('/t/nobody', dutch, 404)];
    expect(pages[0]?.html).toContain('geen wachttijden te vinden');
    expect(pages[0]?.html.replaceAll('secret', 'nobody')).toBe(pages[1]?.html);
  });

  it('is found from the address of the gateway', async () => {
    for (const path of ['//', '/?', '//?lang=fr']) await page(path);
    const { html } = await page('/', { 'Accept-Language': 'fr' });
    expect(html).toContain('<a href="/t/acme?lang=fr">Acme &lt;b&gt;Telecom&lt;/b&gt;</a>');
    expect(html).not.toContain('/t/secret');
  });

  it('does without the record of promises while the store is away', async () => {
    vi.spyOn(gateway.store, 'callbackReport').mockRejectedValue(new StoreAwayError('away'));
    expect((await page('/t/guarded?lang=en')).html).toContain('support');
  });
});

describe('the record of promises', () => {
  it('has no count that points at one person, or tells it by what is missing', () => {
    expect(recordOf('acme', 9, 0, 0)).toMatchObject({ due: null, kept: null, late: null, broken: null });
    expect(recordOf('acme', 50, 10, 0)).toMatchObject({ due: 60, kept: 50, late: 10, broken: 0 });
    expect(recordOf('acme', 50, 12, 3)).toMatchObject({ due: 65, kept: 50, late: null, broken: null });
  });
});

describe('the form for a call back', () => {
  it('is on the page of whoever asks for it, and nobody keeps it', async () => {
    const { html, headers } = await page('/t/acme?queue=support&lang=en');
    expect(html).toContain('Ask for a call back: Support &amp; more');
    expect(html).toContain('name="consentVersion" value="3"');
    expect(optionsOf(html).length).toBeGreaterThan(5);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex');
    const again = await page('/t/acme?queue=support&lang=en');
    const keyOf = (text: string): string | undefined => /name="key" value="([^"]+)"/.exec(text)?.[1];
    expect(keyOf(html)).not.toBe(keyOf(again.html));
    expect((await page('/t/acme?queue=quiet&lang=en')).html).toContain('The wait is short just now');
    for (const none of ['board', 'none', 'a&queue=b'])
      expect((await page(`/t/acme?queue=${none}&lang=en`)).html).not.toContain('<form');
  });

  it('leads to the page of the promise, and is one promise however often it is sent', async () => {
    const fields = wish();
    const [first, second] = [await promised(fields), await promised(fields)];
    expect(first).toMatch(/^\/callbacks\/[\w-]+\?lang=en$/);
    for (const address of [first, second]) expect((await page(address)).html).toContain('We will call you tomorrow');
    const other = await promised(wish({ number: fields['number']! }));
    await send(first.replace('?', '/cancel?'), {});
    expect((await page(second)).html).toContain('You cancelled the call');
    expect((await page(other)).html).toContain('Promised');
  });

  it('comes back with what is wrong beside the field, in the language of the visitor, and what was filled in', async () => {
    // A box that is not ticked is not sent.
    const { consent: _, ...unticked } = wish({ number: '"><b>12' });
    const response = await send('/t/acme/callbacks', unticked, dutch);
    expect(response.status).toBe(400);
    const html = await response.text();
    expect(html).toContain('<p class="error" id="number-error">Dit is geen telefoonnummer');
    expect(html).toContain('<p class="error" id="consent-error">We kunnen u alleen terugbellen als');
    expect(html).toContain('value="&quot;&gt;&lt;b&gt;12"');
    const abroad = await send('/t/acme/callbacks?lang=fr', wish({ number: '+31 6 12345678' }));
    expect(await abroad.text()).toContain('Nous ne pouvons pas appeler les numéros de ce pays.');
    const gone = await send('/t/acme/callbacks?lang=en', wish({ window: '2026-03-01T00:00:00.000Z' }));
    expect(gone.status).toBe(409);
    expect(await gone.text()).toContain('<p class="error" id="window-error">This time is not on offer');
    expect((await send('/t/acme/callbacks?lang=en', wish({ window: 'soon' }))).status).toBe(400);
  });

  it('is not taken for a queue that is private, nor for one that does not exist', async () => {
    for (const queue of ['board', 'none', '']) {
      const response = await send('/t/acme/callbacks?lang=en', wish({ queue }));
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('There is no public queue of this name.');
    }
  });

  it('is limited by address as every other way of asking', async () => {
    for (let n = 0; n < 6; n += 1) await promised();
    const limited = await send('/t/acme/callbacks?lang=de', wish({ number: '0470 99 99 99' }));
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    const html = await limited.text();
    expect(html).toContain('Zu viele Anfragen');
    expect(html).toContain('value="0470 99 99 99"');
  });

  it('asks the browser for work where the tenant does, and gives a new puzzle when it was not done', async () => {
    const puzzleOf = (html: string): { challenge: string; bits: number } => {
      const [, challenge = '', bits] = /name="challenge" value="([^"]+)" data-bits="(\d+)"/.exec(html) ?? [];
      return { challenge, bits: Number(bits) };
    };
    const { challenge, bits } = puzzleOf((await page('/t/guarded?queue=support')).html);
    const guarded = wish({ consentVersion: '1', challenge });
    const refused = await send('/t/guarded/callbacks?lang=en', guarded);
    expect(refused.status).toBe(403);
    expect(puzzleOf(await refused.text()).challenge).not.toBe(challenge);
    let n = 0;
    while (leadingZeroBits(proofDigest(challenge, String(n))) < bits) n += 1;
    await promised({ ...guarded, solution: String(n) }, '/t/guarded/callbacks?lang=en');
  });

  it('asks for the code that the tenant’s own sender sends, until it is the right one', async () => {
    const path = '/t/proven/callbacks?lang=en';
    const fields = wish({ consentVersion: '1' });
    const incomplete = await send(path, { ...fields, number: '12' });
    expect([incomplete.status, sender.codes]).toEqual([400, []]);
    const challengeOf = (html: string): string => /name="codeChallenge" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const asked = await (await send(path, fields)).text();
    expect(asked).toContain('The code that we have sent you');
    expect(asked).toContain(`value="${fields['number']}"`);
    const codeChallenge = challengeOf(asked);
    const [code = ''] = sender.codes;
    const wrong = await send(path, { ...fields, codeChallenge, code: code === '000000' ? '111111' : '000000' });
    expect(wrong.status).toBe(403);
    const again = await wrong.text();
    expect(again).toContain('id="code-error"');
    expect(challengeOf(again)).toBe(codeChallenge);
    const other = await (await send(path, { ...fields, codeChallenge, code: '', newCode: 'yes' })).text();
    expect(sender.codes).toHaveLength(2);
    await promised({ ...fields, codeChallenge: challengeOf(other), code: ` ${sender.codes[1]}` }, path);
    now += 3_600_000;
    const late = await send(path, { ...wish({ consentVersion: '1' }), codeChallenge, code });
    expect(late.status).toBe(403);
    expect(challengeOf(await late.text())).toBe('');
  });

  it('says so while nothing can be promised', async () => {
    vi.spyOn(gateway.store, 'openCallbacks').mockRejectedValue(new StoreAwayError('away'));
    const { html } = await page('/t/acme?queue=quiet&lang=en');
    expect(html).toContain('We cannot take your request now. Nothing was promised');
  });

  it('is not read beyond what a form can hold', async () => {
    const refused = await send('/t/acme/callbacks?lang=nl', wish({ number: 'x'.repeat(20_000) }));
    expect(refused.status).toBe(413);
    expect(await refused.text()).toContain('meer verzonden dan een aanvraag mag bevatten');
  });
});

describe('the page of a promise', () => {
  it('is for nobody but the one who has the link', async () => {
    const { html, headers } = await page(await promised());
    expect(html).toContain('<meta name="robots" content="noindex" />');
    expect(html).not.toMatch(/470|0470/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const missing = await page('/callbacks/none', dutch, 404);
    expect(missing.html).toContain('Deze link leidt nergens heen');
  });

  it('moves it to another window, and says when that one is gone', async () => {
    const address = await promised();
    const [path = ''] = address.split('?');
    const [window = ''] = optionsOf((await page(address)).html);
    const moved = await send(`${path}/move?lang=en`, { window });
    expect([moved.status, moved.headers.get('location')]).toEqual([303, `${path}?lang=en`]);
    const { html } = await page(`${path}?lang=en`);
    expect(html).toMatch(/We will call you (today|tomorrow), /);
    expect(optionsOf(html)).not.toContain(window);
    const gone = await send(`${path}/move?lang=en`, { window: '2026-03-01T00:00:00.000Z' });
    expect(gone.status).toBe(409);
    expect(await gone.text()).toContain('id="window-error"');
    expect((await gateway.get(`${path}/move`)).headers.get('location')).toBe(path);
  });

  it('cancels it, once and for all', async () => {
    const [path = ''] = (await promised()).split('?');
    const cancelled = await send(`${path}/cancel?lang=fr`, {});
    expect([cancelled.status, cancelled.headers.get('location')]).toEqual([303, `${path}?lang=fr`]);
    expect((await page(`${path}?lang=fr`)).html).toContain('Vous avez annulé l’appel aujourd’hui');
    const over = await send(`${path}/move?lang=fr`, { window: new Date(now).toISOString() });
    expect(over.status).toBe(409);
    expect(await over.text()).toContain('Cette promesse est terminée');
    expect((await send('/callbacks/none/cancel', {}, dutch)).status).toBe(404);
  });
});
