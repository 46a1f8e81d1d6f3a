import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { band, frame } from '../frame.testing.js';
import { RunningGateway } from '../gateway.testing.js';

const now = Date.parse('2026-03-02T10:00:00Z');
let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start({ clock: () => now });
  await gateway.outlooks.refresh();
  gateway.bus.publish([frame({ at: now, version: 1, estimate: band(8, 10, 12, now) })]);
});
afterAll(() => gateway.stop());

/** All of an answer but its time. */
const answerOf = async (response: Response) => ({
  status: response.status,
  headers: [...response.headers].filter(([name]) => name !== 'date'),
  body: await response.text(),
});

/** The same address to the routes, which care little about case; the front leaves it to them. */
const behind = (path: string): string => path.replace('public', 'PUBLIC');

describe('a public document', () => {
  it.each([
    '/public/v1/tenants.json',
    '/public/v1/acme/queues.json',
    '/public/v1/acme/queues/support.json',
    '/public/v1/acme/queues/support/outlook.json',
  ])('is answered in front of the routes as it is behind: %s', async (path) => {
    for (const method of ['GET', 'HEAD']) {
      const inFront = await gateway.get(path, {}, method);
      const etag = inFront.headers.get('etag')!;
      expect(await answerOf(inFront)).toEqual(await answerOf(await gateway.get(behind(path), {}, method)));
      expect(inFront.status).toBe(200);
      const confirmed = await gateway.get(path, { 'If-None-Match': etag }, method);
      expect(confirmed.status).toBe(304);
      expect(await answerOf(confirmed)).toEqual(
        await answerOf(await gateway.get(behind(path), { 'If-None-Match': etag }, method)),
      );
    }
    expect(await answerOf(await gateway.get(`${path}?v=1`))).toEqual(await answerOf(await gateway.get(path)));
  });

  it.each([
    '/public/v1/acme/queues/board.json',
    '/public/v1/acme/queues/nope.json',
    '/public/v1/nobody/queues.json',
    '/public/v1/acme/queues/support/outlook.json/more',
    '/public/v1/%E0%A4%A/queues.json',
  ])('is left to the routes where there is none: %s', async (path) => {
    const response = await gateway.get(path);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.status).toBe(path.includes('%E0') ? 400 : 404);
    expect(response.headers.get('content-security-policy')).not.toBeNull();
  });

  it('is read only', async () => {
    expect((await gateway.get('/public/v1/acme/queues/support.json', {}, 'POST')).status).toBe(404);
  });

  it('is confirmed by its tag, the record of promises too, which is kept for longer', async () => {
    const path = '/public/v1/acme/promise-record.json';
    const first = await gateway.get(path);
    expect([first.status, first.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=300, stale-if-error=86400',
    ]);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(await first.json()).toMatchObject({ tenant: 'acme', days: 90, due: null });
    const confirmed = await gateway.get(path, { 'If-None-Match': etag });
    expect([confirmed.status, confirmed.headers.get('etag'), await confirmed.text()]).toEqual([304, etag, '']);
  });
});
