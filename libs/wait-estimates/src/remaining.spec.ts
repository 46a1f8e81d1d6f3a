import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextRemaining, type Remaining } from './remaining.js';

const MINUTE = 60_000;
const duration = fc.integer({ min: 0, max: 3_600_000 });
const told = fc.tuple(duration, duration, duration, duration).map(([a, b, c, at]): Remaining => {
  const [lowMs = 0, p50Ms = 0, highMs = 0] = [a, b, c].sort((one, other) => one - other);
  return { lowMs, p50Ms, highMs, at };
});

/** What is told at every step of the clock while the estimate says the same. */
const followed = (first: Remaining, fresh: Omit<Remaining, 'at'>, stepMs: number, forMs: number): Remaining[] => {
  const all = [first];
  for (let at = first.at + stepMs; at <= first.at + forMs; at += stepMs)
    all.push(nextRemaining(all.at(-1) ?? null, { ...fresh, at }));
  return all;
};

it('tells at first what there is to tell', () => {
  const fresh = { lowMs: 1, p50Ms: 2, highMs: 3, at: 4 };
  expect(nextRemaining(null, fresh)).toEqual(fresh);
});

it('never rises by more than the band told before explains, and stays a band', () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 2 }), (many) => {
      let previous: Remaining | null = null;
      for (const fresh of many.toSorted((one, other) => one.at - other.at)) {
        const next = nextRemaining(previous, fresh);
        expect(next.lowMs).toBeLessThanOrEqual(next.p50Ms);
        expect(next.p50Ms).toBeLessThanOrEqual(next.highMs);
        if (previous) {
          const elapsed = next.at - previous.at;
          const width = Math.max(2 * MINUTE, previous.highMs - previous.lowMs);
          const left = Math.max(0, previous.highMs - elapsed);
          expect(next.p50Ms).toBeLessThanOrEqual(left);
          expect(next.highMs).toBeLessThanOrEqual(left + (width * elapsed) / MINUTE + 1e-6);
        }
        expect(next.p50Ms).toBeLessThanOrEqual(fresh.p50Ms);
        expect(next.highMs).toBeLessThanOrEqual(fresh.highMs);
        previous = next;
      }
    }),
  );
});

it('falls at once', () => {
  const first = { lowMs: 60_000, p50Ms: 120_000, highMs: 180_000, at: 0 };
  expect(nextRemaining(first, { lowMs: 0, p50Ms: 20_000, highMs: 50_000, at: 10_000 }).p50Ms).toBe(20_000);
});

it('widens before it moves: ten seconds later nobody is told ten minutes who was told three at most', () => {
  const first = { lowMs: 60_000, p50Ms: 120_000, highMs: 180_000, at: 0 };
  const longer = { lowMs: 400_000, p50Ms: 600_000, highMs: 900_000 };
  const second = nextRemaining(first, { ...longer, at: 10_000 });
  expect(second).toEqual({ lowMs: 50_000, p50Ms: 170_000, highMs: 190_000, at: 10_000 });
  const [, , third] = followed(first, longer, 10_000, 20_000);
  expect(third!.p50Ms).toBeLessThanOrEqual(190_000);
});

it.each([250, 2_000, 15_000])('has followed a lasting change within minutes, asked every %i ms', (step) => {
  const first = { lowMs: 0, p50Ms: 10_000, highMs: 30_000, at: 0 };
  const longer = { lowMs: 400_000, p50Ms: 600_000, highMs: 900_000 };
  const all = followed(first, longer, step, 10 * MINUTE);
  expect(all.at(-1)).toMatchObject(longer);
  // And not before it could: a minute after it was told half a minute, nobody is told ten.
  expect(all.find(({ at }) => at >= MINUTE)!.p50Ms).toBeLessThan(3 * MINUTE);
});

it('remembers what was promised before nothing could be told', () => {
  const first = { lowMs: 60_000, p50Ms: 120_000, highMs: 180_000, at: 0 };
  const afterwards = nextRemaining(first, { lowMs: 400_000, p50Ms: 600_000, highMs: 900_000, at: 30_000 });
  expect(afterwards.p50Ms).toBe(150_000);
});
