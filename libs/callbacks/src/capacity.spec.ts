import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canKeepAll, offeredWindows, slotsBetween, type PromisedCall, type Slot } from './capacity.js';

const HOUR = 3_600_000;
const hour = (n: number) => instant(n * HOUR);
const slots = (...capacities: number[]): Slot[] =>
  capacities.map((capacity, n) => ({ from: hour(n), to: hour(n + 1), capacity }));
const call = (from: number, to: number): PromisedCall => ({ from: hour(from), to: hour(to) });

/** Whether some assignment of calls to slots keeps all: maximum bipartite matching by augmenting paths (Kuhn). */
const matchable = (all: readonly Slot[], calls: readonly PromisedCall[]): boolean => {
  const places = all.flatMap((slot) => Array.from({ length: slot.capacity }, () => slot));
  const taken = new Map<number, number>();
  const place = (index: number, seen: Set<number>): boolean =>
    places.some((slot, at) => {
      const fits = calls[index]!.from < slot.to && calls[index]!.to >= slot.to;
      if (!fits || seen.has(at)) return false;
      seen.add(at);
      const other = taken.get(at);
      if (other !== undefined && !place(other, seen)) return false;
      taken.set(at, index);
      return true;
    });
  return calls.every((_, index) => place(index, new Set()));
};

describe('how many calls can be promised', () => {
  it('finds an order that keeps all exactly where there is one', () => {
    const calls = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 3 }))
        .map(([from, long]) => call(from, from + long)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
        calls,
        (capacities, all) => {
          expect(canKeepAll(slots(...capacities), all)).toBe(matchable(slots(...capacities), all));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says which windows are free beside what is promised', () => {
    const two = slots(1, 1, 1);
    const free = (calls: PromisedCall[]) => offeredWindows(two, calls).map((window) => window.free);
    expect(free([])).toEqual([true, true, true]);
    expect(free([call(1, 2)])).toEqual([true, false, true]);
    // Whoever does not mind when leaves two hours for those who do, but not three.
    expect(free([call(0, 3), call(1, 2)])).toEqual([true, false, true]);
    expect(free([call(0, 3), call(0, 3), call(0, 3)])).toEqual([false, false, false]);
  });

  it('lets what is overdue go first', () => {
    const later = (n: number) =>
      slots(1, 1, 1).map((slot) => ({ ...slot, from: hour(n + slot.from / HOUR), to: hour(n + slot.to / HOUR) }));
    expect(canKeepAll(later(10), [call(2, 5), call(10, 11)])).toBe(false);
    expect(canKeepAll(later(10), [call(2, 5), call(10, 12)])).toBe(true);
  });

  it('offers open hours, what is left of this one in proportion, over a change of the clock', () => {
    const day = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: ['22:00-24:00'], sun: ['00:00-04:00'] };
    const times = { hours: day, holidays: [], timeZone: 'Europe/Brussels' };
    const from = instant(Date.parse('2026-03-28T22:30:00+01:00'));
    const found = slotsBetween(times, from, instant(from + 24 * HOUR), () => 10);
    expect(found.map(({ from: begin, capacity }) => [new Date(begin).toISOString().slice(11, 16), capacity])).toEqual([
      ['21:30', 5],
      ['22:00', 10],
      ['23:00', 10],
      ['00:00', 10],
      ['01:00', 10],
    ]);
  });
});
