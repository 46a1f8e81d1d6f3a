import type { LogConsumer } from '@queuecast/event-log';
import { decodeEvent, instant, type AcdEvent, type CloudEvent, type TenantId } from '@queuecast/events';
import type { ArchivedEvent } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frame } from '../frame.testing.js';
import { INGEST_KEY, REPORTS_KEY, RunningGateway } from '../gateway.testing.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');

const archived = (tenant: string, contact: string, type: string, at: number, data: object): ArchivedEvent => {
  const event: CloudEvent = {
    specversion: '1.0',
    id: `${type}/${contact}`,
    source: 'queuecast/processor',
    type,
    time: new Date(at).toISOString(),
    subject: contact,
    tenant,
    site: 'main',
    data,
  };
  return {
    tenant: tenant as TenantId,
    site: 'main',
    id: event.id,
    source: event.source,
    type,
    subject: contact,
    at: instant(at),
    appendedAt: instant(at),
    body: JSON.stringify(event),
    version: at,
  } as unknown as ArchivedEvent;
};

describe('contacts that their source forgot, over HTTP', () => {
  let gateway: RunningGateway;
  const appended: AcdEvent[] = [];
  const shut: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    gateway = await RunningGateway.start({ clock: () => NOW });
    const suspicion = { leg: 'l', queue: 'support', reason: 'overtaken', lastHeardAt: '2026-03-02T10:00:00.000Z' };
    await gateway.store.write({
      contacts: [],
      legs: [],
      forecasts: [],
      spells: [],
      callbacks: [],
      touched: [],
      watermarks: [],
      published: [],
      shown: [],
      events: [
        archived('acme', 'lost', 'acd.contact.suspected', NOW - 3_600_000, suspicion),
        archived('acme', 'gone', 'acd.contact.suspected', NOW - 7_200_000, suspicion),
        archived('acme', 'gone', 'acd.contact.presumed_gone', NOW - 1_800_000, {
          reason: 'overtaken',
          by: 'queuecast',
        }),
        archived('globex', 'theirs', 'acd.contact.suspected', NOW - 3_600_000, suspicion),
      ],
    });
    const consumer: LogConsumer = {
      assigned: () => Promise.resolve(),
      revoked: () => Promise.resolve(),
      batch: ({ records }) => {
        for (const { value } of records) {
          const read = value && decodeEvent(value, instant(NOW));
          if (read && read.kind === 'event') appended.push(read.event);
        }
        return Promise.resolve();
      },
    };
    const reader = await gateway.events.read('ghosts', consumer);
    shut.push(() => reader.close());
  });
  afterAll(async () => {
    for (const close of shut) await close();
    await gateway.stop();
  });

  const post = (path: string, body: unknown, key: string | null): Promise<Response> =>
    fetch(`${gateway.url}/v1/ghosts/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(key !== null && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    });

  it('lists who is suspected now, and what was suspected and decided, of one tenant only', async () => {
    const suspect = { contact: 'lost', leg: 'l', believed: 'waiting' as const, reason: 'overtaken' as const };
    gateway.bus.publish([
      frame({
        at: NOW,
        suspected: 1,
        suspects: [{ ...suspect, lastHeardAt: NOW - 7_200_000, suspectedAt: NOW - 3_600_000 }],
      }),
    ]);
    const response = await gateway.get('/v1/ghosts', { Authorization: `Bearer ${REPORTS_KEY}` });
    expect(response.status).toBe(200);
    const body = (await response.json()) as { suspected: unknown; records: { what: string; contact: string }[] };
    expect(body.suspected).toEqual([
      {
        site: 'main',
        queue: 'support',
        suspected: 1,
        longest: [{ ...suspect, lastHeardAt: '2026-03-02T10:00:00.000Z', suspectedAt: '2026-03-02T11:00:00.000Z' }],
      },
    ]);
    expect(body.records).toMatchObject([
      { at: '2026-03-02T11:30:00.000Z', what: 'presumed_gone', contact: 'gone', reason: 'overtaken', by: 'queuecast' },
      { at: '2026-03-02T11:00:00.000Z', what: 'suspected', contact: 'lost', queue: 'support', leg: 'l' },
      { what: 'suspected', contact: 'gone' },
    ]);
    const narrow = await gateway.get('/v1/ghosts?from=2026-03-02T10:30:00Z&to=2026-03-02T11:10:00Z', {
      Authorization: `Bearer ${REPORTS_KEY}`,
    });
    expect(((await narrow.json()) as typeof body).records.map(({ contact }) => contact)).toEqual(['lost']);
  });

  it('appends what people say, under their name', async () => {
    const session = await gateway.token('acme');
    expect((await post('reinstate', { contact: 'lost' }, session)).status).toBe(202);
    expect((await post('close', { contact: 'lost' }, INGEST_KEY)).status).toBe(202);
    await expect.poll(() => appended.length).toBe(2);
    expect(appended).toMatchObject([
      {
        type: 'acd.contact.reinstated',
        subject: 'lost',
        source: 'queuecast/gateway',
        at: NOW,
        data: { by: 'wallboard' },
      },
      {
        type: 'acd.contact.presumed_gone',
        subject: 'lost',
        site: 'main',
        data: { reason: 'confirmed', by: 'key:acd' },
      },
    ]);
  });

  it.each([
    ['without a key', 'lost', null, 401],
    ['with a key that may only read', 'lost', REPORTS_KEY, 403],
    ['of another tenant’s contact', 'theirs', INGEST_KEY, 404],
    ['of a contact that nobody suspects', 'real', INGEST_KEY, 404],
    ['of nobody', undefined, INGEST_KEY, 400],
  ])('refuses a word %s', async (_, contact, key, status) => {
    const before = appended.length;
    const response = await post('close', { contact }, key);
    expect(response.status).toBe(status);
    expect(response.headers.get('Content-Type')).toContain('application/problem+json');
    expect(appended.length).toBe(before);
    if (status === 401 || status === 403)
      expect(
        await gateway.sample(
          `queuecast_refusals_total{where="ghosts",reason="${status === 401 ? 'no_session' : 'scope'}"}`,
        ),
      ).toBe(1);
  });

  it('names the parameter that is not valid', async () => {
    const response = await gateway.get('/v1/ghosts?from=yesterday', { Authorization: `Bearer ${REPORTS_KEY}` });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ parameter: 'from' }] });
  });
});
