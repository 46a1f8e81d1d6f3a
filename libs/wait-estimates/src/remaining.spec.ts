import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextRemaining, type Remaining } from './remaining.js';

const duration = fc.integer({ min: 0, max: 3_600_000 });
const told = fc.tuple(duration, duration, duration, duration).map(([a, b, c, at]): Remaining => {
  const [lowMs = 0, p50Ms = 0, highMs = 0] = [a, b, c].sort((one, other) => one - other);
  return { lowMs, p50Ms, highMs, at };
});

it('tells at first what there is to tell', () => {
  const fresh = { lowMs: 1, p50Ms: 2, highMs: 3, at: 4 };
  expect(nextRemaining(null, fresh)).toEqual(fresh);
});

it('never rises above what was told at most, less the time that passed, and stays a band', () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 2 }), (many) => {
      let previous: Remaining | null = null;
      for (const fresh of many.toSorted((one, other) => one.at - other.at)) {
        const next = nextRemaining(previous, fresh);
        expect(next.lowMs).toBeLessThanOrEqual(next.p50Ms);
        expect(next.p50Ms).toBeLessThanOrEqual(next.highMs);
        if (previous)
          expect(next.at + next.p50Ms).toBeLessThanOrEqual(Math.max(next.at, previous.at + previous.highMs));
        expect(next.p50Ms).toBeLessThanOrEqual(fresh.p50Ms);
        previous = next;
      }
    }),
  );
});

it('falls at once, and follows a wait that lengthens step by step', () => {
  const first = { lowMs: 60_000, p50Ms: 120_000, highMs: 180_000, at: 0 };
  expect(nextRemaining(first, { lowMs: 0, p50Ms: 20_000, highMs: 50_000, at: 10_000 }).p50Ms).toBe(20_000);
  const longer = { lowMs: 400_000, p50Ms: 600_000, highMs: 900_000, at: 10_000 };
  const second = nextRemaining(first, longer);
  expect(second).toEqual({ lowMs: 170_000, p50Ms: 170_000, highMs: 900_000, at: 10_000 });
  expect(nextRemaining(second, { ...longer, at: 20_000 }).p50Ms).toBe(600_000);
});
