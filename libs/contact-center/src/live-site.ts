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
 * latecomers beside them: the longest waiting are found without sorting a list that may hold a hundred thousand.
 */
export class WaitingList {
  private readonly inOrder = new Map<string, WaitingContact>();
  private readonly latecomers = new Map<string, WaitingContact>();
  private newest = -Infinity;

  get count(): number {
    return this.inOrder.size + this.latecomers.size;
  }

  add(key: string, contact: WaitingContact): void {
    const known = this.inOrder.get(key) ?? this.latecomers.get(key);
    if (known?.queuedAt === contact.queuedAt && known.priority === contact.priority) return;
    this.remove(key);
    if (contact.queuedAt >= this.newest) {
      this.newest = contact.queuedAt;
      this.inOrder.set(key, contact);
    } else this.latecomers.set(key, contact);
  }

  remove(key: string): void {
    if (!this.inOrder.delete(key)) this.latecomers.delete(key);
    if (this.inOrder.size === 0) this.newest = -Infinity;
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

  /** How many joined at or before `instant`. */
  countSince(instant: Instant): number {
    let count = 0;
    for (const contact of this.inOrder.values()) {
      if (contact.queuedAt > instant) break;
      count += 1;
    }
    for (const contact of this.latecomers.values()) if (contact.queuedAt <= instant) count += 1;
    return count;
  }
}

/** What only the present needs to know of one queue. */
export interface LiveQueue {
  readonly queue: QueueId;
  readonly waiting: WaitingList;
  readonly agents: AgentCounts;
}

interface AgentNow {
  readonly state: AgentState;
  readonly reason: string | null;
  readonly since: Instant;
  readonly queues: readonly QueueId[];
}

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

  /** The site's agents by state; offline ones left out. */
  get staff(): Readonly<AgentCounts> {
    return this.counts;
  }

  /** Contacts waiting on the site. */
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

  private add(leg: LegFact): void {
    const { waiting } = this.queue(leg.queue);
    const before = waiting.count;
    const { contact, queuedAt, priority } = leg;
    waiting.add(keyOf(leg), { contact, leg: leg.leg, queuedAt, priority });
    this.waitingCount += waiting.count - before;
    this.touch(leg.queue);
  }

  private remove(leg: LegFact): void {
    const { waiting } = this.queue(leg.queue);
    const before = waiting.count;
    waiting.remove(keyOf(leg));
    this.waitingCount += waiting.count - before;
    this.touch(leg.queue);
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

const keyOf = (leg: { readonly contact: ContactId; readonly leg: LegId }): string => `${leg.contact}\u0000${leg.leg}`;
