import type { AgentId, AgentState, ContactId, Instant, LegId, QueueId } from '@queuecast/events';
import type { LegFact, SpellFact } from './facts.js';

export interface WaitingContact {
  readonly contact: ContactId;
  readonly leg: LegId;
  readonly queuedAt: Instant;
  readonly priority: number;
}

export type AgentCounts = Record<Exclude<AgentState, 'offline'>, number>;

const noAgents = (): AgentCounts => ({ available: 0, offered: 0, busy: 0, wrap_up: 0, away: 0 });

/**
 * Who waits in one queue. Almost everybody joins in time order, so those are kept in insertion order and the few
 * latecomers beside them: the longest waiting are found without sorting a list that may hold a hundred thousand. Contacts
 * that their source has probably forgotten are kept apart: they are not counted, and nobody is told how long they wait.
 */
export class WaitingList {
  private readonly inOrder = new Map<string, WaitingContact>();
  private readonly latecomers = new Map<string, WaitingContact>();
  private readonly suspects = new Map<string, WaitingContact>();
  /** How many are counted as waiting, by priority. */
  private readonly priorities = new Map<number, number>();
  private newest = -Infinity;

  get count(): number {
    return this.inOrder.size + this.latecomers.size;
  }

  /** Nobody goes before another by priority. */
  get isOnePriority(): boolean {
    return this.priorities.size <= 1;
  }

  /** How many have a higher priority. */
  above(priority: number): number {
    let count = 0;
    for (const [each, having] of this.priorities) if (each > priority) count += having;
    return count;
  }

  /** How many are suspected to be gone. */
  get suspected(): number {
    return this.suspects.size;
  }

  /** Joins, or is known anew; a suspected contact stays one until {@link reinstate}. */
  add(key: string, contact: WaitingContact): void {
    if (this.suspects.has(key)) {
      this.suspects.set(key, contact);
      return;
    }
    const known = this.inOrder.get(key) ?? this.latecomers.get(key);
    if (known?.queuedAt === contact.queuedAt && known.priority === contact.priority) return;
    this.remove(key);
    if (contact.queuedAt >= this.newest) {
      this.newest = contact.queuedAt;
      this.inOrder.set(key, contact);
    } else this.latecomers.set(key, contact);
    this.tally(contact.priority, 1);
  }

  remove(key: string): void {
    const counted = this.inOrder.get(key) ?? this.latecomers.get(key);
    if (counted) this.tally(counted.priority, -1);
    if (!this.inOrder.delete(key) && !this.latecomers.delete(key)) this.suspects.delete(key);
    if (this.inOrder.size === 0) this.newest = -Infinity;
  }

  /** Keeps a waiting contact apart from the others. */
  suspect(key: string): void {
    const contact = this.inOrder.get(key) ?? this.latecomers.get(key);
    if (!contact) return;
    this.remove(key);
    this.suspects.set(key, contact);
  }

  has(key: string): boolean {
    return this.inOrder.has(key) || this.latecomers.has(key) || this.suspects.has(key);
  }

  /** Puts a suspected contact back in its place. */
  reinstate(key: string): void {
    const contact = this.suspects.get(key);
    if (!contact) return;
    this.suspects.delete(key);
    this.latecomers.set(key, contact);
    this.tally(contact.priority, 1);
  }

  private tally(priority: number, change: 1 | -1): void {
    const count = (this.priorities.get(priority) ?? 0) + change;
    if (count === 0) this.priorities.delete(priority);
    else this.priorities.set(priority, count);
  }

  /** Who joined before `instant`, suspected ones too, in no order that could be relied on. */
  *joinedBefore(instant: number): Iterable<WaitingContact> {
    for (const contact of this.inOrder.values()) {
      if (contact.queuedAt >= instant) break;
      yield contact;
    }
    for (const contact of this.latecomers.values()) if (contact.queuedAt < instant) yield contact;
    for (const contact of this.suspects.values()) if (contact.queuedAt < instant) yield contact;
  }

  /** The contacts that have waited longest, oldest first. */
  oldest(limit: number): WaitingContact[] {
    const first: WaitingContact[] = [];
    for (const contact of this.inOrder.values()) {
      if (first.length === limit) break;
      first.push(contact);
    }
    return [...first, ...this.latecomers.values()]
      .sort((a, b) => a.queuedAt - b.queuedAt || (a.contact < b.contact ? -1 : 1))
      .slice(0, limit);
  }

  /** How many joined in [from, to); suspected ones too, because history counts them until they are given up. */
  countJoined(from: Instant, to: Instant): number {
    let count = 0;
    for (const { queuedAt } of this.joinedBefore(to)) if (queuedAt >= from) count += 1;
    return count;
  }
}

/** What only the present needs to know of one queue. */
export interface LiveQueue {
  readonly queue: QueueId;
  readonly waiting: WaitingList;
  readonly agents: AgentCounts;
}

/** What an agent does now, and since when. */
export interface AgentNow {
  readonly state: AgentState;
  readonly reason: string | null;
  readonly since: Instant;
  readonly queues: readonly QueueId[];
}

/** @param key the leg, as {@link legKey} has it */
export type SuspicionListener = (queue: QueueId, key: string, suspected: boolean) => void;

/**
 * Live state of one site: who waits where, which agents are free. Derived from the same marks as the facts, one change
 * at a time, and rebuilt from them after a restart.
 */
export class LiveSite {
  private readonly queues = new Map<QueueId, LiveQueue>();
  private readonly agents = new Map<AgentId, AgentNow>();
  private readonly touched = new Set<QueueId>();
  private readonly counts = noAgents();
  private waitingCount = 0;
  private suspicionListener: SuspicionListener = () => undefined;

  /** Told of every contact that is suspected to be gone, and of every one that is not any longer. */
  onSuspicion(listener: SuspicionListener): void {
    this.suspicionListener = listener;
  }

  /** False until the source has said anything about agents: "nobody there" and "not told" differ. */
  get agentsKnown(): boolean {
    return this.agents.size > 0;
  }

  queue(id: QueueId): LiveQueue {
    let queue = this.queues.get(id);
    if (!queue) {
      queue = { queue: id, waiting: new WaitingList(), agents: noAgents() };
      this.queues.set(id, queue);
    }
    return queue;
  }

  /** Every queue that a contact or an agent has named. */
  knownQueues(): QueueId[] {
    return [...this.queues.keys()];
  }

  /** How many queues that are. */
  get queueCount(): number {
    return this.queues.size;
  }

  /** The agent's latest state; undefined if the source never told one. */
  agent(id: AgentId): AgentNow | undefined {
    return this.agents.get(id);
  }

  /** The site's agents by state; offline ones left out. */
  get staff(): Readonly<AgentCounts> {
    return this.counts;
  }

  /** Contacts waiting on the site, without suspected ones. */
  get waiting(): number {
    return this.waitingCount;
  }

  touch(queue: QueueId): void {
    this.queue(queue);
    this.touched.add(queue);
  }

  /** The queues changed since the last call. */
  takeTouched(): QueueId[] {
    const queues = [...this.touched];
    this.touched.clear();
    return queues;
  }

  /** A leg is known anew: it waits, or it waits no longer. */
  legChanged(before: LegFact | null, after: LegFact | null): void {
    if (before && isWaiting(before) && !(after && isWaiting(after) && before.queue === after.queue))
      this.remove(before);
    if (!after) return;
    if (isWaiting(after)) this.add(after);
    else this.touch(after.queue);
  }

  /** Keeps a waiting contact apart from those who surely wait. */
  suspect(queue: QueueId, key: string): void {
    this.change(queue, (waiting) => waiting.suspect(key));
    this.suspicionListener(queue, key, true);
  }

  /** A suspected contact waits after all. */
  reinstate(queue: QueueId, key: string): void {
    this.change(queue, (waiting) => waiting.reinstate(key));
    this.suspicionListener(queue, key, false);
  }

  private add(leg: LegFact): void {
    const { contact, queuedAt, priority } = leg;
    this.change(leg.queue, (waiting) => waiting.add(legKey(leg), { contact, leg: leg.leg, queuedAt, priority }));
  }

  private remove(leg: LegFact): void {
    this.change(leg.queue, (waiting) => waiting.remove(legKey(leg)));
  }

  private change(queue: QueueId, how: (waiting: WaitingList) => void): void {
    const { waiting } = this.queue(queue);
    const before = waiting.count;
    how(waiting);
    this.waitingCount += waiting.count - before;
    this.touch(queue);
  }

  /** An agent's latest spell is known anew. */
  agentChanged(spell: SpellFact): void {
    const before = this.agents.get(spell.agent);
    const now: AgentNow = { state: spell.state, reason: spell.reason, since: spell.from, queues: spell.queues };
    if (before) this.count(before, -1);
    this.count(now, 1);
    this.agents.set(spell.agent, now);
  }

  private count(agent: AgentNow, by: number): void {
    if (agent.state !== 'offline') this.counts[agent.state] += by;
    for (const queue of agent.queues) {
      if (agent.state !== 'offline') this.queue(queue).agents[agent.state] += by;
      this.touch(queue);
    }
  }
}

const isWaiting = (leg: LegFact): boolean => leg.outcome === 'waiting' && !leg.internal;

/** What tells legs apart within a site. */
export const legKey = (leg: { readonly contact: ContactId; readonly leg: LegId }): string =>
  `${leg.contact}\u0000${leg.leg}`;
