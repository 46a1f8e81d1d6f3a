import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestTime } from './outlook-best-time.js';
import { virtualWaitQuantiles } from './outlook-curve.js';
import { hoursOfWeek, outlookOf, type HourOfDay, type OutlookCell, type OutlookHour } from './outlook.js';

const counted = (waits: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const wait of waits) counts.set(wait, (counts.get(wait) ?? 0) + 1);
  return counts;
};
const nobody = new Map<number, number>();
const limits = { minContacts: 20, minDays: 2 };

const cell = (
  weekday: number,
  hour: number,
  waits: readonly number[],
  more: Partial<OutlookCell> = {},
): OutlookCell => ({
  weekday,
  hour,
  answered: counted(waits),
  left: nobody,
  contacts: waits.length,
  days: 4,
  ...more,
});
const waitsAround = (seconds: number): number[] => Array.from({ length: 21 }, (_, n) => seconds - 10 + n);

describe('quantiles of the virtual wait', () => {
  it('are those of the answered where nobody leaves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.1, 0.5, 0.9, 1),
        (waits, share) => {
          const sorted = [...waits].sort((one, other) => one - other);
          const expected = sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)];
          expect(virtualWaitQuantiles({ answered: counted(waits), left: nobody }, [share])).toEqual([expected]);
        },
      ),
    );
  });

  it('reproduce the remission times of 6-MP in Freireich et al. 1963', () => {
    // S(t) as in every textbook: .857 after 6, .753 after 10, .627 after 16, .448 after 23 weeks.
    const answered = counted([6, 6, 6, 7, 10, 13, 16, 22, 23]);
    const left = counted([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
    const before = (share: number) => virtualWaitQuantiles({ answered, left }, [share]);
    expect(before(0.1428)).toEqual([6]);
    expect(before(0.143)).toEqual([7]);
    expect(before(0.247)).toEqual([10]);
    expect(before(0.2472)).toEqual([13]);
    expect(before(0.3725)).toEqual([16]);
    expect(before(0.3726)).toEqual([22]);
    expect(before(0.5)).toEqual([23]);
    // More than four in ten left without telling.
    expect(before(0.56)).toEqual([null]);
  });

  it('are no shorter for those who hung up than if they were left out', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(waits, waits, fc.constantFrom(0.1, 0.5, 0.9), (answers, leavings, share) => {
        const answered = counted(answers);
        const [without] = virtualWaitQuantiles({ answered, left: nobody }, [share]);
        const [virtual] = virtualWaitQuantiles({ answered, left: counted(leavings) }, [share]);
        expect(virtual ?? Infinity).toBeGreaterThanOrEqual(without!);
      }),
    );
  });

  it('follow the weights, not their scale', () => {
    const once = {
      answered: new Map([
        [10, 1],
        [100, 1],
      ]),
      left: nobody,
    };
    const recent = {
      answered: new Map([
        [10, 1000],
        [100, 250],
      ]),
      left: nobody,
    };
    expect(virtualWaitQuantiles(once, [0.75])).toEqual([100]);
    expect(virtualWaitQuantiles(recent, [0.75])).toEqual([10]);
  });
});

describe('hours of the week', () => {
  it('are their own weekday where it knows enough, and that of similar days otherwise', () => {
    const week = hoursOfWeek(
      [cell(0, 9, waitsAround(300)), cell(1, 9, waitsAround(100)), cell(5, 9, waitsAround(60))],
      limits,
    );
    expect(week(0, 9)).toMatchObject({
      basis: 'weekday',
      lowMs: 292_000,
      p50Ms: 300_000,
      highMs: 308_000,
      contacts: 21,
    });
    expect(week(2, 9)).toMatchObject({ basis: 'similar_days', contacts: 42, days: 8, lowMs: 94_000, highMs: 306_000 });
    expect(week(6, 9)).toMatchObject({ basis: 'similar_days', p50Ms: 60_000 });
    expect(week(0, 10)).toBeNull();
  });

  it('say nothing of too few contacts, too few days, or where most hang up', () => {
    const few = waitsAround(60).slice(2);
    expect(hoursOfWeek([cell(0, 9, few)], limits)(0, 9)).toBeNull();
    expect(hoursOfWeek([cell(0, 9, waitsAround(60), { days: 1 })], limits)(0, 9)).toBeNull();
    const hungUp = { left: counted(Array.from({ length: 30 }, () => 80)), contacts: 51 };
    expect(hoursOfWeek([cell(0, 9, waitsAround(85), hungUp)], limits)(0, 9)).not.toBeNull();
    const gone = {
      answered: counted(waitsAround(20)),
      left: counted(Array.from({ length: 30 }, () => 300)),
      contacts: 51,
    };
    expect(hoursOfWeek([cell(0, 9, [], gone)], limits)(0, 9)).toBeNull();
  });

  it('that are closed, or not known, say so', () => {
    const hours: HourOfDay[] = [9, 10, 11].map((hour) => ({
      from: hour * 3_600_000,
      to: (hour + 1) * 3_600_000,
      open: hour !== 11,
      date: '1970-01-05',
      weekday: 0,
      hour,
    }));
    const outlook = outlookOf(hours, hoursOfWeek([cell(0, 9, waitsAround(60)), cell(0, 11, waitsAround(60))], limits));
    expect(outlook.map((hour) => (hour.kind === 'band' ? hour.forecast.p50Ms : hour.reason))).toEqual([
      60_000,
      'TOO_FEW_DATA',
      'CLOSED',
    ]);
  });
});

describe('the best time to call', () => {
  const HOUR = 3_600_000;
  /** Hours one after the other by their upper bound in minutes; null is closed. */
  const ahead = (...highs: readonly (number | null)[]): OutlookHour[] =>
    highs.map((high, n) => ({
      from: n * HOUR,
      to: (n + 1) * HOUR,
      date: '1970-01-01',
      ...(high === null
        ? { kind: 'none', reason: 'CLOSED' }
        : {
            kind: 'band',
            forecast: { lowMs: 0, p50Ms: 0, highMs: high * 60_000, basis: 'weekday', contacts: 20, days: 4 },
          }),
    }));
  const best = (hours: OutlookHour[], nowMinutes: number) => {
    const found = bestTime(hours, nowMinutes * 60_000);
    return found && [found.from / HOUR, found.to / HOUR, found.highMs / 60_000];
  };

  it('is the stretch with the lowest upper bound, and what is as good beside it', () => {
    expect(best(ahead(12, 6, 5, 5.4, 8, 5), 15)).toEqual([2, 4, 5.4]);
    expect(best(ahead(12, null, 5, null, 5), 15)).toEqual([2, 3, 5]);
  });

  it('is none unless it is meaningfully better than now', () => {
    expect(best(ahead(5), 6.9)).toBeNull();
    expect(best(ahead(5), 7)).toEqual([0, 1, 5]);
    expect(best(ahead(32), 40)).toBeNull();
    expect(best(ahead(30), 40)).toEqual([0, 1, 30]);
    expect(best(ahead(null, null), 40)).toBeNull();
    expect(best([], 40)).toBeNull();
  });
});
