import { betaProbability, gammaProbability, logGamma, roughNormalQuantile } from './special-functions.js';

/**
 * A queue that a contact joins while every agent is busy: what QL and QLm know. Times in any one unit; results are in
 * the same. First come, first served; handle times and patience are taken as exponential.
 */
export interface BusyQueue {
  /** Contacts waiting ahead, a whole number. */
  readonly waiting: number;
  /** Agents who answer this queue, busy or not; may be a fraction when agents also answer others. */
  readonly agents: number;
  /** Mean time that a contact takes an agent: conversation, hold and wrap-up. */
  readonly meanHandle: number;
  /** Mean time until a waiting contact hangs up; Infinity for contacts that never do, which makes QLm into QL. */
  readonly meanPatience: number;
}

export interface WaitMoments {
  readonly mean: number;
  readonly variance: number;
}

/**
 * QL, queue length over service rate: (n + 1) / (s mu). Whitt, "Predicting queueing delays", Management Science 45(6),
 * 1999.
 *
 * @returns the mean wait; null when the figures allow none (no agents, no handle time)
 */
export const queueLengthWait = (queue: BusyQueue): number | null =>
  allowsFigure(queue) ? ((queue.waiting + 1) * queue.meanHandle) / queue.agents : null;

/**
 * QLm, queue length with abandonment: while k wait ahead the next leaves the line at rate s mu + k theta, so the wait is
 * a sum of independent exponential times; its mean is the sum over k = 0..n of 1 / (s mu + k theta), its variance the
 * sum of the squares. Whitt 1999; Ibrahim and Whitt, "Real-time delay estimation in overloaded multiserver queues with
 * abandonments", Management Science 55(10), 2009. With endless patience these are the moments of QL.
 *
 * At most ten terms are added up; the rest is the Euler-Maclaurin sum, which is what differences of the digamma and
 * trigamma functions come to, without their cancellation. Relative error below 1e-10 for any queue length.
 */
export const markovianWait = (queue: BusyQueue): WaitMoments | null => {
  if (!allowsFigure(queue)) return null;
  const a = queue.agents / queue.meanHandle;
  const b = 1 / queue.meanPatience;
  const n = queue.waiting;
  let mean = 0;
  let variance = 0;
  let k = 0;
  for (; k <= n && k < TERMS; k += 1) {
    const time = 1 / (a + k * b);
    mean += time;
    variance += time * time;
  }
  if (k <= n) {
    const u = 1 / (a + k * b);
    const v = 1 / (a + n * b);
    const steps = n - k;
    const u2 = u * u;
    const v2 = v * v;
    const u4 = u2 * u2;
    const v4 = v2 * v2;
    const b2 = b * b;
    const growth = steps * b * u;
    mean +=
      (growth > 0 ? Math.log1p(growth) / b : steps * u) +
      (u + v) / 2 +
      b * (u2 - v2) * (1 / 12 - b2 * ((u2 + v2) / 120 - (b2 * (u4 + u2 * v2 + v4)) / 252));
    variance +=
      steps * u * v +
      (u2 + v2) / 2 +
      b * ((u2 * u - v2 * v) / 6 - b2 * ((u4 * u - v4 * v) / 30 - (b2 * (u4 * u2 * u - v4 * v2 * v)) / 42));
  }
  return { mean, variance };
};

const TERMS = 10;

const allowsFigure = ({ waiting, agents, meanHandle, meanPatience }: BusyQueue): boolean =>
  waiting >= 0 && agents > 0 && meanHandle > 0 && meanPatience > 0 && Number.isFinite(waiting + agents + meanHandle);

/**
 * Below this spread of its rates, (n + 1) theta / (s mu), the wait is a gamma variable of the same mean and variance to
 * five digits (third moments differ by a twelfth of its square), and the beta function's fraction would be long.
 */
const GAMMA_SPREAD = 0.01;

/**
 * Probability that the wait of QLm is at most `wait`. Exact: with alpha = s mu / theta, exp(-theta W) is a
 * Beta(alpha, n + 1) variable, for E[exp(-t theta W)] = product of (alpha + k) / (alpha + k + t) (Renyi's representation).
 * With endless patience W is a Gamma(n + 1) variable with rate s mu.
 */
export const waitProbability = (queue: BusyQueue, wait: number): number | null => {
  const law = waitLaw(queue);
  return law && (wait <= 0 ? 0 : law.probability(wait));
};

/**
 * Wait that a share of contacts in this state does not exceed: QLm's quantile, to six digits.
 *
 * @param share strictly between 0 and 1
 */
export const waitQuantile = (queue: BusyQueue, share: number): number | null => {
  const law = waitLaw(queue);
  if (!law) return null;
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie between 0 and 1, not ${share}`);
  let low = 0;
  let high = Infinity;
  let wait = wilsonHilferty(law.shape, law.mean, share);
  for (let round = 0; round < 60; round += 1) {
    const excess = law.probability(wait) - share;
    if (excess > 0) high = wait;
    else low = wait;
    let next = wait - excess / law.density(wait);
    // Newton's step, but never out of what is known to hold the quantile.
    if (!(next > low && next < high)) next = high === Infinity ? 2 * wait : (low + high) / 2;
    if (Math.abs(next - wait) <= 1e-7 * next) return next;
    wait = next;
  }
  return wait;
};

/** Quantile of a gamma variable by the cube root's near normality. Wilson and Hilferty, PNAS 17, 1931. */
const wilsonHilferty = (shape: number, mean: number, share: number): number => {
  const ninth = 1 / (9 * shape);
  const root = 1 - ninth + roughNormalQuantile(share) * Math.sqrt(ninth);
  return mean * Math.max(root, 0.05) ** 3;
};

interface WaitLaw {
  readonly mean: number;
  /** Shape of the gamma variable with the same mean and variance. */
  readonly shape: number;
  probability(wait: number): number;
  density(wait: number): number;
}

const waitLaw = (queue: BusyQueue): WaitLaw | null => {
  const moments = markovianWait(queue);
  if (!moments) return null;
  const { mean, variance } = moments;
  const shape = (mean * mean) / variance;
  const alpha = (queue.agents * queue.meanPatience) / queue.meanHandle;
  const n = queue.waiting;
  if (n + 1 < GAMMA_SPREAD * alpha) {
    const rate = mean / variance;
    const scale = Math.log(rate) - logGamma(shape);
    return {
      mean,
      shape,
      probability: (wait) => gammaProbability(shape, rate * wait),
      density: (wait) => Math.exp(scale + (shape - 1) * Math.log(rate * wait) - rate * wait),
    };
  }
  const theta = 1 / queue.meanPatience;
  const scale = logGamma(alpha + n + 1) - logGamma(alpha) - logGamma(n + 1) + Math.log(theta);
  return {
    mean,
    shape,
    probability: (wait) => betaProbability(n + 1, alpha, -theta * wait),
    density: (wait) => Math.exp(scale + n * Math.log(-Math.expm1(-theta * wait)) - alpha * theta * wait),
  };
};
