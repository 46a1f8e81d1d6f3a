import { setTimeout as sleep } from 'node:timers/promises';
import { PUBLISHED_INTERVAL_MS, type PublishedRange } from '@queuecast/contact-center';
import { instant, partitionKey, type Instant, type QueueId } from '@queuecast/events';
import type { FrameHistory } from '@queuecast/live';
import {
  ReportsBusyError,
  StoreAwayError,
  type CorrectedInterval,
  type IntervalDifference,
  type Reconciliation,
  type SiteKey,
  type SitesRange,
  type Store,
} from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { ProcessorMetrics } from './metrics.js';

const EVERY_MS = 30_000;
const HOUR = 3_600_000;
/** Looked at every time: the latest intervals, which most of what comes late concerns. */
const RECENT_MS = 4 * HOUR;
/** And one stretch of the days before, another every time. */
const STRETCH_MS = 6 * HOUR;
const WALK_MS = 8 * 24 * HOUR;
/** Sites whose clocks are this far apart are looked at apart: live ones together, one that catches up by itself. */
const TOGETHER_MS = HOUR;
/** A flush writes legs, changes and intervals one after the other. What differs because of it does not do so for long. */
const CONFIRM_MS = 5_000;
/** Longest business day. */
const DAY_MS = 25 * HOUR;
const MOST_QUEUES = 100;

/** A site of ours, and what it has published. */
export interface ReconciledSite {
  readonly key: SiteKey;
  readonly published: PublishedRange | null;
}

export interface ReconcilerOptions {
  readonly store: Pick<Store, 'reconcile' | 'correctedIntervals'>;
  readonly metrics: ProcessorMetrics;
  readonly sites: () => Iterable<ReconciledSite>;
  /** The store does not take what we have: it would differ from itself. */
  readonly isBehind: () => boolean;
  readonly now: () => number;
  readonly confirmMs?: number;
}

type Found = IntervalDifference & { readonly since: Instant };

/** Sites whose published ends are close to each other. */
interface Group {
  readonly sites: readonly SiteKey[];
  readonly first: number;
  readonly last: number;
}

/**
 * Compares what was shown at the end of every interval, and all that is on record as having changed it, with what reports
 * say now: the latest hours twice a minute, the eight days before a stretch at a time. What differs is counted until it
 * does not; it must never come to that.
 */
export class Reconciler {
  private readonly logger = new Logger(Reconciler.name);
  private readonly timer: NodeJS.Timeout;
  private differences = new Map<string, Found>();
  private corrected = new Map<string, readonly CorrectedInterval[]>();
  private readonly checkedAt = new Map<string, Instant>();
  private round = 0;
  private running: Promise<void> | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly options: ReconcilerOptions) {
    this.timer = setInterval(() => void this.check(), EVERY_MS);
    this.timer.unref();
  }

  /** Compares now; what the store cannot tell is looked at the next time. */
  check(): Promise<void> {
    this.running ??= this.look().finally(() => (this.running = null));
    return this.running;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort();
    await this.running;
  }

  /** What a frame of the queue says of it; null before the first comparison. */
  historyOf(site: SiteKey, queue: QueueId, dayStart: Instant): FrameHistory | null {
    const checkedAt = this.checkedAt.get(partitionKey(site));
    if (checkedAt === undefined) return null;
    let [differences, since] = [0, Infinity];
    for (const found of this.differences.values()) {
      if (found.tenant !== site.tenant || found.site !== site.site || found.queue !== queue) continue;
      differences += 1;
      since = Math.min(since, found.since);
    }
    const ofQueue = this.corrected.get(`${partitionKey(site)}/${queue}`) ?? [];
    return {
      differences,
      since: differences > 0 ? since : null,
      checkedAt,
      correctedToday: ofQueue.filter(({ start }) => start >= dayStart).length,
    };
  }

  private async look(): Promise<void> {
    const { metrics, sites, isBehind } = this.options;
    const published = [...sites()];
    this.forgetOthers(published);
    if (isBehind()) return;
    for (const group of groupsOf(published)) {
      const { first, last } = group;
      const walked = (this.round * STRETCH_MS) % WALK_MS;
      const recent = last - RECENT_MS;
      const stretches = [
        { from: recent, to: last },
        { from: recent - walked - STRETCH_MS, to: recent - walked },
      ].filter(({ to }) => to > first);
      try {
        for (const { from, to } of stretches)
          await this.compare({ sites: group.sites, from: instant(Math.max(from, first)), to: instant(to) });
        await this.readCorrected(group);
        for (const site of group.sites) this.checkedAt.set(partitionKey(site), instant(this.options.now()));
      } catch (error) {
        if (this.closing.signal.aborted) return;
        metrics.reconciliationFailures.inc();
        if (!(error instanceof StoreAwayError || error instanceof ReportsBusyError))
          this.logger.error(`could not compare live figures with history, trying again: ${String(error)}`);
      }
    }
    this.round += 1;
    this.show();
  }

  private async compare(range: SitesRange): Promise<void> {
    const { store, metrics, confirmMs = CONFIRM_MS, now } = this.options;
    let { intervals, differences }: Reconciliation = await store.reconcile(range);
    if (differences.length > 0) {
      await sleep(confirmMs, undefined, { signal: this.closing.signal });
      const before = new Set(differences.map((each) => JSON.stringify(each)));
      ({ intervals, differences } = await store.reconcile(range));
      differences = differences.filter((each) => before.has(JSON.stringify(each)));
    }
    metrics.reconciledIntervals.inc(intervals);
    const known = this.differences;
    const sites = new Set(range.sites.map(partitionKey));
    this.differences = new Map(
      [...known].filter(
        ([, each]) => !sites.has(partitionKey(each)) || each.start < range.from || each.start >= range.to,
      ),
    );
    for (const each of differences) {
      const key = keyOf(each);
      const since = known.get(key)?.since;
      this.differences.set(key, { ...each, since: since ?? instant(now()) });
      if (since === undefined) this.logger.error(sentence(each));
    }
  }

  private async readCorrected({ sites, last }: Group): Promise<void> {
    const from = instant(last - DAY_MS);
    const rows = await this.options.store.correctedIntervals({ sites, from, to: instant(last) });
    const own = new Set(sites.map(partitionKey));
    const kept = [...this.corrected].filter(([, [one]]) => one && !own.has(partitionKey(one)));
    this.corrected = new Map(kept);
    for (const row of rows) {
      const queue = `${partitionKey(row)}/${row.queue}`;
      this.corrected.set(queue, [...(this.corrected.get(queue) ?? []), row]);
    }
  }

  /** A site that is somebody else's now is told of by whoever has it. */
  private forgetOthers(published: readonly ReconciledSite[]): void {
    const ours = new Set(published.map(({ key }) => partitionKey(key)));
    for (const [key, each] of this.differences) if (!ours.has(partitionKey(each))) this.differences.delete(key);
    for (const site of this.checkedAt.keys()) if (!ours.has(site)) this.checkedAt.delete(site);
  }

  private show(): void {
    const { reconciliationDifferences } = this.options.metrics;
    reconciliationDifferences.reset();
    const queues = new Set<string>();
    for (const { tenant, queue } of this.differences.values()) {
      const isNamed = queues.has(`${tenant}/${queue}`) || queues.size < MOST_QUEUES;
      if (isNamed) queues.add(`${tenant}/${queue}`);
      reconciliationDifferences.inc(isNamed ? { tenant, queue } : { tenant: '', queue: '' });
    }
  }
}

const groupsOf = (sites: readonly ReconciledSite[]): Group[] => {
  const groups: { sites: SiteKey[]; first: number; last: number }[] = [];
  const ranges = sites.flatMap(({ key, published }) =>
    published && published.to > published.from ? [{ key, ...published }] : [],
  );
  for (const { key, from, to } of ranges.toSorted((one, other) => other.to - one.to)) {
    const group = groups.at(-1);
    if (group && group.last - to <= TOGETHER_MS) {
      group.sites.push(key);
      group.first = Math.min(group.first, from);
    } else groups.push({ sites: [key], first: from, last: to });
  }
  return groups;
};

const keyOf = ({ tenant, site, queue, channel, start, metric }: IntervalDifference): string =>
  JSON.stringify([tenant, site, queue, channel, start, metric]);

const sentence = ({
  tenant,
  site,
  queue,
  channel,
  start,
  metric,
  explained,
  reported,
  counted,
}: IntervalDifference): string =>
  `${metric} of ${tenant}/${site}, queue ${queue}, channel ${channel || '(none)'}, ${new Date(start).toISOString()} to ${new Date(start + PUBLISHED_INTERVAL_MS).toISOString()}: ${explained} by what was published and corrected, ${reported} in reports, ${counted} in the legs`;
