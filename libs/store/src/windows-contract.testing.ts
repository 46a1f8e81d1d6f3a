import type { LegFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { allRows, CONTRACT_NOW, requestFor } from './contract-subject.testing.js';
import { answered, at, flushOf, leg, legStates, queue, siteKey, TODAY, TOMORROW, YESTERDAY } from './facts.testing.js';
import { ledgerOf } from './ledger.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

/** Time is cut where the zone and the request say. */
export const windowsContract = (subject: StoreUnderTest): void => {
  describe('zones', () => {
    it.each([
      ['Europe/Brussels', '2026-03-29', 23],
      ['Europe/Brussels', '2026-10-25', 25],
      ['Europe/Brussels', '2026-06-01', 24],
      ['Asia/Kolkata', '2026-03-29', 24],
      ['Australia/Adelaide', '2026-04-05', 25],
      ['America/St_Johns', '2026-03-08', 23],
      ['Asia/Kathmandu', '2026-03-08', 24],
      ['Africa/Cairo', '2026-04-24', 23],
    ])('cuts %s, %s into its %i hours', async (zone, date, hours) => {
      const key = subject.fresh();
      const start = DateTime.fromISO(date, { zone }).startOf('day');
      const end = start.plus({ days: 1 }).startOf('day');
      expect(end.diff(start, 'hours').hours).toBe(hours);
      const legs: LegFact[] = [];
      for (let moment = start.toMillis() - 900_000; moment < end.toMillis() + 900_000; moment += 900_000)
        legs.push(answered(key, moment as Instant, 1000, { contact: `c${moment}`, version: legs.length + 1 }));
      await subject.store.write(flushOf({ legs }));
      const range = { from: (start.toMillis() - 900_000) as Instant, to: (end.toMillis() + 900_000) as Instant };
      const days = await allRows(
        subject.store,
        requestFor(key, { ...range, grain: 'day', timeZone: zone, metrics: ['offered'] }),
      );
      expect(days.map((row) => [row.start, row.values.offered])).toEqual([
        [start.minus({ minutes: 15 }).startOf('day').toMillis(), 1],
        [start.toMillis(), hours * 4],
        [end.toMillis(), 1],
      ]);
      const byHour = await allRows(
        subject.store,
        requestFor(key, {
          from: start.toMillis() as Instant,
          to: end.toMillis() as Instant,
          grain: 'hour',
          timeZone: zone,
          metrics: ['offered'],
        }),
      );
      expect(byHour.map((row) => [row.start, row.values.offered])).toEqual(
        Array.from({ length: hours }, (_, n) => [start.toMillis() + n * 3_600_000, 4]),
      );
    });
  });

  describe('windows', () => {
    it('answers many queues and bounds at once, each leg counted where it belongs', async () => {
      const key = subject.fresh();
      const legs = Array.from({ length: 240 }, (_, n) =>
        answered(key, (at(`${TODAY}T08:00:00Z`) + n * 47_000) as Instant, (n % 9) * 1000, {
          contact: `c${n}`,
          queue: queue(`q${n % 4}`),
          channel: n % 3 ? 'voice' : 'chat',
          version: n + 1,
        }),
      );
      await subject.store.write(flushOf({ legs }));
      const bounds = [
        [`${TODAY}T08:00:00Z`, `${TODAY}T12:00:00Z`],
        [`${TODAY}T08:07:00Z`, `${TODAY}T10:52:00Z`],
        [`${TODAY}T09:01:00Z`, `${TODAY}T09:09:00Z`],
        [`${TODAY}T08:00:00Z`, `${TODAY}T09:30:00Z`],
        [`${TOMORROW}T08:00:00Z`, `${TOMORROW}T09:00:00Z`],
      ] as const;
      const requests = bounds.flatMap(([from, to], n) =>
        ['q0', 'q1', 'q3'].map((id) => ({
          ...key,
          queue: queue(id),
          from: at(from),
          to: at(to),
          thresholdSeconds: n,
          shortAbandonSeconds: 5,
          businessDay: TODAY,
        })),
      );
      const windows = await subject.store.windows(requests);
      expect(windows.map((window) => [window.queue, window.offered, window.answeredWithin, window.asaMs])).toEqual(
        requests.map((request) => {
          const within = legs.filter(
            (fact) => fact.queue === request.queue && fact.queuedAt >= request.from && fact.queuedAt < request.to,
          );
          const ledger = ledgerOf(within, { ...request, asOf: CONTRACT_NOW });
          return [request.queue, ledger.offered, ledger.answered_within, ledger.asa];
        }),
      );
    });

    it('counts a leg in each of the windows it is in, however they overlap and are counted, by every metric', async () => {
      const first = at(`${YESTERDAY}T22:45:00Z`);
      const window = fc.record({
        queue: fc.constantFrom('queue-0', 'queue-1', 'queue-quiet'),
        from: fc.constantFrom(0, 7, 7, 15, 100).map((minute) => (first + minute * 60_000) as Instant),
        to: fc.constantFrom(at(`${TODAY}T00:30:00Z`), at(`${TODAY}T13:00:00Z`), at(`${TOMORROW}T09:07:00Z`)),
        thresholdSeconds: fc.constantFrom(3, 3, 10),
        shortAbandonSeconds: fc.constantFrom(5, 5, 0),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(legStates(siteKey('x')), { minLength: 1, maxLength: 20 }),
          fc.array(window, { minLength: 1, maxLength: 12 }),
          async (states, windows) => {
            const key = subject.fresh();
            const facts = new Map(
              states.map((state, n): [string, LegFact] => [state.contact, { ...state, ...key, version: n + 1 }]),
            );
            const legs = [...facts.values()];
            await subject.store.write(flushOf({ legs }));
            const requests = windows.map((asked) => ({ ...key, ...asked, queue: queue(asked.queue) }));
            const expected = requests.map((request) => {
              const { queue: id, from, to } = request;
              const within = legs.filter((fact) => fact.queue === id && fact.queuedAt >= from && fact.queuedAt < to);
              return ledgerOf(within, { ...request, asOf: CONTRACT_NOW });
            });
            const metrics = Object.keys(ledgerOf([], { thresholdSeconds: 0, shortAbandonSeconds: 0, asOf: 0 }));
            const { values } = await subject.store.figures(requests, { metrics, timeZone: 'UTC' });
            expect(values).toEqual(expected);
          },
        ),
        { numRuns: 12 },
      );
    });

    it('takes the edges from the facts where minutes are no longer kept', async () => {
      const key = subject.fresh();
      const legs = Array.from({ length: 90 }, (_, n) =>
        answered(key, (at('2014-03-03T08:00:00Z') + n * 60_000) as Instant, 1000, {
          contact: `c${n}`,
          version: n + 1,
        }),
      );
      await subject.store.write(flushOf({ legs }));
      const [window] = await subject.store.windows([
        {
          ...key,
          queue: queue('support'),
          from: at('2014-03-03T08:05:00Z'),
          to: at('2014-03-03T09:20:00Z'),
          thresholdSeconds: 1,
          shortAbandonSeconds: 0,
          businessDay: '2014-03-03',
        },
      ]);
      expect(window).toMatchObject({ offered: 75, answered: 75, answeredWithin: 75, asaMs: 1000 });
    });

    it('counts a late answer where the contact arrived', async () => {
      const key = subject.fresh();
      const moment = at(`${TODAY}T09:59:00Z`);
      const request = {
        ...key,
        queue: queue('support'),
        from: at(`${TODAY}T09:00:00Z`),
        to: at(`${TODAY}T10:00:00Z`),
        thresholdSeconds: 150,
        shortAbandonSeconds: 5,
        businessDay: TODAY,
      };
      await subject.store.write(flushOf({ legs: [leg(key, { anchor: moment, queuedAt: moment })] }));
      expect((await subject.store.windows([request]))[0]).toMatchObject({
        offered: 1,
        stillWaiting: 1,
        answered: 0,
        asaMs: null,
      });
      await subject.store.write(flushOf({ legs: [answered(key, moment, 600_000, { version: 2 })] }));
      expect((await subject.store.windows([request]))[0]).toMatchObject({
        offered: 1,
        stillWaiting: 0,
        answered: 1,
        answeredWithin: 0,
        longestWaitMs: 600_000,
      });
    });
  });
};
