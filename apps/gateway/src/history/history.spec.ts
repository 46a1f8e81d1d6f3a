import { SiteFold, type DrainedFacts } from '@queuecast/contact-center';
import { instant, parseEvent, siteId, tenantId } from '@queuecast/events';
import type { ReplayedWallboard } from '@queuecast/live';
import type { ArchivedEvent } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INGEST_KEY, REPORTS_KEY, RunningGateway } from '../gateway.testing.js';

const key = { tenant: tenantId('acme'), site: siteId('main') };
const MINUTE = 60_000;
const NINE = Date.parse('2026-03-02T09:00:00Z');
const NOON = Date.parse('2026-03-02T12:00:00Z');
const analyst = { Authorization: `Bearer ${REPORTS_KEY}` };
const iso = (at: number): string => new Date(at).toISOString();

/** One contact: joined at 9:00, answered at 9:01, which was told at 9:10 only; and another that joined at 9:05. */
const STORY: readonly (readonly [type: string, subject: string, minute: number, toldAt: number, data: object])[] = [
  ['acd.contact.queued', 'c1', 0, 0, { queue: 'support', leg: '1' }],
  ['acd.contact.queued', 'c2', 5, 5, { queue: 'support', leg: '1' }],
  ['acd.contact.answered', 'c1', 1, 10, { leg: '1', agent: 'anna' }],
  ['acd.contact.ended', 'c1', 2, 10, { by: 'customer' }],
];

const eventOf = (n: number): { archived: ArchivedEvent; apply: (fold: SiteFold) => void } => {
  const [type, subject, minute, toldAt, data] = STORY[n] ?? STORY[0]!;
  const at = instant(NINE + minute * MINUTE);
  const appendedAt = instant(NINE + toldAt * MINUTE);
  const envelope = { specversion: '1.0', id: `e${n}`, source: 'acd', type, time: iso(at), subject, ...key, data };
  const parsed = parseEvent(envelope, appendedAt);
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return {
    archived: {
      ...key,
      id: `e${n}`,
      source: 'acd',
      type,
      subject,
      at,
      appendedAt,
      body: JSON.stringify(envelope),
      version: n + 1,
    },
    apply: (fold) => void fold.apply(parsed.event, n + 1),
  };
};

describe('looking back over HTTP', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await RunningGateway.start({ clock: () => NOON });
    const fold = new SiteFold(key.tenant, key.site);
    for (let n = 0; n < STORY.length; n += 1) {
      const { archived, apply } = eventOf(n);
      apply(fold);
      fold.verify(fold.unverified(), []);
      const drained: DrainedFacts = fold.drain();
      await gateway.store.write({
        ...drained,
        forecasts: [],
        touched: drained.touched.map((each) => ({ ...key, ...each })),
        watermarks: [],
        callbacks: [],
        published: [],
        events: [archived],
        shown: [
          {
            ...key,
            shownAt: instant(archived.appendedAt + 1),
            version: archived.version,
            figuresVersion: archived.version,
            storeBehindSince: null,
          },
        ],
      });
    }
  });
  afterAll(() => gateway.stop());

  const look = async (query: string): Promise<ReplayedWallboard> => {
    const response = await gateway.get(`/v1/wallboard?${query}`, analyst);
    expect(response.status, await response.clone().text()).toBe(200);
    return (await response.json()) as ReplayedWallboard;
  };
  const problem = async (path: string, headers: Record<string, string> = analyst) => {
    const response = await gateway.get(path, headers);
    return { status: response.status, ...((await response.json()) as { detail?: string }) };
  };

  it('tells what was shown, what is known now, and what differs', async () => {
    const at = NINE + 6 * MINUTE;
    const { tenant, sites } = await look(`at=${iso(at)}`);
    expect(tenant).toBe('acme');
    expect(sites).toHaveLength(1);
    const [site] = sites;
    expect(site?.shown).toEqual({ since: NINE + 5 * MINUTE + 1, generation: 0, offset: 2, figuresOffset: 2 });
    const support = ({ queue }: { queue: string }) => queue === 'support';
    expect(site?.then?.find(support)).toMatchObject({
      waiting: 2,
      oldest: [{ contact: 'c1' }, { contact: 'c2' }],
      today: { offered: 2, answered: 0, stillWaiting: 2, serviceLevel: 0 },
      estimate: null,
      at,
    });
    expect(site?.now?.find(support)).toMatchObject({
      waiting: 1,
      oldest: [{ contact: 'c2' }],
      today: { offered: 2, answered: 1, stillWaiting: 1, asaMs: MINUTE, ahtMs: MINUTE },
    });
    expect(site?.differences).toContainEqual({ queue: 'support', field: 'today.answered', then: 0, now: 1 });
    expect(site?.differences?.every(({ queue }) => queue === 'support')).toBe(true);
  });

  it('tells nothing of a time when nothing was shown, and yet what is known of it', async () => {
    const [site] = (await look(`at=${iso(NINE)}`)).sites;
    expect(site).toMatchObject({ shown: null, then: null, differences: null });
    expect(site?.now?.find(({ queue }) => queue === 'support')).toMatchObject({ waiting: 1, today: { offered: 1 } });
    expect((await look(`at=${iso(NINE + 6 * MINUTE)}&show=then`)).sites[0]).toMatchObject({
      now: null,
      differences: null,
    });
  });

  it('plays a stretch back, a line for every step', async () => {
    const path = `/v1/wallboard/playback?from=${iso(NINE + 4 * MINUTE)}&to=${iso(NINE + 12 * MINUTE)}&step=240&show=then`;
    const response = await gateway.get(path, analyst);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReplayedWallboard);
    expect(lines.map(({ at }) => at)).toEqual([NINE + 4 * MINUTE, NINE + 8 * MINUTE]);
    const waiting = lines.map(({ sites }) => sites[0]?.then?.find(({ queue }) => queue === 'support')?.waiting);
    expect(waiting).toEqual([1, 2]);
  });

  it.each([
    ['', /^parameter at: must be an RFC 3339 time with a zone/],
    ['at=2026-03-02T10:00:00', /^parameter at: must be an RFC 3339 time with a zone/],
    [
      `at=${iso(NOON + 1)}`,
      /^parameter at: must be from 2026-03-02T09:00:00.000Z, where the archive begins, to now, 2026-03-02T12:00/,
    ],
    [`at=${iso(NINE - 1)}`, /^parameter at: must be from 2026-03-02T09:00:00.000Z/],
    [`at=${iso(NINE)}&show=all`, /^parameter show: must be then, now or both/],
    [`at=${iso(NINE)}&site=main`, /unknown parameter site: known are at, show, tenant/],
  ])('refuses %s', async (query, detail) => {
    expect(await problem(`/v1/wallboard?${query}`)).toMatchObject({
      status: 400,
      detail: expect.stringMatching(detail) as string,
    });
  });

  it.each([
    [`from=${iso(NINE)}&to=${iso(NINE)}`, /^parameter to: must be later than from/],
    [`from=${iso(NINE)}&to=${iso(NOON)}&step=0`, /^parameter step: must be at least 1/],
    [`from=${iso(NINE - 1)}&to=${iso(NOON)}`, /^parameter from: must be from 2026/],
  ])('refuses to play %s', async (query, detail) => {
    expect(await problem(`/v1/wallboard/playback?${query}`)).toMatchObject({
      status: 400,
      detail: expect.stringMatching(detail) as string,
    });
  });

  it("is for whoever may read the tenant's reports, and for no other tenant", async () => {
    const path = `/v1/wallboard?at=${iso(NINE)}`;
    expect((await problem(path, {})).status).toBe(401);
    expect((await problem(path, { Authorization: `Bearer ${INGEST_KEY}` })).status).toBe(403);
    expect((await problem(`${path}&tenant=globex`)).status).toBe(403);
    const globex = { Authorization: `Bearer ${await gateway.token('globex')}` };
    expect(await problem(path, globex)).toMatchObject({
      status: 400,
      detail: 'parameter at: nothing is archived yet: send events first',
    });
  });

  it('is described', async () => {
    const { paths } = (await (await gateway.get('/docs-json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/wallboard', '/v1/wallboard/playback']));
  });
});
