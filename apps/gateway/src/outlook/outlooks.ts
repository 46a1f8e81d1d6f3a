import { instant, queueId, tenantId, type TenantId } from '@queuecast/events';
import type { Catalog, CatalogQueue, Settings } from '@queuecast/settings';
import { ReportsBusyError, StoreAwayError, type Store } from '@queuecast/store';
import { hoursOfWeek, outlookOf, type HoursOfWeek, type OutlookHour } from '@queuecast/wait-estimates';
import { Logger } from '@nestjs/common';
import type { FrameCache } from '../frames/frame-cache.js';
import { knownQueues } from '../frames/known-queues.js';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';
import { OutlookCalendars } from './outlook-calendars.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 168 * HOUR;
/** A history that could not be read is asked for again after this long. */
const AGAIN_MS = MINUTE;
/** Queues per statement; what it answers is parsed at one go. */
const BATCH_QUEUES = 16;
/** What comes of one day only may be that day's doing. */
const MIN_DAYS = 2;

export interface OutlookSources {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly frames: FrameCache;
  readonly metrics: GatewayMetrics;
  readonly now: Clock;
  readonly settings: Settings['outlook'];
}

/** What is expected of a queue's hours from the running one on, and the arrivals that it was learnt from. */
export interface QueueOutlook {
  readonly hours: readonly OutlookHour[];
  readonly history: { readonly from: number; readonly to: number } | null;
}

interface Learnt {
  readonly week: HoursOfWeek;
  readonly history: { readonly from: number; readonly to: number };
}

const NOTHING: HoursOfWeek = () => null;
const keyOf = ({ tenant, id }: CatalogQueue): string => `${tenant}/${id}`;

/**
 * The outlook of every queue. History is read at the start and then every so many minutes, in statements of the report
 * lane, one after the other; nobody's request reads anything.
 */
export class Outlooks {
  private readonly logger = new Logger(Outlooks.name);
  private readonly calendars = new OutlookCalendars();
  private learnt = new Map<string, Learnt>();
  private readonly kept = new Map<
    string,
    QueueOutlook & { readonly ahead: object; readonly learnt: Learnt | undefined }
  >();
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly sources: OutlookSources) {}

  start(): void {
    this.reading = this.refresh();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.reading;
  }

  /** The same object for as long as it holds. */
  of(queue: CatalogQueue): QueueOutlook {
    const key = keyOf(queue);
    const ahead = this.calendars.ahead(queue, this.sources.now());
    const learnt = this.learnt.get(key);
    const known = this.kept.get(key);
    if (known?.ahead === ahead && known.learnt === learnt) return known;
    const hours = outlookOf(ahead, learnt?.week ?? NOTHING);
    const outlook = { hours, history: learnt?.history ?? null, ahead, learnt };
    this.kept.set(key, outlook);
    return outlook;
  }

  /** Reads the history of all queues, and again when it is time. */
  async refresh(): Promise<void> {
    const { metrics, settings } = this.sources;
    let again = settings.refreshMinutes * MINUTE;
    try {
      await this.read();
      metrics.outlookRefreshes.inc({ outcome: 'read' });
    } catch (error) {
      metrics.outlookRefreshes.inc({ outcome: 'failed' });
      again = Math.min(again, AGAIN_MS);
      if (!(error instanceof StoreAwayError || error instanceof ReportsBusyError))
        this.logger.error(`could not read the history of waits, going on trying: ${String(error)}`);
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.reading = this.refresh();
    }, again);
    this.timer.unref();
  }

  private async read(): Promise<void> {
    const { catalog, frames, settings, now } = this.sources;
    // Who came within the last hour may wait still: their hour would be told from those who do not.
    const to = Math.max(HOUR, Math.floor(now() / HOUR) * HOUR - HOUR);
    const history = { from: Math.max(0, to - settings.weeks * WEEK), to };
    const next = new Map<string, Learnt>();
    for (const { id } of catalog.tenants)
      for (const batch of batchesOf(knownQueues(catalog, frames, id))) {
        if (this.stopped) return;
        await this.readBatch(tenantId(id), batch, history, next);
      }
    this.learnt = next;
  }

  private async readBatch(
    tenant: TenantId,
    queues: readonly CatalogQueue[],
    history: Learnt['history'],
    into: Map<string, Learnt>,
  ): Promise<void> {
    const { store, settings } = this.sources;
    const [{ timeZone, businessDayStart, holidays }] = queues as [CatalogQueue];
    const cells = await store.waitHistory({
      tenant,
      queues: queues.map(({ id }) => queueId(id)),
      from: instant(history.from),
      to: instant(history.to),
      timeZone,
      businessDayStart,
      holidays,
      halfLifeDays: settings.halfLifeDays,
    });
    const limits = { minContacts: settings.minContacts, minDays: MIN_DAYS };
    for (const queue of queues) {
      const own = cells.filter((cell) => cell.queue === queue.id);
      into.set(keyOf(queue), { week: hoursOfWeek(own, limits), history });
      // Sockets come between queues.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Queues whose days are cut alike, so many at a time. */
const batchesOf = (queues: readonly CatalogQueue[]): CatalogQueue[][] => {
  const alike = new Map<string, CatalogQueue[]>();
  for (const queue of queues) {
    const days = JSON.stringify([queue.timeZone, queue.businessDayStart, queue.holidays]);
    alike.set(days, [...(alike.get(days) ?? []), queue]);
  }
  return [...alike.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH_QUEUES) }, (_, n) =>
      group.slice(n * BATCH_QUEUES, (n + 1) * BATCH_QUEUES),
    ),
  );
};
