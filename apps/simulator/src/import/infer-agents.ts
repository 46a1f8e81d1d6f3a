import type { AgentState } from '@queuecast/events';
import { recordedEvent, type ImportedSite, type RecordedEvent } from './call-events.js';
import type { Call } from './calls.js';

/** An agent without a call for this long is taken to be gone. */
export const GONE_AFTER_MS = 30 * 60_000;

interface Busy {
  readonly from: number;
  to: number;
}

/** Times in which an agent was on calls; calls that overlap or follow without a gap are one. Ascending. */
const busyTimes = (calls: readonly Call[]): Busy[] => {
  const spells: Busy[] = [];
  for (const { answered, transfer, hangup } of calls) {
    const to = transfer ?? hangup;
    if (answered === null || to === null) continue;
    spells.push({ from: answered, to });
  }
  spells.sort((one, other) => one.from - other.from);
  const merged: Busy[] = [];
  for (const spell of spells) {
    const last = merged.at(-1);
    if (last && spell.from <= last.to) last.to = Math.max(last.to, spell.to);
    else merged.push({ ...spell });
  }
  return merged;
};

/**
 * What the agents of one day may have been doing, inferred from their calls because the recording has no log-ins, breaks
 * or wrap-up: busy from an answer to the release (transfer or hangup), available until the next call, offline half an
 * hour after the last one. They are said to serve the queues from which they took calls that day. An inference, and
 * marked as such by the reason `inferred`: breaks look like availability, and wrap-up is counted as availability too.
 */
export const inferAgentStates = (site: ImportedSite, calls: readonly Call[]): RecordedEvent[] => {
  const byAgent = new Map<string, Call[]>();
  for (const call of calls)
    if (call.agent !== null) {
      const own = byAgent.get(call.agent);
      if (own) own.push(call);
      else byAgent.set(call.agent, [call]);
    }
  const events: RecordedEvent[] = [];
  for (const [agent, own] of byAgent) {
    const queues = [...new Set(own.map(({ queue }) => queue))].sort();
    const say = (at: number, state: AgentState) =>
      events.push(
        recordedEvent(site, `${site.recording}-agent-${agent}-${at}-${state}`, at, 'acd.agent.state_changed', agent, {
          state,
          reason: 'inferred',
          queues: state === 'offline' ? [] : queues,
        }),
      );
    const spells = busyTimes(own);
    spells.forEach((spell, index) => {
      say(spell.from, 'busy');
      // A call of no length: two states of one instant would contradict each other.
      const freeAt = Math.max(spell.to, spell.from + 1);
      const next = spells[index + 1]?.from ?? Infinity;
      if (freeAt < next) say(freeAt, 'available');
      if (spell.to + GONE_AFTER_MS < next) say(spell.to + GONE_AFTER_MS, 'offline');
    });
  }
  return events;
};
