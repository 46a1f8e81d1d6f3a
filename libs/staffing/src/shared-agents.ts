/** Agents who serve exactly the same queues. */
export interface AgentGroup {
  readonly queues: readonly string[];
  readonly serving: number;
}

/**
 * A queue that is less than this part of its agents' work stands or falls with the others: agents of its own, which is
 * what Erlang reckons with, would be far too many for it.
 */
const LEAST_PART = 0.4;

/**
 * How many agents a queue has, of those it shares with others: an agent counts for a queue as large as the queue's part
 * of the work that comes in for all that he serves.
 *
 * @param workOf erlangs that come in for a queue; null where nobody knows
 * @returns null where a group serves a queue of which nobody knows the work, or where the queue is a small part of it
 */
export const agentsOf = (
  queue: string,
  groups: Iterable<AgentGroup>,
  workOf: (queue: string) => number | null,
): number | null => {
  let agents = 0;
  let there = 0;
  for (const { queues, serving } of groups) {
    if (serving === 0 || !queues.includes(queue)) continue;
    there += serving;
    if (queues.length === 1) {
      agents += serving;
      continue;
    }
    let all = 0;
    for (const each of queues) {
      const work = workOf(each);
      if (work === null) return null;
      all += work;
    }
    const own = workOf(queue) ?? 0;
    agents += all > 0 ? (serving * own) / all : serving;
  }
  return agents < there * LEAST_PART ? null : agents;
};
