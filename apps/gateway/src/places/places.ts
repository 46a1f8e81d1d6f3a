import type { Link } from '@queuecast/callbacks';
import { siteId, tenantId, queueId, type Instant } from '@queuecast/events';
import type { QueueFrame } from '@queuecast/live';
import type { QueueKey, Store, WaitingCaller } from '@queuecast/store';
import type { Clock } from '../gateway.tokens.js';
import { roundedBand } from '../public/rounding.js';

/** Positions are read this often at most, for all callers of a queue together. */
const KEEP_MS = 2_000;
/** And so often for one who is not among them. */
const JOINED_MS = 500;

export type PlaceLink = Extract<Link, { of: 'place' }>;

/** Where one caller stands. */
export interface Place {
  readonly queuedAt: Instant;
  readonly priority: number;
  /** 1 is served next. */
  readonly position: number;
  /** How many wait in the queue, he included. */
  readonly waiting: number;
}

/**
 * Where callers stand in line: by priority, then by the time they joined. Read from the facts, which are half a second
 * behind the present at most, once for all who ask: the frames know the five oldest only, and a list of everybody in each
 * frame would be sent for a few who look.
 */
export class Places {
  private readonly kept = new Map<string, { readonly at: number; readonly order: Promise<readonly WaitingCaller[]> }>();

  constructor(
    private readonly store: Store,
    private readonly now: Clock,
  ) {}

  /** Null if the caller does not wait there (any more, or yet). @throws StoreAwayError */
  async of(link: PlaceLink): Promise<Place | null> {
    const key = { tenant: tenantId(link.tenant), site: siteId(link.site), queue: queueId(link.queue) };
    const isHe = ({ contact, leg }: WaitingCaller): boolean => contact === link.contact && leg === link.leg;
    let order = await this.order(key, KEEP_MS);
    // He may have joined since.
    if (!order.some(isHe)) order = await this.order(key, JOINED_MS);
    const index = order.findIndex(isHe);
    const found = order[index];
    if (!found) return null;
    return { queuedAt: found.queuedAt, priority: found.priority, position: index + 1, waiting: order.length };
  }

  private order(key: QueueKey, keepMs: number): Promise<readonly WaitingCaller[]> {
    const id = `${key.tenant}/${key.site}/${key.queue}`;
    const known = this.kept.get(id);
    const now = this.now();
    if (known && now >= known.at && now - known.at < keepMs) return known.order;
    const order = this.store.waitingOrder(key);
    this.kept.set(id, { at: now, order });
    order.catch(() => this.kept.delete(id));
    return order;
  }
}

/**
 * What is left of the wait for whoever stands at a position: the share of the wait of somebody who would join now that
 * falls to the places before him, since a queue moves up at one pace for all. Rounded as for everybody.
 */
export const remainingWait = (
  place: Place,
  frame: QueueFrame | undefined,
): { readonly lowMinutes: number; readonly highMinutes: number } | null => {
  if (frame?.estimate.kind !== 'band') return null;
  const share = place.position / (Math.max(place.waiting, place.position) + 1);
  return roundedBand(frame.estimate.lowMs * share, frame.estimate.highMs * share);
};
