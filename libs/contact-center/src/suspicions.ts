import type { AgentId, Channel, ContactId, Instant, LegId, QueueId, Suspicion } from '@queuecast/events';
import type { LegFact } from './facts.js';
import { LatestJoined } from './latest-joined.js';
import { legKey, type LiveSite } from './live-site.js';
import { UsualWaits } from './usual-waits.js';

/** What is suspicious in one queue. */
export interface SuspicionTerms {
  /** Later contacts of the same priority that were answered meanwhile; 0: overtaking says nothing here. */
  readonly overtakenBy: number;
  /** Whether waiting longer than nearly everybody does is suspicious. */
  readonly silence: boolean;
}

/** A contact that its source has probably forgotten. */
export interface Suspect {
  readonly queue: QueueId;
  readonly contact: ContactId;
  readonly leg: LegId;
  /** What it is believed to do. */
  readonly believed: 'waiting' | 'in_conversation';
  readonly reason: Suspicion;
  /** The source's last word of it, or somebody's who vouched for it. */
  readonly lastHeardAt: Instant;
  readonly suspectedAt: Instant;
}

/** Events come in disorder, and a hang-up is told a moment late: nothing is suspicious sooner. */
const SOONEST_MS = 60_000;
/** Channels on which an agent has one contact at a time, so that another one means that the first is over. */
const ONE_AT_A_TIME: ReadonlySet<Channel | null> = new Set<Channel>(['voice', 'callback', 'counter']);

interface Conversation {
  readonly leg: LegFact;
  readonly agent: AgentId;
}

/**
 * Which open contacts of a site have probably been forgotten by their source. Derived from what is known and reversible:
 * any sign of life of the contact ends its suspicion. Suspected contacts are kept apart in the live state.
 */
export class Suspicions {
  private readonly suspects = new Map<string, Suspect>();
  private readonly conversations = new Map<QueueId, Map<string, Conversation>>();
  private readonly answered = new Map<QueueId, Map<number, LatestJoined>>();
  private readonly waits = new Map<QueueId, UsualWaits>();
  private readonly lastAnswer = new Map<AgentId, { readonly key: string; readonly at: Instant }>();

  /** @param lastHeardOf when the source last said anything of a contact that is open */
  constructor(
    private readonly live: LiveSite,
    private readonly lastHeardOf: (contact: ContactId) => Instant | undefined,
  ) {}

  /** Suspected contacts now. */
  get count(): number {
    return this.suspects.size;
  }

  /** The suspected contacts of a queue, longest unheard of first. */
  of(queue: QueueId): Suspect[] {
    return [...this.suspects.values()]
      .filter((suspect) => suspect.queue === queue)
      .sort((a, b) => a.lastHeardAt - b.lastHeardAt || (a.contact < b.contact ? -1 : 1));
  }

  /** A leg is known anew; null: not any more. */
  legChanged(before: LegFact | null, after: LegFact | null): void {
    const leg = after ?? before;
    if (!leg || leg.internal) return;
    const key = legKey(leg);
    if (after && isTalking(after) && after.agent !== null)
      this.conversationsOf(leg.queue).set(key, { leg: after, agent: after.agent });
    else this.conversations.get(leg.queue)?.delete(key);
    if (!after || after.endedBy === 'unknown') this.suspects.delete(key);
    if (after) this.learn(before, after, key);
  }

  /** What the facts know of the waits of a queue that are over. */
  restoreWaits(queue: QueueId, waitMs: number, times: number): void {
    this.waitsOf(queue).add(waitMs, times);
  }

  /** An answered contact that the facts know of. */
  restoreAnswered(queue: QueueId, priority: number, leg: Pick<LegFact, 'contact' | 'leg'>, queuedAt: Instant): void {
    this.answeredOf(queue, priority).add(legKey(leg), queuedAt);
  }

  /**
   * The source, or somebody, spoke of a contact: what was suspected of its legs is not any more.
   *
   * @returns how many came back
   */
  heardOf(legs: Iterable<LegFact>): number {
    if (this.suspects.size === 0) return 0;
    let cleared = 0;
    for (const leg of legs) {
      const key = legKey(leg);
      const suspect = this.suspects.get(key);
      if (!suspect || (isOpen(leg) && suspect.lastHeardAt === this.lastHeardOf(leg.contact))) continue;
      this.suspects.delete(key);
      this.live.reinstate(suspect.queue, key);
      cleared += 1;
    }
    return cleared;
  }

  /**
   * The open contacts of a queue that are suspicious by what is known now, whether they were before or not: the same for
   * the same facts, so that what is decided by it does not depend on when it was looked at before.
   *
   * @param now by the source's clock
   */
  judge(queue: QueueId, terms: SuspicionTerms, now: Instant): Suspect[] {
    return [...this.waitingSuspects(queue, terms, now), ...this.talkingSuspects(queue, now)];
  }

  /**
   * Keeps the suspicious contacts of a queue apart. None comes back by itself: that takes a sign of life.
   *
   * @param now by the source's clock
   * @returns those suspected from now on
   */
  review(queue: QueueId, terms: SuspicionTerms, now: Instant): Suspect[] {
    const found = this.judge(queue, terms, now).filter((suspect) => !this.suspects.has(legKey(suspect)));
    for (const suspect of found) {
      const key = legKey(suspect);
      this.suspects.set(key, suspect);
      if (suspect.believed === 'waiting') this.live.suspect(queue, key);
      else this.live.touch(queue);
    }
    return found;
  }

  /**
   * Keeps apart a contact that was announced as suspected, if it is open and nothing was heard of it since: who looks back
   * goes by what was said then.
   */
  recall(announced: Omit<Suspect, 'believed'>): void {
    const { queue, contact } = announced;
    const key = legKey(announced);
    if (this.lastHeardOf(contact) !== announced.lastHeardAt) return;
    const talks = this.conversations.get(queue)?.has(key) ?? false;
    if (!talks && !this.live.queue(queue).waiting.has(key)) return;
    this.suspects.set(key, { ...announced, believed: talks ? 'in_conversation' : 'waiting' });
    if (!talks) this.live.suspect(queue, key);
  }

  private waitingSuspects(queue: QueueId, terms: SuspicionTerms, now: Instant): Suspect[] {
    const priorities = this.answered.get(queue);
    if (!priorities) return [];
    const limitMs = terms.silence ? (this.waits.get(queue)?.limitMs ?? Infinity) : Infinity;
    const overtaken = (latest: LatestJoined, n: number): number => (n > 0 ? latest.nth(n) : -Infinity);
    // In a queue that serves in turn, nobody waits who joined before the last answered did: there is nothing to look at.
    const latest = Math.max(...[...priorities.values()].map((joined) => joined.nth(1)));
    const found: Suspect[] = [];
    for (const { contact, leg, priority } of this.live.queue(queue).waiting.joinedBefore(latest)) {
      const joined = priorities.get(priority);
      const lastHeardAt = this.lastHeardOf(contact);
      if (!joined || lastHeardAt === undefined) continue;
      const silentMs = now - lastHeardAt;
      if (silentMs < SOONEST_MS) continue;
      // Alone, silence says nothing: when nobody is answered, everybody waits longer than usual.
      const reason =
        lastHeardAt < overtaken(joined, terms.overtakenBy)
          ? 'overtaken'
          : silentMs > limitMs && lastHeardAt < joined.nth(1)
            ? 'silent'
            : null;
      if (reason !== null)
        found.push({ queue, contact, leg, believed: 'waiting', reason, lastHeardAt, suspectedAt: now });
    }
    return found;
  }

  private talkingSuspects(queue: QueueId, now: Instant): Suspect[] {
    const found: Suspect[] = [];
    for (const [key, { leg, agent }] of this.conversations.get(queue) ?? []) {
      const { contact } = leg;
      const lastHeardAt = this.lastHeardOf(contact);
      if (lastHeardAt === undefined) continue;
      const elsewhere = this.elsewhereSince(key, leg, agent, lastHeardAt);
      if (elsewhere === null || now - elsewhere < SOONEST_MS) continue;
      const believed = 'in_conversation';
      found.push({ queue, contact, leg: leg.leg, believed, reason: 'agent_elsewhere', lastHeardAt, suspectedAt: now });
    }
    return found;
  }

  /** Since when the agent of a conversation plainly does something else; null if that is not plain. */
  private elsewhereSince(key: string, leg: LegFact, agent: AgentId, lastHeardAt: Instant): Instant | null {
    const oneAtATime = ONE_AT_A_TIME.has(leg.channel);
    const answer = this.lastAnswer.get(agent);
    if (oneAtATime && answer && answer.key !== key && answer.at > lastHeardAt) return answer.at;
    const now = this.live.agent(agent);
    if (!now || now.since <= lastHeardAt) return null;
    // Busy may still be busy with this one.
    return now.state === 'offline' || (oneAtATime && now.state !== 'busy') ? now.since : null;
  }

  private learn(before: LegFact | null, after: LegFact, key: string): void {
    const { queue, priority, outcome, agent } = after;
    const wasAnswered = before?.outcome === 'answered';
    if (outcome === 'answered') {
      if (!wasAnswered || before.queuedAt !== after.queuedAt) {
        const joined = this.answeredOf(queue, priority);
        joined.remove(key);
        joined.add(key, after.queuedAt);
      }
      const { answeredAt } = after;
      const last = agent === null ? undefined : this.lastAnswer.get(agent);
      if (agent !== null && answeredAt !== null && ONE_AT_A_TIME.has(after.channel) && !(last && last.at >= answeredAt))
        this.lastAnswer.set(agent, { key, at: answeredAt });
    } else if (wasAnswered) this.answeredOf(queue, priority).remove(key);
    // Only a wait that ends now: those that are told again after a restart are in the evidence already.
    if (after.waitMs !== null && before?.outcome === 'waiting') this.waitsOf(queue).add(after.waitMs);
  }

  private conversationsOf(queue: QueueId): Map<string, Conversation> {
    let conversations = this.conversations.get(queue);
    if (!conversations) this.conversations.set(queue, (conversations = new Map<string, Conversation>()));
    return conversations;
  }

  private answeredOf(queue: QueueId, priority: number): LatestJoined {
    let priorities = this.answered.get(queue);
    if (!priorities) this.answered.set(queue, (priorities = new Map<number, LatestJoined>()));
    let joined = priorities.get(priority);
    if (!joined) priorities.set(priority, (joined = new LatestJoined()));
    return joined;
  }

  private waitsOf(queue: QueueId): UsualWaits {
    let waits = this.waits.get(queue);
    if (!waits) this.waits.set(queue, (waits = new UsualWaits()));
    return waits;
  }
}

const isTalking = (leg: LegFact): boolean =>
  leg.outcome === 'answered' && leg.endedAt === null && leg.endedBy !== 'unknown';

const isOpen = (leg: LegFact): boolean => leg.outcome === 'waiting' || isTalking(leg);
