import { MAX_AGENTS, requireDemand, requireTarget, type Demand, type ServiceTarget } from './demand.js';
import { steadyState } from './erlang.js';

/**
 * Fewest agents with which the queue, once settled, meets the target. Service level grows with agents, so steps that
 * double bracket the answer, beginning at the work that comes in (each about the root of it, as the square-root rule
 * has it), and halving finds it.
 *
 * @returns null when {@link MAX_AGENTS} would not do
 * @throws RangeError that names the field, for what is no such number
 */
export const requiredAgents = (demand: Demand, target: ServiceTarget): number | null => {
  requireDemand(demand);
  requireTarget(target);
  const meets = (agents: number): boolean => steadyState(demand, agents).serviceLevel(target.threshold) >= target.share;
  if (meets(0)) return 0;
  const load = demand.arrivalRate * demand.meanHandle;
  let low = 0;
  let high = Math.ceil(load);
  let step = Math.ceil(Math.sqrt(load) + 1);
  if (high > 0 && meets(high)) {
    for (let lower = high - step; lower > 0; lower -= step) {
      if (!meets(lower)) {
        low = lower;
        break;
      }
      high = lower;
      step *= 2;
    }
  } else {
    do {
      if (high === MAX_AGENTS) return null;
      low = high;
      high = Math.min(MAX_AGENTS, high + step);
      step *= 2;
    } while (!meets(high));
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (meets(middle)) high = middle;
    else low = middle;
  }
  return high;
};
