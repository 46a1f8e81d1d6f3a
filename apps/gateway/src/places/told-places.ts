import type { QueueFrame } from '@queuecast/live';
import {
  nextRemaining,
  remainingAt,
  remainingUnordered,
  shownBand,
  type BandMinutes,
  type ExactBand,
  type Remaining,
  type ShownBand,
} from '@queuecast/wait-estimates';
import type { Clock } from '../gateway.tokens.js';
import { STALE_MS } from '../public/public-queue.js';
import type { Place, PlaceLink } from './places.js';

/** What a caller is told of his place. */
export interface ToldPlace {
  /** 1 is served next; null unless the first to come is served first. */
  readonly position: number | null;
  readonly remaining: (BandMinutes & { readonly asOf: string }) | null;
}

interface Told {
  readonly exact: Remaining;
  readonly shown: ShownBand;
}

const NOTHING: ToldPlace = { position: null, remaining: null };

/**
 * What callers are told of their places: by the ladder of their queue's frame, so that it is the estimate of which the
 * band holds. What each was told is remembered, also while nothing can be told, so that no wait jumps; of as many callers
 * as look at a time, and no more than `most`: then whoever has not looked for longest is told anew.
 */
export class ToldPlaces {
  private readonly told = new Map<string, Told>();

  constructor(
    private readonly now: Clock,
    private readonly most = 10_000,
  ) {}

  /** @param frame the latest of the queue; one that is too old says nothing, of the order neither */
  next({ tenant, site, contact, leg }: PlaceLink, place: Place, frame: QueueFrame | undefined): ToldPlace {
    const now = this.now();
    if (!frame?.line || now - frame.at > STALE_MS) return NOTHING;
    const { orderedFrom, ladder } = frame.line;
    const isOrdered = orderedFrom !== null && place.queuedAt >= orderedFrom;
    const fresh = isOrdered ? remainingAt(ladder, place.position) : remainingUnordered(ladder, place.position);
    const position = isOrdered ? place.position : null;
    if (!fresh) return { position, remaining: null };
    const key = JSON.stringify([tenant, site, contact, leg]);
    const before = this.told.get(key) ?? null;
    const madeAt = Math.min(frame.at, now);
    const exact = nextRemaining(before && before.exact, { ...lessBy(fresh, now - madeAt), at: now });
    const shown = shownBand(before && before.shown, exact, now);
    this.remember(key, { exact, shown });
    const { lowMinutes, highMinutes } = shown;
    return { position, remaining: { lowMinutes, highMinutes, asOf: new Date(madeAt).toISOString() } };
  }

  private remember(key: string, told: Told): void {
    this.told.delete(key);
    this.told.set(key, told);
    const [oldest] = this.told.keys();
    if (this.told.size > this.most && oldest !== undefined) this.told.delete(oldest);
  }
}

const lessBy = ({ lowMs, p50Ms, highMs }: ExactBand, ms: number): ExactBand => ({
  lowMs: Math.max(0, lowMs - ms),
  p50Ms: Math.max(0, p50Ms - ms),
  highMs: Math.max(0, highMs - ms),
});
