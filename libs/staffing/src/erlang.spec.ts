import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Demand } from './demand.js';
import { countedQueue } from './counted-queue.testing.js';
import { steadyState } from './erlang.js';

const hourly = (calls: number, meanHandle: number, meanPatience = Infinity): Demand => ({
  arrivalRate: calls / 3600,
  meanHandle,
  meanPatience,
});

describe('Erlang C', () => {
  it.each([
    { calls: 200, handle: 180, agents: 14, threshold: 20, wait: '0.174132', asa: '7.836', level: '0.888350' },
    { calls: 720, handle: 240, agents: 55, threshold: 15, wait: '0.238701', asa: '8.184', level: '0.845883' },
    { calls: 2880, handle: 60, agents: 50, threshold: 20, wait: '0.694456', asa: '20.834', level: '0.643455' },
  ])(
    'gives the published figures for $calls calls an hour',
    ({ calls, handle, agents, threshold, wait, asa, level }) => {
      const state = steadyState(hourly(calls, handle), agents);
      expect(state.waitProbability.toFixed(6)).toBe(wait);
      expect(state.meanSpeedOfAnswer.toFixed(3)).toBe(asa);
      expect(state.meanWait).toBe(state.meanSpeedOfAnswer);
      expect(state.serviceLevel(threshold).toFixed(6)).toBe(level);
    },
  );

  it('says where a queue tends that grows without end', () => {
    for (const agents of [0, 9, 10]) {
      const state = steadyState(hourly(200, 180), agents);
      expect(state).toMatchObject({
        waitProbability: 1,
        meanWait: Infinity,
        meanSpeedOfAnswer: Infinity,
        occupancy: 1,
      });
      expect(state.serviceLevel(1e9)).toBe(0);
    }
  });
});

describe('Erlang A', () => {
  it.each([
    { calls: 2880, handle: 60, agents: 50, patience: 120, abandon: '0.030912', wait: '3.7095', occupancy: '0.930324' },
    { calls: 200, handle: 180, agents: 13, patience: 300, abandon: '0.024963', wait: '7.4890', occupancy: '0.750028' },
  ])('gives the published figures for $calls calls an hour', ({ calls, handle, agents, patience, ...published }) => {
    const state = steadyState(hourly(calls, handle, patience), agents);
    expect(state.abandonProbability.toFixed(6)).toBe(published.abandon);
    expect(state.meanWait.toFixed(4)).toBe(published.wait);
    expect(state.occupancy.toFixed(6)).toBe(published.occupancy);
  });

  const smallDemand = fc.record({
    arrivalRate: fc.double({ min: 0.05, max: 6, noNaN: true }),
    meanHandle: fc.double({ min: 0.2, max: 3, noNaN: true }),
    meanPatience: fc.double({ min: 0.3, max: 5, noNaN: true }),
  });

  it('agrees with the states counted one by one', () => {
    fc.assert(
      fc.property(
        smallDemand,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (demand, agents, t) => {
          const state = steadyState(demand, agents);
          const counted = countedQueue(demand, agents, t);
          expect(state.waitProbability).toBeCloseTo(counted.waitProbability, 10);
          expect(state.abandonProbability).toBeCloseTo(counted.abandonProbability, 10);
          expect(state.meanWait).toBeCloseTo(counted.meanWait, 9);
          expect(state.meanSpeedOfAnswer).toBeCloseTo(counted.meanSpeedOfAnswer, 9);
          expect(state.serviceLevel(t)).toBeCloseTo(counted.serviceLevel, 6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('becomes Erlang C when nobody hangs up any more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (agents, load) => {
          const demand = { arrivalRate: agents * load, meanHandle: 1 };
          const endless = steadyState({ ...demand, meanPatience: Infinity }, agents);
          const away = [1e2, 1e4, 1e6].map((meanPatience) => {
            const patient = steadyState({ ...demand, meanPatience }, agents);
            return Math.max(
              endless.waitProbability - patient.waitProbability,
              endless.meanWait - patient.meanWait,
              Math.abs(endless.serviceLevel(0.3) - patient.serviceLevel(0.3)),
            );
          });
          expect(away[1]!).toBeLessThanOrEqual(away[0]! + 1e-12);
          expect(away[2]!).toBeLessThan(1e-2 * away[0]! + 1e-9);
        },
      ),
    );
  });

  it('keeps the books: who waits, hangs up and is answered', () => {
    fc.assert(
      fc.property(smallDemand, fc.integer({ min: 1, max: 30 }), (demand, agents) => {
        const state = steadyState(demand, agents);
        expect(state.serviceLevel(0)).toBeCloseTo(1 - state.waitProbability, 9);
        expect(state.serviceLevel(Infinity)).toBeCloseTo(1 - state.abandonProbability, 9);
        expect(state.abandonProbability).toBeLessThanOrEqual(state.waitProbability);
        expect(state.occupancy).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('without agents everybody waits until hanging up', () => {
    const state = steadyState(hourly(200, 180, 300), 0);
    expect(state).toMatchObject({ waitProbability: 1, abandonProbability: 1, meanWait: 300, occupancy: 1 });
    expect(state.serviceLevel(60)).toBe(0);
  });
});

describe('both', () => {
  const anyDemand = fc.record({
    arrivalRate: fc.double({ min: 0.001, max: 1e4, noNaN: true }),
    meanHandle: fc.double({ min: 1e-3, max: 1, noNaN: true }),
    meanPatience: fc.oneof(fc.double({ min: 1e-4, max: 1000, noNaN: true }), fc.constant(Infinity)),
  });

  it('get better, never worse, with an agent more', () => {
    fc.assert(
      fc.property(anyDemand, fc.integer({ min: 0, max: 10_000 }), (demand, agents) => {
        const fewer = steadyState(demand, agents);
        const more = steadyState(demand, agents + 1);
        const slack = 1e-9;
        expect(more.waitProbability).toBeLessThanOrEqual(fewer.waitProbability + slack);
        expect(more.abandonProbability).toBeLessThanOrEqual(fewer.abandonProbability + slack);
        expect(more.meanWait).toBeLessThanOrEqual(fewer.meanWait * (1 + slack));
        expect(more.occupancy).toBeLessThanOrEqual(fewer.occupancy + slack);
        for (const threshold of [0, demand.meanHandle / 10, demand.meanHandle])
          expect(more.serviceLevel(threshold)).toBeGreaterThanOrEqual(fewer.serviceLevel(threshold) - slack);
      }),
    );
  });

  it('give shares and times, no overflow, at 10,000 agents and any load', () => {
    for (const load of [1e-3, 1, 5000, 9000, 9900, 9999.9, 10_000, 10_100, 20_000, 500_000])
      for (const meanPatience of [1e-3, 0.1, 1, 10, 1000, Infinity]) {
        const state = steadyState({ arrivalRate: load, meanHandle: 1, meanPatience }, 10_000);
        for (const share of [
          state.waitProbability,
          state.abandonProbability,
          state.occupancy,
          state.serviceLevel(0.05),
        ]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(state.meanWait).toBeGreaterThanOrEqual(0);
        if (meanPatience < Infinity) expect(state.meanSpeedOfAnswer).toBeLessThan(Infinity);
      }
  });

  it('hold to the Halfin-Whitt limit at 10,000 agents', () => {
    // P(wait) tends to 1 / (1 + beta Phi(beta) / phi(beta)) with s = R + beta sqrt(R). Halfin and Whitt 1981. beta = 1.
    const load = 9900.498_756; // R + sqrt(R) = 10,000
    const limit = 1 / (1 + 0.841_344_746 / 0.241_970_725);
    expect(
      steadyState({ arrivalRate: load, meanHandle: 1, meanPatience: Infinity }, 10_000).waitProbability,
    ).toBeCloseTo(limit, 2);
  });

  it('under heavy overload lose what the agents cannot take', () => {
    const state = steadyState({ arrivalRate: 20_000, meanHandle: 1, meanPatience: 5 }, 10_000);
    expect(state.abandonProbability).toBeCloseTo(0.5, 9);
    expect(state.occupancy).toBeCloseTo(1, 9);
    // The fluid's wait is ln(lambda / (s mu)) patiences.
    expect(state.meanSpeedOfAnswer).toBeCloseTo(5 * Math.LN2, 3);
    expect(state.serviceLevel(5 * Math.LN2 - 0.5)).toBeCloseTo(0, 9);
    expect(state.serviceLevel(5 * Math.LN2 + 0.5)).toBeCloseTo(0.5, 9);
  });

  it('have nothing to wait for without arrivals', () => {
    expect(steadyState(hourly(0, 180), 3)).toMatchObject({ waitProbability: 0, meanWait: 0, occupancy: 0 });
  });

  it.each([
    [{ arrivalRate: -1 }, 5, /^arrivalRate must be a number, 0 or more, not -1$/],
    [{ arrivalRate: NaN }, 5, /^arrivalRate/],
    [{ arrivalRate: Infinity }, 5, /^arrivalRate/],
    [{ arrivalRate: 1e9 }, 5, /^arrivalRate times meanHandle must be at most 1000000 erlangs/],
    [{ meanHandle: 0 }, 5, /^meanHandle must be a number above 0, not 0$/],
    [{ meanHandle: NaN }, 5, /^meanHandle/],
    [{ meanPatience: 0 }, 5, /^meanPatience must be a number above 0, or Infinity/],
    [{ meanPatience: 1e9 }, 5, /^meanPatience must be within a factor of a million of meanHandle/],
    [{ meanPatience: 1e-9 }, 5, /^meanPatience/],
    [{}, 2.5, /^agents must be a whole number/],
    [{}, -1, /^agents/],
    [{}, NaN, /^agents/],
  ])('refuse %o with %d agents by name', (wrong, agents, message) => {
    const demand = { arrivalRate: 1, meanHandle: 3, meanPatience: 10, ...wrong };
    expect(() => steadyState(demand, agents)).toThrow(message);
  });

  it('refuse a threshold that is none', () => {
    expect(() => steadyState(hourly(200, 180), 14).serviceLevel(-1)).toThrow(/^threshold/);
    expect(() => steadyState(hourly(200, 180, 60), 14).serviceLevel(NaN)).toThrow(/^threshold/);
  });
});
