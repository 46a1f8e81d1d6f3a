import type { LegFact, SpellFact } from '@queuecast/contact-center';
import { instant, type Instant, type QueueId } from '@queuecast/events';
import type { Estimate, Opening, SourceHealth } from '@queuecast/live';
import type { QueueWait } from '@queuecast/store';
import {
  Scorecard,
  SiteEstimator,
  type Abstention,
  type Hours,
  type Remaining,
  type Talking,
  type Waiting,
} from '@queuecast/wait-estimates';

/** Who says so, in frames: the learner, its band calibrated. */
const PREDICTOR = 'learner';

/** A seed of the learner's chance from the site's name: the same on whatever processor it is. FNV-1a. */
export const seedOf = (site: string): number => {
  let hash = 0x811c9dc5;
  for (let n = 0; n < site.length; n += 1) hash = Math.imul(hash ^ site.charCodeAt(n), 0x01000193);
  return hash >>> 0;
};

/** Feeds the estimator of a site from what the fold learns, and asks it. */
export class SiteEstimates {
  readonly estimator: SiteEstimator;
  /** When each queue closes, as it was told last. */
  private readonly closings = new Map<QueueId, Instant>();

  /** What its forecasts were worth, and those of the rules that others serve: drained by whoever keeps them. */
  readonly scorecard = new Scorecard();

  constructor(seed: number) {
    this.estimator = new SiteEstimator(seed);
    this.estimator.onScored((queue, at, wait, forecasts) => this.scorecard.add(queue, at / 1000, wait, forecasts));
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
      if (before) this.estimator.left(before, before.queue, at);
      return;
    }
    if (after.internal) return;
    if (!before && after.outcome === 'waiting')
      this.estimator.joined(after, after.queue, after.queuedAt, this.hours(after.queue, after.queuedAt));
    if (after.outcome !== 'waiting' && (!before || before.outcome === 'waiting')) this.waited(after, at);
    if (after.talkMs !== null && before?.talkMs == null && after.agent !== null && after.answeredAt !== null) {
      const handleMs = after.talkMs + (after.holdMs ?? 0);
      this.estimator.released(after.queue, after.agent, (after.answeredAt + handleMs) as Instant, handleMs);
    }
    if (after.wrapMs !== null && before?.wrapMs !== after.wrapMs) this.estimator.wrappedUp(after.queue, after.wrapMs);
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
    if (opening.until === null) this.closings.delete(queue);
    else this.closings.set(queue, instant(opening.until));
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

  /**
   * What a waiting contact is told of the time left to it.
   *
   * @param position in the queue, 1 for the head
   * @param previous what it was told last; null the first time
   */
  remaining(queue: QueueId, position: number, previous: Remaining | null, now: Instant): Remaining | Abstention {
    return this.estimator.remaining(queue, position, previous, now);
  }

  private hours(queue: QueueId, now: Instant): Hours {
    const closes = this.closings.get(queue);
    return closes === undefined || closes < now ? {} : { toClosing: (closes - now) / 1000 };
  }

  private waited(leg: LegFact, at: Instant): void {
    const { queue, outcome, agent, answeredAt, leftQueueAt, waitMs } = leg;
    if (waitMs === null) return;
    if (outcome === 'answered' && answeredAt !== null) this.estimator.answered(leg, queue, agent, answeredAt, waitMs);
    else if (outcome === 'abandoned') this.estimator.abandoned(leg, queue, leftQueueAt ?? at, waitMs);
    else this.estimator.left(leg, queue, leftQueueAt ?? at);
  }
}
