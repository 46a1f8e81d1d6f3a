import { instant, type QueueId } from '@queuecast/events';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import { MOST_HISTORY_QUEUES, StoreAwayError, type Store, type WaitHistoryRequest } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { SiteRuntime } from './site-runtime.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HISTORY_MS = 56 * DAY_MS;
const LOOK_EVERY_MS = 60_000;

export interface UsualArrivalsOptions {
  readonly store: Pick<Store, 'waitHistory'>;
  readonly catalog: Catalog;
  readonly sites: () => Iterable<SiteRuntime>;
  readonly now: () => number;
}

/**
 * Tells the sites of this processor, once an hour, how many contacts arrived in each hour of the week over the last eight
 * weeks. One statement at a time, beside everything else: until it is read, and while the store is away, no surge is seen.
 */
export class UsualArrivals {
  private readonly logger = new Logger(UsualArrivals.name);
  private readonly timer: NodeJS.Timeout;
  private reading: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: UsualArrivalsOptions) {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Reads what is more than an hour old. */
  look(): void {
    this.reading ??= this.readAll().finally(() => {
      this.reading = null;
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.reading;
  }

  private async readAll(): Promise<void> {
    for (const site of this.options.sites()) {
      const { readAt } = site.surges;
      const now = this.options.now();
      if (readAt !== null && now >= readAt && now - readAt < HOUR_MS) continue;
      try {
        await this.read(site, now);
      } catch (error) {
        if (!(error instanceof StoreAwayError))
          this.logger.error(`could not read how many contacts usually arrive: ${String(error)}`);
        return;
      }
    }
  }

  private async read(site: SiteRuntime, now: number): Promise<void> {
    const { tenant, site: siteId } = site.key;
    const alike = new Map<string, { readonly calendar: CatalogQueue; readonly queues: QueueId[] }>();
    for (const queue of site.fold.live.knownQueues()) {
      const calendar = this.options.catalog.queue(tenant, queue, siteId);
      const group = alike.get(calendarKey(calendar));
      if (group) group.queues.push(queue);
      else alike.set(calendarKey(calendar), { calendar, queues: [queue] });
    }
    for (const { calendar, queues: all } of alike.values())
      for (let start = 0; start < all.length; start += MOST_HISTORY_QUEUES) {
        if (this.closed) return;
        const queues = all.slice(start, start + MOST_HISTORY_QUEUES);
        const cells = await this.options.store.waitHistory(requestOf(site, queues, calendar, now));
        site.surges.know(queues, cells, now);
      }
    site.surges.readAt = now;
  }
}

const calendarKey = ({ timeZone, businessDayStart, holidays }: CatalogQueue): string =>
  JSON.stringify([timeZone, businessDayStart, holidays]);

/** The running day is left out: a surge must not make itself usual. */
const requestOf = (
  { key }: SiteRuntime,
  queues: readonly QueueId[],
  { timeZone, businessDayStart, holidays }: CatalogQueue,
  now: number,
): WaitHistoryRequest => ({
  tenant: key.tenant,
  queues,
  from: instant(now - HISTORY_MS),
  to: instant(now - DAY_MS),
  timeZone,
  businessDayStart,
  holidays,
  halfLifeDays: 400,
});
