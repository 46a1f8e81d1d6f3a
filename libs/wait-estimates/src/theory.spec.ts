import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '@queuecast/events';
import { markovianWait, queueLengthWait, waitQuantile, type BusyQueue } from './queue-length.js';
import { exponential, runQueue, seededUniform, type QueueModel } from './queue-model.testing.js';
import { LastToEnterService } from './textbook.js';

/**
 * Population, as in Ibrahim and Whitt 2009: contacts that find every agent busy, in steady state. An error is the
 * predicted wait less the wait that the contact had, or would have had with patience.
 */
interface SquaredErrors {
  count: number;
  les: number;
  ql: number;
  qlm: number;
  /** Variances that QLm states: what its squared errors must come to. */
  stated: number;
  /** Waits within the 10 % and 90 % quantiles of QLm, where asked for. */
  inBand: number;
}

const BATCHES = 40;

interface Run {
  readonly model: QueueModel;
  readonly batch: number;
  readonly withBand?: boolean;
}

/** Squared errors by batch of arrivals; a first batch, not kept, fills the empty centre. */
const simulate = ({ model, batch, withBand = false }: Run): SquaredErrors[] => {
  const les = new LastToEnterService();
  const batches = Array.from({ length: BATCHES + 1 }, () => ({
    count: 0,
    les: 0,
    ql: 0,
    qlm: 0,
    stated: 0,
    inBand: 0,
  }));
  const { agents, meanHandle, meanPatience } = model;
  let arrivals = 0;
  runQueue(
    {
      ...model,
      nextArrival: () => {
        arrivals += 1;
        return model.nextArrival();
      },
    },
    batch * (BATCHES + 1),
    {
      joined: (_now, waiting) => {
        const queue: BusyQueue = { waiting, agents, meanHandle, meanPatience };
        return {
          errors: batches[Math.min(BATCHES, Math.floor(arrivals / batch))]!,
          les: les.wait!,
          ql: queueLengthWait(queue)!,
          qlm: markovianWait(queue)!,
          band: withBand ? ([waitQuantile(queue, 0.1)!, waitQuantile(queue, 0.9)!] as const) : null,
        };
      },
      answered: (now, wait) => {
        les.answered(instant(now), milliseconds(wait));
      },
      waited: (known, wait) => {
        const { errors } = known;
        errors.count += 1;
        errors.les += (known.les - wait) ** 2;
        errors.ql += (known.ql - wait) ** 2;
        errors.qlm += (known.qlm.mean - wait) ** 2;
        errors.stated += known.qlm.variance;
        if (known.band && wait >= known.band[0] && wait <= known.band[1]) errors.inBand += 1;
      },
    },
  );
  return batches.slice(1);
};

/** Ratio of two sums with its standard error by batch means (Law and Kelton, Simulation Modeling and Analysis, 9.5). */
const ratio = (
  batches: readonly SquaredErrors[],
  above: keyof SquaredErrors,
  below: keyof SquaredErrors,
): { value: number; standardError: number } => {
  const sum = (key: keyof SquaredErrors): number => batches.reduce((total, batch) => total + batch[key], 0);
  const value = sum(above) / sum(below);
  const squares = batches.reduce((total, batch) => total + (batch[above] - value * batch[below]) ** 2, 0);
  const { length } = batches;
  return { value, standardError: Math.sqrt((squares * length) / (length - 1)) / sum(below) };
};

/** Within three standard errors, which must be small themselves for that to mean anything. */
const expectWithinError = (
  measured: { value: number; standardError: number },
  theory: number,
  { precision, printed = 0 }: { precision: number; printed?: number },
): void => {
  expect(measured.standardError / theory).toBeLessThan(precision);
  expect(Math.abs(measured.value - theory)).toBeLessThan(3 * measured.standardError + printed);
};

const agents = 100;
const meanHandle = 300_000;
/** Mean time between two ends of conversation while every agent is busy, milliseconds: 1 / (s mu). */
const service = meanHandle / agents;

const poissonModel = (load: number, seed: number, meanPatience = Infinity): QueueModel => {
  const uniform = seededUniform(seed);
  return { agents, meanHandle, meanPatience, uniform, nextArrival: () => exponential(uniform, service / load) };
};

describe('M/M/s', () => {
  // Ibrahim and Whitt 2009, table 1: MSE(LES) / MSE(QL) with 100 agents.
  it.each([
    { load: 0.98, lesToQl: 2.04, batch: 120_000 },
    { load: 0.95, lesToQl: 2.1, batch: 60_000 },
    { load: 0.93, lesToQl: 2.13, batch: 60_000 },
    { load: 0.9, lesToQl: 2.19, batch: 60_000 },
    { load: 0.85, lesToQl: 2.24, batch: 80_000 },
  ])('at load $load: QL errs as theory says, LES by $lesToQl of it', ({ load, lesToQl, batch }) => {
    const errors = simulate({ model: poissonModel(load, Math.round(load * 100)), batch });
    expectWithinError(ratio(errors, 'ql', 'count'), service ** 2 / (1 - load), { precision: 0.1 });
    expectWithinError(ratio(errors, 'les', 'ql'), lesToQl, { precision: 0.02, printed: 0.005 });
  });
});

describe('GI/M/s', () => {
  /** Arrivals that find all busy find a geometric queue with this parameter: the root of x = A*((1 - x) s mu). */
  const root = (transform: (rate: number) => number): number => {
    let x = 0.5;
    for (let round = 0; round < 10_000; round += 1) x = transform((1 - x) / service);
    return x;
  };
  const load = 0.95;
  const between = service / load;

  it('with clockwork arrivals: QL errs as theory says, and LES hardly more', () => {
    const uniform = seededUniform(1);
    const model = { agents, meanHandle, meanPatience: Infinity, uniform, nextArrival: () => between };
    const errors = simulate({ model, batch: 40_000 });
    const x = root((rate) => Math.exp(-rate * between));
    expectWithinError(ratio(errors, 'ql', 'count'), service ** 2 / (1 - x), { precision: 0.05 });
    // In heavy traffic LES errs 1 + c^2 times as much as QL, c^2 that of the times between arrivals (same paper, 5).
    expect(ratio(errors, 'les', 'ql').value).toBeLessThan(1.5);
  });

  it('with bursts of arrivals: QL errs as theory says, and LES much more', () => {
    // Hyperexponential, balanced means, squared coefficient of variation 4.
    const share = (1 + Math.sqrt(3 / 5)) / 2;
    const means = [between / (2 * share), between / (2 * (1 - share))] as const;
    const uniform = seededUniform(2);
    const nextArrival = (): number => exponential(uniform, uniform() < share ? means[0] : means[1]);
    const errors = simulate({
      model: { agents, meanHandle, meanPatience: Infinity, uniform, nextArrival },
      batch: 80_000,
    });
    const x = root((rate) => share / (1 + rate * means[0]) + (1 - share) / (1 + rate * means[1]));
    expectWithinError(ratio(errors, 'ql', 'count'), service ** 2 / (1 - x), { precision: 0.1 });
    expect(ratio(errors, 'les', 'ql').value).toBeGreaterThan(4);
  });
});

describe('M/M/s+M under overload', () => {
  // Just above load 1 few hang up, and QL, which does not know of them, still errs less than LES.
  it.each([
    { load: 1.4, patience: meanHandle },
    { load: 1.6, patience: meanHandle / 2 },
  ])('at load $load: QLm errs as it says, less than LES, and LES less than QL', ({ load, patience }) => {
    const model = poissonModel(load, Math.round(load * 100), patience);
    const errors = simulate({ model, batch: 5000, withBand: true });
    expectWithinError(ratio(errors, 'qlm', 'stated'), 1, { precision: 0.02 });
    expectWithinError(ratio(errors, 'inBand', 'count'), 0.8, { precision: 0.01 });
    for (const [less, more] of [
      ['qlm', 'les'],
      ['les', 'ql'],
    ] as const) {
      const { value, standardError } = ratio(errors, less, more);
      expect(value).toBeLessThan(1 - 3 * standardError);
    }
  });
});
