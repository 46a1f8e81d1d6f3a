import { legKey, type LegFact } from '@queuecast/contact-center';
import { instant, type Instant, type QueueId } from '@queuecast/events';
import type { Estimate, Place, Places, WaitingOrder } from '@queuecast/live';
import {
  nextRemaining,
  remainingAt,
  remainingUnordered,
  type ExactBand,
  type Remaining,
  type SiteEstimator,
} from '@queuecast/wait-estimates';

interface QueuePlaces {
  /** When the latest of those answered so far had joined: whoever joined before and waits still was passed over. */
  latestAnsweredJoined: Instant;
  /** What those shown last were told last, by leg: also while there is nothing to tell. */
  told: ReadonlyMap<string, Remaining>;
}

const rounded = ({ lowMs, p50Ms, highMs }: ExactBand): ExactBand => ({
  lowMs: Math.round(lowMs),
  p50Ms: Math.round(p50Ms),
  highMs: Math.round(highMs),
});

/**
 * Where those stand who wait, and how much longer they will wait. A position is told only where the first to come is
 * served first: whoever has been passed over, or stands among others of other priorities, has none that one could count
 * by. What is left to him begins with his rank, and ends with what is left to the last.
 */
export class WaitingPlaces {
  private readonly queues = new Map<QueueId, QueuePlaces>();

  constructor(private readonly ladder: SiteEstimator['ladder']) {}

  answered({ queue, queuedAt }: Pick<LegFact, 'queue' | 'queuedAt'>): void {
    const places = this.of(queue);
    if (queuedAt > places.latestAnsweredJoined) places.latestAnsweredJoined = queuedAt;
  }

  places({ queue, waiting, oldest, isOnePriority, above }: WaitingOrder, estimate: Estimate, now: Instant): Places {
    const known = this.of(queue);
    const orderedFrom = isOnePriority ? known.latestAnsweredJoined : null;
    const rungs = estimate.kind === 'band' && waiting > 0 ? this.ladder(queue, waiting, now) : [];
    const ladder = 'kind' in rungs ? [] : rungs.map((rung) => ({ position: rung.position, ...rounded(rung) }));
    const told = new Map<string, Remaining>();
    const places = oldest.map((contact, n): Place => {
      const { priority, queuedAt } = contact;
      const before = oldest.slice(0, n).filter((other) => other.priority === priority).length;
      const rank = above(priority) + before + 1;
      const position = orderedFrom !== null && queuedAt >= orderedFrom ? rank : null;
      const fresh = position === null ? remainingUnordered(ladder, rank) : remainingAt(ladder, rank);
      const key = legKey(contact);
      const previous = known.told.get(key) ?? null;
      const next = fresh && nextRemaining(previous, { ...fresh, at: now });
      const last = next ?? previous;
      if (last) told.set(key, last);
      return { position, remaining: next && rounded(next) };
    });
    known.told = told;
    return { oldest: places, line: { orderedFrom, ladder } };
  }

  private of(queue: QueueId): QueuePlaces {
    let places = this.queues.get(queue);
    if (!places) {
      places = { latestAnsweredJoined: instant(0), told: new Map() };
      this.queues.set(queue, places);
    }
    return places;
  }
}
