import {
  isOwnSource,
  type AcdEventOf,
  type AgentId,
  type AgentState,
  type Channel,
  type ContactId,
  type Instant,
  type LegId,
  type QueueId,
  type Suspicion,
} from '@queuecast/events';
import type { LegFact } from './facts.js';
import { LatestAnswers, MOST_OVERTAKERS } from './latest-answers.js';
import { legKey, type LiveSite } from './live-site.js';
import type { SourceBreak } from './source-breaks.js';
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

/** What is to be thought of the open contacts of a queue. */
export interface SuspicionVerdict {
  readonly suspects: readonly Suspect[];
  /** How many more would be suspects, unless the facts know better. */
  readonly unread: number;
}

/** Events come in disorder, and a hang-up is told a moment late: nothing is suspicious sooner. */
const SOONEST_MS = 60_000;
/** Channels on which an agent has one contact at a time, so that another one means that the first is over. */
const ONE_AT_A_TIME: ReadonlySet<Channel | null> = new Set<Channel>(['voice', 'callback', 'counter']);

/** So many answers of a queue and priority are kept: those that may be asked for, and as many that facts may be ahead. */
const ANSWERS_KEPT = 2 * MOST_OVERTAKERS;
/** The same of an agent, of whom one that is not the leg's own is asked for. */
const ANSWERS_KEPT_OF_AGENT = 20;
const DAY_MS = 24 * 3_600_000;
/** Everything that is known by now. */
const NOW = Infinity;

/** An answered leg that the facts know of, surely told before all that is still to be read. */
export type KnownAnswer = Pick<LegFact, 'queue' | 'priority' | 'contact' | 'leg' | 'channel' | 'agent' | 'queuedAt'> & {
  readonly answeredAt: Instant;
};

/** What was known of a site at a position of the log, though the facts may be ahead of it after a restart. */
export interface KnownSite {
  /** When the source last said anything of a contact that is open. */
  readonly lastHeardOf: (contact: ContactId) => Instant | undefined;
  /** Whether the facts may hold more of a contact than is known: it is still to be read back. */
  readonly isUnread: (contact: ContactId) => boolean;
  /** Whether all that is known of a contact was known at a position. */
  readonly isKnownAt: (contact: ContactId, version: number) => boolean;
  /** What an agent did, by what was known at a position; undefined if nothing was. */
  readonly stateAt: (
    agent: AgentId,
    version: number,
  ) => { readonly state: AgentState; readonly at: Instant } | undefined;
  /** When a source last restarted or listed who waits; -Infinity if none ever did. */
  readonly latestBreak: () => number;
  /** The latest break, of those up to `until` known at a position, in which a contact was forgotten; undefined if none. */
  readonly breakSince: (
    contact: ContactId,
    isWaiting: boolean,
    until: number,
    version: number,
  ) => SourceBreak | undefined;
}

/** By what open contacts are judged. */
interface Evidence {
  /** By the source's clock. */
  readonly now: Instant;
  /** Only what was known at this position of the log. */
  readonly version: number;
  /** Only what sources said of themselves up to this instant. */
  readonly breaksUntil: number;
  /** Longer than which a wait is long, by the latest answers of its queue and priority. */
  readonly limitOf: (latest: LatestAnswers) => number;
}

/** A suspicion that stands in the log, and where. */
type AnnouncedSuspect = Omit<Suspect, 'believed'> & { readonly version: number };

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
  /** What the log says was suspected of legs that wait. */
  private readonly announced = new Map<string, AnnouncedSuspect>();
  private readonly conversations = new Map<QueueId, Map<string, Conversation>>();
  private readonly answered = new Map<QueueId, Map<number, LatestAnswers>>();
  private readonly waits = new Map<QueueId, UsualWaits>();
  private readonly answeredBy = new Map<AgentId, LatestAnswers>();

  constructor(
    private readonly live: LiveSite,
    private readonly known: KnownSite,
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

  /**
   * A leg is known anew; null: not any more.
   *
   * @param version the log position since which it is known that it joined and, if it was, that it was answered
   */
  legChanged(before: LegFact | null, after: LegFact | null, version: number): void {
    const leg = after ?? before;
    if (!leg || leg.internal) return;
    const key = legKey(leg);
    if (after && isTalking(after) && after.agent !== null)
      this.conversationsOf(leg.queue).set(key, { leg: after, agent: after.agent });
    else this.conversations.get(leg.queue)?.delete(key);
    if (!after || after.endedBy === 'unknown') this.suspects.delete(key);
    if (after?.outcome !== 'waiting') this.announced.delete(key);
    if (after) this.learn(before, after, version);
  }

  /** What the facts know of the waits of a queue that are over. */
  restoreWaits(queue: QueueId, waitMs: number, times: number): void {
    this.waitsOf(queue).add(waitMs, times);
  }

  /** An answered leg that the facts know of. */
  restoreAnswer(answer: KnownAnswer): void {
    this.addAnswer(answer, 0);
  }

  /** The log says that a contact was suspected. @param version its position in the log */
  noteAnnounced({ source, subject, at, data }: AcdEventOf<'acd.contact.suspected'>, version: number): void {
    if (!isOwnSource(source)) return;
    const { leg, queue, reason } = data;
    const [contact, lastHeardAt] = [subject as ContactId, Date.parse(data.lastHeardAt) as Instant];
    const key = legKey({ contact, leg });
    const known = this.announced.get(key);
    const isKnown = known && (known.lastHeardAt - lastHeardAt || version - known.version) >= 0;
    if (!isKnown) this.announced.set(key, { queue, contact, leg, reason, lastHeardAt, suspectedAt: at, version });
  }

  /** Forgets what was announced of legs that wait no more; after the facts were taken up. */
  forgetAnnounced(): void {
    for (const [key, { queue }] of this.announced)
      if (!this.live.queue(queue).waiting.has(key)) this.announced.delete(key);
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
      if (!suspect || (isOpen(leg) && this.isUnheardSince(suspect.lastHeardAt, leg))) continue;
      this.suspects.delete(key);
      this.live.reinstate(suspect.queue, key);
      cleared += 1;
    }
    return cleared;
  }

  /**
   * The open contacts of a queue that are suspicious by what was known at a position of the log, whether they were before
   * or not: the same for the same log, so that what is decided by it does not depend on when it was looked at before, nor
   * on restarts, nor on how far ahead the facts are. A contact of which more is known has been judged already. Those that
   * are {@link SuspicionVerdict.unread} can be judged once they are read back.
   *
   * How long contacts usually wait is counted approximately, so here a wait is long that is longer than all of the latest.
   * Who waits and was announced as suspected by then, and not heard of since, is suspicious as well: the log says so. (Of
   * conversations that counts for nothing, since it depends on when their agents were looked at.)
   *
   * @param now by the source's clock
   */
  judge(queue: QueueId, terms: SuspicionTerms, now: Instant, version: number): SuspicionVerdict {
    const evidence: Evidence = {
      now,
      version,
      breaksUntil: now - SOONEST_MS,
      limitOf: (latest) => latest.longestWaitMs(now - DAY_MS, version) ?? Infinity,
    };
    const suspicious = [
      ...this.waitingSuspects(queue, terms, evidence),
      ...this.talkingSuspects(queue, evidence),
      ...this.announcedSuspects(queue, evidence),
    ].filter(({ contact }) => this.known.isKnownAt(contact, version));
    // By the first reason that is found.
    const byLeg = new Map<string, Suspect>();
    for (const suspect of suspicious) if (!byLeg.has(legKey(suspect))) byLeg.set(legKey(suspect), suspect);
    const all = [...byLeg.values()];
    const suspects = all.filter(({ contact }) => !this.known.isUnread(contact));
    return { suspects, unread: all.length - suspects.length };
  }

  /**
   * Keeps the suspicious contacts of a queue apart. None comes back by itself: that takes a sign of life.
   *
   * @param now by the source's clock
   * @returns those suspected from now on
   */
  review(queue: QueueId, terms: SuspicionTerms, now: Instant): Suspect[] {
    const limitMs = this.waits.get(queue)?.limitMs ?? Infinity;
    const evidence: Evidence = { now, version: NOW, breaksUntil: now, limitOf: () => limitMs };
    const found = [...this.waitingSuspects(queue, terms, evidence), ...this.talkingSuspects(queue, evidence)].filter(
      (suspect) => !this.suspects.has(legKey(suspect)),
    );
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
    const talks = this.conversations.get(queue)?.has(key) ?? false;
    if (!talks && !this.live.queue(queue).waiting.has(key)) return;
    if (!this.isUnheardSince(announced.lastHeardAt, { contact, outcome: talks ? 'answered' : 'waiting' })) return;
    this.suspects.set(key, { ...announced, believed: talks ? 'in_conversation' : 'waiting' });
    if (!talks) this.live.suspect(queue, key);
  }

  /** Whether nothing was heard of a contact since, but what came late from before its source forgot it. */
  private isUnheardSince(heardAt: Instant, { contact, outcome }: Pick<LegFact, 'contact' | 'outcome'>): boolean {
    return (
      this.known.lastHeardOf(contact) === heardAt ||
      this.known.breakSince(contact, outcome === 'waiting', NOW, NOW) !== undefined
    );
  }

  private waitingSuspects(queue: QueueId, terms: SuspicionTerms, evidence: Evidence): Suspect[] {
    const { now, version, breaksUntil, limitOf } = evidence;
    // By priority: who joined before the first was overtaken by somebody, before the second by enough.
    const priorities = new Map(
      [...(this.answered.get(queue) ?? [])].map(([priority, latest]) => [
        priority,
        {
          byOne: latest.nth(1, version),
          byEnough: terms.overtakenBy > 0 ? latest.nth(terms.overtakenBy, version) : -Infinity,
          limitMs: terms.silence ? limitOf(latest) : Infinity,
        },
      ]),
    );
    // In a queue that serves in turn, nobody waits who joined before the last answered did: there is nothing to look at.
    const latest = Math.max(this.known.latestBreak(), ...[...priorities.values()].map(({ byOne }) => byOne));
    const found: Suspect[] = [];
    for (const { contact, leg, priority } of this.live.queue(queue).waiting.joinedBefore(latest)) {
      const lastHeardAt = this.known.lastHeardOf(contact);
      if (lastHeardAt === undefined) continue;
      const joined = priorities.get(priority);
      const reason =
        this.known.breakSince(contact, true, breaksUntil, version)?.reason ??
        (joined ? overtaken(lastHeardAt, now, joined) : null);
      if (reason !== null)
        found.push({ queue, contact, leg, believed: 'waiting', reason, lastHeardAt, suspectedAt: now });
    }
    return found;
  }

  private announcedSuspects(queue: QueueId, { now, version }: Evidence): Suspect[] {
    const found: Suspect[] = [];
    for (const [key, suspect] of this.announced) {
      if (suspect.queue !== queue || suspect.version > version) continue;
      const { contact, leg, reason, lastHeardAt } = suspect;
      if (!this.live.queue(queue).waiting.has(key)) continue;
      if (!this.known.isUnread(contact) && this.known.lastHeardOf(contact) !== lastHeardAt) continue;
      found.push({ queue, contact, leg, believed: 'waiting', reason, lastHeardAt, suspectedAt: now });
    }
    return found;
  }

  private talkingSuspects(queue: QueueId, { now, version, breaksUntil }: Evidence): Suspect[] {
    const found: Suspect[] = [];
    for (const { leg, agent } of this.conversations.get(queue)?.values() ?? []) {
      const { contact } = leg;
      const lastHeardAt = this.known.lastHeardOf(contact);
      if (lastHeardAt === undefined) continue;
      const elsewhere = this.elsewhereSince(leg, agent, lastHeardAt, version);
      const reason =
        this.known.breakSince(contact, false, breaksUntil, version)?.reason ??
        (elsewhere !== null && now - elsewhere >= SOONEST_MS ? 'agent_elsewhere' : null);
      if (reason !== null)
        found.push({
          queue,
          contact,
          leg: leg.leg,
          believed: 'in_conversation',
          reason,
          lastHeardAt,
          suspectedAt: now,
        });
    }
    return found;
  }

  /** Since when the agent of a conversation plainly does something else; null if that is not plain. */
  private elsewhereSince(leg: LegFact, agent: AgentId, lastHeardAt: Instant, version: number): Instant | null {
    const oneAtATime = ONE_AT_A_TIME.has(leg.channel);
    const answer = oneAtATime ? (this.answeredBy.get(agent)?.latestBeside(legKey(leg), version) ?? null) : null;
    if (answer !== null && answer > lastHeardAt) return answer;
    const now = this.known.stateAt(agent, version);
    if (!now || now.at <= lastHeardAt) return null;
    // Busy may still be busy with this one.
    return now.state === 'offline' || (oneAtATime && now.state !== 'busy') ? now.at : null;
  }

  private learn(before: LegFact | null, after: LegFact, version: number): void {
    const wasAnswered = before?.outcome === 'answered';
    const { outcome, answeredAt } = after;
    const isOther =
      before?.queuedAt !== after.queuedAt || before.answeredAt !== answeredAt || before.agent !== after.agent;
    if (wasAnswered && (outcome !== 'answered' || isOther)) {
      this.answeredOf(before.queue, before.priority).remove(legKey(before));
      if (before.agent !== null) this.answeredBy.get(before.agent)?.remove(legKey(before));
    }
    if (outcome === 'answered' && answeredAt !== null && (!wasAnswered || isOther))
      this.addAnswer({ ...after, answeredAt }, version);
    // Only a wait that ends now: those that are told again after a restart are in the evidence already.
    if (after.waitMs !== null && before?.outcome === 'waiting') this.waitsOf(after.queue).add(after.waitMs);
  }

  private addAnswer(leg: KnownAnswer, version: number): void {
    const { queue, priority, queuedAt, answeredAt, agent } = leg;
    const answer = { key: legKey(leg), waitMs: answeredAt - queuedAt, version };
    this.answeredOf(queue, priority).add({ ...answer, at: queuedAt });
    if (agent !== null && ONE_AT_A_TIME.has(leg.channel))
      this.answeredByAgent(agent).add({ ...answer, at: answeredAt });
  }

  private conversationsOf(queue: QueueId): Map<string, Conversation> {
    let conversations = this.conversations.get(queue);
    if (!conversations) this.conversations.set(queue, (conversations = new Map<string, Conversation>()));
    return conversations;
  }

  private answeredOf(queue: QueueId, priority: number): LatestAnswers {
    let priorities = this.answered.get(queue);
    if (!priorities) this.answered.set(queue, (priorities = new Map<number, LatestAnswers>()));
    let joined = priorities.get(priority);
    if (!joined) priorities.set(priority, (joined = new LatestAnswers(ANSWERS_KEPT)));
    return joined;
  }

  private answeredByAgent(agent: AgentId): LatestAnswers {
    let answers = this.answeredBy.get(agent);
    if (!answers) this.answeredBy.set(agent, (answers = new LatestAnswers(ANSWERS_KEPT_OF_AGENT)));
    return answers;
  }

  private waitsOf(queue: QueueId): UsualWaits {
    let waits = this.waits.get(queue);
    if (!waits) this.waits.set(queue, (waits = new UsualWaits()));
    return waits;
  }
}

/** Whether the answers of a queue and priority say that one that was last heard of then is forgotten, and how. */
const overtaken = (
  lastHeardAt: Instant,
  now: Instant,
  { byOne, byEnough, limitMs }: { readonly byOne: number; readonly byEnough: number; readonly limitMs: number },
): Suspicion | null => {
  const silentMs = now - lastHeardAt;
  if (silentMs < SOONEST_MS) return null;
  if (lastHeardAt < byEnough) return 'overtaken';
  // Alone, silence says nothing: when nobody is answered, everybody waits longer than usual.
  return silentMs > limitMs && lastHeardAt < byOne ? 'silent' : null;
};

const isTalking = (leg: LegFact): boolean =>
  leg.outcome === 'answered' && leg.endedAt === null && leg.endedBy !== 'unknown';

const isOpen = (leg: LegFact): boolean => leg.outcome === 'waiting' || isTalking(leg);
