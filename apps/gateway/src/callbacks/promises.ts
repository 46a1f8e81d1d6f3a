import { randomBytes } from 'node:crypto';
import {
  checkNumber,
  type KeyedHash,
  type Links,
  type CallbackRow,
  type Link,
  type NumberSeal,
  type OfferedWindow,
  type PlaceInLine,
} from '@queuecast/callbacks';
import { instant, queueId, siteId, tenantId, type Instant } from '@queuecast/events';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { QueueKey } from '@queuecast/store';
import type { FrameCache } from '../frames/frame-cache.js';
import type { Clock } from '../gateway.tokens.js';
import type { Outlooks } from '../outlook/outlooks.js';
import { Briefly } from './briefly.js';
import type { CallbackLog, OwnEvent } from './callback-log.js';
import { offerOf, type Offer } from './offers.js';

/** An offer may be this old. */
const OFFER_MS = 1_000;

/** What a customer asks for. */
export interface Wish {
  /** E.164. */
  readonly number: string;
  readonly consent: { readonly language: string; readonly version: string };
  readonly language: string;
  /** Beginning of the chosen window; null for any time until it is due. */
  readonly windowFrom: Instant | null;
  /** `Idempotency-Key` of the request; null without. */
  readonly requestKey: string | null;
}

/** A caller who gives up his place for it. */
export interface Swap {
  readonly contact: string;
  readonly leg: string;
  /** Null if he does not wait there any more. */
  readonly place: PlaceInLine | null;
}

/** The facts do not hold the promise yet: a kill came between. Ask again in a moment. */
export class NotYetKnownError extends Error {
  override readonly name = 'NotYetKnownError';
}

export type Promised =
  | { readonly kind: 'promised'; readonly token: string; readonly row: CallbackRow }
  /** There is no such place any more, or it was given up for another promise. */
  | { readonly kind: 'given_up' }
  | {
      readonly kind: 'refused';
      readonly reason: 'never' | 'short_wait' | 'closed' | 'full' | 'window';
      readonly offer: Offer;
    };

export type Changed =
  | { readonly kind: 'changed'; readonly row: CallbackRow }
  | { readonly kind: 'over' }
  | { readonly kind: 'window'; readonly offer: Offer };

/** A promise, and all to its number, itself among them. */
interface Known {
  readonly row: CallbackRow;
  readonly ofNumber: readonly CallbackRow[];
}

type CallbackLink = Extract<Link, { of: 'callback' }>;

const iso = (at: number): string => new Date(at).toISOString();

/** Makes, shows, moves and cancels promises. */
export class Promises {
  /** One request at a time per queue: who is told that an hour is free finds it free. */
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly offers: Briefly<Offer>;

  constructor(
    private readonly log: CallbackLog,
    private readonly catalog: Catalog,
    private readonly frames: FrameCache,
    private readonly outlooks: Outlooks,
    private readonly seal: NumberSeal,
    private readonly links: Links,
    private readonly hash: KeyedHash,
    private readonly now: Clock,
  ) {
    this.offers = new Briefly(now);
  }

  /** Links repeated contacts of one number; the number cannot be told from it. */
  callerKey(tenant: string, number: string): string {
    return this.hash.of('caller', tenant, number);
  }

  /** A number as typed, by the tenant's settings. */
  checkNumber(tenant: string, typed: string) {
    const { region = 'BE', countries = [] } = this.catalog.tenant(tenant)?.callbacks ?? {};
    return checkNumber(typed, region, countries.length > 0 ? countries : [region]);
  }

  /** What a queue can promise now, worked out once in a second for all who look. @throws StoreAwayError */
  offer(queue: CatalogQueue): Promise<Offer> {
    return this.offers.read(turnOf(queue), OFFER_MS, async () =>
      this.offerBeside(queue, await this.log.open(keyOf(queue)), instant(this.now())),
    );
  }

  /**
   * Promises a call, durably. A number that has an open promise of the queue gets the same answer as any other, which
   * nobody can tell from outside: that there is one call follows from the log, whichever gateway took which. Asked again
   * with the same request key it is the same promise; for a place in line there is one promise, whoever asks.
   *
   * @throws LogAwayError, StoreAwayError: nothing was promised
   */
  promise(queue: CatalogQueue, wish: Wish, swap: Swap | null = null): Promise<Promised> {
    return this.inTurn(queue, async () => {
      const open = await this.log.open(keyOf(queue));
      const callerKey = this.callerKey(queue.tenant, wish.number);
      const request =
        wish.requestKey === null ? '' : this.hash.of('request', queue.tenant, queue.id, wish.number, wish.requestKey);
      const own = swap ? this.hash.of('place', queue.tenant, queue.site, queue.id, swap.contact, swap.leg) : request;
      const id = `cb-${own || randomBytes(16).toString('base64url')}`;
      const [again] = own === '' ? [] : await this.log.find(keyOf(queue), [id]);
      if (again && swap && !(again.state === 'open' && again.callerKey === callerKey)) return { kind: 'given_up' };
      if (again) return { kind: 'promised', token: this.token(queue, id), row: again };
      if (swap?.place === null) return { kind: 'given_up' };
      const now = instant(this.now());
      const offer = this.offerBeside(queue, open, now, swap !== null);
      if (offer.reason !== null || offer.dueAt === null)
        return { kind: 'refused', reason: offer.reason ?? 'closed', offer };
      const window = wish.windowFrom === null ? null : windowFrom(offer, wish.windowFrom);
      if (window === undefined) return { kind: 'refused', reason: 'window', offer };
      if (window && !window.free) return { kind: 'refused', reason: 'full', offer };
      const data = {
        callback: id,
        queue: queue.id,
        dueAt: iso(window?.to ?? offer.dueAt),
        profile: queue.callbacks.profile,
        ...(window && { window: { from: iso(window.from), to: iso(window.to) } }),
        number: this.seal.seal(wish.number, { tenant: queue.tenant, callback: id }, randomBytes(12)),
        callerKey,
        language: wish.language,
        consent: wish.consent,
        origin: swap ? 'place' : 'web',
        ...(request !== '' && { request }),
        ...(swap?.place && { leg: swap.leg, place: placeData(swap.place) }),
      };
      const events: OwnEvent[] = [
        { id: `${id}/promised`, type: 'acd.callback.promised', subject: swap?.contact ?? id, data },
        ...(swap ? [leaving(id, swap)] : []),
      ];
      await this.log.append(keyOf(queue), events, now);
      // Not from the store: it was promised, whatever becomes of the store now.
      const row = this.log.appended(id);
      if (!row) throw new Error(`callback ${id} was appended and is not known`);
      return { kind: 'promised', token: this.token(queue, id), row };
    });
  }

  /** The promise of a link, as whoever has it may see it. @throws NotYetKnownError, StoreAwayError */
  async show(link: CallbackLink): Promise<CallbackRow> {
    return (await this.known(link)).row;
  }

  /** Moves a promise to another window. @throws LogAwayError, StoreAwayError: nothing was changed */
  move(queue: CatalogQueue, link: CallbackLink, from: Instant): Promise<Changed> {
    return this.inTurn(queue, async () => {
      const known = await this.known(link);
      const { row } = known;
      const now = instant(this.now());
      if (row.state !== 'open' || row.dueAt < now) return { kind: 'over' };
      const call = row.duplicateOf || row.id;
      const open = (await this.log.open(keyOf(queue))).filter(({ id }) => id !== call);
      const offer = this.offerBeside(queue, open, now, true);
      const window = windowFrom(offer, from);
      if (!window?.free) return { kind: 'window', offer };
      return this.change(queue, known, 'acd.callback.moved', {
        dueAt: iso(window.to),
        window: { from: iso(window.from), to: iso(window.to) },
      });
    });
  }

  /** Cancels a promise for its customer; cancelling it twice changes nothing. @throws LogAwayError, StoreAwayError */
  cancel(queue: CatalogQueue, link: CallbackLink): Promise<Changed> {
    return this.inTurn(queue, async () => {
      const known = await this.known(link);
      const { row } = known;
      if (row.state === 'cancelled') return { kind: 'changed', row };
      if (row.state !== 'open') return { kind: 'over' };
      return this.change(queue, known, 'acd.callback.cancelled', { by: 'customer' });
    });
  }

  /** @param swap a place in line is given up for it, or another promise */
  private offerBeside(queue: CatalogQueue, open: readonly CallbackRow[], now: Instant, swap = false): Offer {
    const frame = this.frames.frame(queue.tenant, queue.id) ?? null;
    return offerOf(queue, open, { frame, hours: this.outlooks.of(queue).hours }, now, swap);
  }

  /** @throws NotYetKnownError, StoreAwayError */
  private async known(link: CallbackLink): Promise<Known> {
    const ofNumber = await this.log.ofNumbers({ tenant: tenantId(link.tenant) }, [link.callback]);
    const row = ofNumber.find(({ id }) => id === link.callback);
    // There is no link without a promise: it is in the log, and on its way into the facts.
    if (!row) throw new NotYetKnownError('the promise is not in the facts yet');
    return { row, ofNumber };
  }

  private async change(
    queue: CatalogQueue,
    { row, ofNumber }: Known,
    type: OwnEvent['type'],
    data: object,
  ): Promise<Changed> {
    const id = `${row.id}/${type.split('.').at(-1)}/${randomBytes(8).toString('base64url')}`;
    const event = { id, type, subject: row.contact, data: { callback: row.id, ...data } };
    await this.log.append(keyOf(queue), [event], this.now());
    // Not from the store: it was changed, whatever becomes of the store now.
    return { kind: 'changed', row: this.log.current(ofNumber).find((each) => each.id === row.id) ?? row };
  }

  private token({ tenant, site, id: queue }: CatalogQueue, callback: string): string {
    return this.links.token({ of: 'callback', tenant, site, queue, callback }, randomBytes(12));
  }

  private inTurn<Result>(queue: CatalogQueue, work: () => Promise<Result>): Promise<Result> {
    const key = turnOf(queue);
    const before = this.turns.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.turns.set(key, settled);
    void settled.then(() => {
      this.offers.forget(key);
      if (this.turns.get(key) === settled) this.turns.delete(key);
    });
    return mine;
  }
}

const turnOf = ({ tenant, id }: CatalogQueue): string => `${tenant}/${id}`;

export const keyOf = ({ tenant, site, id }: CatalogQueue): QueueKey => ({
  tenant: tenantId(tenant),
  site: siteId(site),
  queue: queueId(id),
});

const windowFrom = ({ windows }: Offer, from: Instant): OfferedWindow | undefined =>
  windows.find((window) => window.from === from);

const placeData = ({ queuedAt, priority, position }: PlaceInLine) => ({
  queuedAt: iso(queuedAt),
  priority,
  ...(position !== null && { position }),
});

const leaving = (id: string, { contact, leg }: Swap): OwnEvent => ({
  id: `${id}/left_queue`,
  type: 'acd.contact.left_queue',
  subject: contact,
  data: { leg, reason: 'callback_taken' },
});
