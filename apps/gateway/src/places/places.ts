import type { Link } from '@queuecast/callbacks';
import { siteId, tenantId, queueId, type Instant } from '@queuecast/events';
import type { QueueKey, Store, WaitingCaller } from '@queuecast/store';
import type { Clock } from '../gateway.tokens.js';
import { Briefly } from '../callbacks/briefly.js';

/** Positions are read this often at most, for all callers of a queue together. */
const KEEP_MS = 2_000;
/** And so often for one who is not among them. */
const JOINED_MS = 500;

export type PlaceLink = Extract<Link, { of: 'place' }>;

/** Where one caller stands. */
export interface Place {
  readonly queuedAt: Instant;
  readonly priority: number;
  /** By priority and time of joining, 1 for the first: where he stands, if nobody goes before another otherwise. */
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
  private readonly orders: Briefly<readonly WaitingCaller[]>;

  constructor(
    private readonly store: Store,
    now: Clock,
  ) {
    this.orders = new Briefly(now);
  }

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
    return this.orders.read(`${key.tenant}/${key.site}/${key.queue}`, keepMs, () => this.store.waitingOrder(key));
  }
}
