import {
  after,
  type AgentId,
  type AgentState,
  type Instant,
  type QueueId,
  type SiteId,
  type TenantId,
} from '@queuecast/events';
import type { SpellFact } from './facts.js';
import type { StateMark } from './marks.js';
import type { KnownBreak, SourceBreaks } from './source-breaks.js';
import { ABSENT, addStateMark, deriveSpells, indexOfMark, marksOfSpells, type AgentMarks } from './spells.js';

interface RememberedAgent {
  marks: AgentMarks;
  /** Start of the first spell that must be written; null if none. */
  dirtyFrom: Instant | null;
  /** Marks before this instant are in the facts only. */
  knownFrom: Instant;
  /** Snapshots that do not list him, from before that instant: what they mean is decided by what the facts say. */
  absentFrom: readonly Absence[];
}

interface Absence {
  readonly source: string;
  readonly snapshot: KnownBreak;
}

export const stateMark = (
  at: Instant,
  v: number,
  late: boolean,
  state: AgentState,
  queues: readonly QueueId[],
  source: string,
  reason?: string,
): StateMark => ({ at, v, ...(late && { late }), state, queues, source, ...(reason !== undefined && { reason }) });

/** The spell before a new mark ends earlier now, so it is written again too. */
const spellBefore = (marks: readonly StateMark[], at: Instant): Instant =>
  marks[Math.max(0, indexOfMark(marks, at) - 1)]?.at ?? at;

/** Whether a mark or an absence stands before what memory holds, so that the facts must say what it interrupts. */
const isUnverified = (agent: RememberedAgent): boolean =>
  agent.absentFrom.length > 0 || (agent.marks.marks[0]?.at ?? agent.knownFrom) < agent.knownFrom;

/** The agents of one site: recent state marks in memory, spells to be written. */
export class SiteAgents {
  private readonly agents = new Map<AgentId, RememberedAgent>();
  private readonly dirty = new Set<AgentId>();

  /** @param changed told an agent's latest spell whenever it is another */
  constructor(
    private readonly tenant: TenantId,
    private readonly site: SiteId,
    private readonly breaks: SourceBreaks,
    private readonly changed: (spell: SpellFact) => void,
  ) {}

  /** Takes a state mark; if a snapshot of its source has said since who is signed in, that counts too. */
  apply(id: AgentId, mark: StateMark): void {
    this.add(id, mark);
    const snapshot = this.breaks.snapshotAfter(mark.source, mark.at);
    if (snapshot) this.notListed(id, { source: mark.source, snapshot });
  }

  /** A snapshot said who is signed in, and the marks of those were applied: signs out the other agents of its source. */
  signOutAbsent(source: string, snapshot: KnownBreak): void {
    for (const id of this.agents.keys()) this.notListed(id, { source, snapshot });
  }

  private notListed(id: AgentId, absence: Absence): void {
    const agent = this.agents.get(id);
    if (!agent) return;
    if (agent.knownFrom < absence.snapshot.at) this.signOut(id, absence);
    else {
      agent.absentFrom = [...agent.absentFrom, absence];
      this.dirty.add(id);
    }
  }

  /**
   * Signs an agent out at a snapshot, if he was signed in before it by its source's own word. Whether he was known to be
   * offline by then may leave an offline spell in two pieces; nothing else depends on the order of events.
   */
  private signOut(id: AgentId, { source, snapshot }: Absence): void {
    const { at, v } = snapshot;
    const before = this.agents.get(id)?.marks.marks.findLast((mark) => mark.at < at);
    if (!before || before.state === 'offline' || before.source !== source) return;
    this.add(id, stateMark(at, v, false, 'offline', [], source, ABSENT));
  }

  private add(id: AgentId, mark: StateMark): void {
    const agent = this.agent(id, mark.at);
    const marks = addStateMark(agent.marks.marks, mark);
    if (marks === agent.marks.marks) return;
    // The spell before the first mark here rests on that mark, too, and only the facts have it.
    if (agent.marks.marks[0]?.at === mark.at) agent.knownFrom = after(mark.at, 1);
    agent.marks = { ...agent.marks, marks };
    const before = spellBefore(marks, mark.at);
    agent.dirtyFrom = agent.dirtyFrom === null || before < agent.dirtyFrom ? before : agent.dirtyFrom;
    this.dirty.add(id);
    if (marks.at(-1)?.at === mark.at) this.show(agent);
  }

  restore(spells: readonly SpellFact[]): void {
    const byAgent = new Map<AgentId, SpellFact[]>();
    for (const spell of spells) {
      const own = byAgent.get(spell.agent);
      if (own) own.push(spell);
      else byAgent.set(spell.agent, [spell]);
    }
    for (const [id, own] of byAgent) this.remember(id, own);
    for (const agent of this.agents.values()) this.show(agent);
  }

  /** What an agent did last, of what was known at a position of the log, and since when; undefined if nothing was. */
  stateAt(id: AgentId, version: number): StateMark | undefined {
    return this.agents.get(id)?.marks.marks.findLast((mark) => mark.v <= version);
  }

  unverified(): { readonly agent: AgentId; readonly from: Instant }[] {
    return [...this.dirty].flatMap((id) => {
      const agent = this.agents.get(id);
      const first = agent?.marks.marks[0];
      // A moment before, so that the spell that this mark ends is read back, be there another mark of the same moment.
      if (!agent || !first || !isUnverified(agent)) return [];
      const earliest = Math.min(first.at, ...agent.absentFrom.map(({ snapshot }) => snapshot.at)) as Instant;
      return [{ agent: id, from: after(earliest, -1) }];
    });
  }

  verify(id: AgentId, from: Instant, spells: readonly SpellFact[]): void {
    this.remember(id, spells);
    const agent = this.agents.get(id);
    if (!agent) return;
    agent.knownFrom = Math.min(agent.knownFrom, from, spells[0]?.from ?? from) as Instant;
    if (agent.dirtyFrom !== null) agent.dirtyFrom = spellBefore(agent.marks.marks, agent.dirtyFrom);
    const absences = agent.absentFrom;
    agent.absentFrom = [];
    for (const absence of absences) this.notListed(id, absence);
    this.show(agent);
  }

  drain(): SpellFact[] {
    return [...this.dirty].flatMap((id) => {
      const agent = this.agents.get(id);
      if (!agent || isUnverified(agent)) return [];
      this.dirty.delete(id);
      if (agent.dirtyFrom === null) return [];
      const index = indexOfMark(agent.marks.marks, agent.dirtyFrom);
      agent.dirtyFrom = null;
      return deriveSpells(agent.marks, index);
    });
  }

  /** Forgets spells that ended before `until`. */
  evict(until: Instant): void {
    for (const [id, agent] of this.agents) {
      if (this.dirty.has(id)) continue;
      const keep = Math.max(0, indexOfMark(agent.marks.marks, until) - 1);
      if (keep === 0) continue;
      const marks = agent.marks.marks.slice(keep);
      agent.marks = { ...agent.marks, marks };
      agent.knownFrom = marks[0]?.at ?? agent.knownFrom;
    }
  }

  private agent(id: AgentId, knownFrom: Instant): RememberedAgent {
    let agent = this.agents.get(id);
    if (!agent) {
      const marks: AgentMarks = { tenant: this.tenant, site: this.site, agent: id, marks: [] };
      agent = { marks, dirtyFrom: null, knownFrom, absentFrom: [] };
      this.agents.set(id, agent);
    }
    return agent;
  }

  private remember(id: AgentId, spells: readonly SpellFact[]): void {
    for (const mark of marksOfSpells(spells)) {
      const agent = this.agent(id, mark.at);
      agent.marks = { ...agent.marks, marks: addStateMark(agent.marks.marks, mark) };
      if (mark.at < agent.knownFrom) agent.knownFrom = mark.at;
    }
  }

  private show(agent: RememberedAgent): void {
    const last = deriveSpells(agent.marks, Math.max(0, agent.marks.marks.length - 1))[0];
    if (last) this.changed(last);
  }
}
