import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  centreOf,
  FaultyDelivery,
  NO_FAULTS,
  Random,
  Simulation,
  type ScenarioName,
  type TruthDetails,
} from '../../apps/simulator/src/index.js';
import { attributedFigures } from '../../libs/store/src/attributed-sums.testing.js';
import { ledgerOf } from '../../libs/store/src/ledger.testing.js';
import { closingsBetween, WEEKDAYS, type LegFact, type OpeningHours } from '@queuecast/contact-center';
import { instant, tenantId } from '@queuecast/events';
import { openEmbeddedLog } from '@queuecast/event-log';
import { LEDGER_CLASSES, measuresOf, METRICS, REGISTRY, type Metric } from '@queuecast/metrics';
import { openStore, type IntervalReportRequest, type IntervalReportRow, type Store } from '@queuecast/store';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterHours, agentTime, factsOfTruth, journeys } from '../support/ground-truth.js';
import { appendEvents, settingsFrom, startProcessor } from '../support/processing.js';

/** What was told is not in the simulator's books: scorecard.spec.ts holds it to the rows. */
const isOfForecasts = (metric: Metric): boolean => measuresOf([metric]).some(({ source }) => source === 'forecasts');

const ZONE = 'Europe/Brussels';
const DAY = 86_400_000;
const QUARTER = 900_000;
const THRESHOLD_SECONDS = 150;
const SHORT_ABANDON_SECONDS = 5;
const REPEAT_DAYS = 1;

const local = (text: string): number => DateTime.fromISO(text, { zone: ZONE }).toMillis();

interface Case {
  readonly scenario: ScenarioName;
  readonly from: string;
  readonly to: string;
  readonly ghostShare?: number;
}

const CASES: readonly Case[] = [
  { scenario: 'normal-day', from: '2026-03-02T00:00', to: '2026-03-03T00:00' },
  { scenario: 'cable-break', from: '2026-03-03T09:00', to: '2026-03-03T13:00' },
  // Over closing time, and with contacts of which the source never says what became of them.
  { scenario: 'mass-logout', from: '2026-03-04T15:00', to: '2026-03-04T21:00', ghostShare: 0.01 },
  // The clock skips 02:00 to 03:00, and shows it twice.
  { scenario: 'night', from: '2026-03-28T21:00', to: '2026-03-29T07:00' },
  { scenario: 'night', from: '2026-10-24T21:00', to: '2026-10-25T06:00' },
];

/** What need not happen: nothing comes so late that it corrects a figure, and nights are quiet. */
const RARE: Readonly<Partial<Record<ScenarioName, readonly string[]>>> = {
  'normal-day': ['corrections', 'flowed_out', 'dropped', 'after_hours_waiters'],
  'cable-break': ['corrections', 'flowed_out', 'after_hours_waiters'],
  'mass-logout': ['corrections', 'dropped'],
  night: METRICS.map(({ id }) => id).filter((id) => !['offered', 'answered', 'asa', 'p95_wait', 'aht'].includes(id)),
};

const ofEvery = (weekday: Partial<Record<(typeof WEEKDAYS)[number], readonly string[]>>): OpeningHours =>
  Object.fromEntries(WEEKDAYS.map((day) => [day, weekday[day] ?? []])) as unknown as OpeningHours;

const simulate = (scenario: ScenarioName, start: number, end: number, ghostShare = 0) => {
  const model = centreOf(scenario, { start, end, timeZone: ZONE });
  const options = {
    scenario,
    model,
    seed: `truth of ${scenario}`,
    start,
    end,
    tenant: 'truth',
    site: 'main',
    ghostShare,
  };
  const simulation = new Simulation(options);
  const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05 };
  const delivery = new FaultyDelivery(faults, new Random(scenario));
  const events = [...delivery.deliver(simulation)].map(({ event }) => event);
  const closings = model.queues.flatMap(({ id, hours }) =>
    closingsBetween(hours === 'always' ? hours : ofEvery(hours), [], ZONE, instant(start), instant(end)).map(
      (closing) => ({ queue: id, ...closing }),
    ),
  );
  return { events, truth: simulation.truth(), details: simulation.details(), closings };
};

const everyRow = async (store: Store, request: IntervalReportRequest): Promise<IntervalReportRow[]> => {
  const rows: IntervalReportRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await store.intervals({ ...request, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  }
  return rows;
};

/** Integers exactly, quotients to 1e-9. */
const expectEqual = (
  found: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  where: string,
): void => {
  expect(Object.keys(found).sort(), where).toEqual(Object.keys(expected).sort());
  for (const [id, value] of Object.entries(expected)) {
    const served = found[id];
    const isQuotient = typeof value === 'number' && !Number.isInteger(value);
    if (isQuotient && typeof served === 'number')
      expect(Math.abs(served - value), `${where} ${id}: ${served} for ${value}`).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(value)),
      );
    else expect(served, `${where} ${id}`).toEqual(value);
  }
};

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Every metric of queues by `start queue channel`, from the simulator's books alone. */
const expectedRows = (details: TruthDetails, legs: readonly LegFact[], end: number) => {
  const keyOf = (at: number, queue: string, channel: string): string =>
    `${Math.floor(at / QUARTER) * QUARTER} ${queue} ${channel}`;
  const byKey = new Map<string, LegFact[]>();
  for (const leg of legs) {
    const key = keyOf(leg.queuedAt, leg.queue, leg.channel ?? '');
    const own = byKey.get(key);
    if (own) own.push(leg);
    else byKey.set(key, [leg]);
  }
  const counts = new Map<string, Record<string, number>>();
  for (const { at, queue, channel, metric } of [...journeys(details, REPEAT_DAYS * DAY), ...afterHours(details, end)]) {
    const row = counts.get(keyOf(at, queue, channel)) ?? {};
    row[metric] = (row[metric] ?? 0) + 1;
    counts.set(keyOf(at, queue, channel), row);
  }
  const options = {
    thresholdSeconds: THRESHOLD_SECONDS,
    shortAbandonSeconds: SHORT_ABANDON_SECONDS,
    asOf: end + 2 * DAY,
  };
  return new Map(
    [...byKey].map(([key, own]) => {
      const count = (metric: string): number => counts.get(key)?.[metric] ?? 0;
      return [
        key,
        {
          ...ledgerOf(own, options),
          after_hours_waiters: count('after_hours_waiters'),
          repeat_contacts: count('repeat_contacts'),
          repeat_rate: ratio(count('repeat_contacts'), count('callers')),
          first_contacts: count('first_contacts'),
          first_contact_resolution: ratio(count('resolved'), count('first_contacts')),
        },
      ];
    }),
  );
};

describe.each(CASES)(
  '$scenario from $from: the registry equals the ground truth',
  ({ scenario, from, to, ghostShare }) => {
    const [start, end] = [local(from), local(to)];
    const { events, truth, details, closings } = simulate(scenario, start, end, ghostShare);
    const legs = factsOfTruth(details.legs, 'main');
    const range = { tenant: tenantId('truth'), queues: [], from: instant(start), to: instant(end), timeZone: ZONE };
    const request: IntervalReportRequest = {
      ...range,
      grain: 'quarter',
      thresholdSeconds: THRESHOLD_SECONDS,
      shortAbandonSeconds: SHORT_ABANDON_SECONDS,
      metrics: METRICS.filter((metric) => metric.subject === 'queues' && !isOfForecasts(metric)).map(({ id }) => id),
      repeats: { days: REPEAT_DAYS, groups: new Map() },
      closings,
      limit: 5000,
    };
    let directory: string;
    let store: Store;
    const shut: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'queuecast-truth-'));
      const log = (name: string) => openEmbeddedLog({ directory: join(directory, 'log'), name, partitions: 1 });
      const [eventLog, deadLetters] = [await log('events'), await log('dead-letters')];
      // So late that it is known of every first contact whether the caller came back.
      store = await openStore({ kind: 'embedded', directory: join(directory, 'store'), now: () => end + 2 * DAY });
      await store.migrate();
      const settings = settingsFrom({ tenants: [{ id: 'truth', timeZone: ZONE }] });
      const running = await startProcessor({ events: eventLog, deadLetters, store }, settings);
      shut.push(
        () => running.close(),
        () => store.close(),
        () => deadLetters.close(),
        () => eventLog.close(),
      );
      await running.processor.committedThrough(await appendEvents(eventLog, events));
    }, 600_000);

    afterAll(async () => {
      for (const close of shut) await close();
      await rm(directory, { recursive: true, force: true });
    });

    it('in every metric of queues, by queue, channel and quarter of an hour', async () => {
      const expected = expectedRows(details, legs, end);
      const rows = await everyRow(store, request);
      expect(rows.length).toBe(expected.size);
      expect(rows.length).toBeGreaterThan(20);
      for (const { start: began, queue, channel, values } of rows) {
        const key = `${began} ${queue} ${channel}`;
        expectEqual(values, expected.get(key) ?? {}, key);
      }
      // A figure that is zero throughout proves little.
      const seen = new Set(rows.flatMap(({ values }) => Object.entries(values).flatMap(([id, v]) => (v ? [id] : []))));
      const unseen = request.metrics.filter((id) => !seen.has(id));
      expect(unseen.filter((id) => !RARE[scenario]?.includes(id))).toEqual([]);
    });

    it('in the books that the simulator prints, by queue and quarter of an hour', async () => {
      const rows = await everyRow(store, request);
      const sum = (queue: string, began: number | null, metric: string): number =>
        rows
          .filter((row) => row.queue === queue && (began === null || row.start === began))
          .reduce((total, row) => total + (row.values[metric] ?? 0), 0);
      for (const row of [...truth.quarters, ...truth.queues]) {
        const found = (metric: string): number => sum(row.queue, row.start, metric);
        expect({
          offered: found('offered'),
          answered: found('answered'),
          abandoned: found('abandoned'),
          shortAbandoned: found('short_abandoned'),
          flowedOut: found('flowed_out'),
          callbackTaken: found('callback_taken'),
          dropped: found('dropped'),
          closedOut: found('closed_out'),
          stillWaiting: found('still_waiting'),
          answeredWithin: found('answered_within'),
          totalWaitMs: found('total_wait'),
          completed: found('handled'),
          talkMs: found('talk_time'),
          holdMs: found('hold_time'),
          wrapMs: found('wrap_time'),
          declines: found('declines'),
        }).toEqual(
          Object.fromEntries(
            Object.entries(row).filter(([name]) => !['queue', 'start', 'answeredWaitMs'].includes(name)),
          ),
        );
      }
    });

    it('by every other attribution, in every metric that it has', async () => {
      const asOf = end + 2 * DAY;
      const options = { thresholdSeconds: THRESHOLD_SECONDS, shortAbandonSeconds: SHORT_ABANDON_SECONDS, asOf };
      for (const attribution of ['event', 'end', 'clipped'] as const) {
        const expected = attributedFigures(legs, attribution, { from: start, to: end }, QUARTER, options);
        const { columns } = await store.intervals({ ...request, attribution, metrics: [], limit: 1 });
        // Of a consult call the books know when it began, and no more.
        const metrics = columns.map(({ key }) => key).filter((id) => attribution !== 'end' || id !== 'internal');
        const rows = await everyRow(store, { ...request, attribution, metrics });
        let something = 0;
        for (const { start: began, queue, channel, values } of rows) {
          const key = `${began} ${queue} ${channel}`;
          const isSomething = Object.values(values).some((value) => value !== 0 && value !== null);
          const row = expected.get(key);
          if (!isSomething && !row) continue;
          something += 1;
          expectEqual(values, Object.fromEntries(metrics.map((id) => [id, row?.[id]])), `${attribution} ${key}`);
          expected.delete(key);
        }
        expect(something).toBeGreaterThan(20);
        expect([...expected.values()].filter((row) => metrics.some((id) => row[id]))).toEqual([]);
      }
    });

    it('and its ledger balances in every interval, and the intervals add up to the day', async () => {
      const asked = { ...range, shortAbandonSeconds: SHORT_ABANDON_SECONDS, limit: 5000 };
      for (const attribution of ['arrival', 'event', 'end'] as const) {
        const { rows, nextCursor } = await store.ledger({ ...asked, grain: 'quarter', attribution });
        expect(nextCursor).toBeNull();
        expect(rows.filter(({ imbalance }) => imbalance !== 0)).toEqual([]);
        const days = await store.ledger({ ...asked, grain: 'day', attribution });
        for (const day of days.rows) {
          const own = rows.filter(
            (row) =>
              row.queue === day.queue &&
              row.channel === day.channel &&
              DateTime.fromMillis(row.start, { zone: ZONE }).startOf('day').toMillis() ===
                DateTime.fromMillis(day.start, { zone: ZONE }).startOf('day').toMillis(),
          );
          expect(day.imbalance).toBe(0);
          expect(own.reduce((sum, row) => sum + row.offered, 0)).toBe(day.offered);
          for (const name of LEDGER_CLASSES)
            if (name !== 'still_waiting' || attribution === 'arrival')
              expect(own.reduce((sum, row) => sum + row.classes[name], 0)).toBe(day.classes[name]);
        }
      }
    });

    it('in every metric of agents, by group and quarter of an hour', async () => {
      const expected = agentTime(details.spells, end, QUARTER);
      const { rows, metrics, nextCursor } = await store.agents({
        ...range,
        by: 'group',
        grain: 'quarter',
        metrics: [],
        limit: 10_000,
      });
      expect(nextCursor).toBeNull();
      const usual = { subject: 'agents', attribution: 'clipped', firstDay: from, lastDay: to } as const;
      expect(metrics).toHaveLength(REGISTRY.select({ ...usual, asked: [] }).length);
      expect(rows.length).toBe(expected.size);
      for (const { start: began, of, values } of rows) {
        const key = `${began} ${of}`;
        const row = expected.get(key);
        const time = (name: string): number => row?.times[name] ?? 0;
        const handling = time('busy_time') + time('wrapping_time');
        const present = handling + time('available_time') + time('ringing_time');
        expectEqual(
          values,
          {
            agents: row?.agents.size,
            staffed_time: present + time('away_time'),
            available_time: time('available_time'),
            ringing_time: time('ringing_time'),
            busy_time: time('busy_time'),
            wrapping_time: time('wrapping_time'),
            away_time: time('away_time'),
            away_time_by_reason: row?.reasons,
            occupancy: ratio(handling, present),
            utilisation: ratio(handling, present + time('away_time')),
          },
          key,
        );
      }
      const total = await store.agents({ ...range, by: 'site', grain: 'total', metrics: [], limit: 1 });
      expect(total.rows[0]?.values).toMatchObject({
        available_time: truth.agentMs.available,
        ringing_time: truth.agentMs.offered,
        busy_time: truth.agentMs.busy,
        wrapping_time: truth.agentMs.wrap_up,
        away_time: truth.agentMs.away,
      });
    });
  },
);
