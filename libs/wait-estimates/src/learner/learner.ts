import { Chance } from './chance.js';
import { ExampleMemory, type Example } from './example-memory.js';
import { FEATURE_COUNT } from './features.js';
import { adamStep } from './parameters.js';
import { QuantileNetwork } from './quantile-network.js';

/** A step is made for this many new examples, beside as many remembered ones as make a batch. */
const NEW_IN_BATCH = 4;
const REMEMBERED_IN_BATCH = 28;
/** Step size of the beginning and in the long run; it halves on the way every so many examples. */
const FIRST_RATE = 0.002;
const LAST_RATE = 0.0004;
const RATE_HALVES = 40_000;
const WEIGHT_DECAY = 0.01;
/** The averages follow over about 50 steps, 200 examples. */
const AVERAGING = 0.02;

/**
 * Learns a site's waits online: each new example is gone over once, and past ones again and again. Work per example is
 * bounded: eight times forwards and backwards through the network.
 */
export class WaitLearner {
  private readonly chance: Chance;
  private readonly network: QuantileNetwork;
  private readonly memory = new ExampleMemory();
  private pending: Example[] = [];
  private readonly recalled = new Float64Array(FEATURE_COUNT);
  private steps = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.network = new QuantileNetwork(this.chance);
  }

  /** Quantiles as log(1 + wait in seconds) at {@link LEVELS}, ascending, written to `logs`. */
  predict(features: Float32Array, queue: number, logs: Float64Array): void {
    this.network.predict(features, queue, logs);
  }

  learn(example: Example): void {
    this.pending.push(example);
    if (this.pending.length < NEW_IN_BATCH) return;
    const remembered = this.memory.size === 0 ? 0 : REMEMBERED_IN_BATCH;
    const weight = 1 / (NEW_IN_BATCH + remembered);
    for (const { features, queue, wait, censored } of this.pending)
      this.network.learn(features, queue, wait, censored, weight);
    for (let n = 0; n < remembered; n += 1) {
      const { queue, wait, censored } = this.memory.recall(this.chance.below(this.memory.size), this.recalled);
      this.network.learn(this.recalled, queue, wait, censored, weight);
    }
    for (const seen of this.pending) this.memory.keep(seen, this.chance);
    this.pending = [];
    this.steps += 1;
    const rate = LAST_RATE + (FIRST_RATE - LAST_RATE) * 0.5 ** ((this.steps * NEW_IN_BATCH) / RATE_HALVES);
    this.network.step(adamStep(this.steps, rate, WEIGHT_DECAY), Math.max(AVERAGING, 1 / this.steps));
  }
}
