import { businessDayOf, OFFSETS_PER_GENERATION, startOfBusinessDay } from '@queuecast/contact-center';
import { instant, queueId, siteId, type Instant, type QueueId, type SiteId, type TenantId } from '@queuecast/events';
import { buildFrame, type ReplayedFrame, type ReplayedSite, type ReplayedWallboard } from '@queuecast/live';
import type { Catalog, CatalogQueue, Settings } from '@queuecast/settings';
import {
  type ArchiveRange,
  type DayRequest,
  type Knowledge,
  type ShownPosition,
  type SiteKey,
  type Store,
} from '@queuecast/store';
import type { Clock } from '../gateway.tokens.js';
import { differencesOf } from './differences.js';
import { knownSite, type KnownSiteSettings } from './known-site.js';
import { Turns } from './turns.js';

const HOUR_MS = 3_600_000;
/** The longest business day, and how long a contact of which nothing is heard stays on a wallboard. */
const LOOK_BACK_MS = 26 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;
/** An archive grows at its end; its begin moves only when old days are brought in. */
const RANGE_FRESH_MS = 60_000;
/** The report lane has two places, and reports are to have one of them. */
const AT_A_TIME = 1;
const WAITING = 16;

/** Which of the two to work out. */
export type Shown = 'then' | 'now' | 'both';

/** What wallboards showed, and what they would have shown had everything been known in time. */
export class WallboardHistory {
  private readonly turns = new Turns(AT_A_TIME, WAITING);
  private readonly ranges = new Map<TenantId, { readonly readAt: number; readonly range: ArchiveRange | null }>();
  private readonly knownSettings: KnownSiteSettings;

  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
    { ingest, processor }: Pick<Settings, 'ingest' | 'processor'>,
    private readonly now: Clock,
  ) {
    this.knownSettings = {
      limits: { maxEventBytes: ingest.maxEventBytes, maxFutureSkewMs: ingest.maxFutureSkewSeconds * 1000 },
      patience: { quietMs: processor.sourceQuietSeconds * 1000, silentMs: processor.sourceSilentSeconds * 1000 },
    };
  }

  /** From when on one can look back; null for a tenant without events. */
  async range(tenant: TenantId): Promise<ArchiveRange | null> {
    const now = this.now();
    const known = this.ranges.get(tenant);
    if (known && now >= known.readAt && now - known.readAt < RANGE_FRESH_MS) return known.range;
    const range = await this.turns.run(() => this.store.archiveRange(tenant));
    if (range) this.ranges.set(tenant, { readAt: now, range });
    return range;
  }

  /**
   * The tenant's wallboard at an instant of its archive.
   *
   * @throws StoreAwayError, ReportsBusyError, ReportTooLargeError
   */
  async at(tenant: TenantId, at: Instant, shown: Shown = 'both'): Promise<ReplayedWallboard> {
    const range = await this.range(tenant);
    return this.turns.run(async () => {
      const positions = shown === 'now' ? [] : await this.store.shownAt(tenant, at);
      const sites = new Set<SiteId>([
        ...this.catalog.queues(tenant).map(({ site }) => siteId(site)),
        ...(range?.sites ?? []),
        ...positions.map(({ site }) => site),
      ]);
      const replayed: ReplayedSite[] = [];
      for (const site of [...sites].sort())
        replayed.push(
          await this.site({ tenant, site }, at, shown, positions.find((position) => position.site === site) ?? null),
        );
      return { tenant, at, sites: replayed };
    });
  }

  private async site(key: SiteKey, at: Instant, shown: Shown, position: ShownPosition | null): Promise<ReplayedSite> {
    const then = shown !== 'now' && position ? await this.framesThen(key, at, position) : null;
    const now = shown !== 'then' ? await this.frames(key, { kind: 'now', at }, null) : null;
    return {
      site: key.site,
      shown: position && shownOf(position),
      then,
      now,
      differences: then && now && differencesOf(then, now),
    };
  }

  private framesThen(key: SiteKey, at: Instant, position: ShownPosition): Promise<ReplayedFrame[]> {
    const { version, figuresVersion } = position;
    // Facts that a restart began with may be ahead of the log as it was read again.
    const figures = Math.min(version, figuresVersion ?? version);
    return this.frames(key, { kind: 'then', at, version, figuresVersion: figures }, position);
  }

  private async frames(key: SiteKey, knowledge: Knowledge, position: ShownPosition | null): Promise<ReplayedFrame[]> {
    const { at } = knowledge;
    const asOf = await this.store.siteAsOf(key, knowledge, instant(at - LOOK_BACK_MS));
    const site = await knownSite(key, knowledge, asOf, this.knownSettings);
    const queues = this.queuesOf(key, [...asOf.queues, ...site.fold.live.knownQueues()]);
    const requests = queues.map((settings): DayRequest => {
      const { thresholdSeconds, shortAbandonSeconds } = settings;
      const from = dayStart(settings, at);
      const to = instant(from + 2 * DAY_MS);
      const businessDay = businessDayOf(settings.timeZone, settings.businessDayStart, at);
      return { ...key, queue: queueId(settings.id), from, to, thresholdSeconds, shortAbandonSeconds, businessDay };
    });
    const isRead = position === null || position.figuresVersion !== null;
    const windows = isRead ? await this.store.windowsAsOf(requests, knowledge, site.legs) : [];
    windows.forEach((window, n) => site.today.set(window.queue, { ...window, from: requests[n]?.from ?? at }));
    return queues.map((settings) =>
      buildFrame(site, queueId(settings.id), settings, {
        now: at,
        version: at,
        dayStart: dayStart(settings, at),
        storeBehindSince: position?.storeBehindSince ?? null,
      }),
    );
  }

  /** The site's queues: configured ones first, in the order of the settings. */
  private queuesOf(key: SiteKey, named: readonly QueueId[]): CatalogQueue[] {
    const configured = this.catalog.queues(key.tenant).filter(({ site }) => site === key.site);
    const listed = new Set(configured.map(({ id }) => id));
    const others = [...new Set(named)].filter((queue) => !listed.has(queue)).sort();
    return [...configured, ...others.map((queue) => this.catalog.queue(key.tenant, queue, key.site))];
  }
}

const dayStart = ({ timeZone, businessDayStart }: CatalogQueue, at: Instant): Instant =>
  startOfBusinessDay(timeZone, businessDayStart, at);

const shownOf = ({ shownAt, version, figuresVersion }: ShownPosition): NonNullable<ReplayedSite['shown']> => ({
  since: shownAt,
  generation: Math.floor(version / OFFSETS_PER_GENERATION),
  offset: version % OFFSETS_PER_GENERATION,
  figuresOffset: figuresVersion === null ? null : figuresVersion % OFFSETS_PER_GENERATION,
});
