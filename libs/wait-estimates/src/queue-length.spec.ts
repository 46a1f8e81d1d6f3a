import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markovianWait, queueLengthWait, waitProbability, waitQuantile, type BusyQueue } from './queue-length.js';

const summed = (queue: BusyQueue): { mean: number; variance: number } => {
  let mean = 0;
  let variance = 0;
  for (let k = queue.waiting; k >= 0; k -= 1) {
    const time = 1 / (queue.agents / queue.meanHandle + k / queue.meanPatience);
    mean += time;
    variance += time * time;
  }
  return { mean, variance };
};

const busyQueue = fc.record({
  waiting: fc.integer({ min: 0, max: 3000 }),
  agents: fc.double({ min: 0.1, max: 2000, noNaN: true }),
  meanHandle: fc.double({ min: 1, max: 1e6, noNaN: true }),
  meanPatience: fc.oneof(fc.double({ min: 1, max: 1e12, noNaN: true }), fc.constant(Infinity)),
});

describe('QL', () => {
  it('is (n + 1) handle times over s agents', () => {
    expect(queueLengthWait({ waiting: 9, agents: 5, meanHandle: 200, meanPatience: Infinity })).toBe(400);
  });

  it('says nothing without agents or a handle time', () => {
    const queue = { waiting: 9, agents: 5, meanHandle: 200, meanPatience: 100 };
    for (const wrong of [{ agents: 0 }, { meanHandle: 0 }, { meanHandle: NaN }, { waiting: -1 }, { meanPatience: 0 }]) {
      expect(queueLengthWait({ ...queue, ...wrong })).toBeNull();
      expect(markovianWait({ ...queue, ...wrong })).toBeNull();
      expect(waitQuantile({ ...queue, ...wrong }, 0.5)).toBeNull();
    }
  });
});

describe('QLm', () => {
  it('has the mean and variance of the sum, term by term', () => {
    fc.assert(
      fc.property(busyQueue, (queue) => {
        const direct = summed(queue);
        const closed = markovianWait(queue)!;
        expect(Math.abs(closed.mean / direct.mean - 1)).toBeLessThan(1e-10);
        expect(Math.abs(closed.variance / direct.variance - 1)).toBeLessThan(1e-10);
      }),
    );
  });

  it('is QL when nobody hangs up, and less when some do', () => {
    fc.assert(
      fc.property(busyQueue, (queue) => {
        const endless = markovianWait({ ...queue, meanPatience: Infinity })!;
        expect(endless.mean / queueLengthWait(queue)!).toBeCloseTo(1, 12);
        expect(markovianWait(queue)!.mean).toBeLessThanOrEqual(endless.mean * (1 + 1e-12));
      }),
    );
  });

  it('costs the same for a queue of ten million', () => {
    const { mean } = markovianWait({ waiting: 1e7, agents: 100, meanHandle: 300, meanPatience: 600 })!;
    expect(mean).toBeCloseTo(600 * Math.log((1e7 + 200.5) / 199.5), 2);
  });

  it('has quantiles that its distribution confirms', () => {
    fc.assert(
      fc.property(busyQueue, fc.constantFrom(0.05, 0.1, 0.5, 0.9, 0.95), (queue, share) => {
        expect(waitProbability(queue, waitQuantile(queue, share)!)).toBeCloseTo(share, 5);
      }),
    );
  });

  it('has the distribution of the sum of exponential times', () => {
    // Two stages with rates 2 and 3: P(W <= w) = 1 - 3 exp(-2w) + 2 exp(-3w).
    const two = { waiting: 1, agents: 2, meanHandle: 1, meanPatience: 1 };
    for (const w of [0.05, 0.3, 1, 4])
      expect(waitProbability(two, w)).toBeCloseTo(1 - 3 * Math.exp(-2 * w) + 2 * Math.exp(-3 * w), 12);
    // One stage, with and without patience: exponential.
    for (const meanPatience of [50, Infinity])
      expect(waitQuantile({ waiting: 0, agents: 4, meanHandle: 1, meanPatience }, 0.5)).toBeCloseTo(Math.LN2 / 4, 6);
  });

  it('goes over from the gamma to the beta distribution without a step', () => {
    const around = (meanPatience: number): BusyQueue => ({ waiting: 49, agents: 10, meanHandle: 1, meanPatience });
    for (const share of [0.01, 0.1, 0.5, 0.9, 0.99]) {
      const gamma = waitQuantile(around(500.001), share)!;
      const beta = waitQuantile(around(499.999), share)!;
      expect(Math.abs(gamma / beta - 1)).toBeLessThan(2e-5);
    }
  });

  it('refuses a share that is none', () => {
    const queue = { waiting: 1, agents: 2, meanHandle: 1, meanPatience: 1 };
    expect(() => waitQuantile(queue, 1)).toThrow(/share/);
    expect(() => waitQuantile(queue, NaN)).toThrow(/share/);
  });
});
