import type { LegFact, LiveSite } from '@queuecast/contact-center';
import type { Instant, QueueId } from '@queuecast/events';
import type { Estimate, Opening, SourceHealth } from '@queuecast/live';
import type { QueueWait } from '@queuecast/store';
import { ForgettingMean, QueueEstimator, type Predictions, type WaitSignals } from '@queuecast/wait-estimates';

/** Feeds the estimators of a site's queues from what the fold learns, and asks them. The pool is the whole site. */
export class SiteEstimates {
  private readonly estimators = new Map<QueueId, QueueEstimator>();
  private readonly predictions = new Map<string, Predictions>();
  private readonly poolHandle = new ForgettingMean(0.01);

  constructor(private readonly live: LiveSite) {}

  /** What the facts remember of the last waits, oldest first. */
  restore(waits: readonly QueueWait[]): void {
    for (const { queue, waitMs, answeredAt, talkMs } of [...waits].reverse()) {
      this.estimator(queue).answered(waitMs, answeredAt, null);
      if (talkMs !== null) this.talked(queue, talkMs);
    }
  }

  /** @param after null when the leg is forgotten, still waiting: nothing is learnt from it */
  learn(before: LegFact | null, after: LegFact | null): void {
    if (!after) {
      if (before) this.predictions.delete(keyOf(before));
      return;
    }
    if (after.internal) return;
    if (!before && after.outcome === 'waiting')
      this.predictions.set(
        keyOf(after),
        this.estimator(after.queue).predict(this.signals(after.queue, 1), this.poolHandle.value),
      );
    if (
      after.outcome === 'answered' &&
      before?.outcome !== 'answered' &&
      after.waitMs !== null &&
      after.answeredAt !== null
    )
      this.estimator(after.queue).answered(after.waitMs, after.answeredAt, this.predictions.get(keyOf(after)) ?? null);
    if (before?.outcome === 'waiting' && after.outcome !== 'waiting') this.predictions.delete(keyOf(after));
    if (after.talkMs !== null && before?.talkMs !== after.talkMs)
      this.talked(after.queue, after.talkMs + (after.holdMs ?? 0));
    if (after.wrapMs !== null && before?.wrapMs !== after.wrapMs) this.estimator(after.queue).wrappedUp(after.wrapMs);
  }

  /** The estimate for somebody joining now, or the reason why there is none. */
  estimate(queue: QueueId, opening: Opening, source: SourceHealth, now: Instant): Estimate {
    if (opening.state === 'closed') return { kind: 'abstention', reason: 'CLOSED', at: now };
    if (source.state === 'silent') return { kind: 'abstention', reason: 'SOURCE_SILENT', at: now };
    const { agents } = this.live.queue(queue);
    const serving = agents.available + agents.offered + agents.busy + agents.wrap_up;
    if (this.live.agentsKnown && serving === 0) return { kind: 'abstention', reason: 'NO_AGENTS', at: now };
    const band = this.estimator(queue).estimate(this.signals(queue, 0), this.poolHandle.value);
    if (!band) return { kind: 'abstention', reason: 'TOO_FEW_DATA', at: now };
    return { kind: 'band', ...band, at: now };
  }

  /** @param counted how many of those waiting are the asker himself: already in the list when a real contact joined */
  private signals(queue: QueueId, counted: 0 | 1): WaitSignals {
    const { waiting, agents } = this.live.queue(queue);
    const { staff, agentsKnown } = this.live;
    return {
      waiting: waiting.count - counted,
      poolWaiting: this.live.waiting - counted,
      poolAgents: agentsKnown ? staff.available + staff.offered + staff.busy + staff.wrap_up : null,
      available: agentsKnown ? agents.available : null,
    };
  }

  private talked(queue: QueueId, duration: number): void {
    this.estimator(queue).talked(duration);
    this.poolHandle.add(duration);
  }

  private estimator(queue: QueueId): QueueEstimator {
    let estimator = this.estimators.get(queue);
    if (!estimator) {
      estimator = new QueueEstimator();
      this.estimators.set(queue, estimator);
    }
    return estimator;
  }
}

const keyOf = ({ contact, leg }: LegFact): string => `${contact}\u0000${leg}`;
