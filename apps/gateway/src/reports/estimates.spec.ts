import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, at, flushOf, leg, siteKey, YESTERDAY } from '../../../../libs/store/src/facts.testing.js';
import { REPORTS_KEY, RunningGateway } from '../gateway.testing.js';
import { estimatesAnswer } from './answers.js';

const KEY = siteKey('acme');
const time = (text: string) => at(`${YESTERDAY}T${text}Z`);
const RANGE = `from=${YESTERDAY}T09:00:00Z&to=${YESTERDAY}T10:00:00Z`;
const headers = { Authorization: `Bearer ${REPORTS_KEY}` };

describe('GET /v1/reports/estimates', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await RunningGateway.start({ clock: () => time('12:00:00') });
    const inside = answered(KEY, time('09:05:00'), 20_000, { contact: 'a' });
    const longer = answered(KEY, time('09:10:00'), 90_000, { contact: 'b', version: 2 });
    const queuedAt = time('09:20:00');
    const gone = leg(KEY, {
      contact: 'c',
      queuedAt,
      anchor: queuedAt,
      outcome: 'abandoned',
      waitMs: 5_000,
      version: 3,
    });
    const told = [inside, longer, gone].map(
      ({ tenant, site, queue, contact, leg: id, anchor, queuedAt: madeAt, version }) => ({
        tenant,
        site,
        queue,
        contact,
        leg: id,
        anchor,
        madeAt,
        version,
        predictor: 'learner',
        reason: null,
        band: { lowMs: 10_000, p50Ms: 30_000, highMs: 60_000 },
        forecasts: { les: 40_000 },
      }),
    );
    await gateway.store.write(flushOf({ legs: [inside, longer, gone], forecasts: told }));
  });
  afterAll(() => gateway.stop());

  const get = (query: string, more: Readonly<Record<string, string>> = {}): Promise<Response> =>
    gateway.get(`/v1/reports/estimates?${query}`, { ...headers, ...more });

  it('scores by hour what was told, beside what others would have said, and names the definitions', async () => {
    const report = estimatesAnswer.parse(await (await get(RANGE)).json());
    expect(report.grain).toBe('hour');
    expect(report.metrics).toContain('estimate_coverage@1');
    expect(report.rows.map(({ predictor, population }) => `${predictor} ${population}`)).toEqual([
      'les answered',
      'les queued',
      'served answered',
      'served queued',
    ]);
    expect(report.rows[2]).toMatchObject({
      queue: 'support',
      start: `${YESTERDAY}T09:00:00.000Z`,
      values: {
        estimates_told: 3,
        estimates_scored: 2,
        estimates_censored: 1,
        estimates_right: 1,
        estimate_bias: -25_000,
        estimate_mae: 35_000,
        estimate_longer_than_told: 0.5,
      },
    });
    expect(report.rows[0]?.values).toMatchObject({ estimate_mae: 35_000, estimate_coverage: null });
  });

  it('is served as CSV, headed by the definitions', async () => {
    const csv = await (await get(RANGE, { Accept: 'text/csv' })).text();
    const [header, ...rows] = csv.trim().split(/\r?\n/);
    expect(header).toMatch(/^site,queue,start,predictor,population,estimates_told@1,/);
    expect(rows).toHaveLength(4);
  });

  it('refuses what it does not know, naming it', async () => {
    const refused = await get(`${RANGE}&metrics=asa`);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('unknown parameter metrics');
    expect((await gateway.get(`/v1/reports/estimates?${RANGE}`, {})).status).toBe(401);
  });
});
