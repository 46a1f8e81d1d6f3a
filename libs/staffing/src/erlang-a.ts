import { markovianWait } from '@queuecast/wait-estimates';
import type { Demand } from './demand.js';
import { erlangB } from './erlang-c.js';
import type { SteadyState } from './steady-state.js';

const EPSILON = 1e-17;

/**
 * Erlang A, M/M/s+M. Palm 1957; Garnett, Mandelbaum and Reiman, "Designing a call center with impatient customers",
 * Manufacturing & Service Operations Management 4(3), 2002; in the notation of Mandelbaum and Zeltyn, "Service
 * engineering in action: the Palm/Erlang-A queue", 2007.
 *
 * With a = s mu / theta and x = lambda / theta, a contact that finds all busy has n ahead with a weight of
 * x^n / (a (a+1) ... (a+n)), hangs up with probability (n + 1) / (a + n + 1), and if answered has waited the sum over
 * k = 1..n+1 of 1 / (s mu + k theta). The sums run from the largest weight outwards and keep its logarithm apart, so
 * they neither overflow nor cancel; they have some 20 sqrt(x) terms.
 */
export const erlangA = (demand: Demand, agents: number): SteadyState => {
  const { arrivalRate, meanHandle, meanPatience } = demand;
  if (agents === 0) return everybodyHangsUp(meanPatience);
  const load = arrivalRate * meanHandle;
  const a = (agents * meanPatience) / meanHandle;
  const x = arrivalRate * meanPatience;
  const queue = waitingQueue(a, x);
  const logWaiting = Math.log(x) + queue.logWeight;
  // All states with an agent free weigh 1 / B(s - 1) against those with none.
  const waitProbability = 1 / (1 + Math.exp(-Math.log(erlangB(load, agents - 1)) - logWaiting));
  const abandonProbability = waitProbability * queue.hangUp;
  const answered = 1 - abandonProbability;
  return {
    waitProbability,
    abandonProbability,
    meanWait: abandonProbability * meanPatience,
    meanSpeedOfAnswer: (waitProbability * queue.answeredWait * meanPatience) / answered,
    occupancy: (load * answered) / agents,
    serviceLevel: (threshold) => {
      if (threshold === Infinity) return answered;
      // Answered later than t: exp(lambda (1 - exp(-theta t)) / theta - s mu t) y M(a + 1, y), y = x exp(-theta t),
      // where M is the sum of the weights; its own like at t = 0 is x M(a, x).
      const t = threshold / meanPatience;
      const y = x * Math.exp(-t);
      if (y === 0) return answered;
      const logLater = -x * Math.expm1(-t) - a * t + Math.log(y) + waitingQueue(a + 1, y).logWeight;
      return Math.max(0, answered - waitProbability * Math.exp(logLater - logWaiting));
    },
  };
};

const everybodyHangsUp = (meanPatience: number): SteadyState => ({
  waitProbability: 1,
  abandonProbability: 1,
  meanWait: meanPatience,
  meanSpeedOfAnswer: Infinity,
  occupancy: 1,
  serviceLevel: () => 0,
});

interface WaitingQueue {
  /** Logarithm of the sum of the weights. */
  readonly logWeight: number;
  /** Of those who wait, how many hang up. */
  readonly hangUp: number;
  /** Mean over those who wait of the wait, in patiences, counted 0 for who hangs up. */
  readonly answeredWait: number;
}

const waitingQueue = (a: number, x: number): WaitingQueue => {
  const peak = Math.max(0, Math.floor(x - a));
  let sum = 0;
  let hangUp = 0;
  let answeredWait = 0;
  const add = (n: number, weight: number, wait: number): void => {
    sum += weight;
    hangUp += (weight * (n + 1)) / (a + n + 1);
    answeredWait += (weight * a * wait) / (a + n + 1);
  };
  // Who is answered has waited as QLm says of a queue from which one more, the contact itself, may hang up.
  const peakWait = markovianWait({ waiting: peak, agents: a + 1, meanHandle: 1, meanPatience: 1 })!.mean;
  let weight = 1;
  let wait = peakWait;
  for (let n = peak; weight > sum * EPSILON;) {
    add(n, weight, wait);
    n += 1;
    weight *= x / (a + n);
    wait += 1 / (a + n + 1);
  }
  weight = 1;
  wait = peakWait;
  for (let n = peak; n > 0;) {
    weight *= (a + n) / x;
    if (weight <= sum * EPSILON) break;
    wait -= 1 / (a + n + 1);
    n -= 1;
    add(n, weight, wait);
  }
  return { logWeight: logWeight(a, x, peak) + Math.log(sum), hangUp: hangUp / sum, answeredWait: answeredWait / sum };
};

/**
 * Logarithm of x^n / (a (a+1) ... (a+n)) at the peak, where x is about a + n or n is 0. By Stirling's series in
 * differences, which keeps the digits at large a and n.
 */
const logWeight = (a: number, x: number, n: number): number => {
  if (n === 0) return -Math.log(a);
  let log = 0;
  let low = a;
  let factors = n + 1;
  for (; low < 10 && factors > 0; low += 1, factors -= 1) log -= Math.log(low);
  log += (n - factors) * Math.log(x);
  if (factors === 0) return log;
  const high = low + factors;
  return (
    log +
    factors * (1 + Math.log1p((x - high) / high)) -
    (low - 0.5) * Math.log1p(factors / low) +
    stirling(low) -
    stirling(high)
  );
};

/** ln Gamma(z) less its leading terms, z >= 10. Abramowitz and Stegun 6.1.41. */
const stirling = (z: number): number => {
  const w = 1 / (z * z);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w / 1680))) / z;
};
