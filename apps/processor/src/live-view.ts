import { businessDayOf, startOfBusinessDay } from '@queuecast/contact-center';
import { instant, partitionKey, type Instant, type QueueId } from '@queuecast/events';
import { buildFrame, type LiveBus, type SourceHealth } from '@queuecast/live';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import { StoreAwayError, type DayRequest, type SiteKey, type Store, type TouchedInterval } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import { EstimateRecords } from './estimate-records.js';
import { FramePublisher } from './frame-publisher.js';
import type { ProcessorMetrics } from './metrics.js';
import type { ShownPositions } from './shown-positions.js';
import type { Reconciler } from './reconciler.js';
import type { SiteRuntime } from './site-runtime.js';

const SECOND = 1_000;
/** A queue where people wait gets a frame at least this often: service level and estimate move without events. */
const WAITING_REFRESH_MS = 5_000;
/** Any queue does at least this often: so that gateways can tell a quiet queue from a processor that died. */
const IDLE_REFRESH_MS = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Today's figures are read again this often even without a flush: contacts pass the threshold. */
const WINDOW_REFRESH_MS = 60_000;

export interface LiveViewOptions {
  readonly store: Store;
  readonly bus: LiveBus;
  readonly catalog: Catalog;
  readonly metrics: ProcessorMetrics;
  readonly now: () => number;
  readonly framesPerSecond: number;
  readonly behindSince: () => Instant | null;
  readonly historyOf: Reconciler['historyOf'];
  readonly sites: () => Iterable<SiteRuntime>;
  /** Told what is shown, and when. */
  readonly shown: ShownPositions;
  /** There is something in `shown` to be written. */
  readonly recorded: () => void;
}

/** Shows the sites of this processor: frames at once from memory, today's figures as soon as the intervals have them. */
export class LiveView {
  private readonly logger = new Logger(LiveView.name);
  private readonly publisher: FramePublisher;
  private readonly stale = new Map<string, { readonly site: SiteRuntime; readonly queue: QueueId }>();
  /** What every site's source was when its queues were shown last because of it. */
  private readonly shownSource = new WeakMap<SiteRuntime, SourceHealth['state']>();
  private readonly timer: NodeJS.Timeout;
  private readonly days = new BusinessDays();
  private readonly records: EstimateRecords;
  private version = 0;
  private reading: Promise<void> | null = null;
  private allReadAt = 0;
  private closed = false;

  constructor(private readonly options: LiveViewOptions) {
    const publish = (frames: Parameters<LiveBus['publish']>[0]): void => {
      options.metrics.frames.inc(frames.length);
      options.bus.publish(frames);
      this.record(frames);
    };
    this.publisher = new FramePublisher(publish, SECOND / options.framesPerSecond, options.now);
    this.records = new EstimateRecords(
      options.store,
      (site, queue, now) => this.windowOf(site, queue, now),
      (key, queue) => {
        for (const site of options.sites()) if (partitionKey(site.key) === partitionKey(key)) this.show(site, queue);
      },
    );
    this.timer = setInterval(() => this.tick(), SECOND);
    this.timer.unref();
  }

  /** A site is ours now: show all its queues, the configured ones too. */
  adopt(site: SiteRuntime, configured: readonly QueueId[]): void {
    for (const queue of configured) site.fold.live.touch(queue);
    for (const queue of site.fold.live.knownQueues()) this.markStale(site, queue);
    this.publishSite(site);
    this.readWindows();
  }

  /** A site is somebody else's now. */
  abandon(site: SiteRuntime): void {
    this.records.forget(site.key, site.fold.live.knownQueues());
    for (const queue of site.fold.live.knownQueues()) this.stale.delete(refOf(site, queue));
    this.options.shown.forget(site);
  }

  /** Sends frames of every queue that changed since the last call. */
  publish(): void {
    for (const site of this.options.sites()) this.publishSite(site);
    this.publisher.flush();
  }

  /** The intervals of these keys are in the store: read today's figures of their queues. */
  refresh(touched: readonly TouchedInterval[]): void {
    const byKey = new Map([...this.options.sites()].map((site) => [partitionKey(site.key), site]));
    for (const key of touched) {
      const site = byKey.get(partitionKey(key));
      if (site) this.markStale(site, key.queue);
    }
    this.readWindows();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.publisher.close();
    await this.reading;
    await this.records.close();
  }

  private record(frames: Parameters<LiveBus['publish']>[0]): void {
    const { shown, recorded, now } = this.options;
    const byKey = new Map([...this.options.sites()].map((site) => [partitionKey(site.key), site]));
    const sites = new Set<SiteRuntime>();
    for (const frame of frames) {
      const site = byKey.get(partitionKey(frame));
      if (!site) continue;
      sites.add(site);
      site.watches.shown(frame.queue as QueueId, frame.estimate);
    }
    for (const site of sites) shown.show(site, instant(now()));
    if (shown.isPending) recorded();
  }

  private publishSite(site: SiteRuntime): void {
    for (const queue of site.fold.live.takeTouched()) this.show(site, queue);
  }

  private show(site: SiteRuntime, queue: QueueId): void {
    this.publisher.changed(refOf(site, queue), () => {
      const now = instant(this.options.now());
      // Ascends over restarts too, as long as the clock does not step back further than the restart took.
      this.version = Math.max(this.version + 1, now);
      const settings = this.settingsOf(site, queue);
      return buildFrame(site, queue, settings, {
        now,
        version: this.version,
        dayStart: this.days.at(settings, now).start,
        storeBehindSince: this.options.behindSince(),
        estimateRecord: this.records.of(site.key, queue, this.days.at(settings, now).start),
        history: this.options.historyOf(site.key, queue, this.days.at(settings, now).start),
      });
    });
  }

  private tick(): void {
    const now = this.options.now();
    this.options.shown.settle(instant(now));
    if (this.options.shown.isPending) this.options.recorded();
    const readAll = now < this.allReadAt || now - this.allReadAt > WINDOW_REFRESH_MS;
    if (readAll) this.allReadAt = now;
    const afterClosing = new Map<string, number>();
    for (const site of this.options.sites()) {
      const { tenant } = site.key;
      const source = site.source.health(instant(now)).state;
      const sourceChanged = this.shownSource.get(site) !== source;
      this.shownSource.set(site, source);
      for (const queue of site.fold.live.knownQueues()) {
        const age = this.publisher.age(refOf(site, queue));
        const waiting = site.fold.live.queue(queue).waiting.count;
        const settings = this.settingsOf(site, queue);
        const closed = site.board.openingOf(queue, settings, instant(now)).state === 'closed';
        afterClosing.set(tenant, (afterClosing.get(tenant) ?? 0) + (closed ? waiting : 0));
        if (sourceChanged || age > (waiting > 0 ? WAITING_REFRESH_MS : IDLE_REFRESH_MS)) this.show(site, queue);
        const begun = this.days.at(settings, now).start;
        if (readAll || site.today.get(queue)?.from !== begun) this.markStale(site, queue);
      }
    }
    this.options.metrics.afterClosing.reset();
    for (const [tenant, waiting] of afterClosing) this.options.metrics.afterClosing.set({ tenant }, waiting);
    this.readWindows();
    this.records.refresh(instant(now));
  }

  private markStale(site: SiteRuntime, queue: QueueId): void {
    this.records.touch(site.key, queue);
    this.stale.set(refOf(site, queue), { site, queue });
  }

  /** One query at a time for all queues that wait for figures; whatever comes meanwhile is in the next. */
  private readWindows(): void {
    if (this.reading || this.closed || this.stale.size === 0) return;
    const wanted = [...this.stale.values()];
    this.stale.clear();
    this.reading = this.read(wanted).finally(() => {
      this.reading = null;
    });
  }

  private async read(wanted: readonly { readonly site: SiteRuntime; readonly queue: QueueId }[]): Promise<void> {
    const now = this.options.now();
    const requests = wanted.map(({ site, queue }) => this.windowOf(site.key, queue, now));
    const written = wanted.map(({ site }) => ({ site, version: site.writtenVersion }));
    try {
      const windows = await this.options.store.windows(requests);
      for (const { site, version } of written) site.figuresVersion = version;
      const bySite = new Map(wanted.map(({ site }) => [partitionKey(site.key), site]));
      for (const window of windows) {
        const site = bySite.get(partitionKey(window));
        if (!site) continue;
        site.today.set(window.queue, { ...window, from: this.days.at(this.settingsOf(site, window.queue), now).start });
        this.show(site, window.queue);
      }
    } catch (error) {
      for (const { site, queue } of wanted) this.markStale(site, queue);
      if (!(error instanceof StoreAwayError)) this.logger.error(`could not read today's figures: ${String(error)}`);
    }
  }

  private windowOf(site: SiteKey, queue: QueueId, now: number): DayRequest {
    const settings = this.options.catalog.queue(site.tenant, queue, site.site);
    const { thresholdSeconds, shortAbandonSeconds } = settings;
    const { start: from, businessDay } = this.days.at(settings, now);
    return { ...site, queue, from, to: instant(from + 2 * DAY_MS), thresholdSeconds, shortAbandonSeconds, businessDay };
  }

  private settingsOf(site: SiteRuntime, queue: QueueId): CatalogQueue {
    return this.options.catalog.queue(site.key.tenant, queue, site.key.site);
  }
}

const refOf = (site: SiteRuntime, queue: QueueId): string => `${partitionKey(site.key)}/${queue}`;

interface BusinessDay {
  readonly businessDay: string;
  readonly start: Instant;
}

/** What today is and when it began, per zone and beginning: worked out once a minute, since days begin at whole minutes. */
class BusinessDays {
  private readonly known = new Map<string, BusinessDay & { readonly minute: number }>();

  at({ timeZone, businessDayStart }: CatalogQueue, time: number): BusinessDay {
    const key = `${timeZone} ${businessDayStart}`;
    const minute = Math.floor(time / MINUTE_MS);
    let day = this.known.get(key);
    if (day?.minute !== minute) {
      day = {
        minute,
        businessDay: businessDayOf(timeZone, businessDayStart, instant(time)),
        start: startOfBusinessDay(timeZone, businessDayStart, instant(time)),
      };
      this.known.set(key, day);
    }
    return day;
  }
}
