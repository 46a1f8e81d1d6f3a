import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ladderPositions, remainingAt, remainingUnordered, type Rung } from './ladder.js';

const rung = (position: number, p50Ms: number): Rung => ({ position, lowMs: p50Ms / 2, p50Ms, highMs: 2 * p50Ms });

describe('the rungs of a ladder', () => {
  it('are close together at the head, and end with the last who waits', () => {
    expect(ladderPositions(0)).toEqual([]);
    expect(ladderPositions(1)).toEqual([1]);
    expect(ladderPositions(5)).toEqual([1, 2, 3, 5]);
    expect(ladderPositions(30)).toEqual([1, 2, 3, 5, 8, 13, 21, 30]);
    expect(ladderPositions(100_000).length).toBeLessThan(26);
  });

  it('ascend, begin with the head and end with the last, however many wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (waiting) => {
        const positions = ladderPositions(waiting);
        expect([positions[0], positions.at(-1)]).toEqual([1, waiting]);
        expect(positions).toEqual([...new Set(positions)].toSorted((one, other) => one - other));
      }),
    );
  });
});

describe('what is left', () => {
  const ladder = [rung(1, 10_000), rung(2, 20_000), rung(5, 80_000)];

  it('is that of the rung, in between in proportion, behind the last that of the last', () => {
    expect([1, 2, 3, 4, 5, 9].map((position) => remainingAt(ladder, position)?.p50Ms)).toEqual([
      10_000, 20_000, 40_000, 60_000, 80_000, 80_000,
    ]);
    expect(remainingAt(ladder, 3)).toEqual({ lowMs: 20_000, p50Ms: 40_000, highMs: 80_000 });
    expect(remainingAt([], 1)).toBeNull();
  });

  it('ends with what is left to the last where the first to come is not served first', () => {
    expect(remainingUnordered(ladder, 2)).toEqual({ lowMs: 10_000, p50Ms: 20_000, highMs: 160_000 });
    expect(remainingUnordered([], 1)).toBeNull();
  });
});
