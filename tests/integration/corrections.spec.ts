import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import { openClient } from '../../libs/store/src/engine.js';
import { instant, queueId, siteId, tenantId, type CloudEvent } from '@queuecast/events';
import { openEmbeddedLog, type EventLog } from '@queuecast/event-log';
import { PUBLISHED_METRICS } from '@queuecast/metrics';
import {
  openStore,
  type Correction,
  type CorrectionsRequest,
  type IntervalReportRow,
  type Store,
} from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvents, settingsFrom, startProcessor } from '../support/processing.js';

const FROM = Date.parse('2026-03-02T06:00:00Z');
const TO = Date.parse('2026-03-02T20:00:00Z');
const TENANT = tenantId('acme');
const SITES = { sites: [{ tenant: TENANT, site: siteId('main') }], from: instant(FROM), to: instant(TO) };
/** Published by `id@version`, reported by id. */
const METRICS = PUBLISHED_METRICS.map(({ key, versions: [{ id }] }) => ({ key, id }));
const settings = settingsFrom({ tenants: [{ id: TENANT, queues: [] }], processor: { flushMs: 20, flushRows: 5_000 } });

/** A day of which 2 % of the events come more than ten minutes late, with duplicates and disorder. */
const deliveredDay = (): CloudEvent[] => {
  const period = { start: FROM, end: TO, timeZone: 'Europe/Brussels' };
  const simulation = new Simulation({
    ...period,
    scenario: 'normal-day',
    model: centreOf('normal-day', period),
    seed: 'corrections',
    tenant: TENANT,
    site: 'main',
  });
  const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05, late: 0.02 };
  const delivery = new FaultyDelivery(faults, new Random('corrections'));
  const events = [...delivery.deliver(simulation)].map(({ event }) => event);
  expect(delivery.injected.late / events.length).toBeGreaterThan(0.015);
  return events;
};

interface Told {
  readonly queue: string;
  readonly channel: string;
  /** Milliseconds since the epoch, quoted. */
  readonly start: string;
  readonly figures: Readonly<Record<string, string>>;
}

const cellOf = (
  { queue, channel, start }: { readonly queue: string; readonly channel: string; readonly start: number },
  key: string,
): string => `${queue} ${channel} ${new Date(start).toISOString()} ${key}`;

describe('a day with 2 % of its events more than ten minutes late', () => {
  let directory: string;
  let store: Store;
  let log: EventLog;
  let deadLetters: EventLog;
  let events: CloudEvent[];
  let counted = 0;

  const process = async (some: readonly CloudEvent[]): Promise<void> => {
    const { processor, close, count } = await startProcessor({ events: log, deadLetters, store }, settings);
    await processor.committedThrough(await appendEvents(log, some));
    counted += await count('queuecast_corrections_total');
    await close();
  };

  /** What the reconciler of a processor that takes over says, in metrics and in a frame. */
  const reconciler = async (queue: string) => {
    const running = await startProcessor({ events: log, deadLetters, store }, settings);
    try {
      await expect.poll(() => running.processor.owned.length).toBe(1);
      await running.processor.reconcile();
      const { history } = await running.shows(queue, (frame) => frame.history !== null);
      return {
        history,
        differences: await running.count('queuecast_reconciliation_differences'),
        intervals: await running.count('queuecast_reconciliation_intervals_checked_total'),
        failures: await running.count('queuecast_reconciliation_failures_total'),
      };
    } finally {
      await running.close();
    }
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-corrections-'));
    store = await openStore({ kind: 'embedded', directory: join(directory, 'store') });
    await store.migrate();
    log = await openEmbeddedLog({ directory: join(directory, 'log'), name: 'events', partitions: 1 });
    deadLetters = await openEmbeddedLog({ directory: join(directory, 'log'), name: 'dead-letters', partitions: 1 });
    events = deliveredDay();
    // Restarted in the middle: intervals that have not ended are published from what is read back.
    const middle = Math.floor(events.length / 2);
    await process(events.slice(0, middle));
    await process(events.slice(middle));
  }, 600_000);

  afterAll(async () => {
    await store.close();
    await deadLetters.close();
    await log.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A statement that writes, past the product. */
  const tamper = async (sql: string): Promise<void> => {
    const client = await openClient({ kind: 'embedded', directory: join(directory, 'store') }, 'writer');
    await client.command({ query: sql });
    await client.close();
  };

  const corrections = async (more: Partial<CorrectionsRequest> = {}): Promise<Correction[]> => {
    const rows: Correction[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: Awaited<ReturnType<Store['corrections']>> = await store.corrections({
        tenant: TENANT,
        queues: [],
        metrics: [],
        from: instant(FROM),
        to: instant(TO),
        limit: 500,
        ...more,
        ...(cursor === undefined ? {} : { cursor }),
      });
      rows.push(...page.rows);
      cursor = page.nextCursor;
    }
    return rows;
  };

  /** Sums of figures by interval and metric. */
  const told = async (table: string, figures: string): Promise<Map<string, number>> => {
    const sums = new Map<string, number>();
    const rows = (await store.report(
      `SELECT queue, channel, toUnixTimestamp(start) * 1000 AS start, ${figures} AS figures FROM ${table} FINAL WHERE queue != ''`,
      {},
    )) as unknown as Told[];
    for (const row of rows)
      for (const [metric, value] of Object.entries(row.figures)) {
        const cell = cellOf({ ...row, start: Number(row.start) }, metric);
        sums.set(cell, (sums.get(cell) ?? 0) + Number(value));
      }
    return sums;
  };

  const reported = async (): Promise<readonly IntervalReportRow[]> => {
    const { rows, nextCursor } = await store.intervals({
      tenant: TENANT,
      queues: [],
      from: instant(FROM),
      to: instant(TO),
      grain: 'quarter',
      timeZone: 'UTC',
      thresholdSeconds: 150,
      shortAbandonSeconds: 5,
      metrics: METRICS.map(({ id }) => id),
      limit: 10_000,
    });
    expect(nextCursor).toBeNull();
    return rows;
  };

  it('agrees: no difference between what was published and what is reported goes without a record', async () => {
    const { intervals, differences } = await store.reconcile(SITES);
    expect(differences).toEqual([]);
    expect(intervals).toBeGreaterThan(200);
  });

  it('explains every difference by corrections and by what was under way, by arithmetic of its own', async () => {
    const [published, changes, rows] = [
      await told('published_intervals', 'figures'),
      await told('interval_changes', 'deltas'),
      await reported(),
    ];
    let changed = 0;
    const last =
      Math.max(
        ...(await store.report('SELECT toUnixTimestamp(max(start)) AS s FROM published_intervals', {})).map((row) =>
          Number(row['s']),
        ),
      ) * 1000;
    expect(last).toBeGreaterThan(TO - 3_600_000);
    for (const row of rows) {
      if (row.start > last) continue;
      for (const { key, id } of METRICS) {
        const cell = cellOf(row, key);
        const before = published.get(cell) ?? 0;
        expect(before + (changes.get(cell) ?? 0), cell).toBe(row.values[id]);
        if (before !== row.values[id]) changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(500);
  });

  it('lists the corrections with from, to and why, in pages', async () => {
    const rows = await corrections();
    expect(rows.length).toBeGreaterThan(500);
    for (const { from, to, start, why } of rows) {
      expect(to).not.toBe(from);
      expect(Math.max(why.behindMs - 60_000, start + 900_000 - why.at)).toBeGreaterThan(0);
    }
    expect(rows.some(({ why }) => why.behindMs > 600_000)).toBe(true);
    const [one] = rows;
    const alike = await corrections({
      queues: [queueId(one?.queue ?? '')],
      metrics: ['offered', 'total_wait@1'],
      channel: one?.channel ?? '',
      limit: 7,
    });
    expect(alike).toEqual(
      rows.filter(
        ({ queue, channel, metric }) =>
          queue === one?.queue && channel === one.channel && ['offered@1', 'total_wait@1'].includes(metric),
      ),
    );
    await expect(corrections({ metrics: ['asa'] })).rejects.toThrow(/metrics: "asa" is not published.*offered/);
    await expect(corrections({ cursor: 'nonsense' })).rejects.toThrow(/cursor: /);
    // The last correction of a figure that nothing changed afterwards leads to what is reported.
    const ends = new Map(rows.map((row) => [cellOf(row, row.metric), row]));
    const row = (await reported()).find((each) => ends.has(cellOf(each, 'offered@1')));
    expect(row && ends.get(cellOf(row, 'offered@1'))?.to).toBe(row?.values['offered']);
  });

  it('says so by the reconciler, in metrics and on the wallboard', async () => {
    const [row] = await reported();
    const found = await reconciler(row?.queue ?? '');
    expect(found).toMatchObject({ differences: 0, failures: 0, history: { differences: 0, since: null } });
    expect(found.intervals).toBeGreaterThan(50);
    expect(counted).toBeGreaterThan(300);
  });

  it('counts the corrected intervals, for the wallboard', async () => {
    const intervals = await store.correctedIntervals(SITES);
    const rows = await corrections();
    expect(intervals.length).toBe(new Set(rows.map(({ queue, start }) => `${queue} ${start}`)).size);
    expect(intervals.every(({ corrections: count }) => count > 0)).toBe(true);
  });

  it('raises nothing for events that come again', async () => {
    const before = await corrections();
    await process(events.slice(-3_000));
    expect(await corrections()).toEqual(before);
    expect((await store.reconcile(SITES)).differences).toEqual([]);
  });

  it('notices a correction that is missing, and exactly its figures', async () => {
    const victim = (await corrections({ metrics: ['offered'] })).at(-1);
    if (!victim) throw new Error('no correction of offered');
    const { contact, leg } = victim.why;
    const where = `contact = '${contact}' AND leg = '${leg}' AND event_id = '${victim.why.id}' AND queue = '${victim.queue}' AND channel = '${victim.channel}'`;
    await tamper(`CREATE TABLE kept_change ENGINE = Memory AS SELECT * FROM interval_changes WHERE ${where}`);
    await tamper(`ALTER TABLE interval_changes DELETE WHERE ${where} SETTINGS mutations_sync = 2`);
    const { differences } = await store.reconcile(SITES);
    expect(differences).toContainEqual(
      expect.objectContaining({ metric: 'offered@1', queue: victim.queue, start: victim.start }),
    );
    for (const { reported: one, counted, explained } of differences) {
      expect(one).toBe(counted);
      expect(explained).not.toBe(one);
    }
    const shown = await reconciler(victim.queue);
    expect(shown.differences).toBe(differences.length);
    expect(shown.history?.differences).toBe(differences.filter(({ queue }) => queue === victim.queue).length);
    expect(shown.history?.since).not.toBeNull();
    await tamper('INSERT INTO interval_changes SELECT * FROM kept_change');
    expect((await store.reconcile(SITES)).differences).toEqual([]);
  });

  it('notices an interval that was tampered with, and a leg that is not what it was', async () => {
    const [row] = (await reported()).filter(({ values }) => (values['answered'] ?? 0) > 3);
    if (!row) throw new Error('no interval with answers');
    const where = `queue = '${row.queue}' AND channel = '${row.channel}' AND grain = 900 AND start = toDateTime(${row.start / 1000}, 'UTC')`;
    const change = (by: string) =>
      tamper(
        `ALTER TABLE queue_intervals UPDATE legs_answered = legs_answered ${by} WHERE ${where} SETTINGS mutations_sync = 2`,
      );
    await change('+ 1');
    expect((await store.reconcile(SITES)).differences).toMatchObject([
      {
        metric: 'answered@1',
        queue: row.queue,
        start: row.start,
        explained: row.values['answered'],
        reported: (row.values['answered'] ?? 0) + 1,
        counted: row.values['answered'],
      },
    ]);
    await change('- 1');
    expect((await store.reconcile(SITES)).differences).toEqual([]);
  });
});
