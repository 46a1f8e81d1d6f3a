import type { LegFact } from '@queuecast/contact-center';
import { instant, type ContactId, type LegId } from '@queuecast/events';
import { addToScore, figuresOf, NO_SCORE, type Forecast, type RunningScore } from '@queuecast/wait-estimates';
import { describe, expect, it } from 'vitest';
import { requestFor, type StoreUnderTest } from './contract-subject.testing.js';
import { answered, at, flushOf, leg, queue, TODAY, TOMORROW } from './facts.testing.js';
import type { EstimatesRequest, EstimatesRow, SiteKey, WaitForecast } from './port.js';

const MORNING = at(`${TODAY}T08:00:00Z`);
const HOUR = 3_600_000;

const forecastOf = (of: LegFact, more: Partial<WaitForecast> = {}): WaitForecast => ({
  tenant: of.tenant,
  site: of.site,
  queue: of.queue,
  contact: of.contact,
  leg: of.leg,
  anchor: of.anchor,
  madeAt: of.queuedAt,
  predictor: 'learner',
  reason: null,
  band: { lowMs: 5_000, p50Ms: 20_000, highMs: 60_000 },
  forecasts: {},
  version: of.version,
  ...more,
});

/** Waits and forecasts in no order: the same however often the spec runs. */
const story = (key: SiteKey) => {
  let state = 12345;
  const chance = (below: number): number => (state = (state * 48271) % 2147483647) % below;
  return Array.from({ length: 120 }, (_, n) => {
    const queuedAt = instant(MORNING + n * 70_000);
    const ids = { contact: `c${n}` as ContactId, leg: `l${n}` as LegId, queue: queue(n % 3 ? 'support' : 'sales') };
    const waitMs = chance(4) === 0 ? chance(1_000) : chance(200_000);
    const fate = chance(10);
    const own =
      fate === 0
        ? leg(key, { ...ids, queuedAt, anchor: queuedAt, outcome: 'abandoned', waitMs, leftQueueAt: queuedAt + waitMs })
        : fate === 1
          ? leg(key, { ...ids, queuedAt, anchor: queuedAt })
          : answered(key, queuedAt, waitMs, ids);
    const p50Ms = chance(150_000);
    const band = { lowMs: Math.floor(p50Ms / 3), p50Ms, highMs: p50Ms * 2 + 1_000 };
    const isTold = chance(6) > 0;
    const forecast = forecastOf(own, {
      reason: isTold ? null : 'SHOCK',
      band: isTold ? band : null,
      forecasts: n > 4 ? { les: chance(200_000), hol: chance(200_000) } : {},
    });
    return { own, forecast };
  });
};

const plain = (
  told: readonly { readonly own: LegFact; readonly forecast: WaitForecast }[],
  { predictor, population }: Pick<EstimatesRow, 'predictor' | 'population'>,
) => {
  const score: RunningScore = { ...NO_SCORE };
  for (const { own, forecast } of told) {
    if (own.outcome !== 'answered' || own.waitMs === null) continue;
    if (population === 'queued' && own.waitMs <= 1_000) continue;
    const { band } = forecast;
    // Estimators are compared on those who were told something.
    if (band === null) continue;
    const other = forecast.forecasts[predictor];
    const said: Forecast | null =
      predictor !== 'served'
        ? other === undefined
          ? null
          : { middle: other / 1000 }
        : { low: band.lowMs / 1000, middle: band.p50Ms / 1000, high: band.highMs / 1000 };
    if (said) addToScore(score, said, own.waitMs / 1000);
  }
  return figuresOf(score);
};

const SECONDS = [
  ['estimate_bias', 'bias'],
  ['estimate_mae', 'mae'],
  ['estimate_rmse', 'rmse'],
  ['estimate_loss_p10', 'loss10'],
  ['estimate_loss_p50', 'loss50'],
  ['estimate_loss_p90', 'loss90'],
  ['estimate_width', 'meanWidth'],
] as const;
const SHARES = [
  ['estimate_coverage', 'coverage'],
  ['estimate_longer_than_told', 'longerShare'],
  ['estimate_within_30s', 'within30Share'],
  ['estimate_over_60s', 'over60Share'],
] as const;

/** What contacts were told, kept and scored. */
export const forecastsContract = (subject: StoreUnderTest): void => {
  describe('forecasts', () => {
    const request = (key: SiteKey, more: Partial<EstimatesRequest> = {}): EstimatesRequest => ({
      tenant: key.tenant,
      queues: [],
      from: MORNING,
      to: at(`${TOMORROW}T00:00:00Z`),
      grain: 'hour',
      timeZone: 'UTC',
      limit: 1_000,
      ...more,
    });

    it('are scored as a plain computation over the rows does, per queue, hour, estimator and population', async () => {
      const key = subject.fresh();
      const told = story(key);
      await subject.store.write(
        flushOf({ legs: told.map(({ own }) => own), forecasts: told.map(({ forecast }) => forecast) }),
      );
      const { rows } = await subject.store.estimates(request(key));
      expect(new Set(rows.map(({ predictor }) => predictor))).toEqual(new Set(['served', 'les', 'hol']));
      for (const row of rows) {
        const own = told.filter(
          (each) => each.own.queue === row.queue && Math.floor(each.own.queuedAt / HOUR) * HOUR === row.start,
        );
        const expected = plain(own, row);
        const name = `${row.queue} ${row.predictor} ${row.population}`;
        expect(row.values['estimates_scored'], name).toBe(expected.count);
        const close = (key: string, value: number | null): void => {
          const found = row.values[key];
          if (value === null) expect(found, `${name} ${key}`).toBeNull();
          else expect(found, `${name} ${key}`).toBeCloseTo(value, 2);
        };
        for (const [metric, figure] of SECONDS) {
          const value = expected[figure];
          close(metric, value === null ? null : value * 1000);
        }
        for (const [metric, share] of SHARES) close(metric, expected[share]);
      }
      const total = (metric: string): number =>
        rows
          .filter(({ predictor, population }) => predictor === 'served' && population === 'answered')
          .reduce((sum, { values }) => sum + (values[metric] ?? 0), 0);
      const banded = told.filter(({ forecast }) => forecast.band);
      expect(total('estimates_told')).toBe(banded.length);
      expect(total('estimates_abstained')).toBe(told.length - banded.length);
      expect(total('estimates_censored')).toBe(banded.filter(({ own }) => own.outcome === 'abandoned').length);
    });

    it('are metrics like any other, and the record of a wallboard is by the same definitions', async () => {
      const key = subject.fresh();
      const told = story(key);
      await subject.store.write(
        flushOf({ legs: told.map(({ own }) => own), forecasts: told.map(({ forecast }) => forecast) }),
      );
      const metrics = ['estimates_right', 'estimates_scored', 'estimate_mae', 'estimate_coverage_queued', 'offered'];
      const { rows } = await subject.store.intervals(requestFor(key, { metrics }));
      expect(rows.map((row) => row.queue)).toEqual(['sales', 'support']);
      const windows = rows.map((row) => ({
        ...key,
        queue: queue(row.queue),
        from: MORNING,
        to: at(`${TOMORROW}T00:00:00Z`),
        thresholdSeconds: 150,
        shortAbandonSeconds: 5,
        businessDay: TODAY,
      }));
      const records = await subject.store.estimateRecords(windows);
      for (const [n, { queue: id, values }] of rows.entries()) {
        const own = told.filter((each) => each.own.queue === id);
        const scored = own.filter(({ own: { outcome }, forecast }) => outcome === 'answered' && forecast.band);
        const right = scored.filter(
          ({ own: { waitMs }, forecast: { band } }) => band!.lowMs <= waitMs! && waitMs! <= band!.highMs,
        );
        expect(values['offered']).toBe(own.length);
        expect(records[n]).toEqual({
          ...key,
          queue: id,
          from: MORNING,
          right: right.length,
          of: scored.length,
          maeMs: values['estimate_mae'],
        });
        expect(values).toMatchObject({ estimates_right: right.length, estimates_scored: scored.length });
        const expected = plain(own, { predictor: 'served', population: 'queued' });
        expect(values['estimate_coverage_queued']).toBeCloseTo(expected.coverage ?? NaN, 6);
      }
      expect(await subject.store.estimateRecords([{ ...windows[0]!, queue: queue('idle') }])).toMatchObject([
        { right: 0, of: 0, maeMs: null },
      ]);
    });

    it('stand as they were told first, however often they are written', async () => {
      const key = subject.fresh();
      const own = answered(key, MORNING, 30_000, { version: 10 });
      const first = forecastOf(own);
      const later = forecastOf(own, { band: { lowMs: 1, p50Ms: 2, highMs: 3 }, version: 11 });
      for (const forecasts of [[later], [first], [first, later], [later]])
        await subject.store.write(flushOf({ legs: [own], forecasts }));
      const { rows } = await subject.store.estimates(request(key, { grain: 'total' }));
      expect(rows.map(({ population }) => population)).toEqual(['answered', 'queued']);
      for (const { values } of rows) expect(values).toMatchObject({ estimates_scored: 1, estimates_right: 1 });
    });

    it('come page by page', async () => {
      const key = subject.fresh();
      const told = story(key);
      await subject.store.write(
        flushOf({ legs: told.map(({ own }) => own), forecasts: told.map(({ forecast }) => forecast) }),
      );
      const whole = await subject.store.estimates(request(key));
      const paged: EstimatesRow[] = [];
      let cursor: string | null = null;
      do {
        const page = await subject.store.estimates(request(key, { limit: 7, ...(cursor === null ? {} : { cursor }) }));
        paged.push(...page.rows);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(whole.rows);
      await expect(subject.store.estimates(request(key, { cursor: 'x' }))).rejects.toThrow(/^cursor: /);
      await expect(subject.store.estimates(request(key, { to: MORNING }))).rejects.toThrow(/^to: /);
    });
  });
};
