import type { LegFact, SpellFact } from '@queuecast/contact-center';
import { instant, type Instant, type QueueId } from '@queuecast/events';
import type { Estimate, Opening, Place, SourceHealth, WaitingOrder } from '@queuecast/live';
import type { QueueWait } from '@queuecast/store';
import { SiteEstimator, type Hours, type Talking, type Waiting } from '@queuecast/wait-estimates';
import { PREDICTOR, ToldWaits } from './told-waits.js';
import { WaitingPlaces } from './waiting-places.js';

/** A seed of the learner's chance from the site's name: the same on whatever processor it is. FNV-1a. */
export const seedOf = (site: string): number => {
  let hash = 0x811c9dc5;
  for (let n = 0; n < site.length; n += 1) hash = Math.imul(hash ^ site.charCodeAt(n), 0x01000193);
  return hash >>> 0;
};

/** Feeds the estimator of a site from what the fold learns, and asks it. */
export class SiteEstimates {
  readonly estimator: SiteEstimator;
  private readonly places: WaitingPlaces;
  /** When each queue closes, as it was told last. */
  private readonly closings = new Map<QueueId, Instant>();
  /** What contacts were told when they joined. */
  readonly told = new ToldWaits();

  /** @param openingAt whether a queue was open at an instant of its source; null where nobody knows */
  constructor(
    seed: number,
    private readonly openingAt: (queue: QueueId, at: Instant) => Opening | null = () => null,
  ) {
    this.estimator = new SiteEstimator(seed);
    this.places = new WaitingPlaces(this.estimator);
  }

  /**
   * After a restart: the snapshot taken last, if any; or else what the facts remember of the last waits, latest first.
   * And the legs that somebody waits or talks on now.
   *
   * @returns whether the snapshot was taken up
   */
  restore(waits: readonly QueueWait[], open: Iterable<LegFact>, snapshot: Uint8Array | null = null): boolean {
    const restored = snapshot !== null && this.estimator.restore(snapshot);
    if (!restored)
      for (const { queue, waitMs, answeredAt, talkMs } of [...waits].reverse())
        this.estimator.remembered(queue, answeredAt, waitMs, talkMs);
    const [waiting, talking]: [Waiting[], Talking[]] = [[], []];
    for (const { internal, outcome, contact, leg, queue, queuedAt, agent, answeredAt } of open) {
      if (internal) continue;
      if (outcome === 'waiting') waiting.push({ contact, leg, queue, joinedAt: queuedAt });
      else if (agent !== null && answeredAt !== null) talking.push({ agent, queue, since: answeredAt });
    }
    waiting.sort((one, other) => one.joinedAt - other.joinedAt);
    this.estimator.reconcile(waiting, talking);
    return restored;
  }

  /** @param after null when the leg is forgotten, still waiting: nothing is learnt from it */
  learn(before: LegFact | null, after: LegFact | null, at: Instant): void {
    if (!after) {
      if (before) {
        this.estimator.left(before, before.queue, at);
        this.told.ended(before);
      }
      return;
    }
    if (after.internal) return;
    if (!before && after.outcome === 'waiting') this.joined(after);
    if (after.outcome !== 'waiting' && (!before || before.outcome === 'waiting')) this.waited(after, at);
    if (after.talkMs !== null && before?.talkMs == null && after.agent !== null && after.answeredAt !== null) {
      const handleMs = after.talkMs + (after.holdMs ?? 0);
      this.estimator.released(after.queue, after.agent, (after.answeredAt + handleMs) as Instant, handleMs);
    }
    if (after.wrapMs !== null && before?.wrapMs !== after.wrapMs) this.estimator.wrappedUp(after.queue, after.wrapMs);
  }

  /** Where those stand who wait longest in a queue, and how much longer they will wait. */
  remaining(order: WaitingOrder, estimate: Estimate, now: Instant): readonly Place[] {
    return this.places.places(order, estimate, now);
  }

  /** Whoever is suspected to be gone is nobody's wait, until it turns out that he is still there. */
  suspicion(queue: QueueId, key: string, suspected: boolean): void {
    if (suspected) this.estimator.suspected(queue, key);
    else this.estimator.reinstated(queue, key);
  }

  agentChanged({ agent, state, queues, from }: SpellFact): void {
    this.estimator.agentStated(agent, state, queues, from);
  }

  /** The estimate for somebody joining now, or the reason why there is none. */
  estimate(queue: QueueId, opening: Opening, source: SourceHealth, now: Instant): Estimate {
    if (opening.state === 'closed') return { kind: 'abstention', reason: 'CLOSED', at: now };
    if (source.state === 'silent') return { kind: 'abstention', reason: 'SOURCE_SILENT', at: now };
    this.note(queue, opening);
    const estimate = this.estimator.estimate(queue, now, this.hours(queue, now));
    if (estimate.kind === 'abstention') return { ...estimate, at: now };
    const { lowMs, p50Ms, highMs, recent } = estimate;
    return {
      kind: 'band',
      lowMs: Math.round(lowMs),
      p50Ms: Math.round(p50Ms),
      highMs: Math.round(highMs),
      predictor: PREDICTOR,
      recent,
      at: now,
    };
  }

  /** What is told to somebody who joins is what the queue's frame said: of the moment before he joined. */
  private joined(leg: LegFact): void {
    const { queue, queuedAt } = leg;
    const opening = this.openingAt(queue, queuedAt);
    if (opening?.state === 'open') this.note(queue, opening);
    const reason = opening?.state === 'closed' ? 'CLOSED' : this.estimator.abstention(queue, queuedAt);
    const band = this.estimator.joined(leg, queue, queuedAt, this.hours(queue, queuedAt));
    this.told.joined(leg, band, reason, this.estimator.forecasts(leg) ?? {});
  }

  private note(queue: QueueId, { until }: Opening): void {
    if (until === null) this.closings.delete(queue);
    else this.closings.set(queue, instant(until));
  }

  private hours(queue: QueueId, now: Instant): Hours {
    const closes = this.closings.get(queue);
    return closes === undefined || closes < now ? {} : { toClosing: (closes - now) / 1000 };
  }

  private waited(leg: LegFact, at: Instant): void {
    const { queue, outcome, agent, answeredAt, leftQueueAt, waitMs } = leg;
    this.told.ended(leg);
    if (outcome === 'answered') this.places.answered(leg);
    if (waitMs === null) return;
    if (outcome === 'answered' && answeredAt !== null) this.estimator.answered(leg, queue, agent, answeredAt, waitMs);
    else if (outcome === 'abandoned') this.estimator.abandoned(leg, queue, leftQueueAt ?? at, waitMs);
    else this.estimator.left(leg, queue, leftQueueAt ?? at);
  }
}
