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

  /** Agents that serve any queue, by state; offline ones left out. */
  staff(): AgentCounts {
    const counts = noAgents();
    for (const agent of this.agents.values()) if (agent.state !== 'offline') counts[agent.state] += 1;
    return counts;
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
    if (before && before.outcome === 'waiting' && before.queue !== after?.queue) {
      this.queue(before.queue).waiting.remove(this.key(before));
      this.touch(before.queue);
    }
    if (!after) return;
    const { waiting } = this.queue(after.queue);
    if (after.outcome === 'waiting' && !after.internal) {
      if (before?.outcome !== 'waiting' || before.queuedAt !== after.queuedAt || before.priority !== after.priority)
        waiting.add(this.key(after), {
          contact: after.contact,
          leg: after.leg,
          queuedAt: after.queuedAt,
          priority: after.priority,
        });
    } else waiting.remove(this.key(after));
    this.touch(after.queue);
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
    for (const queue of agent.queues) {
      if (agent.state !== 'offline') this.queue(queue).agents[agent.state] += by;
      this.touch(queue);
    }
  }

  private key(leg: { readonly contact: ContactId; readonly leg: LegId }): string {
    return `${leg.contact}\u0000${leg.leg}`;
  }
}
