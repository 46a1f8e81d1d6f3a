import {
  after,
  isOwnType,
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
import { contactOf, foldContact, legOf, marksFrom, marksOfListed } from './contact-fold.js';
import type { ContactRow, LegFact, SpellFact } from './facts.js';
import { deriveLeg, isClosed } from './leg.js';
import { legKey, LiveSite } from './live-site.js';
import {
  canonicalMarks,
  eachMarkOfContact,
  eachMarkOfLeg,
  mergeContacts,
  type ContactMarks,
  type Mark,
} from './marks.js';
import {
  PUBLISHED_INTERVAL_MS,
  Publisher,
  type ChangeCause,
  type Publication,
  type Published,
  type PublishedRange,
} from './publication.js';
import { SiteAgents, stateMark } from './site-agents.js';
import { SourceBreaks } from './source-breaks.js';
import { Suspicions } from './suspicions.js';

export interface FoldOptions {
  /** How long after its last mark a closed contact stays in memory, milliseconds of event time. */
  readonly graceMs: number;
  /**
   * How long an open contact stays in memory without any event: longer than the longest business day (25 hours) and what
   * passes before it is suspected, so that the end of a day finds it.
   */
  readonly openGraceMs: number;
  /** An event older than the site's latest by more than this is late, and what it changes is a correction. */
  readonly latenessMs: number;
  /** Length of the intervals whose figures are published when they end. */
  readonly intervalMs: number;
}

export const DEFAULT_FOLD: FoldOptions = {
  graceMs: 30 * 60_000,
  openGraceMs: 30 * 3_600_000,
  latenessMs: 60_000,
  intervalMs: PUBLISHED_INTERVAL_MS,
};

interface RememberedContact {
  marks: ContactMarks;
  lastAt: Instant;
  /** Legs as derived last; what the live state and the touched intervals are told. */
  legs: Map<LegId, LegFact>;
  /** Facts hold more of this contact than we do, perhaps: read it back and merge before writing it. */
  unverified: boolean;
  /** What published intervals must be told of an unverified contact as soon as the facts are known, in order. */
  untold: Untold[];
}

/** The marks as they were after an event, or when an interval was published. */
type Untold = { readonly marks: ContactMarks } & (
  { readonly cause: ChangeCause; readonly range: PublishedRange | null } | { readonly publication: Publication }
);

interface DirtyContact {
  readonly legs: Set<LegId>;
  /** Arrivals, past and present, of the legs that changed. */
  readonly touched: { readonly queue: QueueId; readonly at: Instant }[];
}

/** What a drain hands to the store. */
export interface DrainedFacts {
  readonly contacts: readonly ContactRow[];
  readonly legs: readonly LegFact[];
  readonly spells: readonly SpellFact[];
  /** Arrival instants whose intervals changed, by queue. */
  readonly touched: readonly { readonly queue: QueueId; readonly at: Instant }[];
  /** The latest event time that later events are measured against, and the version it stands at; null if unchanged. */
  readonly watermark: {
    readonly latest: Instant;
    readonly published: PublishedRange | null;
    readonly version: number;
  } | null;
  /** Intervals that ended, and what has changed in those that had. */
  readonly published: Published;
}

/** The event contradicts what is known; the message says what, and what the sender should do instead. */
export interface FoldConflict {
  readonly field: string;
  readonly message: string;
}

/** Told of every leg that changed, before and after (null when it is forgotten while waiting); what estimates learn from. */
export type LegListener = (before: LegFact | null, after: LegFact | null, at: Instant) => void;

/** Told of every agent's latest spell whenever it is another, also of those taken up after a restart. */
export type AgentListener = (spell: SpellFact) => void;

/**
 * The fold of one site: events in, dirty facts and live state out. Holds open and recent contacts in memory; for any
 * other it folds what it is told and, before that is written, merges it with what the facts hold (merging commutes, so
 * nobody has to wait for the store).
 */
export class SiteFold {
  readonly live = new LiveSite();
  readonly suspicions = new Suspicions(this.live, {
    lastHeardOf: (contact) => this.contacts.get(contact)?.lastAt,
    isUnread: (contact) => this.contacts.get(contact)?.unverified ?? false,
    isKnownAt: (contact, version) => {
      const known = this.contacts.get(contact);
      return known !== undefined && highest(known.marks, (mark) => mark.v) <= version;
    },
    stateAt: (agent, version) => this.agents.stateAt(agent, version),
    latestBreak: () => this.breaks.latest,
    breakSince: (contact, isWaiting, until, version) => {
      const known = this.contacts.get(contact);
      return known && this.breaks.since(known.marks.source, known.lastAt, isWaiting, until, version);
    },
  });
  private readonly contacts = new Map<ContactId, RememberedContact>();
  private readonly dirty = new Map<ContactId, DirtyContact>();
  private readonly breaks = new SourceBreaks();
  private latest: Instant | null = null;
  /**
   * What tells late events: `latest` as of the log position, while `latest` after a restart is as of the facts, which may
   * be ahead. An event that is read again must be as late as it was.
   */
  private settled: Instant | null = null;
  private version = 0;
  private drainedSettled: Instant | null = null;
  private drainedRange: PublishedRange | null = null;
  /** The event that is being folded. */
  private cause: ChangeCause | null = null;
  private legListener: LegListener = () => undefined;
  private reinstatedCount = 0;
  private agentListener: AgentListener = () => undefined;

  private readonly agents: SiteAgents;
  private readonly publisher: Publisher;

  constructor(
    readonly tenant: TenantId,
    readonly site: SiteId,
    private readonly options: FoldOptions = DEFAULT_FOLD,
  ) {
    this.agents = new SiteAgents(tenant, site, this.breaks, (spell) => {
      this.live.agentChanged(spell);
      this.agentListener(spell);
    });
    this.publisher = new Publisher(options.latenessMs, options.intervalMs);
  }

  /** Event time of the latest mark; null before the first. */
  get watermark(): Instant | null {
    return this.latest;
  }

  /** Event time that the source had come to at this position of the log; null before the first event. */
  get settledAt(): Instant | null {
    return this.settled;
  }

  /** How many suspicions a sign of life ended so far. */
  get reinstated(): number {
    return this.reinstatedCount;
  }

  /** The stretch whose intervals are published; null before the first event. */
  get published(): PublishedRange | null {
    return this.publisher.range;
  }

  /** Contacts held in memory. */
  get size(): number {
    return this.contacts.size;
  }

  onLegChanged(listener: LegListener): void {
    this.legListener = listener;
  }

  onAgentChanged(listener: AgentListener): void {
    this.agentListener = listener;
  }

  /** Every leg in memory that somebody waits or talks on. */
  *openLegs(): Generator<LegFact> {
    for (const { legs } of this.contacts.values())
      for (const leg of legs.values())
        if (leg.outcome === 'waiting' || (leg.outcome === 'answered' && leg.talkMs === null)) yield leg;
  }

  /**
   * Folds one event.
   *
   * @param version its position in the log, ascending from call to call (a replay may start again lower)
   * @returns what it contradicts, in which case nothing was folded; null as a rule
   */
  apply(event: AcdEvent, version: number): FoldConflict | null {
    // Of what we decide ourselves nothing comes late, and our clock does not say what time it is at the source.
    const isOwn = isOwnType(event.type);
    const behindMs = this.settled === null || isOwn ? 0 : Math.max(0, this.settled - event.at);
    const late = behindMs > this.options.latenessMs;
    this.version = version;
    this.cause = { event, version, late, behindMs };
    const conflict = this.fold(event, version, late);
    this.cause = null;
    if (conflict) return conflict;
    if (!isOwn) this.settle(event);
    return null;
  }

  private fold(event: AcdEvent, version: number, late: boolean): FoldConflict | null {
    if (contactOf(event)) {
      const conflict = this.conflict(event);
      if (conflict) return conflict;
      const news = marksFrom(event, version, late);
      if (news) this.applyContact(news, event);
      else if (event.type === 'acd.contact.suspected') this.applySuspected(event, version);
    } else if (event.type === 'acd.agent.state_changed') {
      const { state, reason, queues } = event.data;
      const mark = stateMark(event.at, version, late, state, queues, event.source, reason);
      this.agents.apply(event.subject as AgentId, mark);
    } else {
      this.breaks.note(event, version);
      if (event.type === 'acd.source.snapshot') this.applySnapshot(event, version, late);
    }
    return null;
  }

  /** What time it is at the source by its event. */
  private settle(event: AcdEvent): void {
    if (tellsTime(event)) {
      this.latest = later(this.latest, event.at);
      this.settled = later(this.settled, event.at);
    }
    this.publish(event.at);
  }

  /** Takes up open and recent facts after a restart; call before the first event. */
  restore(recovered: {
    readonly contacts: readonly ContactRow[];
    readonly spells: readonly SpellFact[];
    readonly latest: Instant | null;
    /** The watermark of the last flush that was written whole, null before the first; `latest` if absent. */
    readonly settled?: Instant | null;
    /** What had been published by then; nothing if absent. */
    readonly published?: PublishedRange | null;
  }): void {
    for (const row of recovered.contacts) {
      const known = this.remember(JSON.parse(row.marks) as ContactMarks, false);
      this.update(known, null, null);
      known.lastAt = later(row.lastAt, known.lastAt);
    }
    this.agents.restore(recovered.spells);
    this.latest = recovered.latest;
    // Beside facts of a flush that was cut short, the very first events would look late.
    this.settled = recovered.settled === undefined ? recovered.latest : recovered.settled;
    this.drainedSettled = recovered.settled ?? null;
    this.publisher.restore(recovered.published ?? null);
    this.drainedRange = this.publisher.range;
    this.dirty.clear();
    // The facts keep contacts that never end for ever; they were forgotten before the restart, too.
    this.evict();
    this.suspicions.forgetAnnounced();
  }

  /** What sources said of themselves in the past, and what was suspected, known from the archive; before the facts. */
  restoreSiteEvent(event: AcdEvent, version: number): void {
    this.breaks.note(event, version);
    if (event.type === 'acd.contact.suspected') this.suspicions.noteAnnounced(event, version);
  }

  /** Dirty contacts of which the facts may hold more. */
  unverified(): ContactId[] {
    return [...this.dirty.keys()].filter((id) => this.contacts.get(id)?.unverified);
  }

  /** Merges facts read back; every contact asked for is verified afterwards, found or not. */
  verify(asked: readonly ContactId[], rows: readonly ContactRow[]): void {
    for (const row of rows) {
      const known = this.contacts.get(row.contact);
      if (!known) continue;
      const facts = JSON.parse(row.marks) as ContactMarks;
      this.tell(known, facts);
      this.update(known, mergeContacts(onceQueued(known.marks, facts), facts), null);
      known.lastAt = later(row.lastAt, known.lastAt);
      for (const { queued } of facts.legs)
        if (queued) this.dirty.get(row.contact)?.touched.push({ queue: queued.queue, at: queued.at });
    }
    for (const id of asked) {
      const known = this.contacts.get(id);
      if (!known) continue;
      this.tell(known, null);
      known.unverified = false;
    }
  }

  /** Agents with marks from before what memory holds, and since when their spells are wanted. */
  unverifiedAgents(): { readonly agent: AgentId; readonly from: Instant }[] {
    return this.agents.unverified();
  }

  /** Merges an agent's spells read back from `from` on. */
  verifyAgent(id: AgentId, from: Instant, spells: readonly SpellFact[]): void {
    this.agents.verify(id, from, spells);
  }

  /**
   * Everything changed since the last drain, as rows; what is not verified yet stays for the next. What is drained must
   * be written, or offered again.
   */
  drain(): DrainedFacts {
    const contacts: ContactRow[] = [];
    const legs: LegFact[] = [];
    const touched = new Map<string, { queue: QueueId; at: Instant }>();
    for (const [id, changed] of this.dirty) {
      const known = this.contacts.get(id);
      if (!known || known.unverified) continue;
      this.dirty.delete(id);
      contacts.push(this.row(known));
      for (const leg of changed.legs) {
        const fact = known.legs.get(leg);
        if (fact) legs.push(fact);
      }
      for (const { queue, at } of changed.touched) touched.set(`${Math.floor(at / 60_000)} ${queue}`, { queue, at });
    }
    return {
      contacts,
      legs,
      spells: this.agents.drain(),
      touched: [...touched.values()],
      watermark: this.drainWatermark(),
      published: this.publisher.drain(),
    };
  }

  private drainWatermark(): DrainedFacts['watermark'] {
    const published = this.publisher.range;
    if (this.settled === null || (this.settled === this.drainedSettled && published === this.drainedRange)) return null;
    this.drainedSettled = this.settled;
    this.drainedRange = published;
    return { latest: this.settled, published, version: this.version };
  }

  /** Forgets contacts and spells whose time is over; the facts keep them. Call after a drain was written. */
  evict(): void {
    if (this.latest === null) return;
    const { graceMs, openGraceMs } = this.options;
    // What arrived in an interval that has not ended yet is published from memory.
    const unpublished = this.publisher.range?.to ?? this.latest;
    for (const [id, known] of this.contacts) {
      if (this.dirty.has(id) || known.lastAt >= unpublished) continue;
      const age = this.latest - known.lastAt;
      if (age > openGraceMs || (age > graceMs && isClosed(known.marks))) {
        this.contacts.delete(id);
        for (const fact of known.legs.values()) this.forget(fact, this.latest);
      }
    }
    this.agents.evict(after(this.latest, -graceMs));
    this.breaks.evict(after(this.latest, -openGraceMs));
  }

  private forget(fact: LegFact, at: Instant): void {
    this.suspicions.legChanged(fact, null, this.version);
    if (fact.outcome !== 'waiting') return;
    this.live.legChanged(fact, null);
    this.legListener(fact, null, at);
  }

  private applySuspected(event: AcdEventOf<'acd.contact.suspected'>, version: number): void {
    const { leg, queue } = event.data;
    const key = legKey({ contact: event.subject as ContactId, leg });
    if (this.live.queue(queue).waiting.has(key)) this.suspicions.noteAnnounced(event, version);
  }

  private applyContact(news: ContactMarks, event: AcdEvent): void {
    const known = this.contacts.get(news.contact);
    if (known) {
      this.update(known, foldContact(known.marks, news), event);
      return;
    }
    this.update(this.remember(news, !this.isNew(event)), null, event);
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
    const known: RememberedContact = { marks, lastAt: 0 as Instant, legs: new Map(), unverified, untold: [] };
    this.contacts.set(marks.contact, known);
    return known;
  }

  /** Takes new marks (null: those it has) and tells everyone what follows from them. */
  private update(known: RememberedContact, marks: ContactMarks | null, event: AcdEvent | null): void {
    if (marks) known.marks = marks;
    // Whether it is given up depends on what was heard on all its legs.
    const about = event && !known.marks.presumedGone && legOf(event);
    const dirty = this.dirtied(known.marks.contact);
    if (event && event.at > known.lastAt) known.lastAt = event.at;
    if (!event) known.lastAt = lastMarkOf(known.marks);
    for (const leg of known.marks.legs) {
      const before = known.legs.get(leg.leg) ?? null;
      const now = deriveLeg(known.marks, leg);
      if (!now) continue;
      if (about && leg.leg !== about && before && restsOnSame(before, now)) continue;
      known.legs.set(leg.leg, now);
      if (this.cause && !known.unverified) this.publisher.changed(before, now, this.cause);
      const moved = before?.queuedAt !== now.queuedAt;
      if (before && moved) dirty.touched.push({ queue: before.queue, at: before.queuedAt });
      if (moved || !dirty.legs.has(leg.leg)) dirty.touched.push({ queue: now.queue, at: now.queuedAt });
      dirty.legs.add(leg.leg);
      this.live.legChanged(before, now);
      this.suspicions.legChanged(before, now, Math.max(leg.queued?.v ?? 0, leg.answered?.v ?? 0));
      this.legListener(before, now, event?.at ?? known.lastAt);
    }
    this.reinstatedCount += this.suspicions.heardOf(known.legs.values());
    if (this.cause && known.unverified)
      known.untold.push({ marks: known.marks, cause: this.cause, range: this.publisher.range });
  }

  /** The event took the site's time to `at`: publishes the intervals that have ended by it. */
  private publish(at: Instant): void {
    const publication = this.publisher.advance(at);
    if (!publication) return;
    for (const known of this.contacts.values())
      if (known.unverified) known.untold.push({ marks: known.marks, publication });
      else publication.take(known.legs.values());
  }

  /** What happened to a contact before it was read back: step by step, as if it had been in memory. */
  private tell(known: RememberedContact, facts: ContactMarks | null): void {
    let legs = facts ? legsOf(facts) : new Map<LegId, LegFact>();
    for (const step of known.untold) {
      const before = legs;
      legs = legsOf(facts ? mergeContacts(onceQueued(step.marks, facts), facts) : step.marks);
      if ('publication' in step) step.publication.take(legs.values());
      else for (const [id, now] of legs) this.publisher.changed(before.get(id) ?? null, now, step.cause, step.range);
    }
    known.untold = [];
  }

  private dirtied(id: ContactId): DirtyContact {
    let dirty = this.dirty.get(id);
    if (!dirty) {
      dirty = { legs: new Set(), touched: [] };
      this.dirty.set(id, dirty);
    }
    return dirty;
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

  /**
   * A snapshot says which contacts wait and what agents do, as its source knows it. Of those of the source that it does not
   * list, contacts are forgotten (see {@link SourceBreaks}), and agents are signed out.
   */
  private applySnapshot(event: AcdEventOf<'acd.source.snapshot'>, version: number, late: boolean): void {
    for (const { agent, state, queues } of event.data.agents)
      this.agents.apply(agent, stateMark(event.at, version, late, state, queues, event.source));
    this.agents.signOutAbsent(event.source, { at: event.at, v: version, reason: 'absent_from_snapshot' });
    for (const listed of event.data.waiting) {
      const news = marksOfListed(event, listed, version, late);
      const known = this.contacts.get(listed.contact)?.marks.legs.find(({ leg }) => leg === listed.leg)?.queued;
      // A leg never changes its queue; its contact is there all the same.
      this.applyContact(known && known.queue !== listed.queue ? { ...news, legs: [] } : news, event);
    }
  }
}

/** Whether an event is of a kind that later ones are measured against: one that says something of a contact or an agent. */
const tellsTime = (event: AcdEvent): boolean =>
  contactOf(event) !== undefined ||
  event.type === 'acd.agent.state_changed' ||
  event.type === 'acd.source.restarted' ||
  event.type === 'acd.source.snapshot';

/** Whether nothing has changed of what a leg takes from the other legs of its contact. */
const restsOnSame = (before: LegFact, now: LegFact): boolean =>
  before.version === now.version &&
  before.transferredFromQueue === now.transferredFromQueue &&
  before.decidedAfterMs === now.decidedAfterMs;

const legsOf = (marks: ContactMarks): Map<LegId, LegFact> => {
  const legs = new Map<LegId, LegFact>();
  for (const leg of marks.legs) {
    const fact = deriveLeg(marks, leg);
    if (fact) legs.set(leg.leg, fact);
  }
  return legs;
};

/** What we were told meanwhile, without a queue that contradicts the facts. */
const onceQueued = (marks: ContactMarks, facts: ContactMarks): ContactMarks => {
  const queues = new Map(facts.legs.map((leg) => [leg.leg, leg.queued?.queue]));
  const legs = marks.legs.map((leg) => {
    const stored = queues.get(leg.leg);
    if (!leg.queued || stored === undefined || stored === leg.queued.queue) return leg;
    return { ...leg, queued: undefined };
  });
  return { ...marks, legs };
};

const highest = (marks: ContactMarks, of: (mark: Mark) => number): number => {
  let found = -Infinity;
  const visit = (mark: Mark): void => {
    found = Math.max(found, of(mark));
  };
  eachMarkOfContact(marks, visit);
  for (const leg of marks.legs) eachMarkOfLeg(leg, visit);
  return found;
};

const later = (one: Instant | null, other: Instant): Instant => (one !== null && one > other ? one : other);

const lastMarkOf = (marks: ContactMarks): Instant => highest(marks, (mark) => mark.at) as Instant;
