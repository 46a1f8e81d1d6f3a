import { requireCount, requireDemand, requireTime, type Demand } from './demand.js';
import { erlangA } from './erlang-a.js';
import { erlangC } from './erlang-c.js';
import type { SteadyState } from './steady-state.js';

const IDLE: SteadyState = {
  waitProbability: 0,
  abandonProbability: 0,
  meanWait: 0,
  meanSpeedOfAnswer: 0,
  occupancy: 0,
  serviceLevel: () => 1,
};

/**
 * Steady state of M/M/s+M: Poisson arrivals, exponential handle times and patience, first come, first served. Erlang A,
 * or Erlang C when patience is endless.
 *
 * Erlang C with as much work as agents, or more, has none: its queue grows without end. The result is then where it
 * tends: everybody waits, without end, and nobody is answered in time. With no arrivals nothing waits. With no agents
 * everybody waits until hanging up.
 *
 * @throws RangeError that names the field, for what is no such number
 */
export const steadyState = (demand: Demand, agents: number): SteadyState => {
  requireDemand(demand);
  requireCount('agents', agents);
  if (demand.arrivalRate === 0) return IDLE;
  const state = demand.meanPatience === Infinity ? erlangC(demand, agents) : erlangA(demand, agents);
  return {
    ...state,
    serviceLevel: (threshold) => {
      requireTime('threshold', threshold);
      return state.serviceLevel(threshold);
    },
  };
};
