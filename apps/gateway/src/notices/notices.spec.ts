import type { LogConsumer } from '@queuecast/event-log';
import { decodeEvent, instant, type AcdEvent } from '@queuecast/events';
import { QueueBoard, type PublicQueue } from '@queuecast/live';
import type { ArchivedEvent } from '@queuecast/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { frame } from '../frame.testing.js';
import { INGEST_KEY, next, REPORTS_KEY, RunningGateway } from '../gateway.testing.js';

const START = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
const READER = { Authorization: `Bearer ${REPORTS_KEY}` };

interface Told {
  readonly id: string;
  readonly queues: readonly string[];
  readonly until: string;
  readonly by: string;
}

/** A gateway whose frames hold what its own events say, as the processor would make them. */
describe('notices over HTTP', () => {
  let now = START;
  let gateway: RunningGateway;
  let version = START;
  const appended: AcdEvent[] = [];
  const board = new QueueBoard();
  const shut: (() => Promise<void>)[] = [];

  const publish = (queue: string): void => {
    version += 1;
    gateway.bus.publish([
      frame({ queue, version, at: now, notices: board.noticesOf(queue as never, instant(now)), opening: OPEN }),
    ]);
  };

  beforeAll(async () => {
    gateway = await RunningGateway.start({ clock: () => now });
    const consumer: LogConsumer = {
      assigned: () => Promise.resolve(),
      revoked: () => Promise.resolve(),
      batch: async ({ records }) => {
        const archive: ArchivedEvent[] = [];
        for (const { value, offset } of records) {
          const read = value && decodeEvent(value, instant(now));
          if (!read || read.kind !== 'event') continue;
          const { event } = read;
          appended.push(event);
          const { tenant, site, id, source, type, subject, at } = event;
          const body = Buffer.from(value).toString('utf8');
          archive.push({ tenant, site, id, source, type, subject, at, appendedAt: at, body, version: offset + 1 });
          const queue = board.apply(event);
          if (queue) publish(queue);
        }
        await gateway.store.write({ ...NOTHING, events: archive });
      },
    };
    const reader = await gateway.events.read('notices', consumer);
    shut.push(() => reader.close());
  });
  beforeEach(() => {
    now += 24 * HOUR;
    for (const queue of ['support', 'night', 'board', 'pune']) publish(queue);
  });
  afterAll(async () => {
    for (const close of shut) await close();
    await gateway.stop();
  });

  const call = (method: string, path: string, body: unknown, key: string | null = INGEST_KEY): Promise<Response> =>
    fetch(`${gateway.url}/v1/notices${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(key !== null && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    });
  const posted = async (body: object): Promise<Told> => {
    const response = await call('POST', '', { queues: ['support'], text: { en: 'Busy' }, ...body });
    expect(response.status).toBe(201);
    return (await response.json()) as Told;
  };
  const documentOf = async (queue = 'support'): Promise<PublicQueue> =>
    (await (await gateway.get(`/public/v1/acme/queues/${queue}.json`)).json()) as PublicQueue;
  const shownOn = async (queue = 'support'): Promise<string[]> => (await documentOf(queue)).notices.map(({ id }) => id);

  it('posts one to every open page and the JSON, by name, to end in four hours', async () => {
    const page = gateway.public();
    await new Promise<void>((resolve) => page.once('connect', () => resolve()));
    const first = next<PublicQueue>(page, 'queue');
    page.emit('subscribe', { tenant: 'acme', queue: 'support' });
    await first;
    const changed = next<PublicQueue>(page, 'queue');
    const text = { en: 'A cable is broken', fr: 'Un câble est rompu' };
    const notice = await posted({ text, severity: 'critical' });
    const until = now + 4 * HOUR;
    expect(notice).toMatchObject({ until: new Date(until).toISOString(), by: 'key:acd', queues: ['support'] });
    const public_ = [{ id: notice.id, severity: 'critical', text, until }];
    expect((await changed).notices).toEqual(public_);
    expect((await documentOf()).notices).toEqual(public_);
    expect(appended.at(-1)).toMatchObject({
      type: 'acd.queue.notice_posted',
      source: 'queuecast/gateway',
      tenant: 'acme',
      at: now,
      data: { queue: 'support', notice: notice.id, by: 'key:acd', severity: 'critical' },
    });
  });

  it('ends it by itself when its time is over', async () => {
    const { id } = await posted({ until: new Date(now + HOUR).toISOString() });
    await expect.poll(() => shownOn()).toEqual([id]);
    now += HOUR;
    publish('support');
    expect(await shownOn()).toEqual([]);
    expect(((await (await gateway.get('/v1/notices', READER)).json()) as { current: unknown }).current).toEqual([]);
  });

  it('shows it on all queues, changes it and where it is shown, and clears it everywhere', async () => {
    const { id, queues } = await posted({ queues: 'all' });
    expect(queues).toEqual(['support', 'night', 'board', 'pune']);
    await expect.poll(() => shownOn('night')).toEqual([id]);
    await expect.poll(() => shownOn('support')).toEqual([id]);

    const change = { queues: ['support', 'pune'], text: { en: 'Repaired' }, severity: 'info' };
    expect((await call('PUT', `/${id}`, change)).status).toBe(200);
    await expect.poll(() => shownOn('night')).toEqual([]);
    await expect.poll(async () => (await documentOf()).notices[0]?.text).toEqual({ en: 'Repaired' });

    expect((await call('DELETE', `/${id}`, undefined, await gateway.token('acme'))).status).toBe(204);
    await expect.poll(current).not.toContain(id);
    expect((await call('DELETE', `/${id}`, undefined)).status).toBe(404);
    expect((await call('PUT', `/${id}`, change)).status).toBe(404);
  });

  it('remembers what was shown, where, when and by whom', async () => {
    const from = new Date(now).toISOString();
    const session = await gateway.token('acme');
    const response = await call('POST', '', { queues: ['support', 'night'], text: { en: 'Strike' } }, session);
    const { id } = (await response.json()) as Told;
    now += 1000;
    const audit = async (): Promise<{ current: Told[]; records: object[] }> =>
      (await (await gateway.get(`/v1/notices?from=${from}&to=2030-01-01T00:00:00Z`, READER)).json()) as never;
    await expect
      .poll(async () => (await audit()).current)
      .toMatchObject([
        { id, queues: ['support', 'night'], postedAt: from, by: 'wallboard', text: { en: 'Strike' }, severity: 'info' },
      ]);
    expect((await call('DELETE', `/${id}`, undefined)).status).toBe(204);
    await expect
      .poll(async () => (await audit()).records)
      .toMatchObject([
        { what: 'cleared', notice: id, queues: ['night', 'support'], by: 'key:acd', at: new Date(now).toISOString() },
        { what: 'posted', notice: id, queues: ['night', 'support'], by: 'wallboard', text: { en: 'Strike' }, at: from },
      ]);
    expect((await audit()).current).toEqual([]);
  });

  const week = 7 * 24 * HOUR;
  it.each([
    ['text', { text: {} }],
    ['text', { text: { en: 'x'.repeat(281) } }],
    ['text', { text: { en: 'two\nlines' } }],
    ['text', { text: { 'not a tag': 'text' } }],
    ['text', { text: { en: '字'.repeat(280), fr: '字'.repeat(280) } }],
    ['severity', { severity: 'dreadful' }],
    ['queues', { queues: [] }],
    ['queues', { queues: ['support', 'nowhere'] }],
    ['until', { until: 'tomorrow' }],
    ['until', { until: () => now - 1 }],
    ['until', { until: () => now + week + 1 }],
    ['', { colour: 'red' }],
  ])('refuses what is not valid: %s', async (field, change) => {
    const before = appended.length;
    const { until, ...rest } = change as { until?: string | (() => number) };
    const end = typeof until === 'function' ? new Date(until()).toISOString() : until;
    const body = { queues: ['support'], text: { en: 'Busy' }, ...rest, ...(end !== undefined && { until: end }) };
    const response = await call('POST', '', body);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { errors: { field: string; message: string }[] };
    expect(problem.errors[0]?.field.split('.')[0]).toBe(field);
    expect(problem.errors[0]?.message.length).toBeGreaterThan(10);
    expect(appended.length).toBe(before);
  });

  it('refuses what a public page has no room for, rather than leave it out in silence', async () => {
    const one = 'x'.repeat(250);
    const { id } = await posted({ queues: ['board'], text: { en: one, fr: one, nl: one } });
    await expect.poll(current).toEqual([id]);
    const long = await call('POST', '', { queues: ['board'], text: { en: one, fr: one, nl: one } });
    expect([long.status, ((await long.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringMatching(/^text/),
    ]);
    for (const _ of [1, 2]) {
      const { id: short } = await posted({ queues: ['board'] });
      await expect.poll(async () => (await current()).includes(short)).toBe(true);
    }
    const fourth = await call('POST', '', { queues: ['board'], text: { en: 'x' } });
    expect([fourth.status, ((await fourth.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringMatching(/^queues: board shows 3 notices/),
    ]);
  });
  const current = async (): Promise<string[]> =>
    ((await (await gateway.get('/v1/notices', READER)).json()) as { current: Told[] }).current.map(({ id }) => id);

  it.each([
    ['without a key', null, 401, 'no_session'],
    ['with a key that may only read', REPORTS_KEY, 403, 'scope'],
  ])('refuses to post, change or clear %s, and counts it', async (_, key, status, reason) => {
    const before = appended.length;
    for (const [method, path] of [
      ['POST', ''],
      ['PUT', '/storm'],
      ['DELETE', '/storm'],
    ] as const)
      expect((await call(method, path, { queues: 'all', text: { en: 'Busy' } }, key)).status).toBe(status);
    expect(appended.length).toBe(before);
    expect(await gateway.sample(`queuecast_refusals_total{where="notices",reason="${reason}"}`)).toBe(3);
  });

  it("neither shows nor clears another tenant's", async () => {
    const { id } = await posted({});
    await expect.poll(() => shownOn()).toContain(id);
    const theirs = await gateway.token('globex');
    expect((await call('DELETE', `/${id}`, undefined, theirs)).status).toBe(404);
    const listed = await gateway.get('/v1/notices', { Authorization: `Bearer ${theirs}` });
    expect(await listed.json()).toMatchObject({ tenant: 'globex', current: [], records: [] });
  });
});

const OPEN = { state: 'open', until: null, by: 'event' } as const;
const NOTHING = {
  contacts: [],
  legs: [],
  forecasts: [],
  spells: [],
  touched: [],
  watermarks: [],
  published: [],
  shown: [],
  callbacks: [],
};
