import { legKey, type LegFact } from '@queuecast/contact-center';
import type { Instant, QueueId } from '@queuecast/events';
import { NO_PLACE, type Estimate, type Place, type WaitingOrder } from '@queuecast/live';
import type { Remaining, SiteEstimator } from '@queuecast/wait-estimates';

interface QueuePlaces {
  /** When the latest of those answered so far had joined: whoever joined before and waits still was passed over. */
  latestAnsweredJoined: number;
  /** What those shown last were told, by leg. */
  told: ReadonlyMap<string, Remaining>;
}

/**
 * Where those stand who wait longest, and how much longer they will wait. Only where the first to come is served first:
 * whoever has been passed over, or stands among others of other priorities, has no position that one could count by.
 */
export class WaitingPlaces {
  private readonly queues = new Map<QueueId, QueuePlaces>();

  constructor(private readonly remaining: SiteEstimator['remaining']) {}

  answered({ queue, queuedAt }: Pick<LegFact, 'queue' | 'queuedAt'>): void {
    const places = this.of(queue);
    if (queuedAt > places.latestAnsweredJoined) places.latestAnsweredJoined = queuedAt;
  }

  places({ queue, oldest, isOnePriority }: WaitingOrder, estimate: Estimate, now: Instant): Place[] {
    const known = this.of(queue);
    const told = new Map<string, Remaining>();
    const places = oldest.map((contact, ahead): Place => {
      if (!isOnePriority || contact.queuedAt < known.latestAnsweredJoined) return NO_PLACE;
      const position = ahead + 1;
      if (estimate.kind === 'abstention') return { position, remaining: null };
      const key = legKey(contact);
      const next = this.remaining(queue, position, known.told.get(key) ?? null, now);
      if ('kind' in next) return { position, remaining: null };
      told.set(key, next);
      const { lowMs, p50Ms, highMs } = next;
      const remaining = { lowMs: Math.round(lowMs), p50Ms: Math.round(p50Ms), highMs: Math.round(highMs) };
      return { position, remaining };
    });
    known.told = told;
    return places;
  }

  private of(queue: QueueId): QueuePlaces {
    let places = this.queues.get(queue);
    if (!places) {
      places = { latestAnsweredJoined: -Infinity, told: new Map() };
      this.queues.set(queue, places);
    }
    return places;
  }
}
