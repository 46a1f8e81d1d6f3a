import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '@queuecast/events';
import { METRICS, MetricRegistry, metricsNamed, type Metric, type WorkedExample } from '@queuecast/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRows, requestFor } from './contract-subject.testing.js';
import { answered, at, flushOf, siteKey } from './facts.testing.js';
import type { Store } from './port.js';
import { openStore } from './store.js';

const NOW = at('2026-03-31T12:00:00Z');
const directory = mkdtempSync(join(tmpdir(), 'queuecast-definitions-'));

/** A second version that exists for this test only: answered of offered, from 15 March on. */
const [first] = metricsNamed(['service_level']) as [Metric];
const second: Metric = {
  ...first,
  version: 2,
  validFrom: '2026-03-15',
  sql: 'if(legs_offered = 0, NULL, legs_answered / legs_offered)',
};
/** A class of the ledger that changes in name only. */
const [offered] = metricsNamed(['offered']) as [Metric];
const renamed: Metric = { ...offered, version: 2, validFrom: '2026-03-20' };
const registry = new MetricRegistry([...METRICS, second, renamed]);
let store: Store;

beforeAll(async () => {
  store = await openStore({ kind: 'embedded', directory, now: () => NOW, registry });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const literal = (value: WorkedExample['given'][string]): string => {
  if (typeof value === 'number') return `toUInt64(${value})`;
  if (Array.isArray(value)) return `CAST([${value.join(', ')}], 'Array(UInt64)')`;
  const entries = Object.entries(value as Readonly<Record<string, number>>);
  const byNumber = entries.every(([key]) => /^\d+$/.test(key));
  const pairs = entries.map(([key, count]) => `${byNumber ? key : `'${key}'`}, ${count}`).join(', ');
  return `CAST(map(${pairs}), 'Map(${byNumber ? 'UInt32' : 'String'}, UInt64)')`;
};

describe('the worked examples', () => {
  it.each(METRICS.map((metric): [string, Metric] => [metric.id, metric]))(
    'of %s give what they say, by the engine itself',
    async (_id, { sql, example }) => {
      const given = Object.entries(example.given).map(([name, value]) => `${literal(value)} AS ${name}`);
      const [row] = await store.report(`SELECT ${sql} AS value FROM (SELECT ${given.join(', ')})`, {});
      const value = row?.['value'];
      if (example.gives === null) expect(value).toBeNull();
      else if (typeof example.gives === 'number') expect(Number(value)).toBeCloseTo(example.gives, 12);
      else
        expect(Object.fromEntries(Object.entries(value as object).map(([key, count]) => [key, Number(count)]))).toEqual(
          example.gives,
        );
    },
  );
});

describe('a definition that changes on 15 March', () => {
  const key = siteKey('definitions');
  // Midnight of 15 March in Brussels is 23:00 UTC of the day before: one call on either side, both answered too late.
  const change = at('2026-03-14T23:00:00Z');
  const request = requestFor(key, {
    from: at('2026-03-14T22:00:00Z'),
    to: at('2026-03-15T00:00:00Z'),
    timeZone: 'Europe/Brussels',
    grain: 'quarter',
    thresholdSeconds: 10,
  });

  beforeAll(async () => {
    const calls = [-1, 1].map((side) =>
      answered(key, (change + side * 60_000) as Instant, 60_000, { contact: `c${side}`, version: side + 2 }),
    );
    await store.write(flushOf({ legs: calls }));
  });

  it('splits a report over it: each row by the version in force, both named, the change told', async () => {
    const report = await store.intervals({ ...request, metrics: ['service_level', 'offered'] });
    expect(report.metrics).toEqual(['service_level@1', 'service_level@2', 'offered@1']);
    expect(report.columns[0]).toEqual({ key: 'service_level', metrics: ['service_level@1', 'service_level@2'] });
    expect(report.changes).toEqual([
      { key: 'service_level', at: change, from: 'service_level@1', to: 'service_level@2' },
    ]);
    expect(report.rows.map(({ start, values }) => [start - change, values.service_level])).toEqual([
      [-900_000, 0],
      [0, 1],
    ]);
  });

  it('splits a total, and no other: a total of what did not change is one row', async () => {
    const totals = await allRows(store, { ...request, grain: 'total', metrics: ['service_level', 'offered'] });
    expect(totals.map(({ start, values }) => [start, values])).toEqual([
      [request.from, { service_level: 0, offered: 1 }],
      [change, { service_level: 1, offered: 1 }],
    ]);
    const [whole, ...others] = await allRows(store, { ...request, grain: 'total', metrics: ['offered'] });
    expect(whole?.values).toEqual({ offered: 2 });
    expect(others).toEqual([]);
  });

  it('gives either version throughout to who asks for it, side by side', async () => {
    const report = await store.intervals({
      ...request,
      grain: 'total',
      metrics: ['service_level@1', 'service_level@2'],
    });
    expect(report.changes).toEqual([]);
    expect(report.rows.map(({ values }) => values)).toEqual([{ 'service_level@1': 0, 'service_level@2': 1 }]);
  });

  it('changes nothing before its day', async () => {
    const report = await store.intervals({ ...request, to: change, metrics: ['service_level'] });
    expect(report.metrics).toEqual(['service_level@1']);
    expect(report.changes).toEqual([]);
  });
});

describe('a ledger over a change of one of its definitions', () => {
  const key = siteKey('ledger');
  const change = at('2026-03-19T23:00:00Z');
  it.each(['event', 'clipped', 'arrival'] as const)(
    'balances in total by %s, on either side of it',
    async (attribution) => {
      // Who joins before the change and is answered after it is carried over it.
      const legs = [
        answered(key, (change - 600_000) as Instant, 1_200_000, { contact: 'over', version: 1 }),
        answered(key, (change - 600_000) as Instant, 60_000, { contact: 'before', version: 2 }),
      ];
      await store.write(flushOf({ legs }));
      const {
        metrics: _metrics,
        thresholdSeconds: _threshold,
        ...request
      } = requestFor(key, {
        from: at('2026-03-19T00:00:00Z'),
        to: at('2026-03-21T00:00:00Z'),
        timeZone: 'Europe/Brussels',
        grain: 'total',
        attribution,
      });
      const { rows, changes } = await store.ledger(request);
      expect(changes).toMatchObject([{ at: change, from: 'offered@1', to: 'offered@2' }]);
      expect(
        rows.map((row) => [
          row.start,
          row.carriedIn,
          row.offered,
          row.classes.answered,
          row.classes.still_waiting,
          row.imbalance,
        ]),
      ).toEqual(
        attribution === 'arrival'
          ? [[request.from, 0, 2, 2, 0, 0]]
          : [
              [request.from, 0, 2, 1, 1, 0],
              [change, 1, 0, 1, 0, 0],
            ],
      );
    },
  );
});

describe('kept intervals whose measures changed', () => {
  it('are computed anew at the next start, to the row', async () => {
    const key = siteKey('rebuilt');
    const legs = Array.from({ length: 40 }, (_, n) =>
      answered(key, (at('2026-03-30T08:00:00Z') + n * 400_000) as Instant, n * 1000, {
        contact: `c${n}`,
        version: n + 1,
      }),
    );
    await store.write(flushOf({ legs }));
    const request = requestFor(key, { from: at('2026-03-30T00:00:00Z'), to: NOW, grain: 'quarter' });
    const before = await allRows(store, request);
    expect(before.length).toBeGreaterThan(10);
    await store.close();
    const other = await openStore({ kind: 'embedded', directory, now: () => NOW, registry });
    const definitions = 'SELECT count() AS n FROM interval_definitions FINAL';
    expect(await other.report(definitions, {})).toEqual([{ n: '1' }]);
    await other.close();
    await forgetDefinitions();
    store = await openStore({ kind: 'embedded', directory, now: () => NOW, registry });
    expect(await allRows(store, request)).toEqual([]);
    await store.migrate();
    expect(await allRows(store, request)).toEqual(before);
  });
});

/** As if the intervals had been kept by other measures, and some were lost besides. */
const forgetDefinitions = async (): Promise<void> => {
  const { openClient, engineReleased } = await import('./engine.js');
  const engine = { kind: 'embedded', directory } as const;
  const client = await openClient(engine, 'writer');
  await client.command({ query: `INSERT INTO interval_definitions (id, hash) VALUES (1, 'other')` });
  await client.command({ query: 'TRUNCATE TABLE queue_intervals' });
  await client.close();
  await engineReleased(engine);
};
