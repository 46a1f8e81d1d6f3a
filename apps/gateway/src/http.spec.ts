import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantId } from '@queuecast/events';
import { publicQueueSchema } from '@queuecast/live';
import { StoreAwayError } from '@queuecast/store';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { band, frame } from './frame.testing.js';
import { INGEST_KEY, REPORTS_KEY, RunningGateway } from './gateway.testing.js';

const NOW = Date.parse('2026-03-02T10:00:00Z');
let now = NOW;
let gateway: RunningGateway;
let base: string;
let web: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'queuecast-web-'));
  web = join(base, 'web');
  gateway = await RunningGateway.start({ clock: () => now, webDirectory: web });
});
afterAll(async () => {
  await gateway.stop();
  await rm(base, { recursive: true, force: true });
});
beforeEach(() => {
  now += 3_600_000;
});
afterEach(() => vi.restoreAllMocks());

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as {
    status: number;
    title: string;
    detail?: string;
    errors?: { parameter?: string; field?: string; message: string }[];
  };
  expect(problem.status).toBe(response.status);
  return problem;
};

describe('public documents', () => {
  it('are the same bytes for everybody, cacheable, and confirmed by their tag', async () => {
    gateway.bus.publish([frame({ at: now, estimate: band(8, 10, 12, now) })]);
    const first = await gateway.get('/public/v1/acme/queues/support.json', { Origin: 'https://shop.example' });
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('public, max-age=5, stale-while-revalidate=30, stale-if-error=300');
    expect(first.headers.get('access-control-allow-origin')).toBe('*');
    const body = await first.text();
    expect(publicQueueSchema.parse(JSON.parse(body))).toMatchObject({
      tenant: 'acme',
      queue: 'support',
      name: { en: 'Support', fr: 'Assistance' },
      wait: { kind: 'band', lowMinutes: 8, highMinutes: 12 },
      asOf: now,
    });
    gateway.bus.publish([frame({ at: now + 200, waiting: 9, estimate: band(8, 10, 12, now + 200) })]);
    const second = await gateway.get('/public/v1/acme/queues/support.json');
    expect(await second.text()).toBe(body);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(second.headers.get('etag')).toBe(etag);
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const confirmed = await gateway.get('/public/v1/acme/queues/support.json', { 'If-None-Match': header });
      expect(confirmed.status).toBe(304);
      expect(confirmed.headers.get('etag')).toBe(etag);
      expect(await confirmed.text()).toBe('');
    }
  });

  it('change, with their tag, when the wait does', async () => {
    gateway.bus.publish([frame({ at: now, estimate: band(8, 10, 12, now) })]);
    const before = await gateway.get('/public/v1/acme/queues.json');
    gateway.bus.publish([frame({ at: now + 1, estimate: band(20, 25, 31, now + 1) })]);
    const after = await gateway.get('/public/v1/acme/queues.json', { 'If-None-Match': before.headers.get('etag')! });
    expect(after.status).toBe(200);
    const document = (await after.json()) as { name: string; queues: { queue: string; wait: unknown }[] };
    expect(document.name).toBe('Acme Telecom');
    expect(document.queues).toMatchObject([
      { queue: 'support', wait: { kind: 'band', lowMinutes: 20, highMinutes: 35 } },
      { queue: 'night', wait: { kind: 'none', reason: 'CLOSED' }, opening: { state: 'closed' } },
    ]);
  });

  it('list only tenants and queues that are public', async () => {
    const tenants = await gateway.get('/public/v1/tenants.json');
    expect(await tenants.json()).toEqual([{ tenant: 'acme', name: 'Acme Telecom' }]);
  });

  it('do not tell a private queue from one that does not exist', async () => {
    gateway.bus.publish([frame({ at: now, queue: 'board' }), frame({ at: now, tenant: 'globex' })]);
    const answers = await Promise.all(
      [
        'acme/queues/board.json',
        'acme/queues/nope.json',
        'globex/queues/support.json',
        'globex/queues.json',
        'x/queues.json',
      ].map(async (path) => {
        const response = await gateway.get(`/public/v1/${path}`);
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        expect(response.headers.get('etag')).toBeNull();
        return JSON.stringify(await problemOf(response));
      }),
    );
    expect(new Set(answers).size).toBe(1);
  });
});

describe('reports', () => {
  const path = '/v1/reports/intervals?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z';
  const withRows = () =>
    vi.spyOn(gateway.store, 'intervals').mockResolvedValueOnce({
      metrics: ['offered@1', 'asa@1'],
      columns: [
        { key: 'offered', metrics: ['offered@1'] },
        { key: 'asa', metrics: ['asa@1'] },
      ],
      changes: [],
      rows: [
        {
          site: 'main',
          queue: 'a "b", c',
          channel: 'voice',
          start: NOW as never,
          corrected: [],
          values: { offered: 3, asa: null },
        },
      ],
      nextCursor: 'next page',
    });

  it('come from the real store for a session, a cookie and an API key', async () => {
    const token = await gateway.token('acme');
    for (const headers of [
      bearer(token),
      { Cookie: `queuecast_session=${token}` },
      bearer(REPORTS_KEY),
      { 'X-Api-Key': REPORTS_KEY },
    ]) {
      const response = await gateway.get(`${path}&queue=support&grain=day`, headers);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('no-store');
      expect(await response.json()).toMatchObject({
        tenant: 'acme',
        grain: 'day',
        timeZone: 'Europe/Brussels',
        thresholdSeconds: 20,
        rows: [],
        nextCursor: null,
        metrics: expect.arrayContaining([expect.stringMatching(/^offered@\d+$/)]) as string[],
      });
    }
  });

  it('ask for the tenant of the token, whatever the request says', async () => {
    const spy = withRows();
    await gateway.get(path, bearer(await gateway.token('globex')));
    expect(spy.mock.calls[0]?.[0]).toMatchObject({ tenant: 'globex', thresholdSeconds: 150, timeZone: 'UTC' });
    const refused = await gateway.get(`${path}&tenant=globex`, bearer(await gateway.token('acme')));
    expect(refused.status).toBe(403);
    expect((await problemOf(refused)).errors).toMatchObject([{ parameter: 'tenant' }]);
    expect(spy).toHaveBeenCalledTimes(1);
    expect(await gateway.sample('queuecast_refusals_total{where="reports",reason="other_tenant"}')).toBe(1);
  });

  it('are JSON with ISO times and a link to the next page', async () => {
    withRows();
    const response = await gateway.get(path, bearer(REPORTS_KEY));
    expect(await response.json()).toMatchObject({
      rows: [{ start: '2026-03-02T10:00:00.000Z', values: { offered: 3, asa: null } }],
      nextCursor: 'next page',
    });
    expect(response.headers.get('link')).toBe(
      '</v1/reports/intervals?from=2026-03-01T00%3A00%3A00Z&to=2026-03-02T00%3A00%3A00Z&cursor=next+page>; rel="next"',
    );
  });

  it('are CSV for who asks for it', async () => {
    withRows();
    const response = await gateway.get(path, { ...bearer(REPORTS_KEY), Accept: 'text/csv' });
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(await response.text()).toBe(
      'site,queue,channel,start,offered@1,asa@1,corrected\r\nmain,"a ""b"", c",voice,2026-03-02T10:00:00.000Z,3,,\r\n',
    );
  });

  it('are refused without a session, with one that has ended, and with a key that lacks the scope', async () => {
    const ended = await gateway.token('acme', 60);
    now += 60_000;
    expect((await gateway.get(path)).status).toBe(401);
    const again = await problemOf(await gateway.get(path, bearer(ended)));
    expect(again).toMatchObject({ status: 401, detail: expect.stringContaining('sign in again') as string });
    expect((await gateway.get(path, { Cookie: 'queuecast_session=x' })).status).toBe(401);
    expect((await gateway.get(path, bearer(INGEST_KEY))).status).toBe(403);
    expect((await gateway.get('/v1/reports/intervals?from=x')).status).toBe(401);
  });

  it.each([
    ['from=yesterday', 'from'],
    ['grain=week', 'grain'],
    ['metrics=nonsense', 'metrics'],
    ['cursor=nonsense', 'cursor'],
    ['timeZone=Mars', 'timeZone'],
  ])('%s is refused, naming the parameter', async (parameter, name) => {
    const url = new URL(`http://x${path}`);
    for (const [key, value] of new URLSearchParams(parameter)) url.searchParams.set(key, value);
    const response = await gateway.get(`${url.pathname}${url.search}`, bearer(REPORTS_KEY));
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem.errors?.map((error) => error.parameter)).toContain(name);
    expect(problem.detail).toContain(name);
  });

  it('say that the store is away, and when to ask again', async () => {
    vi.spyOn(gateway.store, 'intervals').mockRejectedValueOnce(new StoreAwayError('refused'));
    const response = await gateway.get(path, bearer(REPORTS_KEY));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    await problemOf(response);
  });

  it('a fault of ours is 500 without its text', async () => {
    vi.spyOn(gateway.store, 'intervals').mockRejectedValueOnce(new Error('secret detail'));
    gateway.app.useLogger(false);
    const response = await gateway.get(path, bearer(REPORTS_KEY));
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problemOf(response))).not.toContain('secret detail');
  });

  it('any query gets an answer below 500', async () => {
    const parameter = fc.constantFrom('from', 'to', 'queue', 'grain', 'timeZone', 'metrics', 'limit', 'cursor', 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(parameter, fc.string()), { maxLength: 4 }), async (pairs) => {
        const query = new URLSearchParams(pairs);
        const response = await gateway.get(`${path}&${query.toString()}`, bearer(REPORTS_KEY));
        expect(response.status).toBeLessThan(500);
        await response.text();
      }),
      { numRuns: 100 },
    );
  });
});

describe('signing in', () => {
  const cookieOf = (response: Response) => response.headers.get('set-cookie') ?? '';

  it('works once per link: a cookie, and on to the wallboard', async () => {
    const link = gateway.tickets.link(tenantId('acme'));
    const looked = await gateway.get(link, {}, 'HEAD');
    expect(looked.headers.get('set-cookie')).toBeNull();
    const first = await gateway.get(link);
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe('/wallboard');
    expect(first.headers.get('referrer-policy')).toBe('no-referrer');
    expect(cookieOf(first)).toMatch(/^queuecast_session=[\w.-]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/);
    const session = cookieOf(first).split(';')[0]!;
    const report = await gateway.get('/v1/reports/intervals?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z', {
      Cookie: session,
    });
    expect(report.status).toBe(200);
    const second = await gateway.get(link);
    expect(second.status).toBe(403);
    expect(cookieOf(second)).toBe('');
    await problemOf(second);
    expect(await gateway.sample('queuecast_refusals_total{where="login",reason="spent_ticket"}')).toBe(1);
  });

  it('of two at the same moment lets in one', async () => {
    const link = gateway.tickets.link(tenantId('acme'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.get(link)));
    expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1);
  });

  it('is refused without a ticket, and with a ticket given twice', async () => {
    for (const path of ['/login', '/login?ticket=', '/login?ticket=a&ticket=b'])
      expect((await gateway.get(path)).status).toBe(403);
  });

  const post = (path: string, body: string, key = REPORTS_KEY) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      body,
      headers: { ...bearer(key), 'Content-Type': 'application/json' },
    });

  it('a token and a link can be had with a key of scope reports', async () => {
    const response = await post('/v1/tokens', '{"ttlSeconds":60}');
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { token, tenant, expiresAt } = (await response.json()) as Record<string, string>;
    expect(tenant).toBe('acme');
    expect(Date.parse(expiresAt!)).toBe(Math.floor(now / 1000) * 1000 + 60_000);
    expect(await gateway.sessions.verify(token!)).toMatchObject({ tenant: 'acme' });
    const link = (await (await post('/v1/sign-in-links', '')).json()) as { path: string };
    expect((await gateway.get(link.path)).status).toBe(303);
  });

  it('but not with another key, nor for a time out of bounds', async () => {
    expect((await post('/v1/tokens', '{}', INGEST_KEY)).status).toBe(403);
    expect((await post('/v1/tokens', '{}', 'nobody')).status).toBe(401);
    const long = await problemOf(await post('/v1/tokens', '{"ttlSeconds":1e9}'));
    expect(long).toMatchObject({ status: 400, errors: [{ field: 'ttlSeconds' }] });
    expect((await problemOf(await post('/v1/tokens', '{'))).status).toBe(400);
    expect((await problemOf(await post('/v1/tokens', `"${'x'.repeat(20_000)}"`))).status).toBe(413);
  });

  it('ends by itself on request', async () => {
    const response = await gateway.get('/logout', {}, 'POST');
    expect(cookieOf(response)).toContain('queuecast_session=; Path=/; Max-Age=0');
  });
});

describe('pages', () => {
  it('say what to do when they are not built', async () => {
    for (const path of ['/t/acme', '/t/nobody', '/callbacks/none', '/wallboard'])
      expect(await problemOf(await gateway.get(path))).toMatchObject({
        status: 503,
        detail: expect.stringContaining('npm run build') as string,
      });
    expect((await gateway.get('/assets/none.js')).status).toBe(404);
  });

  it('are served with a strict policy, hashed assets for good', async () => {
    await mkdir(join(web, 'assets', 'deep'), { recursive: true });
    await writeFile(join(web, 'wallboard.html'), '<title>wallboard</title>');
    await writeFile(join(web, 'assets', 'deep', 'a-1f.js'), 'export {}');
    await writeFile(join(base, 'outside.txt'), 'outside');
    const page = await gateway.get('/wallboard');
    expect(await page.text()).toContain('wallboard');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const asset = await gateway.get('/assets/deep/a-1f.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    for (const path of [
      '/assets/..%2f..%2foutside.txt',
      '/assets/%2e%2e/%2e%2e/outside.txt',
      '/assets/..%5coutside.txt',
    ])
      expect([400, 403, 404]).toContain((await gateway.get(path)).status);
  });
});

describe('operations', () => {
  it('is ready when the store answers and frames arrive, and says which does not', async () => {
    gateway.bus.publish([frame({ at: now })]);
    expect(await (await gateway.get('/ready')).json()).toEqual({
      ready: true,
      parts: { store: { state: 'up' }, processor: { state: 'up' } },
    });
    now += 60_000;
    const silent = await gateway.get('/ready');
    expect(silent.status).toBe(503);
    expect(await silent.json()).toMatchObject({ parts: { processor: { state: 'away' } } });
    expect((await gateway.get('/health')).status).toBe(200);
  });

  it('describes its routes and their parameters as OpenAPI', async () => {
    const document = (await (await gateway.get('/docs-json')).json()) as {
      paths: Record<string, { get?: { parameters?: { name: string; in: string }[] } }>;
    };
    const parameters = document.paths['/v1/reports/intervals']?.get?.parameters ?? [];
    expect(parameters.filter((each) => each.in === 'query').map((each) => each.name)).toEqual(
      expect.arrayContaining(['from', 'to', 'queue', 'grain', 'timeZone', 'thresholdSeconds', 'metrics', 'limit']),
    );
    expect(Object.keys(document.paths)).toContain('/public/v1/{tenant}/queues.json');
  });
});
