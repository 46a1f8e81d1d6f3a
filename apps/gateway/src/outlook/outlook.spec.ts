import { publicOutlookSchema, publicQueueSchema, type PublicOutlook, type PublicQueue } from '@queuecast/live';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, flushOf, leg, siteKey } from '../../../../libs/store/src/facts.testing.js';
import { band, frame } from '../frame.testing.js';
import { REPORTS_KEY, RunningGateway } from '../gateway.testing.js';
import { outlookAnswer } from '../reports/answers.js';

/** A Tuesday, 10:20 in Brussels. */
const START = DateTime.fromISO('2026-03-24T10:20:00', { zone: 'Europe/Brussels' });
const KEY = siteKey('acme');
const MINUTE = 60_000;
let now = START.toMillis();
let gateway: RunningGateway;

/** So many contacts in an hour of each of the last weeks, with waits around so many minutes. */
const weeks = (weekday: number, hour: number, minutes: number, contacts = 12) =>
  [1, 2, 3].flatMap((ago) =>
    Array.from({ length: contacts }, (_, n) => {
      const at = START.startOf('week')
        .minus({ weeks: ago })
        .plus({ days: weekday })
        .set({ hour, minute: n * 4 });
      return answered(KEY, at.toMillis() as never, (minutes * 60 + n - 6) * 1000, {
        contact: `${ago}-${weekday}-${hour}-${n}`,
        version: n + 1,
      });
    }),
  );

beforeAll(async () => {
  gateway = await RunningGateway.start({ clock: () => now });
  await gateway.store.write(
    flushOf({
      legs: [
        ...weeks(1, 10, 12),
        ...weeks(1, 11, 11),
        ...weeks(1, 15, 3),
        ...weeks(1, 16, 3),
        ...weeks(1, 18, 4, 2),
        ...weeks(3, 9, 0.5),
        // Most of an hour's callers give up before those who wait on are answered.
        ...weeks(4, 9, 1).map((answer, n) =>
          n % 3 === 0
            ? answer
            : leg(KEY, {
                contact: `gone-${n}`,
                anchor: answer.queuedAt,
                queuedAt: answer.queuedAt,
                leftQueueAt: answer.queuedAt + 57_500,
                endedAt: answer.queuedAt + 57_500,
                outcome: 'abandoned',
                waitMs: 57_500,
              }),
        ),
      ],
    }),
  );
  await gateway.outlooks.refresh();
});
afterAll(() => gateway.stop());

const outlook = async (queue = 'support', headers = {}): Promise<Response> =>
  gateway.get(`/public/v1/acme/queues/${queue}/outlook.json`, headers);
const read = async (queue = 'support'): Promise<PublicOutlook> =>
  publicOutlookSchema.parse(await (await outlook(queue)).json());
const at = (time: string, day = 0): number =>
  DateTime.fromISO(`${START.plus({ days: day }).toISODate()}T${time}`, { zone: 'Europe/Brussels' }).toMillis();
const waitAt = ({ hours }: PublicOutlook, moment: number) =>
  hours.find(({ from, to }) => from <= moment && moment < to)?.wait;

describe('the outlook', () => {
  it('tells the expected wait by hour of today and the week, and where too little is known', async () => {
    const document = await read();
    expect(document.hours[0]?.from).toBe(at('10:00'));
    expect(document.hours.at(-1)?.to).toBe(at('00:00', 7));
    expect(waitAt(document, at('10:30'))).toEqual({ kind: 'band', lowMinutes: 11, highMinutes: 13 });
    expect(waitAt(document, at('15:30'))).toEqual({ kind: 'band', lowMinutes: 2, highMinutes: 4 });
    // Six contacts in three weeks would point at people.
    expect(waitAt(document, at('18:30'))).toEqual({ kind: 'none', reason: 'TOO_FEW_DATA' });
    // Wednesday knows nothing of eleven: it is a working day as Tuesday is.
    expect(waitAt(document, at('11:30', 1))).toEqual({ kind: 'band', lowMinutes: 10, highMinutes: 12 });
    expect(waitAt(document, at('11:30', 4))).toEqual({ kind: 'none', reason: 'TOO_FEW_DATA' });
    expect(JSON.stringify(document)).not.toMatch(/contacts|days|basis|p50/);
  });

  it('takes from those who hang up that they had waited so long', async () => {
    const query = 'queue=support';
    const response = await gateway.get(`/v1/reports/outlook?${query}`, { Authorization: `Bearer ${REPORTS_KEY}` });
    const { rows, histories } = outlookAnswer.parse(await response.json());
    const hours = new Map(rows.map((row) => [Date.parse(row.from), row]));
    expect(hours.get(at('09:00', 3))).toMatchObject({
      contacts: 36,
      days: 3,
      basis: 'weekday',
      lowMs: 57_000,
      p50Ms: 60_000,
    });
    expect(hours.get(at('09:00', 2))).toMatchObject({ p50Ms: 29_000, contacts: 36 });
    expect(hours.get(at('18:00'))).toMatchObject({ reason: 'TOO_FEW_DATA', highMs: null });
    expect(histories).toMatchObject([{ queue: 'support', timeZone: 'Europe/Brussels' }]);
    expect(Date.parse(histories[0]?.to ?? '')).toBe(at('09:00'));
  });

  it('says that the queue is closed', async () => {
    const { hours } = await read('night');
    expect(hours).toEqual([{ from: at('10:00'), to: at('00:00', 7), wait: { kind: 'none', reason: 'CLOSED' } }]);
  });

  it('is the same bytes for everybody, confirmed by its tag, until something changes', async () => {
    const first = await outlook();
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(first.headers.get('cache-control')).toContain('stale-while-revalidate');
    await gateway.outlooks.refresh();
    now += 10 * MINUTE;
    expect((await outlook('support', { 'If-None-Match': etag })).status).toBe(304);
    now += 40 * MINUTE;
    const later = await outlook('support', { 'If-None-Match': etag });
    expect(later.status).toBe(200);
    expect(((await later.json()) as PublicOutlook).hours[0]?.from).toBe(at('11:00'));
    now = START.toMillis();
  });

  it('is not there for queues that are not public', async () => {
    for (const queue of ['board', 'nope']) expect((await outlook(queue)).status).toBe(404);
  });

  it('refuses a report without a queue', async () => {
    const response = await gateway.get('/v1/reports/outlook', { Authorization: `Bearer ${REPORTS_KEY}` });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ parameter: 'queue' }] });
    expect((await gateway.get('/v1/reports/outlook?queue=support')).status).toBe(401);
  });
});

describe('the best time to call', () => {
  const shown = async (estimate = band(8, 10, 12, now)): Promise<PublicQueue> => {
    gateway.bus.publish([frame({ at: (now += 20_000), estimate: { ...estimate, at: now } })]);
    return publicQueueSchema.parse(await (await gateway.get('/public/v1/acme/queues/support.json')).json());
  };

  it('is in the document of a queue when it is meaningfully better than now', async () => {
    const { bestTime } = await shown();
    expect(bestTime).toEqual({
      today: { from: at('15:00'), to: at('17:00'), lowMinutes: 2, highMinutes: 4 },
      week: { from: at('09:00', 2), to: at('10:00', 2), lowMinutes: 0, highMinutes: 1 },
    });
    expect((await read()).bestTime).toEqual(bestTime);
  });

  it('is none while the wait is short, or nobody knows how long it is', async () => {
    expect((await shown(band(1, 1, 2, now))).bestTime).toEqual({ today: null, week: null });
    expect((await shown({ kind: 'abstention', reason: 'SHOCK', at: now })).bestTime).toEqual({
      today: null,
      week: null,
    });
  });

  it('keeps the document of a queue within 3 KiB', async () => {
    await shown();
    const response = await gateway.get('/public/v1/acme/queues/support.json');
    expect((await response.arrayBuffer()).byteLength).toBeLessThan(3072);
  });
});
