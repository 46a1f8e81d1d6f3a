import type { Demand } from './demand.js';
import type { SteadyState } from './steady-state.js';

/**
 * Erlang B: share of contacts lost when `agents` serve `load` erlangs and nobody waits. By the recurrence
 * B(n) = load B(n-1) / (n + load B(n-1)), which adds positive numbers only and neither overflows nor cancels.
 * Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges",
 * 1917; the recurrence: Jagerman, Bell System Technical Journal 53, 1974.
 */
export const erlangB = (load: number, agents: number): number => {
  let blocked = 1;
  for (let n = 1; n <= agents && blocked > 0; n += 1) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
};

const GROWS_WITHOUT_END: SteadyState = {
  waitProbability: 1,
  abandonProbability: 0,
  meanWait: Infinity,
  meanSpeedOfAnswer: Infinity,
  occupancy: 1,
  serviceLevel: () => 0,
};

/**
 * Erlang C, M/M/s: P(wait) = B / (1 - rho (1 - B)), mean wait P(wait) / (s mu - lambda), and a wait above t has
 * probability P(wait) exp(-(s mu - lambda) t). Erlang 1917.
 */
export const erlangC = ({ arrivalRate, meanHandle }: Demand, agents: number): SteadyState => {
  const load = arrivalRate * meanHandle;
  if (load >= agents) return GROWS_WITHOUT_END;
  const occupancy = load / agents;
  const blocked = erlangB(load, agents);
  const waitProbability = blocked / (1 - occupancy * (1 - blocked));
  const drain = (agents - load) / meanHandle;
  return {
    waitProbability,
    abandonProbability: 0,
    meanWait: waitProbability / drain,
    meanSpeedOfAnswer: waitProbability / drain,
    occupancy,
    serviceLevel: (threshold) => 1 - waitProbability * Math.exp(-drain * threshold),
  };
};
