import { randomBytes } from 'node:crypto';
import { startOfBusinessDay } from '@queuecast/contact-center';
import type { EventLog } from '@queuecast/event-log';
import {
  instant,
  OWN_SOURCES,
  parseEvent,
  partitionKey,
  queueId,
  siteId,
  type AcdEvent,
  type EventType,
  type TenantId,
} from '@queuecast/events';
import { ProblemException, refusedTarget } from '@queuecast/http';
import { MAX_WATCHES, SiteWatches, type Watch } from '@queuecast/live';
import type { Catalog } from '@queuecast/settings';
import type { SiteKey, Store } from '@queuecast/store';
import { Briefly } from '../callbacks/briefly.js';
import type { Clock } from '../gateway.tokens.js';

const HOUR_MS = 3_600_000;
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** By then the facts have what was appended here, or are behind for everybody to see. */
const REMEMBER_MS = 60_000;
const SHARED_MS = 1_000;

export interface WatchWish {
  readonly queue: string;
  readonly underMinutes: number;
  readonly url: string;
  readonly expiresAt?: string | undefined;
}

/** A watch and where it is kept. */
export interface KeptWatch extends Watch {
  readonly site: SiteKey['site'];
}

/** Sets, lists and clears watches: through the log, with what this gateway appended lately beside what the facts hold. */
export class WatchDesk {
  private recent: { readonly event: AcdEvent; readonly until: number }[] = [];
  private readonly readings: Briefly<readonly AcdEvent[]>;
  /** Watches being appended, by tenant: they count too. */
  private readonly coming = new Map<TenantId, number>();

  constructor(
    private readonly store: Store,
    private readonly log: EventLog,
    private readonly catalog: Catalog,
    private readonly now: Clock,
  ) {
    this.readings = new Briefly(now);
  }

  /**
   * @throws ProblemException if the wish cannot be granted
   * @throws LogAwayError, StoreAwayError: nothing of it may be taken as done
   */
  async set(tenant: TenantId, wish: WatchWish): Promise<KeptWatch> {
    const now = this.now();
    const { site, expiresAt } = this.checked(tenant, wish, now);
    const open = await this.open(tenant);
    const coming = this.coming.get(tenant) ?? 0;
    if (open.length + coming >= MAX_WATCHES)
      throw new ProblemException(429, {
        detail: `${tenant} has ${MAX_WATCHES} open watches: clear some, or let them expire`,
        headers: { 'Retry-After': '60' },
      });
    const id = `w-${randomBytes(12).toString('base64url')}`;
    const { queue, underMinutes, url } = wish;
    const data = { watch: id, queue, underMinutes, url, expiresAt: new Date(expiresAt).toISOString() };
    this.coming.set(tenant, coming + 1);
    try {
      await this.append({ tenant, site }, id, 'acd.queue.watch_set', data, now);
    } finally {
      this.coming.set(tenant, (this.coming.get(tenant) ?? 1) - 1);
    }
    const times = { setAt: instant(now), expiresAt: instant(expiresAt) };
    return { id, queue: queueId(queue), underMinutes, url, site, ...times };
  }

  /** Watches of a tenant that are not over, oldest first. @throws StoreAwayError */
  async open(tenant: TenantId): Promise<KeptWatch[]> {
    const now = this.now();
    this.recent = this.recent.filter(({ until }) => until > now);
    const archived = await this.readings.read(tenant, SHARED_MS, () => this.archived(tenant));
    const appended = this.recent.flatMap(({ event }) => (event.tenant === tenant ? [event] : []));
    const sites = new Map<AcdEvent['site'], SiteWatches>();
    for (const event of [...archived, ...appended]) {
      const watches = sites.get(event.site) ?? new SiteWatches();
      sites.set(event.site, watches);
      watches.apply(event);
    }
    return [...sites]
      .flatMap(([site, watches]) => watches.open().map((watch) => ({ ...watch, site })))
      .filter(({ expiresAt }) => expiresAt > now)
      .sort((a, b) => a.setAt - b.setAt);
  }

  /** @throws ProblemException 404 unless it is open; LogAwayError, StoreAwayError */
  async clear(tenant: TenantId, id: string): Promise<void> {
    const watch = (await this.open(tenant)).find((candidate) => candidate.id === id);
    if (!watch) throw new ProblemException(404, { detail: `there is no open watch ${id.slice(0, 64)} of ${tenant}` });
    await this.append({ tenant, site: watch.site }, id, 'acd.queue.watch_cleared', { watch: id }, this.now());
  }

  private checked(tenant: TenantId, wish: WatchWish, now: number): { site: SiteKey['site']; expiresAt: number } {
    const webhooks = this.catalog.tenant(tenant)?.webhooks;
    if (!webhooks)
      throw new ProblemException(403, {
        detail: `${tenant} has no webhooks: set tenants[].webhooks with a secret in the configuration`,
      });
    const queue = this.catalog.queue(tenant, wish.queue);
    if (!queue.configured) throw invalid('queue', `is not a configured queue of ${tenant}`);
    const refused = refusedTarget(wish.url, webhooks.allowedHosts);
    if (refused !== null) throw invalid('url', refused);
    // 26 hours after it began a day is over, whatever the clocks did.
    const begun = startOfBusinessDay(queue.timeZone, queue.businessDayStart, instant(now));
    const ends = startOfBusinessDay(queue.timeZone, queue.businessDayStart, instant(begun + 26 * HOUR_MS));
    const expiresAt = wish.expiresAt === undefined ? ends : Date.parse(wish.expiresAt);
    if (expiresAt <= now || expiresAt > now + LONGEST_MS)
      throw invalid('expiresAt', 'must be after now, and at most 7 days from now');
    return { site: siteId(queue.site), expiresAt };
  }

  private async archived(tenant: TenantId): Promise<readonly AcdEvent[]> {
    return (await this.store.watches(tenant)).flatMap(({ body, appendedAt }) => {
      const parsed = parseEvent(JSON.parse(body), appendedAt);
      return parsed.kind === 'event' ? [parsed.event] : [];
    });
  }

  private async append(key: SiteKey, watch: string, type: EventType, data: object, at: number): Promise<void> {
    const id = `${watch}/${type.split('.').at(-1)}`;
    const time = new Date(at).toISOString();
    const event = { specversion: '1.0', id, source: OWN_SOURCES.gateway, type, time, subject: watch, ...key, data };
    await this.log.append([{ key: partitionKey(key), value: Buffer.from(JSON.stringify(event)) }]);
    const parsed = parseEvent(event, instant(at));
    if (parsed.kind === 'event') this.recent.push({ event: parsed.event, until: this.now() + REMEMBER_MS });
  }
}

const invalid = (field: string, message: string): ProblemException =>
  new ProblemException(400, { detail: `${field}: ${message}`, errors: [{ field, message }] });
