import type { LegFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import type { StoreUnderTest } from './contract-subject.testing.js';
import { answered, flushOf, leg, queue, TODAY } from './facts.testing.js';
import type { WaitHistoryRequest } from './port.js';

const ZONE = 'Europe/Brussels';

/** Waits by hour of the week, by the queue's own days. */
export const waitHistoryContract = (subject: StoreUnderTest): void => {
  const now = DateTime.fromISO(TODAY, { zone: ZONE });
  const requestFor = (key: { tenant: WaitHistoryRequest['tenant'] }, more: Partial<WaitHistoryRequest> = {}) => ({
    tenant: key.tenant,
    queues: [queue('support')],
    from: now.minus({ weeks: 8 }).toMillis() as Instant,
    to: now.toMillis() as Instant,
    timeZone: ZONE,
    businessDayStart: '00:00',
    holidays: [],
    halfLifeDays: 7,
    ...more,
  });
  const monday = now.startOf('week').minus({ weeks: 1 });
  /** Contacts of a moment, each with its wait in seconds. */
  const answers = (key: Parameters<typeof answered>[0], moment: DateTime, waits: readonly number[], name: string) =>
    waits.map((wait, n) =>
      answered(key, (moment.toMillis() + n * 1000) as Instant, wait * 1000, {
        contact: `${name}-${n}`,
        version: n + 1,
      }),
    );

  describe('waits by hour of the week', () => {
    it('are those of the weekday and hour that the queue’s clock showed, recent weeks weighing more', async () => {
      const key = subject.fresh();
      const nine = monday.set({ hour: 9, minute: 20 });
      const legs: LegFact[] = [
        ...answers(key, nine, [30, 30, 47.2], 'last'),
        ...answers(key, nine.minus({ weeks: 1 }), [30, 130.1], 'before'),
        ...answers(key, nine.set({ hour: 10 }), [5], 'ten'),
        leg(key, {
          contact: 'gone',
          anchor: nine.toMillis(),
          queuedAt: nine.toMillis(),
          leftQueueAt: nine.toMillis() + 12_500,
          endedAt: nine.toMillis() + 12_500,
          outcome: 'abandoned',
          waitMs: 12_500,
        }),
      ];
      await subject.store.write(flushOf({ legs }));
      const cells = await subject.store.waitHistory(requestFor(key));
      expect(cells.map(({ weekday, hour, contacts, days }) => [weekday, hour, contacts, days])).toEqual([
        [0, 9, 6, 2],
        [0, 10, 1, 1],
      ]);
      const { answered: waits, left } = cells[0]!;
      const weight = waits.get(48)!;
      expect(waits.get(135)! / weight).toBeCloseTo(0.5, 3);
      expect(waits.get(30)! / weight).toBeCloseTo(2.5, 3);
      expect(left).toEqual(new Map([[13, weight]]));
    });

    it('leave holidays out, and what lies outside the range', async () => {
      const key = subject.fresh();
      const nine = monday.set({ hour: 9 });
      const legs = [nine, nine.minus({ weeks: 1 }), nine.minus({ weeks: 9 })].flatMap((moment, n) =>
        answers(key, moment, [10], `c${n}`),
      );
      await subject.store.write(flushOf({ legs }));
      const daysOf = async (more: Partial<WaitHistoryRequest>) =>
        (await subject.store.waitHistory(requestFor(key, more))).map(({ days }) => days);
      expect(await daysOf({})).toEqual([2]);
      expect(await daysOf({ holidays: [monday.toISODate()!] })).toEqual([1]);
      expect(await daysOf({ queues: [queue('other')] })).toEqual([]);
      expect(await daysOf({ queues: [] })).toEqual([]);
    });

    it('belong to the business day, nights too', async () => {
      const key = subject.fresh();
      await subject.store.write(flushOf({ legs: answers(key, monday.set({ hour: 2 }), [10], 'night') }));
      const at = async (businessDayStart: string) => {
        const [cell] = await subject.store.waitHistory(requestFor(key, { businessDayStart }));
        return [cell?.weekday, cell?.hour];
      };
      expect(await at('00:00')).toEqual([0, 2]);
      expect(await at('04:00')).toEqual([6, 2]);
    });

    it('are of the hours that a changing clock shows', async () => {
      const key = subject.fresh();
      const fall = DateTime.fromISO('2025-10-26T00:30:00Z');
      const legs = [0, 1, 2].flatMap((hours) => answers(key, fall.plus({ hours }), [10], `h${hours}`));
      await subject.store.write(flushOf({ legs }));
      const range = {
        from: fall.minus({ days: 1 }).toMillis() as Instant,
        to: fall.plus({ days: 1 }).toMillis() as Instant,
      };
      const cells = await subject.store.waitHistory(requestFor(key, range));
      // Half past two came twice.
      expect(cells.map(({ weekday, hour, contacts, days }) => [weekday, hour, contacts, days])).toEqual([
        [6, 2, 2, 1],
        [6, 3, 1, 1],
      ]);
    });

    it('refuse what makes no sense, naming it', async () => {
      const key = subject.fresh();
      const asked = (more: Partial<WaitHistoryRequest>) => subject.store.waitHistory(requestFor(key, more));
      await expect(asked({ timeZone: 'Mars/Base' })).rejects.toThrow('timeZone: must be an IANA time zone');
      await expect(asked({ halfLifeDays: 0 })).rejects.toThrow('halfLifeDays: must be a whole number');
      const many = Array.from({ length: 65 }, (_, n) => queue(`q${n}`));
      await expect(asked({ queues: many })).rejects.toThrow('queues: must be at most 64');
    });
  });
};
