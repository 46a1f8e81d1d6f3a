import { Publication } from '@queuecast/contact-center';
import type { EventId } from '@queuecast/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, at, flushOf, leg, siteKey, YESTERDAY } from '../../../../libs/store/src/facts.testing.js';
import { REPORTS_KEY, RunningGateway } from '../gateway.testing.js';
import { correctionsAnswer, intervalsAnswer, ledgerAnswer } from './answers.js';

const KEY = siteKey('acme');
const time = (text: string) => at(`${YESTERDAY}T${text}Z`);
const RANGE = `from=${YESTERDAY}T09:00:00Z&to=${YESTERDAY}T10:00:00Z`;
const headers = { Authorization: `Bearer ${REPORTS_KEY}` };

describe('GET /v1/corrections', () => {
  let gateway: RunningGateway;

  const get = async (path: string, more: Readonly<Record<string, string>> = {}): Promise<Response> =>
    gateway.get(path, { ...headers, ...more });

  beforeAll(async () => {
    gateway = await RunningGateway.start({ clock: () => time('12:00:00') });
    const range = { from: time('09:00:00'), to: time('09:15:00') };
    const waiting = leg(KEY, { contact: 'a', queuedAt: time('09:05:00'), anchor: time('09:05:00') });
    const publication = new Publication(range);
    publication.take([waiting]);
    const cause = (id: string, version: number, clock: string, behindMs: number) => ({
      event: { id: id as EventId, source: 'pbx', type: 'acd.contact.answered' as const, at: time(clock) },
      version,
      late: true,
      behindMs,
    });
    const first = answered(KEY, time('09:05:00'), 20_000, { contact: 'a', endedAt: null, talkMs: null, version: 2 });
    const second = answered(KEY, time('09:08:00'), 40_000, {
      contact: 'b',
      leg: 'leg-2',
      endedAt: null,
      talkMs: null,
      version: 3,
    });
    // It changes nothing but what the agent before let pass.
    const declined = { ...second, declines: 1, declineTimes: [time('09:08:30')], version: 4 };
    await gateway.store.write(
      flushOf({
        legs: [first, declined],
        published: [
          {
            ...KEY,
            publications: [publication],
            changes: [
              { leg: waiting, sign: -1, isCorrection: true, cause: cause('e1', 2, '09:05:20', 900_000) },
              { leg: first, sign: 1, isCorrection: true, cause: cause('e1', 2, '09:05:20', 900_000) },
              { leg: second, sign: 1, isCorrection: true, cause: cause('e2', 3, '09:08:40', 1_500_500) },
              { leg: second, sign: -1, isCorrection: true, cause: cause('e3', 4, '09:08:30', 1_600_000) },
              { leg: declined, sign: 1, isCorrection: true, cause: cause('e3', 4, '09:08:30', 1_600_000) },
            ],
          },
        ],
      }),
    );
  });
  afterAll(() => gateway.stop());

  it('tells metric, interval, from, to and why', async () => {
    const { rows, nextCursor } = correctionsAnswer.parse(await (await get(`/v1/corrections?${RANGE}`)).json());
    expect(nextCursor).toBeNull();
    expect(rows.map(({ metric, from, to, why }) => [why.id, metric, from, to])).toEqual([
      ['e1', 'answered@1', 0, 1],
      ['e1', 'answered_within@1', 0, 1],
      ['e1', 'offers@1', 0, 1],
      ['e1', 'still_waiting@1', 1, 0],
      ['e1', 'total_wait@1', 0, 20_000],
      ['e2', 'answered@1', 1, 2],
      ['e2', 'answered_within@1', 1, 2],
      ['e2', 'offered@1', 1, 2],
      ['e2', 'offers@1', 1, 2],
      ['e2', 'total_wait@1', 20_000, 60_000],
      ['e3', 'declines@1', 0, 1],
    ]);
    expect(rows.at(-2)).toEqual({
      metric: 'total_wait@1',
      site: 'main',
      queue: 'support',
      channel: 'voice',
      interval: { start: `${YESTERDAY}T09:00:00.000Z`, end: `${YESTERDAY}T09:15:00.000Z` },
      from: 20_000,
      to: 60_000,
      why: {
        type: 'acd.contact.answered',
        id: 'e2',
        source: 'pbx',
        time: `${YESTERDAY}T09:08:40.000Z`,
        lateSeconds: 1500.5,
        contact: 'b',
        leg: 'leg-2',
      },
    });
  });

  it('goes page by page, and narrows by metric, queue and channel', async () => {
    const found: string[] = [];
    for (let path: string | null = `/v1/corrections?${RANGE}&limit=3`; path !== null;) {
      const response = await get(path);
      found.push(
        ...correctionsAnswer.parse(await response.json()).rows.map(({ why, metric }) => `${why.id} ${metric}`),
      );
      path = /<(.*)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1] ?? null;
    }
    expect(found).toHaveLength(11);
    expect(new Set(found).size).toBe(11);
    const rows = async (query: string) =>
      correctionsAnswer.parse(await (await get(`/v1/corrections?${RANGE}&${query}`)).json()).rows;
    expect(await rows('metrics=offered,still_waiting@1')).toMatchObject([
      { metric: 'still_waiting@1' },
      { metric: 'offered@1' },
    ]);
    expect(await rows('queue=sales')).toEqual([]);
    expect(await rows('channel=chat')).toEqual([]);
  });

  it('says by which thresholds it is, in every queue', async () => {
    const answer = correctionsAnswer.parse(await (await get(`/v1/corrections?${RANGE}`)).json());
    expect(answer).toMatchObject({ thresholdSeconds: 150, shortAbandonSeconds: 5 });
  });

  it('comes as CSV', async () => {
    const response = await get(`/v1/corrections?${RANGE}&metrics=offered`, { Accept: 'text/csv' });
    expect(await response.text()).toBe(
      `metric,site,queue,channel,start,from,to,type,id,source,time,lateSeconds,contact,leg\r\noffered@1,main,support,voice,${YESTERDAY}T09:00:00.000Z,1,2,acd.contact.answered,e2,pbx,${YESTERDAY}T09:08:40.000Z,1500.5,b,leg-2\r\n`,
    );
  });

  it('refuses what is not published, and who is not of the tenant', async () => {
    const refused = await get(`/v1/corrections?${RANGE}&metrics=asa`);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/"parameter":"metrics","message":".*asa.*choose among offered/);
    expect((await get(`/v1/corrections?${RANGE}&tenant=other`)).status).toBe(403);
    expect((await gateway.get(`/v1/corrections?${RANGE}`)).status).toBe(401);
  });

  it('is marked in the rows of the ledger', async () => {
    for (const attribution of ['arrival', 'event']) {
      const response = await get(`/v1/reports/ledger?${RANGE}&grain=hour&attribution=${attribution}`);
      const { rows } = ledgerAnswer.parse(await response.json());
      expect(rows.map(({ corrected }) => corrected)).toEqual([
        ['answered@1', 'answered_within@1', 'declines@1', 'offered@1', 'offers@1', 'still_waiting@1', 'total_wait@1'],
      ]);
    }
  });

  it('is marked in the rows of interval reports, whatever their length', async () => {
    const corrected = [
      'answered@1',
      'answered_within@1',
      'declines@1',
      'offered@1',
      'offers@1',
      'still_waiting@1',
      'total_wait@1',
    ];
    for (const grain of ['minute', 'quarter', 'hour', 'day', 'total']) {
      const path = `/v1/reports/intervals?${RANGE}&grain=${grain}&metrics=offered`;
      const { rows } = intervalsAnswer.parse(await (await get(path)).json());
      expect(
        rows.map((row) => row.corrected),
        grain,
      ).toEqual(rows.map(() => corrected));
      expect(rows.length, grain).toBe(grain === 'minute' ? 2 : 1);
    }
    const response = await get(`/v1/reports/intervals?${RANGE}&metrics=offered`, { Accept: 'text/csv' });
    expect(await response.text()).toContain(
      `corrected\r\nmain,support,voice,${YESTERDAY}T09:00:00.000Z,2,${corrected.join(' ')}`,
    );
  });
});
