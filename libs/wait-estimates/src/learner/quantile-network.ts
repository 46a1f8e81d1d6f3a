import type { Chance } from './chance.js';
import { FEATURE_COUNT, LAST_WAIT_FEATURE, logWaitOf, SITE_LAST_WAIT_FEATURE } from './features.js';
import { Parameters, type Step } from './parameters.js';

/** The shares of contacts that wait at most the quantiles the network tells. */
export const LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;
export const LEVEL_COUNT = LEVELS.length;
const FIRST_HIDDEN = 32;
const SECOND_HIDDEN = 24;
/** Slope of a unit that is off. */
const LEAK = 0.2;
/** Bounds of log(1 + wait in seconds): up to two hours and a quarter. */
const LOWEST = -3;
const HIGHEST = 9;
/** A miss counts by its share of the wait to this power: between seconds (1) and per cent (0). */
const WEIGHT_POWER = 0.75;
/** Where the quantiles lie about the last wait before anything was learnt, in log(1 + wait). */
const FIRST_SPREAD = [-1, -0.7, -0.3, 0, 0.3, 0.7, 1];

/** What one queue has of its own: its bias in the first layer, and in each quantile. */
export class QueueTerms {
  readonly hidden = new Parameters(FIRST_HIDDEN);
  readonly out = new Parameters(LEVEL_COUNT);
}

/**
 * Quantiles of log(1 + wait in seconds) from the features of an arrival: two hidden layers, a linear way past them, and
 * terms per queue. Learns by stochastic gradients of the quantile loss (Koenker and Bassett, "Regression quantiles",
 * Econometrica 46(1), 1978). A contact that hung up counts as one that may have waited any time beyond: the weight of
 * what is above the censored wait goes to each quantile as its own curve says (Portnoy, "Censored regression quantiles",
 * Journal of the American Statistical Association 98, 2003). A fresh network says the last wait (LES), own and site's.
 */
export class QuantileNetwork {
  private readonly first: Parameters;
  private readonly firstBias = new Parameters(FIRST_HIDDEN);
  private readonly second: Parameters;
  private readonly secondBias = new Parameters(SECOND_HIDDEN);
  private readonly out: Parameters;
  private readonly outBias = new Parameters(LEVEL_COUNT, (level) => logWaitOf(0) + FIRST_SPREAD[level]!);
  private readonly linear = new Parameters(
    LEVEL_COUNT * FEATURE_COUNT,
    (index) => FIRST_LINEAR[index % FEATURE_COUNT]!,
  );
  private readonly queues: QueueTerms[] = [];
  private readonly touched = new Set<number>();
  private readonly hidden1 = new Float64Array(FIRST_HIDDEN);
  private readonly hidden2 = new Float64Array(SECOND_HIDDEN);
  private readonly delta1 = new Float64Array(FIRST_HIDDEN);
  private readonly delta2 = new Float64Array(SECOND_HIDDEN);
  private readonly logs = new Float64Array(LEVEL_COUNT);

  constructor(chance: Chance) {
    const random = (inputs: number, scale: number) => () => (chance.normal() * scale) / Math.sqrt(inputs);
    this.first = new Parameters(FIRST_HIDDEN * FEATURE_COUNT, random(FEATURE_COUNT, 1));
    this.second = new Parameters(SECOND_HIDDEN * FIRST_HIDDEN, random(FIRST_HIDDEN, 1));
    this.out = new Parameters(LEVEL_COUNT * SECOND_HIDDEN, random(SECOND_HIDDEN, 0.1));
  }

  /** log(1 + wait) at each of {@link LEVELS}, ascending, written to `logs`; by the averaged parameters. */
  predict(features: ArrayLike<number>, queue: number, logs: Float64Array): void {
    this.forward(features, queue, 'averages');
    for (let level = 0; level < LEVEL_COUNT; level += 1) logs[level] = this.logs[level]!;
    logs.sort();
  }

  /** Adds the gradient of one example of a batch of `1 / weight`. */
  learn(features: ArrayLike<number>, queue: number, wait: number, censored: boolean, weight: number): void {
    this.forward(features, queue, 'values');
    this.touched.add(queue);
    const { hidden1, hidden2, delta1, delta2, out, linear } = this;
    const own = this.terms(queue);
    delta1.fill(0);
    delta2.fill(0);
    const reached = censored ? this.levelOf(wait) : 0;
    for (let level = 0; level < LEVEL_COUNT; level += 1) {
      const told = Math.exp(this.logs[level]!) - 1;
      const share = LEVELS[level]!;
      // Whoever left before what is told may have waited longer or not: in the proportion of what is left above.
      const below = told <= wait ? 0 : censored ? Math.max(0, (share - reached) / (1 - reached)) : 1;
      const slope = (below - share) * (told + 2) ** WEIGHT_POWER * weight;
      this.outBias.gradients[level]! += slope;
      own.out.gradients[level]! += slope;
      let row = level * SECOND_HIDDEN;
      for (let n = 0; n < SECOND_HIDDEN; n += 1, row += 1) {
        out.gradients[row]! += slope * hidden2[n]!;
        delta2[n]! += slope * out.values[row]!;
      }
      row = level * FEATURE_COUNT;
      for (let n = 0; n < FEATURE_COUNT; n += 1, row += 1) linear.gradients[row]! += slope * features[n]!;
    }
    backward(this.second, this.secondBias, hidden2, delta2, hidden1, delta1);
    backward(this.first, this.firstBias, hidden1, delta1, features, null);
    for (let n = 0; n < FIRST_HIDDEN; n += 1)
      own.hidden.gradients[n]! += hidden1[n]! < 0 ? LEAK * delta1[n]! : delta1[n]!;
  }

  /** Goes along the gradients of the batch; the averages follow by `average`. */
  step(step: Step, average: number): void {
    const unweighted = { ...step, decay: 0 };
    for (const block of [this.first, this.second, this.out, this.linear]) block.step(step);
    for (const block of [this.firstBias, this.secondBias, this.outBias]) block.step(unweighted);
    for (const block of [this.first, this.second, this.out, this.linear, this.firstBias, this.secondBias, this.outBias])
      block.average(average);
    for (const queue of this.touched) {
      const { hidden, out } = this.terms(queue);
      hidden.step(step);
      hidden.average(average);
      out.step(step);
      out.average(average);
    }
    this.touched.clear();
  }

  private forward(features: ArrayLike<number>, queue: number, by: 'values' | 'averages'): void {
    const { hidden1, hidden2, logs } = this;
    const own = this.terms(queue);
    layer(this.first[by], this.firstBias[by], own.hidden[by], features, hidden1);
    layer(this.second[by], this.secondBias[by], null, hidden1, hidden2);
    const [out, bias, linear, ownOut] = [this.out[by], this.outBias[by], this.linear[by], own.out[by]];
    for (let level = 0; level < LEVEL_COUNT; level += 1) {
      let sum = bias[level]! + ownOut[level]!;
      let row = level * SECOND_HIDDEN;
      for (let n = 0; n < SECOND_HIDDEN; n += 1, row += 1) sum += out[row]! * hidden2[n]!;
      row = level * FEATURE_COUNT;
      for (let n = 0; n < FEATURE_COUNT; n += 1, row += 1) sum += linear[row]! * features[n]!;
      logs[level] = Math.max(LOWEST, Math.min(HIGHEST, sum));
    }
  }

  /** The highest level whose quantile `wait` has reached, by the curve as it stands; 0 below the lowest. */
  private levelOf(wait: number): number {
    let reached = 0;
    for (let level = 0; level < LEVEL_COUNT; level += 1)
      if (Math.exp(this.logs[level]!) - 1 <= wait) reached = LEVELS[level]!;
    return reached;
  }

  private terms(queue: number): QueueTerms {
    return (this.queues[queue] ??= new QueueTerms());
  }
}

/** log(1 + last wait), half the queue's, half the site's, from the features as they are scaled. */
const FIRST_LINEAR = Array.from({ length: FEATURE_COUNT }, (_, feature) =>
  feature === LAST_WAIT_FEATURE || feature === SITE_LAST_WAIT_FEATURE ? (logWaitOf(1) - logWaitOf(0)) / 2 : 0,
);

/** Units are summed four at a time: one sum alone would wait for each of its additions. Their number is a multiple of four. */
const layer = (
  weights: Float64Array,
  bias: Float64Array,
  own: Float64Array | null,
  inputs: ArrayLike<number>,
  outputs: Float64Array,
): void => {
  const width = inputs.length;
  for (let unit = 0; unit < outputs.length; unit += 4) {
    const [row0, row1, row2, row3] = [unit * width, (unit + 1) * width, (unit + 2) * width, (unit + 3) * width];
    let [sum0, sum1, sum2, sum3] = [bias[unit]!, bias[unit + 1]!, bias[unit + 2]!, bias[unit + 3]!];
    if (own !== null) {
      sum0 += own[unit]!;
      sum1 += own[unit + 1]!;
      sum2 += own[unit + 2]!;
      sum3 += own[unit + 3]!;
    }
    for (let n = 0; n < width; n += 1) {
      const input = inputs[n]!;
      sum0 += weights[row0 + n]! * input;
      sum1 += weights[row1 + n]! * input;
      sum2 += weights[row2 + n]! * input;
      sum3 += weights[row3 + n]! * input;
    }
    outputs[unit] = sum0 > 0 ? sum0 : LEAK * sum0;
    outputs[unit + 1] = sum1 > 0 ? sum1 : LEAK * sum1;
    outputs[unit + 2] = sum2 > 0 ? sum2 : LEAK * sum2;
    outputs[unit + 3] = sum3 > 0 ? sum3 : LEAK * sum3;
  }
};

/** Gradients of a layer's weights from those of its outputs, and on to its inputs unless they are the features. */
const backward = (
  weights: Parameters,
  bias: Parameters,
  outputs: Float64Array,
  deltas: Float64Array,
  inputs: ArrayLike<number>,
  onTo: Float64Array | null,
): void => {
  const width = inputs.length;
  for (let unit = 0; unit < outputs.length; unit += 1) {
    const delta = outputs[unit]! < 0 ? LEAK * deltas[unit]! : deltas[unit]!;
    if (delta === 0) continue;
    bias.gradients[unit]! += delta;
    const row = unit * width;
    for (let n = 0; n < width; n += 1) weights.gradients[row + n]! += delta * inputs[n]!;
    if (onTo) for (let n = 0; n < width; n += 1) onTo[n]! += delta * weights.values[row + n]!;
  }
};
