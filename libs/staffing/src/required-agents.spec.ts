import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Demand } from './demand.js';
import { steadyState } from './erlang.js';
import { requiredAgents } from './required-agents.js';

const demand = fc.record({
  arrivalRate: fc.double({ min: 0, max: 500, noNaN: true }),
  meanHandle: fc.double({ min: 0.01, max: 10, noNaN: true }),
  meanPatience: fc.oneof(fc.double({ min: 0.01, max: 1000, noNaN: true }), fc.constant(Infinity)),
});
const target = fc.record({
  share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  threshold: fc.double({ min: 0, max: 5, noNaN: true }),
});

describe('required agents', () => {
  it('are the fewest that meet the target', () => {
    fc.assert(
      fc.property(demand, target, (demand, target) => {
        const agents = requiredAgents(demand, target)!;
        const level = (count: number): number => steadyState(demand, count).serviceLevel(target.threshold);
        expect(level(agents)).toBeGreaterThanOrEqual(target.share);
        if (agents > 0) expect(level(agents - 1)).toBeLessThan(target.share);
      }),
    );
  });

  it('answer the everyday question: 80 % in 20 s, or in 150 s, of 200 calls an hour of 3 minutes', () => {
    const calls: Demand = { arrivalRate: 200 / 3600, meanHandle: 180, meanPatience: Infinity };
    expect(requiredAgents(calls, { share: 0.8, threshold: 20 })).toBe(14);
    expect(requiredAgents(calls, { share: 0.8, threshold: 150 })).toBe(12);
    expect(requiredAgents({ ...calls, meanPatience: 300 }, { share: 0.8, threshold: 150 })).toBe(10);
  });

  it('are none without arrivals', () => {
    expect(requiredAgents({ arrivalRate: 0, meanHandle: 1, meanPatience: 1 }, { share: 0.8, threshold: 1 })).toBe(0);
  });

  it('are found for ten thousand erlangs, by the square-root rule', () => {
    const agents = requiredAgents(
      { arrivalRate: 10_000, meanHandle: 1, meanPatience: Infinity },
      { share: 0.8, threshold: 0 },
    )!;
    // P(wait) of a fifth is beta = 1.06: Halfin and Whitt, Operations Research 29(3), 1981.
    expect(agents).toBeGreaterThan(10_104);
    expect(agents).toBeLessThan(10_109);
  });

  it('are null where even the most that are reckoned with would not do', () => {
    const flood = { arrivalRate: 1_000_000, meanHandle: 1, meanPatience: Infinity };
    expect(requiredAgents(flood, { share: 0.8, threshold: 1 })).toBeNull();
  });

  it.each([
    [{ share: 1, threshold: 1 }, /^share must be a number between 0 and 1, both excluded, not 1$/],
    [{ share: NaN, threshold: 1 }, /^share/],
    [{ share: 0.8, threshold: -1 }, /^threshold must be a number, 0 or more, not -1$/],
  ])('refuse %o by name', (target, message) => {
    expect(() => requiredAgents({ arrivalRate: 1, meanHandle: 1, meanPatience: 1 }, target)).toThrow(message);
  });
});
