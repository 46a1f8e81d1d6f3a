import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_WATCHES } from '@queuecast/live';
import { INGEST_KEY, REPORTS_KEY, RunningGateway } from '../gateway.testing.js';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const HOOK = 'https://hooks.example.org/waits';
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await RunningGateway.start({ clock: () => NOW });
});
afterAll(() => gateway.stop());

const call = (method: string, path: string, body?: object, key: string | null = REPORTS_KEY): Promise<Response> =>
  fetch(`${gateway.url}/v1/watches${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...(key !== null && { 'X-Api-Key': key }) },
    ...(body && { body: JSON.stringify(body) }),
  });
const wish = (more: object = {}) => ({ queue: 'support', underMinutes: 5, url: HOOK, ...more });

describe('watches', () => {
  it('are set until the end of the business day, listed, and cleared once', async () => {
    const made = await call('POST', '', wish());
    expect(made.status).toBe(201);
    const watch = (await made.json()) as { id: string };
    // Midnight in Brussels.
    expect(watch).toMatchObject({
      queue: 'support',
      underMinutes: 5,
      url: HOOK,
      expiresAt: '2026-03-02T23:00:00.000Z',
    });
    expect(await (await call('GET', '')).json()).toEqual({ tenant: 'acme', watches: [watch] });
    expect((await call('DELETE', `/${watch.id}`)).status).toBe(204);
    expect(await (await call('GET', '')).json()).toEqual({ tenant: 'acme', watches: [] });
    expect((await call('DELETE', `/${watch.id}`)).status).toBe(404);
  });

  it('are for keys with the scope reports', async () => {
    for (const [method, path] of [
      ['POST', ''],
      ['GET', ''],
      ['DELETE', '/w-1'],
    ] as const) {
      expect((await call(method, path, undefined, null)).status).toBe(401);
      expect((await call(method, path, undefined, INGEST_KEY)).status).toBe(403);
    }
  });

  it('are a thousand of a tenant at most, until one is cleared', { timeout: 120_000 }, async () => {
    const first = (await (await call('POST', '', wish())).json()) as { id: string };
    // Side by side too: those on their way count.
    const statuses = await Promise.all(
      Array.from({ length: 1_020 }, async () => (await call('POST', '', wish())).status),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(MAX_WATCHES - 1);
    const refused = await call('POST', '', wish());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(((await refused.json()) as { detail: string }).detail).toContain('has 1000 open watches: clear some');
    expect((await call('DELETE', `/${first.id}`)).status).toBe(204);
    expect((await call('POST', '', wish())).status).toBe(201);
    expect((await call('POST', '', wish())).status).toBe(429);
  });

  it.each([
    ['queue', { queue: 'nowhere' }],
    ['underMinutes', { underMinutes: 0 }],
    ['underMinutes', { underMinutes: 241 }],
    ['url', { url: 'http://hooks.example.org/' }],
    ['url', { url: 'https://169.254.169.254/latest/meta-data' }],
    ['url', { url: 'https://[fd00::1]/' }],
    ['url', { url: 'https://user:secret@hooks.example.org/' }],
    ['expiresAt', { expiresAt: new Date(NOW).toISOString() }],
    ['expiresAt', { expiresAt: new Date(NOW + 7 * 86_400_000 + 1).toISOString() }],
    ['', { more: true }],
  ])('name the field that is not valid: %s %j', async (field, more) => {
    const refused = await call('POST', '', wish(more));
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { errors: object[] }).errors[0]).toMatchObject({ field });
  });
});
