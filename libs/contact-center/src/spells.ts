import type { AgentId, AgentState, Instant, SiteId, TenantId } from '@queuecast/events';
import type { SpellFact } from './facts.js';
import type { StateMark } from './marks.js';

/** The order in which an agent passes through states: of simultaneous marks the later stage counts. */
const STAGE: Readonly<Record<AgentState, number>> = {
  available: 0,
  offered: 1,
  busy: 2,
  wrap_up: 3,
  away: 4,
  offline: 5,
};

const content = (mark: StateMark): string => JSON.stringify([mark.reason ?? null, mark.queues, mark.source]);

/** Why an agent is offline whom a snapshot of his source does not list. */
export const ABSENT = 'absent_from_snapshot';

const isAbsence = ({ state, reason }: StateMark): boolean => state === 'offline' && reason === ABSENT;

/** Of two state marks of one instant the one that counts; independent of the order in which they came. */
const prevailing = (a: StateMark, b: StateMark): StateMark => {
  // What was said of an agent counts before what was not.
  if (isAbsence(a) !== isAbsence(b)) return isAbsence(a) ? b : a;
  if (a.state !== b.state) return STAGE[a.state] > STAGE[b.state] ? a : b;
  const left = content(a);
  const right = content(b);
  if (left !== right) return left > right ? a : b;
  return a.v <= b.v ? a : b;
};

/** An agent's state marks, ascending by time, one per instant. */
export interface AgentMarks {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly agent: AgentId;
  readonly marks: readonly StateMark[];
}

const position = (marks: readonly StateMark[], at: Instant): number => {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle] as StateMark).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The marks with one more in its place; the same array when it changes nothing. */
export const addStateMark = (marks: readonly StateMark[], mark: StateMark): readonly StateMark[] => {
  const index = position(marks, mark.at);
  const same = marks[index];
  if (same?.at !== mark.at) return [...marks.slice(0, index), mark, ...marks.slice(index)];
  const winner = prevailing(same, mark);
  return winner === same ? marks : [...marks.slice(0, index), winner, ...marks.slice(index + 1)];
};

/**
 * The spells that the marks from `index` on stand for: each ends where the next begins, the last one lasts.
 */
export const deriveSpells = (agent: AgentMarks, index = 0): SpellFact[] =>
  agent.marks.slice(index).map((mark, offset) => {
    const next = agent.marks[index + offset + 1];
    return {
      tenant: agent.tenant,
      site: agent.site,
      agent: agent.agent,
      from: mark.at,
      to: next?.at ?? null,
      state: mark.state,
      reason: mark.reason ?? null,
      queues: mark.queues,
      source: mark.source,
      version: Math.max(mark.v, next?.v ?? 0),
    };
  });

/** Where a mark of this instant stands, or would stand, among the marks. */
export const indexOfMark = position;

/**
 * The marks that stored spells of one agent, oldest first, stand for.
 *
 * A spell's version is that of its own mark or of the next, whichever is higher, so that a mark has at most the version
 * of the spell that it ends. Without that bound, a spell derived again could get a higher version than it was stored with.
 */
export const marksOfSpells = (spells: readonly SpellFact[]): StateMark[] =>
  spells.map(({ from, state, reason, queues, source, version }, index) => {
    const before = spells[index - 1];
    const v = before?.to === from ? Math.min(before.version, version) : version;
    return { at: from, v, state, queues, source, ...(reason !== null && { reason }) };
  });
