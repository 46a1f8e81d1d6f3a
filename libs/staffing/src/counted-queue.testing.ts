import type { Demand } from './demand.js';

/** Enough for a queue of some thirty. */
const STATES = 150;

interface Counted {
  readonly waitProbability: number;
  readonly abandonProbability: number;
  readonly meanWait: number;
  readonly meanSpeedOfAnswer: number;
  readonly serviceLevel: number;
}

/**
 * M/M/s+M the long way, for small queues only: its birth and death probabilities state by state, and the fate of a
 * contact that joins behind n others from the equations of its own process, solved by small steps (Runge-Kutta).
 */
export const countedQueue = (demand: Demand, agents: number, threshold: number): Counted => {
  const { arrivalRate } = demand;
  const mu = 1 / demand.meanHandle;
  const theta = 1 / demand.meanPatience;
  const weights = [1];
  for (let k = 1; k < agents + STATES; k += 1)
    weights.push((weights[k - 1]! * arrivalRate) / (Math.min(k, agents) * mu + Math.max(0, k - agents) * theta));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const behind = weights.slice(agents).map((weight) => weight / total);
  const waitProbability = behind.reduce((sum, share) => sum + share, 0);
  const meanQueue = behind.reduce((sum, share, n) => sum + n * share, 0);
  const abandonProbability = (theta * meanQueue) / arrivalRate;

  // Chance of an answer and time until it, from behind n: the next thing is that one ahead goes, or the contact itself.
  let answer = 1;
  let time = 0;
  let answeredWait = 0;
  for (const [n, share] of behind.entries()) {
    const ahead = agents * mu + n * theta;
    const event = ahead + theta;
    time = (ahead / event) * (time + answer / event);
    answer *= ahead / event;
    answeredWait += share * time;
  }
  const inTime = answeredBy(threshold, agents * mu, theta, behind.length);
  const serviceLevel = 1 - waitProbability + behind.reduce((sum, share, n) => sum + share * inTime[n]!, 0);
  return {
    waitProbability,
    abandonProbability,
    meanWait: meanQueue / arrivalRate,
    meanSpeedOfAnswer: answeredWait / (1 - abandonProbability),
    serviceLevel,
  };
};

/** Chance of an answer within `threshold` from behind n, for n = 0, 1, ... */
const answeredBy = (threshold: number, service: number, theta: number, states: number): Float64Array => {
  const slope = (chance: Float64Array): Float64Array =>
    chance.map((own, n) => (service + n * theta) * ((n === 0 ? 1 : chance[n - 1]!) - own) - theta * own);
  const along = (chance: Float64Array, change: Float64Array, by: number): Float64Array =>
    chance.map((own, n) => own + by * change[n]!);
  // A Runge-Kutta step of at most 2 / rate is stable.
  const steps = Math.max(50, Math.ceil(threshold * (service + states * theta)));
  const step = threshold / steps;
  let chance = new Float64Array(states);
  for (let done = 0; done < steps; done += 1) {
    const k1 = slope(chance);
    const k2 = slope(along(chance, k1, step / 2));
    const k3 = slope(along(chance, k2, step / 2));
    const k4 = slope(along(chance, k3, step));
    chance = chance.map((own, n) => own + (step / 6) * (k1[n]! + 2 * k2[n]! + 2 * k3[n]! + k4[n]!));
  }
  return chance;
};
