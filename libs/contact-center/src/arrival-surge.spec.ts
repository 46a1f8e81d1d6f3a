import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrivalSurge, surprise } from './arrival-surge.js';

const MINUTE = 60_000;
const START = Date.parse('2026-03-02T10:00:00Z');
const at = (minutes: number) => instant(Math.round(START + minutes * MINUTE));

/** Numbers in [0, 1) that are the same in every run. */
const chance = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Arrivals at a rate that changes, and what is said each minute. */
const said = (minutes: number, usualPerHour: number | null, ratePerHour: (minute: number) => number, seed = 1) => {
  const surge = new ArrivalSurge();
  const random = chance(seed);
  const states: ReturnType<ArrivalSurge['at']>[] = [];
  let next = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    while (next < minute + 1) {
      if (next >= minute) surge.arrived(at(next));
      next += (-Math.log(1 - random()) * 60) / ratePerHour(next);
    }
    states.push(surge.at(at(minute + 0.999), usualPerHour));
  }
  return states;
};

describe('a surge of arrivals', () => {
  it('is not seen in what is usual, busy or quiet, over a day of chance', () => {
    for (const usual of [0.5, 6, 60, 600])
      for (let seed = 1; seed <= 5; seed += 1)
        expect(said(24 * 60, usual, () => usual, seed).filter(Boolean)).toEqual([]);
  });

  it('is not seen in a day that is half as busy again as usual', () => {
    for (const usual of [6, 60, 600]) expect(said(24 * 60, usual, () => usual * 1.5).filter(Boolean)).toEqual([]);
  });

  it('of forty times the usual is known within two minutes, and told as about that when it has lasted', () => {
    const states = said(60, 60, (minute) => (minute < 30 ? 60 : 2_400));
    const first = states.findIndex(Boolean);
    expect(first).toBeGreaterThanOrEqual(30);
    expect(first).toBeLessThanOrEqual(31);
    expect(states[59]).toMatchObject({ since: at(first + 0.999) });
    expect(states[59]?.ratio).toBeGreaterThan(35);
    expect(states[59]?.ratio).toBeLessThan(45);
  });

  it('lasts until arrivals are nearly usual again, without coming and going', () => {
    const states = said(180, 60, (minute) => (minute < 30 || minute > 90 ? 60 : 400));
    const on = states.map(Boolean);
    expect(on.filter((is, n) => n > 0 && is !== on[n - 1])).toEqual([true, false]);
    expect(on.lastIndexOf(true)).toBeGreaterThanOrEqual(91);
    expect(on.lastIndexOf(true)).toBeLessThanOrEqual(106);
  });

  it('is not told where nobody knows what is usual', () => {
    expect(said(30, null, () => 6_000).filter(Boolean)).toEqual([]);
  });

  it('is told where nothing is usual, but not for a handful of callers', () => {
    expect(said(10, 0, () => 600).some(Boolean)).toBe(true);
    const surge = new ArrivalSurge();
    for (let n = 0; n < 6; n += 1) surge.arrived(at(0));
    expect(surge.at(at(0.5), 0)).toBeNull();
  });

  it('does not depend on the order of arrivals, and forgets what is over', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 20, maxLength: 60 }), (minutes) => {
        const [one, other] = [new ArrivalSurge(), new ArrivalSurge()];
        for (const minute of minutes) one.arrived(at(minute));
        for (const minute of minutes.toReversed()) other.arrived(at(minute));
        expect(one.at(at(14.5), 12)).toEqual(other.at(at(14.5), 12));
        expect(one.at(at(60), 12)).toBeNull();
      }),
    );
  });

  it('is judged by standard deviations that are one, whatever the expectation', () => {
    for (const expected of [4, 25, 100]) {
      const random = chance(7);
      const surprises = Array.from({ length: 4_000 }, () => {
        let count = 0;
        for (let time = -Math.log(1 - random()); time < expected; time -= Math.log(1 - random())) count += 1;
        return surprise(count, expected);
      });
      const mean = surprises.reduce((sum, value) => sum + value, 0) / surprises.length;
      const variance = surprises.reduce((sum, value) => sum + (value - mean) ** 2, 0) / surprises.length;
      expect(Math.sqrt(variance)).toBeGreaterThan(0.94);
      expect(Math.sqrt(variance)).toBeLessThan(1.06);
    }
  });
});
