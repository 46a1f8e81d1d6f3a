import { waitProbability } from '@queuecast/wait-estimates';
import { requireCount, requireTime, type Demand, type ServiceTarget } from './demand.js';
import { steadyState } from './erlang.js';
import { requiredAgents } from './required-agents.js';

export interface Situation extends Demand {
  /** Agents who serve this queue now. */
  readonly agents: number;
  /** Contacts waiting now. */
  readonly waiting: number;
  readonly target: ServiceTarget;
  /** By when the queue shall be back at its target, time from now. */
  readonly horizon: number;
}

export interface BackToTarget {
  /** Fewest further agents, from now on; 0 when those there will do. */
  readonly more: number;
  /** How long until contacts that arrive are served to target again, time from now; 0 when they are already. */
  readonly within: number;
}

/**
 * How many more agents bring a queue to its target within the horizon, and when: "2 more agents would bring this queue
 * to target by 14:30". Two conditions:
 *
 * 1. With these agents the queue holds its target once settled (Erlang A or C, {@link requiredAgents}).
 * 2. The backlog has drained within the horizon to the mean queue of a settled queue that just meets the target, or to
 *    one at which an arrival has the target's chance of an answer in time (QLm). It drains as a fluid: each further agent
 *    takes one contact at once, then dQ/dt = lambda - s mu - theta Q (Whitt, "Fluid models for multiserver queues with
 *    abandonments", Operations Research 54(1), 2006).
 *
 * The target is that of contacts that arrive from then on: who waited too long already is not undone. Rates are taken
 * to stay as they are, so the horizon should be short beside the day, half an hour or so.
 *
 * @returns null when no figure is honest: no number of agents will do, or the horizon is shorter than one handle time
 *   and the backlog does not fit the further agents' hands (only handle times without memory end that soon)
 * @throws RangeError that names the field, for what is no such number
 */
export const backToTarget = (situation: Situation): BackToTarget | null => {
  const { agents, waiting, target, horizon } = situation;
  requireCount('agents', agents);
  requireCount('waiting', waiting);
  requireTime('horizon', horizon);
  const required = requiredAgents(situation, target);
  if (required === null) return null;
  let low = Math.max(0, required - agents) - 1;
  // With an agent for each who waits the backlog is gone at once.
  let high = Math.max(low + 1, waiting);
  const settledQueue = situation.arrivalRate * steadyState(situation, required).meanWait;
  const drained = (more: number): number => timeToDrain(situation, more, settledQueue);
  let more = low + 1;
  let within = drained(more);
  if (within > horizon) {
    low = more;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (drained(middle) <= horizon) high = middle;
      else low = middle;
    }
    more = high;
    within = drained(more);
  }
  return within > horizon || (within > 0 && horizon < situation.meanHandle) ? null : { more, within };
};

/** Infinity when the backlog stays above. */
const timeToDrain = (situation: Situation, more: number, settledQueue: number): number => {
  const { arrivalRate, meanHandle, meanPatience } = situation;
  const agents = situation.agents + more;
  const backlog = Math.max(0, situation.waiting - more);
  if (backlog === 0) return 0;
  const level = Math.max(settledQueue, queueInTime(situation, agents, backlog));
  if (backlog <= level) return 0;
  const surplus = agents / meanHandle - arrivalRate;
  if (meanPatience === Infinity) return surplus > 0 ? (backlog - level) / surplus : Infinity;
  // Q(t) tends to -surplus / theta: below 0 when agents keep up, else what hanging up leaves of the queue.
  const rest = -surplus * meanPatience;
  return level > rest ? meanPatience * Math.log((backlog - rest) / (level - rest)) : Infinity;
};

/** Longest queue, at most `backlog`, that leaves an arrival the target's chance of an answer in time; 0 if none does. */
const queueInTime = (situation: Situation, agents: number, backlog: number): number => {
  const { meanHandle, meanPatience, target } = situation;
  let low = 0;
  let high = backlog + 1;
  while (high - low > 1) {
    const waiting = Math.floor((low + high) / 2);
    const inTime = waitProbability({ waiting, agents, meanHandle, meanPatience }, target.threshold) ?? 0;
    if (inTime >= target.share) low = waiting;
    else high = waiting;
  }
  return low;
};
