import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FadingAverage, FadingSum, ForgettingMean } from './decay.js';

const steps = fc.array(
  fc.tuple(fc.double({ min: 0, max: 500, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true })),
);

describe('a fading sum', () => {
  it('is the sum of what was added, each by its age', () => {
    fc.assert(
      fc.property(steps, (added) => {
        const sum = new FadingSum(60);
        let now = 1_000;
        const amounts = added.map(([pause, amount]) => {
          now += pause;
          sum.add(now, amount);
          return { at: now, amount };
        });
        const plain = amounts.reduce((total, { at, amount }) => total + amount * Math.exp((at - now - 30) / 60), 0);
        expect(sum.value(now + 30)).toBeCloseTo(plain, 9);
      }),
    );
  });

  it('forgets what is withdrawn, whenever that is', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 900, noNaN: true }), (added, later) => {
        const sum = new FadingSum(300);
        const left = new FadingSum(300);
        let now = 0;
        const taken = added.map(([pause, amount], n) => {
          now += pause;
          sum.add(now, amount);
          if (n % 2 === 0) left.add(now, amount);
          return { at: now, amount, stays: n % 2 === 0 };
        });
        for (const { at, amount, stays } of taken) if (!stays) sum.withdraw(now + later, at, amount);
        expect(sum.value(now + later)).toBeCloseTo(left.value(now + later), 6);
      }),
    );
  });

  it('takes an instant that steps back as the latest', () => {
    const sum = new FadingSum(10);
    sum.add(100, 1);
    sum.add(90, 1);
    expect(sum.value(100)).toBe(2);
  });
});

describe('a fading average', () => {
  it('is the level, once that has lasted', () => {
    const average = new FadingAverage(60);
    average.lasted(0, 0);
    expect(average.value(60, 10)).toBeCloseTo(10 * (1 - Math.exp(-1)), 9);
    expect(average.value(6_000, 10)).toBeCloseTo(10, 9);
  });
});

describe('a forgetting mean', () => {
  it('is the plain mean at first, and null of nothing', () => {
    const mean = new ForgettingMean(0.01);
    expect(mean.value).toBeNull();
    for (const value of [1, 2, 6]) mean.add(value);
    expect(mean.value).toBeCloseTo(3, 9);
  });
});
