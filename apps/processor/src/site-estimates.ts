import type { LegFact, SpellFact } from '@queuecast/contact-center';
import type { Instant, QueueId } from '@queuecast/events';
import type { Estimate, Opening, Places, SourceHealth, WaitingOrder } from '@queuecast/live';
import type { EstimatorState } from '@queuecast/store';
import { isTellable, SiteEstimator, type Hours, type Talking, type Waiting } from '@queuecast/wait-estimates';
import { hearAgent, hearReleased, hearWaited, hoursBy, type Happening } from './estimator-feed.js';
import { PREDICTOR, ToldWaits } from './told-waits.js';
import { WaitingPlaces } from './waiting-places.js';

/** A seed of the learner's chance from the site's name: the same on whatever processor it is. FNV-1a. */
export const seedOf = (site: string): number => {
  let hash = 0x811c9dc5;
  for (let n = 0; n < site.length; n += 1) hash = Math.imul(hash ^ site.charCodeAt(n), 0x01000193);
  return hash >>> 0;
};

/** More than this happened meanwhile: there is more to learn from that than from what history would add. */
const MOST_HEARD = 100_000;

/** What the estimates of a site know after a restart, apart from what they have learnt. */
export interface RestoredPresent {
  /** The legs that somebody waits or talks on. */
  readonly open: Iterable<LegFact>;
  /** What each agent does. */
  readonly agents: readonly SpellFact[];
  /** Time, and highest position, of the events in the facts; null if there is none. */
  readonly latest: Instant | null;
  readonly version: number | null;
}

/** An estimator that learns from history while another one serves. */
export interface Rehearsal {
  readonly estimator: SiteEstimator;
  /** What it has heard of already; null: nothing. */
  readonly since: Instant | null;
  /** What is later than this will be heard of anyway. */
  readonly until: Instant;
}

/** Feeds the estimator of a site from what the fold learns, and asks it. */
export class SiteEstimates {
  private serving: SiteEstimator;
  private readonly places: WaitingPlaces;
  /** When each queue closes, as it was told last. */
  private readonly openings = new Map<QueueId, Opening>();
  /** What contacts were told when they joined. */
  readonly told = new ToldWaits();
  /** History that nobody has learnt from yet; what has happened since is kept for whoever does. */
  private unlearnt: {
    readonly kept: Uint8Array | null;
    readonly until: Instant;
    readonly heard: Happening[];
  } | null = null;

  /**
   * @param openingAt whether a queue was open at an instant of its source; null where nobody knows
   * @param openedAt since when it had been; null where it was not, or nobody knows
   */
  constructor(
    private readonly seed: number,
    private readonly openingAt: (queue: QueueId, at: Instant) => Opening | null = () => null,
    private readonly openedAt: (queue: QueueId, at: Instant) => Instant | null = () => null,
  ) {
    this.serving = new SiteEstimator(seed);
    this.places = new WaitingPlaces((queue, waiting, at) =>
      this.serving.ladder(queue, waiting, at, this.hoursOf(queue, at)),
    );
  }

  get estimator(): SiteEstimator {
    return this.serving;
  }

  /** Whether the facts hold what this could learn from: until it has, or enough happened since, nothing is worth keeping. */
  get isUnlearnt(): boolean {
    return this.unlearnt !== null;
  }

  /**
   * After a restart: takes up what was kept last. What the facts hold beyond that, which is everything if nothing was kept
   * or not by this version of the code, is to be learnt from: {@link rehearse}.
   *
   * @returns false when something was kept, but could not be taken up
   */
  restore({ open, agents, latest, version }: RestoredPresent, learnt: EstimatorState | null = null): boolean {
    const [waiting, talking]: [Waiting[], Talking[]] = [[], []];
    for (const { internal, outcome, contact, leg, queue, queuedAt, agent, answeredAt } of open) {
      if (internal) continue;
      if (outcome === 'waiting') waiting.push({ contact, leg, queue, joinedAt: queuedAt });
      else if (agent !== null && answeredAt !== null) talking.push({ agent, queue, since: answeredAt });
    }
    waiting.sort((one, other) => one.joinedAt - other.joinedAt);
    const kept = learnt !== null && this.serving.restore(learnt.bytes) ? learnt : null;
    if (latest !== null && (kept === null || kept.version < (version ?? 0)))
      this.unlearnt = { kept: kept && kept.bytes, until: latest, heard: [] };
    this.hear((estimator) => {
      estimator.reconcile(waiting, talking);
      for (const spell of agents) hearAgent(estimator, spell);
    });
    return kept === learnt;
  }

  /** An estimator to be told of history, oldest first; null when nothing is to be learnt (any more). */
  rehearse(): Rehearsal | null {
    if (!this.unlearnt) return null;
    const { kept, until } = this.unlearnt;
    const estimator = new SiteEstimator(this.seed);
    return { estimator, since: kept && estimator.restore(kept) ? estimator.heardUntil : null, until };
  }

  /** Nothing is to be learnt from history: it cannot be read. */
  forgoHistory(): void {
    this.unlearnt = null;
  }

  /** What is known of a queue's hours at an instant of the past, by its calendar. */
  hoursAt(queue: QueueId, at: Instant): Hours {
    return hoursBy(this.openingAt(queue, at), this.openedAt(queue, at), at);
  }

  /**
   * Tells an estimator that has learnt from history some of what has happened since, and lets it serve once that is all.
   *
   * @returns whether there is nothing left to do
   */
  catchUp({ estimator }: Rehearsal, most: number): boolean {
    if (!this.unlearnt) return true;
    const { heard } = this.unlearnt;
    for (const happening of heard.splice(0, most)) happening(estimator);
    if (heard.length > 0) return false;
    this.serving = estimator;
    this.unlearnt = null;
    return true;
  }

  /** @param after null when the leg is forgotten, still waiting: nothing is learnt from it */
  learn(before: LegFact | null, after: LegFact | null, at: Instant): void {
    if (!after) {
      if (before) {
        this.hear((estimator) => estimator.left(before, before.queue, at, null));
        this.told.ended(before);
      }
      return;
    }
    if (after.internal) return;
    if (!before && after.outcome === 'waiting') this.joined(after);
    if (after.outcome !== 'waiting' && (!before || before.outcome === 'waiting')) this.waited(after, at);
    if (after.talkMs !== null && before?.talkMs == null) this.hear((estimator) => hearReleased(estimator, after));
    const { queue, wrapMs } = after;
    if (wrapMs !== null && before?.wrapMs !== wrapMs) this.hear((estimator) => estimator.wrappedUp(queue, wrapMs));
  }

  /** Where those stand who wait in a queue, and how much longer they will wait. */
  remaining(order: WaitingOrder, estimate: Estimate, now: Instant): Places {
    return this.places.places(order, estimate, now);
  }

  /** Whoever is suspected to be gone is nobody's wait, until it turns out that he is still there. */
  suspicion(queue: QueueId, key: string, suspected: boolean): void {
    this.hear((estimator) => (suspected ? estimator.suspected(queue, key) : estimator.reinstated(queue, key)));
  }

  agentChanged(spell: SpellFact): void {
    this.hear((estimator) => hearAgent(estimator, spell));
  }

  /** The estimate for somebody joining now, or the reason why there is none. */
  estimate(queue: QueueId, opening: Opening, source: SourceHealth, now: Instant): Estimate {
    if (opening.state === 'closed') return { kind: 'abstention', reason: 'CLOSED', at: now };
    if (source.state === 'silent') return { kind: 'abstention', reason: 'SOURCE_SILENT', at: now };
    this.openings.set(queue, opening);
    const estimate = this.serving.estimate(queue, now, this.hoursOf(queue, now));
    if (estimate.kind === 'abstention') return { ...estimate, at: now };
    const { lowMs, p50Ms, highMs } = estimate;
    return {
      kind: 'band',
      lowMs: Math.round(lowMs),
      p50Ms: Math.round(p50Ms),
      highMs: Math.round(highMs),
      predictor: PREDICTOR,
      at: now,
    };
  }

  /** What is told to somebody who joins is what the queue's frame said: of the moment before he joined. */
  private joined(leg: LegFact): void {
    const { queue, queuedAt } = leg;
    const opening = this.openingAt(queue, queuedAt);
    if (opening?.state === 'open') this.openings.set(queue, opening);
    const reason = opening?.state === 'closed' ? 'CLOSED' : this.serving.abstention(queue, queuedAt);
    const hours = this.hoursOf(queue, queuedAt);
    const band = this.serving.joined(leg, queue, queuedAt, hours);
    this.note((estimator) => void estimator.joined(leg, queue, queuedAt, hours));
    this.told.joined(
      leg,
      band,
      reason ?? (isTellable(band) ? null : 'TOO_FEW_DATA'),
      this.serving.forecasts(leg) ?? {},
    );
  }

  private waited(leg: LegFact, at: Instant): void {
    this.told.ended(leg);
    if (leg.outcome === 'answered') this.places.answered(leg);
    this.hear((estimator) => hearWaited(estimator, leg, at));
  }

  /** What is known of a queue's hours by its opening as it was told last. */
  private hoursOf(queue: QueueId, at: Instant): Hours {
    return hoursBy(this.openings.get(queue) ?? null, this.openedAt(queue, at), at);
  }

  private hear(happening: Happening): void {
    happening(this.serving);
    this.note(happening);
  }

  private note(happening: Happening): void {
    if (this.unlearnt && this.unlearnt.heard.push(happening) > MOST_HEARD) this.unlearnt = null;
  }
}
