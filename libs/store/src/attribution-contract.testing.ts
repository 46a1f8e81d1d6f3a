import type { LegFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import { ATTRIBUTIONS, LEDGER_CLASSES, METRICS, metricsNamed, type Attribution } from '@queuecast/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributedFigures } from './attributed-sums.testing.js';
import { allRows, CONTRACT_NOW, requestFor } from './contract-subject.testing.js';
import { answered, at, flushOf, leg as waitingLeg, legStates, queue, siteKey, YESTERDAY } from './facts.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

const MINUTE = 60_000;

/** Queued 09:05, answered 09:17, on hold 09:31 to 09:33, ended 09:52, wrapped up 09:57: 52 minutes, four quarters. */
const LONG = ['offered', 'answered', 'handled', 'total_wait', 'talk_time', 'hold_time', 'wrap_time'];
const EXPECTED: Readonly<Record<Attribution, Readonly<Record<string, readonly number[]>>>> = {
  arrival: { '09:00': [1, 1, 1, 12, 33, 2, 5] },
  event: { '09:00': [1, 0, 0, 0, 0, 0, 0], '09:15': [0, 1, 0, 12, 0, 0, 0], '09:45': [0, 0, 1, 0, 33, 2, 5] },
  end: { '09:45': [1, 1, 1, 12, 33, 2, 5] },
  clipped: {
    '09:00': [1, 0, 0, 10, 0, 0, 0],
    '09:15': [0, 1, 0, 2, 13, 0, 0],
    '09:30': [0, 0, 0, 0, 13, 2, 0],
    '09:45': [0, 0, 1, 0, 7, 0, 5],
  },
};

/** Every leg counts where the report asks for it to. */
export const attributionContract = (subject: StoreUnderTest): void => {
  describe('attribution', () => {
    it.each(['arrival', 'event', 'end', 'clipped'] as const)(
      'of one contact of 52 minutes over four quarters, by %s',
      async (attribution) => {
        const key = subject.fresh();
        const time = (text: string): Instant => at(`${YESTERDAY}T${text}:00Z`);
        const leg = answered(key, time('09:05'), 12 * MINUTE, {
          answeredAt: time('09:17'),
          leftQueueAt: time('09:17'),
          endedAt: time('09:52'),
          wrappedUpAt: time('09:57'),
          holds: [{ from: time('09:31'), to: time('09:33') }],
          talkMs: 33 * MINUTE,
          holdMs: 2 * MINUTE,
          wrapMs: 5 * MINUTE,
        });
        await subject.store.write(flushOf({ legs: [leg] }));
        const rows = await allRows(subject.store, requestFor(key, { grain: 'quarter', metrics: LONG, attribution }));
        const minutes = (values: Readonly<Record<string, number | null>>): number[] =>
          LONG.map((id, n) => (values[id] ?? NaN) / (n < 3 ? 1 : MINUTE));
        const found = rows
          .map(({ start, values }) => [new Date(start).toISOString().slice(11, 16), minutes(values)] as const)
          .filter(([, values]) => values.some((value) => value !== 0));
        expect(Object.fromEntries(found)).toEqual(EXPECTED[attribution]);
        const [total] = await allRows(subject.store, requestFor(key, { grain: 'total', metrics: LONG, attribution }));
        expect(minutes(total!.values)).toEqual(EXPECTED.arrival['09:00']);
      },
    );

    it('equals plain figures over the legs in every metric that it has, whatever the grain and the range, and the ledger balances', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(legStates(siteKey('x')), { minLength: 1, maxLength: 12 }),
          fc.constantFrom('event', 'end', 'clipped'),
          fc.constantFrom('minute', 'quarter'),
          fc.integer({ min: 0, max: 3 }),
          async (states, attribution, grain, cut) => {
            const key = subject.fresh();
            const current = new Map<string, LegFact>();
            states.forEach((state, n) => current.set(state.contact, { ...state, ...key, version: n + 1 }));
            await subject.store.write(flushOf({ legs: [...current.values()] }));
            const from = (at(`${YESTERDAY}T22:45:00Z`) + cut * 11 * MINUTE) as Instant;
            const range = { from, to: (from + 9 * 3_600_000) as Instant };
            const request = requestFor(key, { ...range, grain, attribution, shortAbandonSeconds: 5 });
            const length = grain === 'minute' ? MINUTE : 15 * MINUTE;
            const rows = await allRows(subject.store, { ...request, limit: 100 });
            const found = rows.map(
              ({ start, queue, channel, values }) => [`${start} ${queue} ${channel}`, values] as const,
            );
            const isSomething = ([, values]: readonly [string, Readonly<Record<string, number | null>>]): boolean =>
              Object.values(values).some((value) => value !== 0 && value !== null);
            const options = { thresholdSeconds: 150, shortAbandonSeconds: 5, asOf: CONTRACT_NOW };
            const expected = attributedFigures([...current.values()], attribution, range, length, options);
            expect(new Map(found.filter(isSomething))).toEqual(new Map([...expected].filter(isSomething)));
            const { metrics: _metrics, thresholdSeconds: _threshold, ...ledgerRequest } = request;
            const ledger = await subject.store.ledger(ledgerRequest);
            for (const row of ledger.rows) expect(row).toMatchObject({ imbalance: 0 });
          },
        ),
        { numRuns: 6 },
      );
    });

    it('never tells of a share below nothing or above everything', async () => {
      const shares = METRICS.filter(({ unit, id }) => unit === 'ratio' && id !== 'transfers_per_contact');
      const ids = new Set(shares.map(({ id }) => id));
      await fc.assert(
        fc.asyncProperty(
          fc.array(legStates(siteKey('x')), { minLength: 4, maxLength: 12 }),
          fc.constantFrom(...ATTRIBUTIONS),
          fc.constantFrom(1, 10, 150),
          async (states, attribution, thresholdSeconds) => {
            const key = subject.fresh();
            await subject.store.write(
              flushOf({ legs: states.map((state, n) => ({ ...state, ...key, version: n + 1 })) }),
            );
            const from = at(`${YESTERDAY}T22:45:00Z`);
            const range = { from, to: (from + 4 * 3_600_000) as Instant };
            const request = requestFor(key, { ...range, grain: 'quarter', attribution, thresholdSeconds });
            for (const { values } of await allRows(subject.store, request))
              for (const [id, value] of Object.entries(values)) {
                if (!ids.has(id) || value === null) continue;
                expect(value, `${id} by ${attribution}`).toBeGreaterThanOrEqual(0);
                expect(value, `${id} by ${attribution}`).toBeLessThanOrEqual(1);
              }
          },
        ),
        { numRuns: 8 },
      );
    });

    it('by event divides by those whose wait ended in the row', async () => {
      const key = subject.fresh();
      const joined = at(`${YESTERDAY}T08:59:57Z`);
      const hungUp = (contact: string, version: number): LegFact =>
        answered(key, joined, 3_000, { contact, version, outcome: 'abandoned', answeredAt: null, endedAt: null });
      const legs = [
        ...[1, 2, 3].map((n) => answered(key, joined, 8_000, { contact: `c${n}`, version: n })),
        hungUp('c4', 4),
        hungUp('c5', 5),
      ];
      await subject.store.write(flushOf({ legs }));
      const metrics = ['offered', 'answered', 'service_level', 'service_level_abandons_missed', 'abandon_rate'];
      const request = requestFor(key, { grain: 'quarter', attribution: 'event', metrics });
      const rows = await allRows(subject.store, request);
      expect(rows.map(({ values }) => metrics.map((id) => values[id]))).toEqual([
        [5, 0, null, null, null],
        [0, 3, 1, 3 / 5, 0],
      ]);
    });

    it('is refused by name for a quotient that has no meaning by it, with the remedy', async () => {
      const ask = (attribution: Attribution, id: string) =>
        subject.store.intervals(requestFor(subject.fresh(), { attribution, metrics: ['offered', id] }));
      await expect(ask('clipped', 'asa')).rejects.toThrow(
        /^metrics: "asa" cannot be attributed by clipped; leave it out/,
      );
      await expect(ask('event', 'transfers_per_contact')).rejects.toThrow(/attribution=arrival or end/);
      const { columns } = await subject.store.intervals(requestFor(subject.fresh(), { attribution: 'clipped' }));
      const had = metricsNamed(columns.map(({ key }) => key));
      expect(had.length).toBeGreaterThan(30);
      expect(had.filter(({ attributions }) => !attributions.includes('clipped'))).toEqual([]);
    });
  });

  describe('the ledger', () => {
    it('carries who waits from row to row by event, also over a row in which nothing happens', async () => {
      const key = subject.fresh();
      const joined = at(`${YESTERDAY}T10:05:00Z`);
      await subject.store.write(flushOf({ legs: [answered(key, joined, 32 * MINUTE)] }));
      const { rows } = await subject.store.ledger({
        tenant: key.tenant,
        queues: [],
        from: at(`${YESTERDAY}T10:00:00Z`),
        to: at(`${YESTERDAY}T11:00:00Z`),
        grain: 'quarter',
        timeZone: 'UTC',
        shortAbandonSeconds: 5,
        attribution: 'event',
        limit: 100,
      });
      expect(
        rows.map(({ carriedIn, offered, classes, imbalance }) => [
          carriedIn,
          offered,
          classes.answered,
          classes.still_waiting,
          imbalance,
        ]),
      ).toEqual([
        [0, 1, 0, 1, 0],
        [1, 0, 0, 1, 0],
        [1, 0, 1, 0, 0],
      ]);
    });

    it('shows a leg that is in no class as what it is: an imbalance', async () => {
      const key = subject.fresh();
      const leg = answered(key, at(`${YESTERDAY}T10:05:00Z`), 1000, { outcome: 'vanished' });
      await subject.store.write(flushOf({ legs: [leg] }));
      const { metrics: _metrics, thresholdSeconds: _threshold, ...request } = requestFor(key);
      const { rows } = await subject.store.ledger(request);
      expect(rows).toMatchObject([{ offered: 1, contacts: 1, imbalance: 1 }]);
    });

    it('leads from every cell to the legs behind it', async () => {
      const key = subject.fresh();
      const states = fc.sample(legStates(key), { numRuns: 40, seed: 4 });
      const current = new Map<string, LegFact>();
      states.forEach((state, n) => current.set(state.contact, { ...state, ...key, version: n + 1 }));
      await subject.store.write(flushOf({ legs: [...current.values()] }));
      const { metrics: _metrics, thresholdSeconds: _threshold, ...request } = requestFor(key);
      for (const attribution of ['arrival', 'event', 'end'] as const) {
        const { rows } = await subject.store.ledger({ ...request, attribution });
        expect(rows.length).toBeGreaterThan(2);
        for (const row of rows)
          for (const name of LEDGER_CLASSES) {
            const { rows: legs } = await subject.store.contacts({
              tenant: key.tenant,
              queues: [queue(row.queue)],
              sites: [key.site],
              channel: row.channel,
              from: request.from,
              to: request.to,
              attribution,
              class: name,
              shortAbandonSeconds: request.shortAbandonSeconds,
              limit: 100,
            });
            expect(legs, `${row.start} ${name}`).toHaveLength(row.classes[name]);
            for (const leg of legs) expect(leg.class).toBe(name);
          }
      }
    });

    it('leads from who waits over the edge of a row to them, whenever they joined', async () => {
      const key = subject.fresh();
      const joined = at(`${YESTERDAY}T10:05:00Z`);
      const waiting = waitingLeg(key, { contact: 'c2', queuedAt: joined, anchor: joined, version: 2 });
      await subject.store.write(flushOf({ legs: [answered(key, joined, 32 * MINUTE), waiting] }));
      const namesAt = async (time: string): Promise<string[]> => {
        const { rows } = await subject.store.contacts({
          tenant: key.tenant,
          queues: [],
          sites: [],
          from: (at(`${YESTERDAY}T${time}:00Z`) - 15 * MINUTE) as Instant,
          to: at(`${YESTERDAY}T${time}:00Z`),
          attribution: 'event',
          class: 'still_waiting',
          shortAbandonSeconds: 5,
          limit: 10,
        });
        return rows.map(({ contact }) => contact);
      };
      expect(await namesAt('10:00')).toEqual([]);
      expect(await namesAt('10:15')).toEqual(['c2', 'contact-1']);
      expect(await namesAt('10:37')).toEqual(['c2', 'contact-1']);
      expect(await namesAt('10:45')).toEqual(['c2']);
    });

    it('lists legs in pages that join without a gap or a repeat', async () => {
      const key = subject.fresh();
      const legs = Array.from({ length: 23 }, (_, n) =>
        answered(key, at(`${YESTERDAY}T10:0${n % 3}:00Z`), 1000 * n, { contact: `c${n}`, version: n + 1 }),
      );
      await subject.store.write(flushOf({ legs }));
      const request = {
        tenant: key.tenant,
        queues: [],
        sites: [],
        from: at(`${YESTERDAY}T00:00:00Z`),
        to: CONTRACT_NOW as Instant,
        attribution: 'arrival',
        shortAbandonSeconds: 5,
      } as const;
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await subject.store.contacts({ ...request, limit: 4, ...(cursor !== null && { cursor }) });
        found.push(...page.rows.map(({ contact }) => contact));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(found).toHaveLength(23);
      expect(new Set(found).size).toBe(23);
      await expect(subject.store.contacts({ ...request, limit: 4, cursor: 'made-up' })).rejects.toThrow(/^cursor: /);
    });
  });
};
