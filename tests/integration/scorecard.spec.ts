import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant, tenantId, type CloudEvent } from '@queuecast/events';
import { openEmbeddedLog } from '@queuecast/event-log';
import { openStore, type Store } from '@queuecast/store';
import { addToScore, figuresOf, NO_SCORE, rightOf10 } from '@queuecast/wait-estimates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { published } from '../../apps/gateway/src/public/public-queue.js';
import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import {
  appendEvents,
  settingsFrom,
  startProcessor,
  totals,
  type ProcessorPorts,
  type RunningProcessor,
} from '../support/processing.js';

const FROM = Date.parse('2026-03-02T09:00:00Z');
const TO = FROM + 2 * 3_600_000;
const RANGE = { tenant: tenantId('acme'), queues: [], from: instant(FROM), to: instant(TO), timeZone: 'UTC' };
const settings = settingsFrom({ tenants: [{ id: 'acme', queues: [] }], processor: { flushMs: 20 } });
const begun = Date.now();
/** It is the simulated day, just after the stretch. */
const clock = (): number => TO + (Date.now() - begun);

/** Two hours of a centre, each event perhaps twice. */
const delivered = (): CloudEvent[] => {
  const simulation = new Simulation({
    scenario: 'normal-day',
    model: centreOf('normal-day', { start: FROM, end: TO, timeZone: 'Europe/Brussels' }),
    seed: 'scorecard',
    start: FROM,
    end: TO,
    tenant: 'acme',
    site: 'main',
  });
  const delivery = new FaultyDelivery({ ...NO_FAULTS, duplicates: 0.05 }, new Random('scorecard'));
  return [...delivery.deliver(simulation)].map(({ event }) => event);
};

interface Told {
  readonly queue: string;
  readonly reason: string;
  readonly low: number | null;
  readonly middle: number | null;
  readonly high: number | null;
  readonly forecasts: Readonly<Record<string, number>>;
  readonly outcome: string;
  readonly wait: number | null;
}

/** What was told and what came of it, put together outside of the product's SQL. */
const toldOf = async (store: Store): Promise<Told[]> => {
  const read = (sql: string) => store.report(sql, { tenant: 'acme' });
  const legs = await read(
    'SELECT contact, leg, outcome, wait_ms FROM contact_legs FINAL WHERE tenant = {tenant:String}',
  );
  const byKey = new Map(legs.map((leg) => [`${String(leg['contact'])}/${String(leg['leg'])}`, leg]));
  const rows = await read(
    'SELECT queue, contact, leg, reason, low_ms, p50_ms, high_ms, forecasts FROM wait_forecasts FINAL WHERE tenant = {tenant:String} ORDER BY ALL',
  );
  const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
  return rows.map((row) => {
    const leg = byKey.get(`${String(row['contact'])}/${String(row['leg'])}`);
    return {
      queue: String(row['queue']),
      reason: String(row['reason']),
      low: number(row['low_ms']),
      middle: number(row['p50_ms']),
      high: number(row['high_ms']),
      forecasts: row['forecasts'] as Record<string, number>,
      outcome: String(leg?.['outcome']),
      wait: number(leg?.['wait_ms']),
    };
  });
};

describe('the scorecard', { timeout: 240_000 }, () => {
  let directory: string;
  let ports: ProcessorPorts & { close(): Promise<void> };
  let running: RunningProcessor;
  let told: Told[];

  const open = async (): Promise<typeof ports> => {
    const log = join(directory, 'log');
    const events = await openEmbeddedLog({ directory: log, name: 'events', partitions: 2 });
    const deadLetters = await openEmbeddedLog({ directory: log, name: 'dead-letters', partitions: 1 });
    const store = await openStore({ kind: 'embedded', directory: join(directory, 'store'), now: clock });
    await store.migrate();
    const close = async (): Promise<void> => {
      await store.close();
      await deadLetters.close();
      await events.close();
    };
    return { events, deadLetters, store, close };
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-scorecard-'));
    ports = await open();
    running = await startProcessor(ports, settings, clock);
    await running.processor.committedThrough(await appendEvents(ports.events, delivered()));
    told = await toldOf(ports.store);
  }, 240_000);
  afterAll(async () => {
    await running?.close();
    await ports?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps what every contact was told that was offered, once, or why nothing was', async () => {
    const offered = await totals(ports.store, 'acme');
    for (const [queue, { offered: count }] of offered)
      expect({ queue, rows: told.filter((each) => each.queue === queue).length }).toEqual({ queue, rows: count });
    for (const { reason, low, middle, high } of told) {
      if (reason === '') expect(low! <= middle! && middle! <= high!).toBe(true);
      else expect([low, middle, high]).toEqual([null, null, null]);
    }
    const banded = told.filter(({ reason }) => reason === '');
    expect(banded.length).toBeGreaterThan(100);
    expect(await running.count('queuecast_estimates_told_total')).toBe(told.length);
    expect(await running.count('queuecast_estimates_told_total', { told: 'band' })).toBe(banded.length);
  });

  it('reports what a plain computation over the rows gives, per queue, estimator and population', async () => {
    const { rows } = await ports.store.estimates({ ...RANGE, grain: 'total', limit: 10_000 });
    expect(new Set(rows.map(({ predictor }) => predictor))).toContain('les');
    for (const { queue, predictor, population, values } of rows) {
      const score = { ...NO_SCORE };
      for (const { queue: of, low, middle, high, forecasts, outcome, wait } of told) {
        if (of !== queue || outcome !== 'answered' || wait === null || (population === 'queued' && wait <= 1_000))
          continue;
        // The rules of others are compared on the contacts that were told a wait.
        if (low === null) continue;
        const other = forecasts[predictor];
        if (predictor === 'served' && middle !== null && high !== null)
          addToScore(score, { low: low / 1000, middle: middle / 1000, high: high / 1000 }, wait / 1000);
        else if (predictor !== 'served' && other !== undefined)
          addToScore(score, { middle: other / 1000 }, wait / 1000);
      }
      const { count, bias, mae, rmse, coverage, longerShare } = figuresOf(score);
      const name = `${queue} ${predictor} ${population}`;
      const near = (value: number | null, unit: number, digits: number): unknown =>
        value === null ? null : expect.closeTo(value * unit, digits);
      expect(values, name).toMatchObject({
        estimates_scored: count,
        estimate_bias: near(bias, 1000, 2),
        estimate_mae: near(mae, 1000, 2),
        // Squares are kept in thousands of square milliseconds.
        estimate_rmse: near(rmse, 1000, 0),
        estimate_coverage: near(coverage, 1, 9),
        estimate_longer_than_told: near(longerShare, 1, 9),
      });
    }
  });

  const records = async (from: number) => {
    const metrics = ['estimates_right', 'estimates_scored', 'estimate_mae'];
    const request = { ...RANGE, from: instant(from), thresholdSeconds: 150, shortAbandonSeconds: 5, limit: 1000 };
    const { rows } = await ports.store.intervals({ ...request, grain: 'total', metrics });
    const sums = new Map<string, { right: number; of: number; off: number }>();
    for (const { queue, values } of rows) {
      const sum = sums.get(queue) ?? { right: 0, of: 0, off: 0 };
      sum.right += values['estimates_right'] ?? 0;
      sum.of += values['estimates_scored'] ?? 0;
      sum.off += (values['estimate_mae'] ?? 0) * (values['estimates_scored'] ?? 0);
      sums.set(queue, sum);
    }
    return sums;
  };

  const agrees = async (): Promise<void> => {
    const [anyFrame] = running.frames.values();
    const reported = await records(FROM - 9 * 3_600_000);
    expect(anyFrame).toBeDefined();
    for (const [queue, { right, of, off }] of reported) {
      const frame = await running.shows(queue, ({ estimateRecord }) => estimateRecord?.of === of);
      expect(frame.estimateRecord).toMatchObject({ right, of, population: 'answered' });
      if (of > 0) expect(frame.estimateRecord?.maeMs).toBeCloseTo(off / of, 3);
      const facts = {
        tenant: 'acme',
        queue,
        name: {},
        timeZone: 'UTC',
        calendar: { state: 'open', until: null, by: 'calendar' },
        hours: [],
        outlook: [],
        callbacks: { offer: 'never', overSeconds: 600 },
      } as const;
      const { document } = published(null, frame, facts, clock());
      expect(document.rightOf10).toBe(rightOf10({ right, of }));
    }
  };

  it('says the same in frames, in reports and to the public, and counts it for Prometheus', async () => {
    await agrees();
    const scored = told.filter(({ reason, outcome }) => reason === '' && outcome === 'answered');
    const inside = scored.filter(({ low, high, wait }) => low! <= wait! && wait! <= high!);
    const answered = { population: 'answered' };
    expect(await running.count('queuecast_estimates_scored_total', answered)).toBe(scored.length);
    expect(await running.count('queuecast_estimates_right_total', answered)).toBe(inside.length);
    const errors = scored.map(({ middle, wait }) => (middle! - wait!) / 1000);
    const sum = (of: readonly number[]): number => of.reduce((total, each) => total + each, 0);
    const counted = (name: string, labels = {}) =>
      running.count(`queuecast_estimates_${name}_total`, { ...answered, ...labels });
    expect(await counted('over_seconds')).toBeCloseTo(sum(errors.filter((error) => error > 0)), 3);
    expect(await counted('under_seconds')).toBeCloseTo(-sum(errors.filter((error) => error < 0)), 3);
    expect(await counted('squared_error')).toBeCloseTo(sum(errors.map((error) => error * error)), 1);
    const loss = await counted('pinball_loss_seconds', { quantile: '0.5' });
    expect(loss).toBeCloseTo(sum(errors.map(Math.abs)) / 2, 3);
    // None of the queues is in the configuration: they have no series of their own.
    expect(await counted('scored', { tenant: 'acme', queue: '' })).toBe(scored.length);
  });

  it('is the same when everything comes again, and after a restart', async () => {
    await running.processor.committedThrough(await appendEvents(ports.events, delivered()));
    expect(await toldOf(ports.store)).toEqual(told);
    await running.close();
    await ports.close();
    ports = await open();
    running = await startProcessor(ports, settings, clock);
    const [queue = ''] = (await records(FROM)).keys();
    await running.shows(queue, () => true);
    await agrees();
    expect(await toldOf(ports.store)).toEqual(told);
  });
});
