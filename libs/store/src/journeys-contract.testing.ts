import type { LegFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { allRows, requestFor } from './contract-subject.testing.js';
import { answered, at, flushOf, leg, queue, TODAY, YESTERDAY } from './facts.testing.js';
import type { SiteKey } from './port.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

const DAY = 86_400_000;
const METRICS = ['repeat_contacts', 'repeat_rate', 'first_contacts', 'first_contact_resolution'];
const NOON = at('2026-01-10T12:00:00Z');

/** Whether customers had to come back, and who waited behind closed doors. */
export const journeysContract = (subject: StoreUnderTest): void => {
  describe('journeys', () => {
    let contacts = 0;
    /** A call of a caller, so many days after the first noon. */
    const call = (key: SiteKey, caller: string, days: number, more: Partial<Record<keyof LegFact, unknown>> = {}) =>
      answered(key, (NOON + days * DAY) as Instant, 1000, {
        contact: `c${(contacts += 1)}`,
        callerKey: caller,
        version: contacts,
        ...more,
      });
    const report = async (key: SiteKey, groups: readonly (readonly [string, string])[] = [], days = 7) => {
      const rows = await allRows(
        subject.store,
        requestFor(key, {
          from: NOON,
          to: (NOON + DAY) as Instant,
          metrics: METRICS,
          repeats: { days, groups: new Map(groups) },
        }),
      );
      return Object.fromEntries(rows.map((row) => [row.queue, METRICS.map((id) => row.values[id])]));
    };

    it('tell who came again, and who did not have to', async () => {
      const key = subject.fresh();
      const legs = [
        // Comes back on the seventh day, to the millisecond.
        call(key, 'back', 0),
        call(key, 'back', 7),
        // Comes back a millisecond later: not a repeat.
        call(key, 'late', 0),
        call(key, 'late', 7 + 1 / DAY),
        // Was there the day before: a repeat, and no first contact.
        call(key, 'again', -1),
        call(key, 'again', 0),
        // Was not answered: no first contact.
        call(key, 'gave up', 0, { outcome: 'abandoned' }),
        // A transfer is one contact; a callback is the centre's; consults and unknown callers do not count.
        call(key, 'moved', 0, { contact: 'moved' }),
        call(key, 'moved', 0.01, { contact: 'moved', leg: 'leg-2' }),
        call(key, 'called', 0),
        call(key, 'called', 0.1, { direction: 'outbound', channel: 'callback' }),
        call(key, 'internal', 0, { internal: true }),
        call(key, null as never, 0),
      ];
      await subject.store.write(flushOf({ legs }));
      // Known: back, late, again, gave up, moved, called. First contacts: back, late, moved, called.
      expect(await report(key)).toEqual({ support: [1, 1 / 6, 4, 3 / 4] });
      expect(await report(key, [], 8)).toEqual({ support: [1, 1 / 6, 4, 2 / 4] });
    });

    it('look at a group of queues as one', async () => {
      const key = subject.fresh();
      await subject.store.write(flushOf({ legs: [call(key, 'x', 0), call(key, 'x', 1, { queue: queue('sales') })] }));
      expect(await report(key)).toEqual({ support: [0, 0, 1, 1] });
      const group = [
        ['support', 'front'],
        ['sales', 'front'],
      ] as const;
      expect(await report(key, group)).toEqual({ support: [0, 0, 1, 0] });
      const [row] = await allRows(
        subject.store,
        requestFor(key, {
          from: NOON,
          to: (NOON + 2 * DAY) as Instant,
          queues: [queue('sales')],
          metrics: ['repeat_contacts'],
          repeats: { days: 7, groups: new Map(group) },
        }),
      );
      expect(row).toMatchObject({ queue: 'sales', values: { repeat_contacts: 1 } });
    });

    it('say nothing about a first contact before its days have passed', async () => {
      const key = subject.fresh();
      const legs = [answered(key, at(`${YESTERDAY}T10:00:00Z`), 1000, { callerKey: 'x' })];
      await subject.store.write(flushOf({ legs }));
      const [row] = await allRows(subject.store, requestFor(key, { metrics: METRICS }));
      expect(METRICS.map((id) => row?.values[id])).toEqual([0, 0, 0, null]);
    });
  });

  describe('closed hours', () => {
    it('tell who joined then, or still waited; not who was sent away at the instant of closing', async () => {
      const key = subject.fresh();
      const time = (text: string): Instant => at(`${YESTERDAY}T${text}Z`);
      const left = (contact: string, joined: string, leftAt: string | null, more = {}): LegFact =>
        leg(key, {
          contact,
          anchor: time(joined),
          queuedAt: time(joined),
          leftQueueAt: leftAt === null ? null : time(leftAt),
          outcome: leftAt === null ? 'waiting' : 'abandoned',
          waitMs: leftAt === null ? null : time(leftAt) - time(joined),
          ...more,
        });
      const legs = [
        left('answered before', '16:50:00', '16:59:59'),
        left('sent away', '16:50:00', '17:00:00'),
        left('one millisecond', '16:50:00', '17:00:00.001'),
        left('an hour later', '16:50:00', '18:00:00'),
        left('joined when closed', '20:00:00', '20:00:00'),
        left('waits still', '16:00:00', null),
        left('elsewhere', '20:00:00', '21:00:00', { queue: queue('always open') }),
        left('consult', '20:00:00', '21:00:00', { internal: true }),
      ];
      await subject.store.write(flushOf({ legs }));
      const closings = [{ queue: 'support', from: time('17:00:00'), to: at(`${TODAY}T08:00:00Z`) }];
      const request = requestFor(key, { grain: 'total', metrics: ['offered', 'after_hours_waiters'], closings });
      const rows = await allRows(subject.store, request);
      expect(rows.map(({ queue: name, values }) => [name, values])).toEqual([
        ['always open', { offered: 1, after_hours_waiters: 0 }],
        ['support', { offered: 6, after_hours_waiters: 4 }],
      ]);
    });
  });

  describe('figures', () => {
    it('are the interval report’s, over any windows at once, and say what is nothing', async () => {
      const key = subject.fresh();
      const legs = Array.from({ length: 60 }, (_, n) =>
        answered(key, (at(`${TODAY}T08:00:00Z`) + n * 97_000) as Instant, (n % 7) * 1000, {
          contact: `c${n}`,
          version: n + 1,
        }),
      );
      await subject.store.write(flushOf({ legs }));
      const windows = [
        ['08:00', '12:00'],
        ['08:07', '09:11'],
        ['03:00', '04:00'],
      ] as const;
      for (const attribution of ['arrival', 'event', 'clipped'] as const) {
        const metrics = ['offered', 'service_level', 'p90_answered_wait', 'talk_time'];
        const bounds = windows.map(([from, to]) => ({
          from: at(`${TODAY}T${from}:00Z`),
          to: at(`${TODAY}T${to}:00Z`),
        }));
        const figures = await subject.store.figures(
          bounds.map((range) => ({
            ...key,
            ...range,
            queue: queue('support'),
            thresholdSeconds: 3,
            shortAbandonSeconds: 5,
          })),
          { metrics, attribution, timeZone: 'UTC' },
        );
        expect(figures.metrics).toEqual(metrics.map((id) => `${id}@1`));
        for (const [n, range] of bounds.entries()) {
          const [row] = await allRows(
            subject.store,
            requestFor(key, { ...range, metrics, attribution, thresholdSeconds: 3 }),
          );
          expect(figures.values[n]).toEqual(
            row?.values ?? { offered: 0, service_level: null, p90_answered_wait: null, talk_time: 0 },
          );
        }
      }
    });
  });
};
