import {
  after,
  type AcdEvent,
  type AcdEventOf,
  type AgentId,
  type ContactId,
  type Instant,
  type LegId,
  type QueueId,
  type SiteId,
  type TenantId,
} from '@queuecast/events';
import { contactOf, deadAt, foldContact, legOf, marksFrom } from './contact-fold.js';
import type { ContactRow, LegFact, SpellFact } from './facts.js';
import { deriveLeg, isClosed } from './leg.js';
import { LiveSite } from './live-site.js';
import {
  canonicalMarks,
  eachMarkOfContact,
  eachMarkOfLeg,
  mergeContacts,
  type ContactMarks,
  type Mark,
  type StateMark,
} from './marks.js';
import { addStateMark, deriveSpells, indexOfMark, type AgentMarks } from './spells.js';

export interface FoldOptions {
  /** How long after its last mark a closed contact stays in memory, milliseconds of event time. */
  readonly graceMs: number;
  /** How long an open contact stays in memory without any event. */
  readonly openGraceMs: number;
  /** An event older than the site's latest by more than this is late, and what it changes is a correction. */
  readonly latenessMs: number;
}

export const DEFAULT_FOLD: FoldOptions = { graceMs: 30 * 60_000, openGraceMs: 24 * 3_600_000, latenessMs: 60_000 };

interface RememberedContact {
  marks: ContactMarks;
  lastAt: Instant;
  /** Legs as derived last; what the live state and the touched intervals are told. */
  legs: Map<LegId, LegFact>;
  /** Facts hold more of this contact than we do, perhaps: read it back and merge before writing it. */
  unverified: boolean;
}

interface RememberedAgent {
  marks: AgentMarks;
  /** Index of the first mark whose spell must be written; null if none. */
  dirtyFrom: Instant | null;
  /** Marks before this instant are in the facts only. */
  knownFrom: Instant;
}

/** What a drain hands to the store. */
export interface DrainedFacts {
  readonly contacts: readonly ContactRow[];
  readonly legs: readonly LegFact[];
  readonly spells: readonly SpellFact[];
  /** Arrival instants whose intervals changed, by queue. */
  readonly touched: readonly { readonly queue: QueueId; readonly at: Instant }[];
}

/** The event contradicts what is known; the message says what, and what the sender should do instead. */
export interface FoldConflict {
  readonly field: string;
  readonly message: string;
}

/** Told of every leg that changed, before and after; what estimates learn from. */
export type LegListener = (before: LegFact | null, after: LegFact, at: Instant) => void;

/**
 * The fold of one site: events in, dirty facts and live state out. Holds open and recent contacts in memory; for any
 * other it folds what it is told and, before that is written, merges it with what the facts hold (merging commutes, so
 * nobody has to wait for the store).
 */
export class SiteFold {
  readonly live = new LiveSite();
  private readonly contacts = new Map<ContactId, RememberedContact>();
  private readonly agents = new Map<AgentId, RememberedAgent>();
  private readonly dirty = new Map<ContactId, Set<LegId>>();
  private readonly dirtyAgents = new Set<AgentId>();
  private touched = new Map<string, { queue: QueueId; at: Instant }>();
  private readonly restarts = new Map<string, { at: Instant; v: number }[]>();
  private latest: Instant | null = null;
  private legListener: LegListener = () => undefined;

  constructor(
    readonly tenant: TenantId,
    readonly site: SiteId,
    private readonly options: FoldOptions = DEFAULT_FOLD,
  ) {}

  /** Event time of the latest mark; null before the first. */
  get watermark(): Instant | null {
    return this.latest;
  }

  /** Contacts held in memory. */
  get size(): number {
    return this.contacts.size;
  }

  onLegChanged(listener: LegListener): void {
    this.legListener = listener;
  }

  /**
   * Folds one event.
   *
   * @param version its position in the log, ascending from call to call (a replay may start again lower)
   * @returns what it contradicts, in which case nothing was folded; null as a rule
   */
  apply(event: AcdEvent, version: number): FoldConflict | null {
    const late = this.latest !== null && event.at < this.latest - this.options.latenessMs;
    if (contactOf(event)) {
      const conflict = this.conflict(event);
      if (conflict) return conflict;
      const news = marksFrom(event, version, late);
      if (news) this.applyContact(news, event);
    } else if (event.type === 'acd.agent.state_changed') {
      const { state, reason, queues } = event.data;
      this.applyAgent(event.subject as AgentId, this.stateMark(event.at, version, late, state, queues, reason));
    } else if (event.type === 'acd.source.restarted') this.applyRestart(event.source, event.at, version);
    else if (event.type === 'acd.source.snapshot') this.applySnapshot(event, version, late);
    else return null;
    this.latest = this.latest === null || event.at > this.latest ? event.at : this.latest;
    return null;
  }

  /** Takes up open and recent facts after a restart; call before the first event. */
  restore(recovered: {
    readonly contacts: readonly ContactRow[];
    readonly spells: readonly SpellFact[];
    readonly latest: Instant | null;
  }): void {
    for (const row of recovered.contacts)
      this.update(this.remember(JSON.parse(row.marks) as ContactMarks, false), null, null);
    for (const spell of recovered.spells) this.rememberSpell(spell);
    for (const agent of this.agents.values()) this.showAgent(agent);
    this.latest = recovered.latest;
    this.dirty.clear();
    this.touched.clear();
  }

  /** A restart of the source in the past, known from the archive. */
  restoreRestart(source: string, at: Instant, version: number): void {
    this.noteRestart(source, at, version);
  }

  /** Dirty contacts of which the facts may hold more. */
  unverified(): ContactId[] {
    return [...this.dirty.keys()].filter((id) => this.contacts.get(id)?.unverified);
  }

  /** Merges facts read back; every contact asked for is verified afterwards, found or not. */
  verify(asked: readonly ContactId[], rows: readonly ContactRow[]): void {
    for (const row of rows) {
      const known = this.contacts.get(row.contact);
      if (known)
        this.update(known, mergeContacts(onceQueued(known.marks, row), JSON.parse(row.marks) as ContactMarks), null);
    }
    for (const id of asked) {
      const known = this.contacts.get(id);
      if (known) known.unverified = false;
    }
  }

  /** Agents with marks from before what memory holds, and since when their spells are wanted. */
  unverifiedAgents(): { readonly agent: AgentId; readonly from: Instant }[] {
    return [...this.dirtyAgents].flatMap((id) => {
      const agent = this.agents.get(id);
      const first = agent?.marks.marks[0];
      return agent && first && first.at < agent.knownFrom ? [{ agent: id, from: first.at }] : [];
    });
  }

  /** Merges an agent's spells read back from `from` on. */
  verifyAgent(id: AgentId, from: Instant, spells: readonly SpellFact[]): void {
    for (const spell of spells) this.rememberSpell(spell);
    const agent = this.agents.get(id);
    if (!agent) return;
    agent.knownFrom = Math.min(agent.knownFrom, from, spells[0]?.from ?? from) as Instant;
    if (agent.dirtyFrom !== null) agent.dirtyFrom = spellBefore(agent.marks.marks, agent.dirtyFrom);
    this.showAgent(agent);
  }

  /** Everything changed since the last drain, as rows. What is drained must be written, or offered again. */
  drain(): DrainedFacts {
    const contacts: ContactRow[] = [];
    const legs: LegFact[] = [];
    for (const [id, changed] of this.dirty) {
      const known = this.contacts.get(id);
      if (!known) continue;
      contacts.push(this.row(known));
      for (const leg of changed) {
        const fact = known.legs.get(leg);
        if (fact) legs.push(fact);
      }
    }
    const spells = [...this.dirtyAgents].flatMap((id) => this.drainAgent(id));
    const touched = [...this.touched.values()];
    this.dirty.clear();
    this.dirtyAgents.clear();
    this.touched = new Map();
    return { contacts, legs, spells, touched };
  }

  /** Forgets contacts and spells whose time is over; the facts keep them. Call after a drain was written. */
  evict(): void {
    if (this.latest === null) return;
    const { graceMs, openGraceMs } = this.options;
    for (const [id, known] of this.contacts) {
      if (this.dirty.has(id)) continue;
      const age = this.latest - known.lastAt;
      if (age > openGraceMs || (age > graceMs && isClosed(known.marks))) {
        this.contacts.delete(id);
        for (const fact of known.legs.values()) if (fact.outcome === 'waiting') this.live.legChanged(fact, null);
      }
    }
    for (const [id, agent] of this.agents) {
      if (this.dirtyAgents.has(id)) continue;
      const keep = Math.max(0, indexOfMark(agent.marks.marks, after(this.latest, -graceMs)) - 1);
      if (keep === 0) continue;
      const marks = agent.marks.marks.slice(keep);
      agent.marks = { ...agent.marks, marks };
      agent.knownFrom = marks[0]?.at ?? agent.knownFrom;
    }
  }

  private applyContact(news: ContactMarks, event: AcdEvent): void {
    const known = this.contacts.get(news.contact);
    if (known) {
      this.update(known, this.withRestart(foldContact(known.marks, news)), event);
      return;
    }
    this.update(this.remember(this.withRestart(news), !this.isNew(event)), null, event);
  }

  /** A row of the facts stays where it is: a leg never changes its queue. */
  private conflict(event: AcdEvent): FoldConflict | null {
    if (event.type !== 'acd.contact.queued') return null;
    const { leg, queue } = event.data;
    const known = this.contacts.get(event.subject as ContactId)?.marks.legs.find((marks) => marks.leg === leg)?.queued;
    if (!known || known.queue === queue) return null;
    return {
      field: 'data.queue',
      message: `leg ${leg} is in queue ${known.queue} already, not ${queue}: a move to another queue is a new leg`,
    };
  }

  /**
   * Whether a contact we do not hold cannot be in the facts either. A contact leaves memory only when its last mark is older
   * than the grace time, so a `started` younger than that is not a repetition of one that left.
   */
  private isNew(event: AcdEvent): boolean {
    if (event.type !== 'acd.contact.started') return false;
    return this.latest === null || event.at >= this.latest - this.options.graceMs;
  }

  private remember(marks: ContactMarks, unverified: boolean): RememberedContact {
    const known: RememberedContact = { marks, lastAt: 0 as Instant, legs: new Map(), unverified };
    this.contacts.set(marks.contact, known);
    return known;
  }

  /** Takes new marks (null: those it has) and tells everyone what follows from them. */
  private update(known: RememberedContact, marks: ContactMarks | null, event: AcdEvent | null): void {
    if (marks) known.marks = marks;
    const about = event && legOf(event);
    const dirty = this.dirty.get(known.marks.contact) ?? new Set<LegId>();
    this.dirty.set(known.marks.contact, dirty);
    if (event && event.at > known.lastAt) known.lastAt = event.at;
    if (!event) known.lastAt = lastMarkOf(known.marks);
    for (const leg of known.marks.legs) {
      if (about && leg.leg !== about) continue;
      const before = known.legs.get(leg.leg) ?? null;
      const now = deriveLeg(known.marks, leg);
      if (!now) continue;
      known.legs.set(leg.leg, now);
      dirty.add(leg.leg);
      if (before) this.touchInterval(before);
      this.touchInterval(now);
      this.live.legChanged(before, now);
      this.legListener(before, now, event?.at ?? known.lastAt);
    }
  }

  private touchInterval(leg: LegFact): void {
    const minute = Math.floor(leg.queuedAt / 60_000);
    const key = `${minute} ${leg.queue}`;
    if (!this.touched.has(key)) this.touched.set(key, { queue: leg.queue, at: leg.queuedAt });
  }

  private row(known: RememberedContact): ContactRow {
    const { marks } = known;
    return {
      tenant: this.tenant,
      site: this.site,
      contact: marks.contact,
      lastAt: known.lastAt,
      closed: isClosed(marks),
      marks: canonicalMarks(marks),
      version: highest(marks, (mark) => mark.v),
    };
  }

  private stateMark(
    at: Instant,
    v: number,
    late: boolean,
    state: StateMark['state'],
    queues: readonly QueueId[],
    reason?: string,
  ): StateMark {
    return { at, v, ...(late && { late }), state, queues, ...(reason !== undefined && { reason }) };
  }

  private applyAgent(id: AgentId, mark: StateMark): void {
    const agent = this.agent(id, mark.at);
    const marks = addStateMark(agent.marks.marks, mark);
    if (marks === agent.marks.marks) return;
    agent.marks = { ...agent.marks, marks };
    const before = spellBefore(marks, mark.at);
    agent.dirtyFrom = agent.dirtyFrom === null || before < agent.dirtyFrom ? before : agent.dirtyFrom;
    this.dirtyAgents.add(id);
    if (marks.at(-1)?.at === mark.at) this.showAgent(agent);
  }

  private agent(id: AgentId, knownFrom: Instant): RememberedAgent {
    let agent = this.agents.get(id);
    if (!agent) {
      const nobody: AgentMarks = { tenant: this.tenant, site: this.site, agent: id, marks: [] };
      agent = { marks: nobody, dirtyFrom: null, knownFrom };
      this.agents.set(id, agent);
    }
    return agent;
  }

  private rememberSpell(spell: SpellFact): void {
    const agent = this.agent(spell.agent, spell.from);
    const mark = this.stateMark(spell.from, spell.version, false, spell.state, spell.queues, spell.reason ?? undefined);
    agent.marks = { ...agent.marks, marks: addStateMark(agent.marks.marks, mark) };
    if (spell.from < agent.knownFrom) agent.knownFrom = spell.from;
  }

  private showAgent(agent: RememberedAgent): void {
    const last = deriveSpells(agent.marks, Math.max(0, agent.marks.marks.length - 1))[0];
    if (last) this.live.agentChanged(last);
  }

  private drainAgent(id: AgentId): SpellFact[] {
    const agent = this.agents.get(id);
    if (!agent || agent.dirtyFrom === null) return [];
    const index = indexOfMark(agent.marks.marks, agent.dirtyFrom);
    agent.dirtyFrom = null;
    return deriveSpells(agent.marks, index);
  }

  private applyRestart(source: string, at: Instant, version: number): void {
    this.noteRestart(source, at, version);
    for (const known of this.contacts.values()) {
      if (known.marks.source !== source) continue;
      const marks = this.withRestart(known.marks);
      if (marks !== known.marks) this.update(known, marks, null);
    }
  }

  private noteRestart(source: string, at: Instant, version: number): void {
    const restarts = this.restarts.get(source) ?? [];
    if (restarts.some((restart) => restart.at === at)) return;
    this.restarts.set(
      source,
      [...restarts, { at, v: version }].sort((a, b) => a.at - b.at),
    );
  }

  /** The first restart after a contact began is where the source forgot it. */
  private withRestart(marks: ContactMarks): ContactMarks {
    const restarts = this.restarts.get(marks.source);
    if (!restarts) return marks;
    const began = firstMarkOf(marks);
    const restart = restarts.find((candidate) => candidate.at > began);
    if (!restart || (marks.ended && marks.ended.at <= restart.at)) return marks;
    return mergeContacts(marks, deadAt(marks, restart.at, restart.v));
  }

  /** A snapshot adds what we were not told: agents' states, and contacts that wait. */
  private applySnapshot(event: AcdEventOf<'acd.source.snapshot'>, version: number, late: boolean): void {
    for (const { agent, state, queues } of event.data.agents)
      this.applyAgent(agent, this.stateMark(event.at, version, late, state, queues));
    for (const { contact, leg, queue, queuedAt } of event.data.waiting) {
      const queued: AcdEvent = {
        ...event,
        type: 'acd.contact.queued',
        subject: contact,
        at: Date.parse(queuedAt) as Instant,
        data: { leg, queue, priority: 0, skills: [], internal: false },
      };
      const known = this.contacts.get(contact)?.marks.legs.find((marks) => marks.leg === leg);
      const news = known?.queued ? undefined : marksFrom(queued, version, late);
      if (news) this.applyContact(news, queued);
    }
  }
}

/** What we were told meanwhile, without a queue that contradicts the facts. */
const onceQueued = (marks: ContactMarks, row: ContactRow): ContactMarks => {
  const facts = new Map((JSON.parse(row.marks) as ContactMarks).legs.map((leg) => [leg.leg, leg.queued?.queue]));
  const legs = marks.legs.map((leg) => {
    const stored = facts.get(leg.leg);
    if (!leg.queued || stored === undefined || stored === leg.queued.queue) return leg;
    const { queued: _, ...rest } = leg;
    return rest;
  });
  return { ...marks, legs };
};

/** The spell before a new mark ends earlier now, so it is written again too. */
const spellBefore = (marks: readonly StateMark[], at: Instant): Instant =>
  marks[Math.max(0, indexOfMark(marks, at) - 1)]?.at ?? at;

const highest = (marks: ContactMarks, of: (mark: Mark) => number): number => {
  let found = -Infinity;
  const visit = (mark: Mark): void => {
    found = Math.max(found, of(mark));
  };
  eachMarkOfContact(marks, visit);
  for (const leg of marks.legs) eachMarkOfLeg(leg, visit);
  return found;
};

const lastMarkOf = (marks: ContactMarks): Instant => highest(marks, (mark) => mark.at) as Instant;

const firstMarkOf = (marks: ContactMarks): Instant => -highest(marks, (mark) => -mark.at) as Instant;
