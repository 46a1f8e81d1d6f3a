import { SiteCallbacks, type CallbackRow } from '@queuecast/callbacks';
import type { AcdEvent, Instant } from '@queuecast/events';
import { CALLBACK_CLASSES } from '@queuecast/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTRACT_NOW, type StoreUnderTest } from './contract-subject.testing.js';
import { flushOf, queue } from './facts.testing.js';
import type { CallbackReportRequest, SiteKey } from './port.js';

const HOUR = 3_600_000;
/** Hours before or after the contract's clock. */
const at = (hours: number): Instant => (CONTRACT_NOW + hours * HOUR) as Instant;
const SEALED = `v1.k1.${'n'.repeat(16)}.${'c'.repeat(38)}`;

type Step = readonly [hours: number, type: string, data?: object];

const event = (key: SiteKey, id: string, [hours, type, data = {}]: Step): AcdEvent =>
  ({
    ...key,
    id: `${id}-${type}-${hours}`,
    source: 'test',
    at: at(hours),
    subject: id,
    type: `acd.callback.${type}`,
    data: { callback: id, ...data },
  }) as unknown as AcdEvent;

const promised = (hours: number, dueHours: number, more: object = {}): Step => [
  hours,
  'promised',
  {
    queue: queue('support'),
    dueAt: new Date(at(dueHours)).toISOString(),
    channel: 'voice',
    origin: 'web',
    number: SEALED,
    ...more,
  },
];

/** The row that these events make. */
const row = (key: SiteKey, id: string, ...steps: readonly Step[]): CallbackRow => {
  const fold = new SiteCallbacks(key.tenant, key.site);
  for (const [n, step] of steps.entries()) fold.apply(event(key, id, step), n + 1);
  return fold.get(id)!.row;
};

/** The rows of promises that are told of together, in the order in which it happened. */
const rowsOf = (key: SiteKey, told: Readonly<Record<string, readonly Step[]>>): CallbackRow[] => {
  const fold = new SiteCallbacks(key.tenant, key.site);
  const events = Object.entries(told).flatMap(([id, steps]) => steps.map((step) => event(key, id, step)));
  for (const [n, each] of events.sort((a, b) => a.at - b.at).entries()) fold.apply(each, n + 1);
  return Object.keys(told).map((id) => fold.get(id)!.row);
};

/** Asked for again with the same number. */
const sameNumber = { callerKey: 'one' };

const totalOf = (key: SiteKey): CallbackReportRequest => ({
  tenant: key.tenant,
  queues: [],
  from: at(-200),
  to: at(200),
  grain: 'total',
  timeZone: 'Europe/Brussels',
  metrics: [],
  limit: 100,
});

/** Promises of a call back are found again, and add up. */
export const callbacksContract = (subject: StoreUnderTest): void => {
  describe('callbacks', () => {
    it('gives a row back as it was written, by id, and only to its tenant', async () => {
      const [key, other] = [subject.fresh(), subject.fresh()];
      const rows = [row(key, 'a', promised(-2, 22)), row(key, 'b', promised(-3, 20), [-1, 'kept'])];
      await subject.store.write(flushOf({ callbacks: rows }));
      await subject.store.write(flushOf({ callbacks: rows }));
      const found = await subject.store.readCallbacks(key.tenant, ['a', 'b', 'c']);
      expect(found.toSorted((x, y) => (x.id < y.id ? -1 : 1))).toEqual(rows);
      expect(await subject.store.readCallbacks(other.tenant, ['a', 'b'])).toEqual([]);
    });

    it('gives a restarted processor what is open or has to be told, and nothing that lapsed', async () => {
      const key = subject.fresh();
      const told = { delivery: 'x', attempt: 1, retryAt: new Date(at(0)).toISOString() };
      await subject.store.write(
        flushOf({
          callbacks: [
            row(key, 'open', promised(-2, 22)),
            row(key, 'kept', promised(-2, 22), [-1, 'kept']),
            row(key, 'called-off', promised(-2, 22), [-1, 'cancelled', { by: 'customer' }]),
            row(
              key,
              'to-tell',
              promised(-2, 22),
              [-1, 'delivery_attempted', told],
              [-1, 'cancelled', { by: 'customer' }],
            ),
            row(key, 'lapsed', promised(-900, -800)),
          ],
        }),
      );
      const { callbacks } = await subject.store.recoverSite(key, HOUR);
      expect(callbacks.map(({ id }) => id)).toEqual(['open', 'to-tell']);
      const open = await subject.store.openCallbacks({ ...key, queue: queue('support') });
      expect(open.map(({ id }) => id)).toEqual(['open']);
      expect(await subject.store.openCallbacks({ ...key, queue: queue('sales') })).toEqual([]);
    });

    it('reads a promise with all of its number: which of them stands, and when, follows from all', async () => {
      const [key, other] = [subject.fresh(), subject.fresh()];
      const rows = rowsOf(key, {
        first: [promised(-5, 19, sameNumber)],
        // Whoever asked for this time called it off again; the call was moved to it.
        second: [promised(-4, 2, sameNumber), [-3, 'cancelled', { by: 'customer' }]],
        third: [promised(-2, 22, sameNumber)],
        alone: [promised(-2, 22)],
      });
      await subject.store.write(flushOf({ callbacks: rows }));
      await subject.store.write(flushOf({ callbacks: rowsOf(other, { foreign: [promised(-2, 22, sameNumber)] }) }));
      const byId = (found: readonly CallbackRow[]) => found.toSorted((x, y) => (x.id < y.id ? -1 : 1));
      const ofNumber = rows.slice(0, 3);
      expect(ofNumber[0]).toMatchObject({ dueAt: at(2), duplicateOf: '' });
      expect(byId(await subject.store.readCallbacks(key.tenant, ['third']))).toEqual(ofNumber);
      expect(byId(await subject.store.readCallbacks(key.tenant, [], ['one']))).toEqual(ofNumber);
      expect(byId(await subject.store.openCallbacks({ ...key, queue: queue('support') }))).toEqual(byId(rows));
      expect(byId((await subject.store.recoverSite(key, HOUR)).callbacks)).toEqual(byId(rows));
      expect(
        (await subject.store.callbacks({ tenant: key.tenant, queues: [], classes: [], limit: 10 })).rows,
      ).toMatchObject([{ id: 'first', dueAt: at(2) }, { id: 'alone' }]);
    });

    it('lists promises as they fall due, by class, page by page', async () => {
      const key = subject.fresh();
      await subject.store.write(
        flushOf({
          callbacks: rowsOf(key, {
            soon: [promised(-2, 1, sameNumber)],
            later: [promised(-2, 22)],
            overdue: [promised(-30, -6)],
            kept: [promised(-30, -5), [-6, 'kept']],
            twice: [promised(-1, 3, sameNumber)],
          }),
        }),
      );
      const request = { tenant: key.tenant, queues: [], classes: [], limit: 2 };
      const first = await subject.store.callbacks(request);
      const second = await subject.store.callbacks({ ...request, cursor: first.nextCursor ?? '' });
      expect([...first.rows, ...second.rows].map((each) => [each.id, each.class])).toEqual([
        ['overdue', 'broken'],
        ['kept', 'kept'],
        ['soon', 'open'],
        ['later', 'open'],
      ]);
      expect(second.nextCursor).toBeNull();
      const open = await subject.store.callbacks({ ...request, classes: ['open'], to: at(2) });
      expect(open.rows.map(({ id }) => id)).toEqual(['soon']);
      await expect(subject.store.callbacks({ ...request, cursor: 'x' })).rejects.toThrow(/cursor: is not one/);
    });

    it('balances: promised = open + kept + late + broken + cancelled, whatever happens', async () => {
      const story = fc
        .record({
          made: fc.integer({ min: -100, max: -1 }),
          long: fc.integer({ min: 1, max: 120 }),
          ends: fc.array(
            fc.tuple(fc.integer({ min: -99, max: 0 }), fc.constantFrom('kept', 'cancelled', 'withdrawn'), fc.boolean()),
            { maxLength: 2 },
          ),
          again: fc.boolean(),
        })
        .map(({ made, long, ends, again }) => ({
          again,
          steps: [
            promised(made, made + long),
            ...ends.map(([hours, end]): Step =>
              end === 'kept'
                ? [hours, 'kept']
                : [hours, 'cancelled', { by: end === 'withdrawn' ? 'system' : 'customer' }],
            ),
          ],
        }));
      await fc.assert(
        fc.asyncProperty(fc.array(story, { minLength: 1, maxLength: 12 }), async (stories) => {
          const key = subject.fresh();
          let callerKey = '';
          const told = stories.map(({ steps: [first, ...ends], again }, n) => {
            const [made, type, data] = first!;
            callerKey = again ? callerKey : `n${n}`;
            return [`p${n}`, [[made, type, { ...data, callerKey }] as Step, ...ends]] as const;
          });
          const rows = rowsOf(key, Object.fromEntries(told));
          await subject.store.write(flushOf({ callbacks: rows }));
          const { rows: report } = await subject.store.callbackReport(totalOf(key));
          const sum = (metric: string): number => report.reduce((total, each) => total + (each.values[metric] ?? 0), 0);
          const counted = rows.filter(({ duplicateOf }) => duplicateOf === '').length;
          expect(sum('callbacks_promised')).toBe(counted);
          expect(CALLBACK_CLASSES.reduce((total, name) => total + sum(`callbacks_${name}`), 0)).toBe(counted);
        }),
        { numRuns: 15 },
      );
    });

    it('reports what became of promises, by the day on which they were made', async () => {
      const key = subject.fresh();
      await subject.store.write(
        flushOf({
          callbacks: [
            row(key, 'kept', promised(-40, -16), [-38, 'attempted'], [-20, 'kept']),
            row(key, 'late', promised(-40, -16), [-10, 'kept']),
            row(key, 'broken', promised(-40, -16)),
            row(key, 'withdrawn', promised(-40, -16), [-30, 'cancelled', { by: 'system' }]),
            row(key, 'cancelled', promised(-40, -16), [-30, 'cancelled', { by: 'customer' }]),
            row(key, 'open', promised(-1, 23)),
          ],
        }),
      );
      const report = await subject.store.callbackReport(totalOf(key));
      expect(report.rows).toHaveLength(1);
      expect(report.rows[0]).toMatchObject({
        queue: 'support',
        values: {
          callbacks_promised: 6,
          callbacks_open: 1,
          callbacks_kept: 1,
          callbacks_late: 1,
          callbacks_broken: 2,
          callbacks_cancelled: 1,
          callback_kept_rate: 0.25,
          callback_attempts: 1 / 6,
          callback_time: 25 * HOUR,
        },
      });
      expect(report.metrics).toContain('callbacks_kept@1');
      const byDay = await subject.store.callbackReport({
        ...totalOf(key),
        grain: 'day',
        metrics: ['callbacks_promised'],
      });
      expect(byDay.rows.map(({ values }) => values)).toEqual([{ callbacks_promised: 5 }, { callbacks_promised: 1 }]);
      await expect(subject.store.callbackReport({ ...totalOf(key), metrics: ['asa'] })).rejects.toThrow(
        /"asa" is a metric of queues/,
      );
    });
  });
};
