import type { LegFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import { LEDGER_CLASSES, REGISTRY } from '@queuecast/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allRows, CONTRACT_NOW, requestFor, rowsOf } from './contract-subject.testing.js';
import {
  answered,
  at,
  flushOf,
  isoDate,
  leg,
  legStates,
  queue,
  siteKey,
  TODAY,
  TOMORROW,
  YESTERDAY,
} from './facts.testing.js';
import { ledgerOf } from './ledger.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

/** Intervals are the metrics over the facts. */
export const intervalsContract = (subject: StoreUnderTest): void => {
  describe('intervals', () => {
    it('say the same of an interval whatever else is asked for: who waits, waits as of now', async () => {
      const key = subject.fresh();
      const waits = at(`${TODAY}T09:14:00Z`);
      const legs = [
        answered(key, at(`${TODAY}T09:02:00Z`), 1000, { contact: 'answered', version: 1 }),
        leg(key, { contact: 'waits', anchor: waits, queuedAt: waits, version: 2 }),
      ];
      await subject.store.write(flushOf({ legs }));
      const from = at(`${TODAY}T09:00:00Z`);
      for (const to of [`${TODAY}T09:15:00Z`, `${TODAY}T10:00:00Z`, `${TOMORROW}T00:00:00Z`]) {
        const range = { from, to: at(to), grain: 'quarter', metrics: ['service_level', 'waiting_beyond'] } as const;
        const [row] = await allRows(subject.store, requestFor(key, range));
        expect(row?.values, to).toEqual({ service_level: 0.5, waiting_beyond: 1 });
        const window = {
          ...key,
          queue: queue('support'),
          from,
          to: at(to),
          thresholdSeconds: 150,
          shortAbandonSeconds: 5,
        };
        const { values } = await subject.store.figures([window], { metrics: range.metrics, timeZone: 'UTC' });
        expect(values, to).toEqual([row?.values]);
      }
    });

    it('count each queue by its own thresholds, in one report as in its own and in its windows', async () => {
      const key = subject.fresh();
      const legs = ['phone', 'mail', 'other'].flatMap((id, q) =>
        [2, 15, 40].flatMap((seconds, n): LegFact[] => {
          const common = { queue: queue(id), version: 10 * q + 2 * n + 1 };
          const at_ = at(`${YESTERDAY}T10:0${n}:00Z`);
          const gone = { outcome: 'abandoned', answeredAt: null, endedAt: null };
          return [
            answered(key, at_, seconds * 1000, { ...common, contact: `${id}-a${n}` }),
            answered(key, at_, seconds * 1000, {
              ...common,
              ...gone,
              contact: `${id}-b${n}`,
              version: common.version + 1,
            }),
          ];
        }),
      );
      await subject.store.write(flushOf({ legs }));
      const own = {
        phone: { thresholdSeconds: 20, shortAbandonSeconds: 3 },
        mail: { thresholdSeconds: 172_800, shortAbandonSeconds: 0 },
      };
      const usual = { thresholdSeconds: 10, shortAbandonSeconds: 20 };
      const metrics = ['service_level', 'answered_within', 'abandoned', 'short_abandoned'];
      for (const grain of ['minute', 'quarter', 'total'] as const) {
        const request = requestFor(key, { grain, metrics, ...usual, ownThresholds: new Map(Object.entries(own)) });
        const rows = await allRows(subject.store, request);
        const alone = [];
        for (const id of ['mail', 'other', 'phone'])
          alone.push(
            ...(await allRows(
              subject.store,
              requestFor(key, { grain, metrics, queues: [queue(id)], ...usual, ...own[id as keyof typeof own] }),
            )),
          );
        const named = (some: typeof rows) => new Map(some.map((row) => [`${row.start} ${row.queue}`, row.values]));
        expect(named(rows)).toEqual(named(alone));
      }
      const { metrics: _metrics, thresholdSeconds: _threshold, ...request } = requestFor(key, usual);
      const asked = { ...request, ownThresholds: new Map(Object.entries(own)) };
      const ledger = await subject.store.ledger(asked);
      expect(Object.fromEntries(ledger.rows.map((row) => [row.queue, row.classes.short_abandoned]))).toEqual({
        phone: 1,
        mail: 0,
        other: 2,
      });
      const short = await subject.store.contacts({
        ...asked,
        sites: [],
        attribution: 'arrival',
        class: 'short_abandoned',
        limit: 100,
      });
      expect(short.rows.map(({ contact }) => contact).sort()).toEqual(['other-b0', 'other-b1', 'phone-b0']);
    });

    it('add the channels of a queue up where they are asked for together', async () => {
      const key = subject.fresh();
      const moment = at(`${YESTERDAY}T10:00:00Z`);
      // Voice: one of one in time, beside two who wait within the threshold of a week. Chat: one of two.
      const wait = (contact: string, channel: string, seconds: number, version: number): LegFact =>
        answered(key, moment, seconds * 1000, { contact, channel, version });
      const waits = (contact: string, version: number): LegFact =>
        leg(key, { contact, channel: 'voice', anchor: moment, queuedAt: moment, version });
      const legs = [
        wait('v1', 'voice', 1, 1),
        wait('c1', 'chat', 2, 2),
        wait('c2', 'chat', 700_000, 3),
        waits('w1', 4),
        waits('w2', 5),
      ];
      await subject.store.write(flushOf({ legs }));
      const metrics = ['offered', 'service_level', 'p50_answered_wait'];
      for (const grain of ['minute', 'quarter', 'total'] as const) {
        const request = requestFor(key, { grain, metrics, thresholdSeconds: 7 * 86_400, channels: 'together' });
        const rows = await allRows(subject.store, request);
        expect(rows.map(({ channel, values }) => [channel, values])).toEqual([
          ['all', { offered: 5, service_level: 2 / 3, p50_answered_wait: 2000 }],
        ]);
      }
    });

    it('begin a day where the business day does, by the clock, on days of 23 and 25 hours too', async () => {
      const key = subject.fresh();
      const zone = 'Europe/Brussels';
      for (const [date, before, hours] of [
        ['2026-03-29', '+01:00', 23],
        ['2026-10-25', '+02:00', 25],
      ] as const) {
        // The business day of the Saturday begins at 04:00 and ends at 04:00 on Sunday, when the clock has been changed.
        const saturday = new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
        const start = at(`${saturday}T04:00:00${before}`);
        const end = (start + hours * 3_600_000) as Instant;
        const moments = [start - 1, start, end - 1, end] as Instant[];
        await subject.store.write(
          flushOf({
            legs: moments.map((moment, n) => answered(key, moment, 1000, { contact: `${date}-${n}`, version: n + 1 })),
          }),
        );
        const range = { from: (start - 7_200_000) as Instant, to: (end + 7_200_000) as Instant, timeZone: zone };
        const request = requestFor(key, { ...range, grain: 'day', businessDayStart: '04:00', metrics: ['offered'] });
        const days = (rows: readonly { start: Instant; offered: number | null | undefined }[]) =>
          rows.map(({ start: began, offered }) => [(began - start) / 3_600_000, offered]);
        const expected = [
          [-24, 1],
          [0, 2],
          [hours, 1],
        ];
        const rows = await allRows(subject.store, request);
        expect(days(rows.map((row) => ({ start: row.start, offered: row.values['offered'] })))).toEqual(expected);
        for (const attribution of ['arrival', 'event'] as const) {
          const { metrics: _metrics, thresholdSeconds: _threshold, ...asked } = request;
          const ledger = await subject.store.ledger({ ...asked, attribution });
          expect(days(ledger.rows)).toEqual(expected);
          // Who joined a millisecond before the day's end is carried over it.
          expect(ledger.rows.map(({ carriedIn, imbalance }) => [carriedIn, imbalance])).toEqual(
            attribution === 'event'
              ? [
                  [0, 0],
                  [1, 0],
                  [1, 0],
                ]
              : [
                  [0, 0],
                  [0, 0],
                  [0, 0],
                ],
          );
        }
      }
      // Days may begin within a quarter of an hour.
      const odd = requestFor(key, {
        from: at('2026-03-28T00:00:00Z'),
        to: at('2026-03-30T00:00:00Z'),
        timeZone: zone,
        grain: 'day',
        businessDayStart: '04:01',
        metrics: ['offered'],
      });
      expect((await allRows(subject.store, odd)).map(({ values }) => values['offered'])).toEqual([2, 2]);
      await expect(subject.store.intervals({ ...odd, businessDayStart: '4 am' })).rejects.toThrow(
        /^businessDayStart: /,
      );
    });

    it('equal the metrics over the facts, after any sequence of flushes and at any threshold', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(legStates(siteKey('x')), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
          fc.integer({ min: 0, max: 12 }),
          fc.integer({ min: 0, max: 12 }),
          async (flushes, thresholdSeconds, shortAbandonSeconds) => {
            const key = subject.fresh();
            const current = new Map<string, LegFact>();
            let version = 0;
            for (const states of flushes) {
              const legs: LegFact[] = [];
              const touched = [];
              for (const state of states) {
                const fact: LegFact = { ...state, ...key, version: (version += 1) };
                const before = current.get(fact.contact);
                if (before) touched.push({ ...key, queue: before.queue, at: before.queuedAt });
                current.set(fact.contact, fact);
                legs.push(fact);
              }
              await subject.store.write(flushOf({ legs, touched }));
            }
            const facts = [...current.values()];
            const options = { thresholdSeconds, shortAbandonSeconds, asOf: CONTRACT_NOW };
            for (const [grain, length] of [
              ['minute', 60_000],
              ['quarter', 900_000],
            ] as const) {
              const expected = new Map<string, LegFact[]>();
              for (const fact of facts) {
                const start = Math.floor(fact.queuedAt / length) * length;
                const name = `${start} ${fact.queue} ${fact.channel ?? ''}`;
                expected.set(name, [...(expected.get(name) ?? []), fact]);
              }
              const rows = await allRows(
                subject.store,
                requestFor(key, { grain, thresholdSeconds, shortAbandonSeconds, limit: 7 }),
              );
              expect(new Map(rows.map((row) => [`${row.start} ${row.queue} ${row.channel}`, row.values]))).toEqual(
                new Map([...expected].map(([name, legs]) => [name, ledgerOf(legs, options)])),
              );
              for (const { values } of rows)
                expect(LEDGER_CLASSES.reduce((sum, id) => sum + (values[id] ?? NaN), 0)).toBe(values.offered);
            }
          },
        ),
        { numRuns: 12 },
      );
    });

    it('lose a leg that moves to another interval: the old one reads as if it had never been there', async () => {
      const key = subject.fresh();
      const before = at(`${YESTERDAY}T10:07:30Z`);
      const moved = at(`${YESTERDAY}T11:40:00Z`);
      await subject.store.write(flushOf({ legs: [answered(key, before, 4000, { version: 1 })] }));
      await subject.store.write(
        flushOf({
          legs: [answered(key, moved, 4000, { anchor: before, version: 2 })],
          touched: [{ ...key, queue: queue('support'), at: before }],
        }),
      );
      const rows = await allRows(subject.store, requestFor(key, { grain: 'minute', metrics: ['offered'] }));
      expect(rows.map((row) => [row.start, row.values.offered])).toEqual([[moved, 1]]);
    });

    it('are the same of many legs as of few, and long ago as of late, when only some of their minutes are touched', async () => {
      const key = subject.fresh();
      const days = [YESTERDAY, isoDate(-30)].map((day) => at(`${day}T10:00:00Z`));
      // Above and below what the store takes for a full hour of one queue; each leg in two versions.
      const legs = days.flatMap((day, n) =>
        [500, 40].flatMap((count, size) =>
          Array.from({ length: count }, (_, i) =>
            answered(key, (day + i * 3700) as Instant, 1000 + (i % 90) * 1000, {
              contact: `c${n}-${size}-${i}`,
              queue: queue(size === 0 ? 'full' : 'quiet'),
              version: 1 + i,
            }),
          ),
        ),
      );
      await subject.store.write(flushOf({ legs }));
      const again = legs.filter((_, i) => i % 7 === 0).map((leg, i) => ({ ...leg, offers: 3, version: 1000 + i }));
      await subject.store.write(flushOf({ legs: again.slice(0, 1) }));
      await subject.store.write(flushOf({ legs: again }));
      // One leg turns out to have come 16 minutes later, and only that is touched afterwards.
      const [first] = legs as [LegFact, ...LegFact[]];
      const moved = { ...first, queuedAt: (first.queuedAt + 16 * 60_000) as Instant, version: 2000 };
      await subject.store.write(
        flushOf({ legs: [moved], touched: [{ ...key, queue: first.queue, at: first.queuedAt }] }),
      );
      const current = new Map([...legs, ...again, moved].map((leg) => [`${leg.queue} ${leg.contact}`, leg]));
      const expected = new Map<string, LegFact[]>();
      for (const leg of current.values()) {
        const name = `${Math.floor(leg.queuedAt / 900_000) * 900_000} ${leg.queue}`;
        expected.set(name, [...(expected.get(name) ?? []), leg]);
      }
      const options = { thresholdSeconds: 20, shortAbandonSeconds: 5, asOf: CONTRACT_NOW };
      const rows = await allRows(
        subject.store,
        requestFor(key, {
          grain: 'quarter',
          thresholdSeconds: 20,
          shortAbandonSeconds: 5,
          from: at(`${isoDate(-31)}T00:00:00Z`),
        }),
      );
      expect(new Map(rows.map((row) => [`${row.start} ${row.queue}`, row.values]))).toEqual(
        new Map([...expected].map(([name, own]) => [name, ledgerOf(own, options)])),
      );
    });

    it('are repaired by a recompute without facts', async () => {
      const key = subject.fresh();
      const moment = at(`${YESTERDAY}T10:07:30Z`);
      await subject.store.write(flushOf({ legs: [answered(key, moment, 4000, { version: 5 })] }));
      const once = await rowsOf(subject.store, 'queue_intervals', key);
      await subject.store.write(flushOf({ touched: [{ ...key, queue: queue('support'), at: moment }] }));
      expect(await rowsOf(subject.store, 'queue_intervals', key)).toEqual(once);
    });

    it('keep sites apart that share a queue id, a contact id and an instant', async () => {
      const north = subject.fresh('north');
      const south = siteKey(north.tenant, 'south');
      const moment = at(`${YESTERDAY}T10:07:30Z`);
      await subject.store.write(flushOf({ legs: [answered(north, moment, 1000, { version: 900 })] }));
      await subject.store.write(flushOf({ legs: [answered(south, moment, 2000, { version: 3 })] }));
      await subject.store.write(flushOf({ legs: [answered(south, moment, 4000, { version: 4 })] }));
      const rows = await allRows(subject.store, requestFor(north, { metrics: ['answered', 'total_wait'] }));
      expect(rows.map((row) => [row.site, row.values])).toEqual([
        ['north', { answered: 1, total_wait: 1000 }],
        ['south', { answered: 1, total_wait: 4000 }],
      ]);
    });

    it('come in pages that join without a gap or a repeat', async () => {
      const key = subject.fresh();
      const legs = Array.from({ length: 25 }, (_, n) =>
        answered(key, (at(`${YESTERDAY}T10:00:00Z`) + n * 420_000) as Instant, 1000, {
          contact: `c${n}`,
          queue: queue(`q${n % 3}`),
          channel: n % 2 ? 'voice' : 'chat',
          version: n + 1,
        }),
      );
      await subject.store.write(flushOf({ legs }));
      const request = requestFor(key, { grain: 'quarter', metrics: ['offered'] });
      const whole = await allRows(subject.store, request);
      expect(whole.length).toBeGreaterThan(10);
      for (const limit of [1, 4, whole.length])
        expect(await allRows(subject.store, { ...request, limit })).toEqual(whole);
    });

    it('name the definitions they were computed by', async () => {
      const report = await subject.store.intervals(requestFor(subject.fresh(), { metrics: ['asa', 'offered'] }));
      expect(report).toMatchObject({ metrics: ['asa@1', 'offered@1'], changes: [], rows: [], nextCursor: null });
      const usual = { subject: 'queues', attribution: 'arrival', firstDay: TODAY, lastDay: TODAY } as const;
      const columns = REGISTRY.select({ ...usual, asked: [] });
      expect((await subject.store.intervals(requestFor(subject.fresh()))).metrics).toHaveLength(columns.length);
    });

    it.each([
      [{ metrics: ['asb'] }, /^metrics: "asb" is not a metric; choose among offered,/],
      [{ timeZone: 'Mars/Base' }, /^timeZone: /],
      [{ to: at(`${YESTERDAY}T00:00:00Z`) }, /^to: must be later than from/],
      [{ limit: 0 }, /^limit: /],
      [{ limit: 50_001 }, /^limit: must be a whole number from 1 to 50000/],
      [{ cursor: 'made-up' }, /^cursor: /],
      [{ thresholdSeconds: 1.5 }, /^thresholdSeconds: /],
    ])('refuse %j, naming the field and the remedy', async (more, message) => {
      await expect(subject.store.intervals(requestFor(subject.fresh(), more))).rejects.toThrow(message);
    });

    it('come in larger pages than the ledger, whose rows are longer', async () => {
      const request = requestFor(subject.fresh(), { limit: 50_000 });
      expect((await subject.store.intervals(request)).rows).toEqual([]);
      await expect(subject.store.ledger(request)).rejects.toThrow(/^limit: must be a whole number from 1 to 10000/);
    });
  });
};
