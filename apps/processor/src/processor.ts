import { setImmediate as nextTurn } from 'node:timers/promises';
import { isPartitionKeyOf, partitionKey, siteId, tenantId, type EnvelopeLimits, type Instant } from '@queuecast/events';
import type { NumberSeal } from '@queuecast/callbacks';
import { versionOf } from '@queuecast/contact-center';
import type { EventLog, LogBatch, LogConsumer, LogPosition, LogReader, StoredRecord } from '@queuecast/event-log';
import type { LiveBus } from '@queuecast/live';
import type { Catalog, Settings } from '@queuecast/settings';
import type { SiteKey, Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import { Announcements } from './announcements.js';
import { BatchCounts } from './batch-counts.js';
import { EstimatorHistory } from './estimator-history.js';
import { EstimatorKeeper } from './estimator-keeper.js';
import { CallbackMessages } from './callback-messages.js';
import { Deliveries, type MessageKind } from './deliveries.js';
import { Eviction } from './eviction.js';
import { Flusher } from './flusher.js';
import { LedgerWatch } from './ledger-watch.js';
import { LiveView } from './live-view.js';
import type { ProcessorMetrics } from './metrics.js';
import { Outbox } from './outbox.js';
import { OwnedPartitions, type OwnedPartition } from './owned-partitions.js';
import { readRecord } from './record.js';
import { ShownPositions } from './shown-positions.js';
import { Reconciler, type ReconciledSite } from './reconciler.js';
import type { SiteRuntime } from './site-runtime.js';
import { SiteStarts } from './site-starts.js';
import { UsualArrivals } from './usual-arrivals.js';
import { WatchMessages } from './watch-messages.js';

/** Longest stretch of folding before flushes, frames and requests get their turn. */
const SLICE_MS = 5;
const RECORDS_PER_LOOK = 32;
/** How often open contacts are looked at for those that their source has forgotten. */
const REVIEW_EVERY_MS = 2_000;
/** How long a partition taken from us may go on flushing before what is left is abandoned to the next owner. */
const DRAIN_MS = 10_000;

export interface ProcessorOptions {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly events: EventLog;
  readonly deadLetters: EventLog;
  readonly store: Store;
  readonly bus: LiveBus;
  /** Opens the numbers that dialers are told of; absent where nobody is to be told. */
  readonly seal?: NumberSeal;
  readonly metrics: ProcessorMetrics;
  /** The wall clock, milliseconds since the epoch. */
  readonly now: () => number;
}

/** The role between log and facts: owns partitions, folds their sites, shows them live, flushes and commits. */
export class Processor implements LogConsumer {
  private readonly logger = new Logger(Processor.name);
  private readonly partitions = new OwnedPartitions();
  private readonly limits: EnvelopeLimits;
  private readonly outbox: Outbox;
  private readonly announcements: Announcements;
  private readonly starts: SiteStarts;
  private readonly counts: BatchCounts;
  private readonly eviction: Eviction;
  private readonly reviewTimer: NodeJS.Timeout;
  private readonly flusher: Flusher;
  private readonly view: LiveView;
  private readonly keeper: EstimatorKeeper;
  private readonly history: EstimatorHistory;
  private readonly ledger: LedgerWatch;
  private readonly reconciler: Reconciler;
  private readonly usual: UsualArrivals;
  private readonly deliveries: readonly Deliveries[];
  private reader: LogReader | null = null;

  constructor(private readonly options: ProcessorOptions) {
    const { settings, events, deadLetters, store, bus, metrics, catalog, now } = options;
    const { ingest, processor, live } = settings;
    this.limits = { maxEventBytes: ingest.maxEventBytes, maxFutureSkewMs: ingest.maxFutureSkewSeconds * 1000 };
    this.outbox = new Outbox(events, deadLetters);
    this.announcements = new Announcements(events);
    this.starts = new SiteStarts({ settings, catalog, events, store, announcements: this.announcements, metrics, now });
    this.counts = new BatchCounts(metrics, ({ tenant, site }, queue) => catalog.queue(tenant, queue, site).configured);
    this.eviction = new Eviction(this.partitions, metrics, now);
    const sites = (): Iterable<SiteRuntime> => this.partitions.sites();
    const shown = new ShownPositions(() => this.flusher.behindSince);
    this.flusher = new Flusher(
      store,
      this.outbox,
      this.announcements,
      {
        rows: processor.flushRows,
        intervalMs: processor.flushMs,
        longestRestMs: processor.longestRestSeconds * 1000,
        maxUnflushed: processor.maxUnflushedEvents,
      },
      {
        sites,
        shown,
        commit: (offsets) => this.partitions.commit(this.reader, offsets),
        flushed: (touched) => {
          this.view.refresh(touched);
          this.ledger.touched(touched);
          this.keeper.nudge();
          this.eviction.run();
        },
      },
      metrics,
      now,
    );
    this.keeper = new EstimatorKeeper(store, sites, metrics, now);
    this.history = new EstimatorHistory({ store, metrics, sites });
    this.ledger = new LedgerWatch(store, metrics, (key) => this.partitions.hasSite(key));
    this.reconciler = new Reconciler({
      store,
      metrics,
      sites: () => this.publishers(),
      isBehind: () => this.flusher.behindSince !== null,
      now,
    });
    this.usual = new UsualArrivals({ store, catalog, sites, now });
    this.view = new LiveView({
      store,
      bus,
      catalog,
      metrics,
      now,
      framesPerSecond: live.framesPerSecond,
      behindSince: () => this.flusher.behindSince,
      historyOf: (site, queue, dayStart) => this.reconciler.historyOf(site, queue, dayStart),
      sites,
      shown,
      recorded: () => this.flusher.nudge(),
    });
    this.reviewTimer = setInterval(() => this.review(), REVIEW_EVERY_MS);
    this.reviewTimer.unref();
    const { seal } = options;
    const deliver = (kind: MessageKind, deliveries: Counter<'outcome'>, running: Gauge): Deliveries =>
      new Deliveries(kind, { events, now, metrics: { deliveries, running }, sites });
    this.deliveries = [
      ...(seal === undefined
        ? []
        : [deliver(new CallbackMessages(settings, seal), metrics.deliveries, metrics.deliveriesRunning)]),
      deliver(new WatchMessages(settings), metrics.watchDeliveries, metrics.watchDeliveriesRunning),
    ];
  }

  async start(): Promise<void> {
    this.reader = await this.options.events.read(this.options.settings.kafka.groupId, this);
  }

  /** Flushes what was read, commits it and leaves the log. */
  async close(): Promise<void> {
    clearInterval(this.reviewTimer);
    for (const deliveries of this.deliveries) deliveries.close();
    // A reader that waits for room in front of a store that is away would wait as long as that is away.
    const patience = setTimeout(() => this.flusher.stop(), DRAIN_MS);
    await this.reader?.close();
    clearTimeout(patience);
    this.flusher.stop();
    await this.history.close();
    await this.view.close();
    await this.ledger.close();
    await this.reconciler.close();
    await this.usual.close();
  }

  /** Compares what was shown with what reports say, without waiting for the next round; for those who cannot wait. */
  reconcile(): Promise<void> {
    return this.reconciler.check();
  }

  /** Since when the store does not keep up; null while it does. */
  get storeBehindSince(): Instant | null {
    return this.flusher.behindSince;
  }

  /** Why the store does not keep up; null while it does. */
  get storeBehindReason(): string | null {
    return this.flusher.behindReason;
  }

  /** Partitions owned now. */
  get owned(): number[] {
    return this.partitions.numbers;
  }

  /** Resolves when everything at these positions is in the facts and committed. */
  committedThrough(positions: readonly LogPosition[]): Promise<void> {
    return this.partitions.committedThrough(positions);
  }

  async assigned(partition: number): Promise<void> {
    const { generation, sites } = await this.starts.recover(partition);
    this.partitions.add(partition, generation, sites);
    for (const runtime of sites.values()) {
      this.ledger.adopt(runtime.key, this.options.now());
      this.view.adopt(runtime, this.starts.configuredQueues(runtime.key));
    }
    this.usual.look();
    this.history.look();
  }

  async revoked(partition: number): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref());
    const runtimes = [...(this.partitions.get(partition)?.sites.values() ?? [])];
    await Promise.race([this.flusher.drain().then(() => this.keeper.keepNow(runtimes)), timeout]);
    this.flusher.release(partition);
    for (const runtime of runtimes) this.view.abandon(runtime);
    this.partitions.delete(partition);
    // Whoever has it now tells these; ours would stand still beside them.
    this.options.metrics.lag.remove({ partition: String(partition) });
    this.options.metrics.contacts.remove({ partition: String(partition) });
  }

  async batch(batch: LogBatch): Promise<void> {
    const owned = this.partitions.get(batch.partition);
    if (!owned) throw new Error(`records of partition ${batch.partition}, which is not assigned`);
    let sliceStart = performance.now();
    for (const [n, record] of batch.records.entries()) {
      const wait = this.take(owned, record);
      if (wait) await wait;
      if (n % RECORDS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
        await nextTurn();
        sliceStart = performance.now();
      }
    }
    this.counts.report(this.partitions.sites());
    const last = batch.records.at(-1);
    if (last) this.options.metrics.lag.set({ partition: String(batch.partition) }, batch.endOffset - last.offset - 1);
    this.view.publish();
    this.flusher.nudge();
    await this.flusher.room();
  }

  private take(owned: OwnedPartition, record: StoredRecord): Promise<void> | undefined {
    const { metrics } = this.options;
    const { partition, generation } = owned;
    const read = readRecord(record, this.limits, (key) => owned.sites.has(key));
    switch (read.kind) {
      case 'tombstone':
        metrics.records.inc({ outcome: 'tombstone' });
        break;
      case 'dead':
        this.bury(owned, record, read.reason, read.issues);
        return undefined;
      case 'misplaced':
        return this.replace(owned, record, read.key);
      case 'event':
      case 'foreign': {
        const version = versionOf(generation, record.offset);
        const { event, body } = read;
        let awaitsFacts = false;
        if (read.kind === 'event') {
          const site = this.siteOf(owned, event, record.key);
          const conflict = site.apply(read.event, version, record.offset, record.appendedAt);
          if (conflict) {
            this.bury(owned, record, 'conflict', [conflict]);
            return undefined;
          }
          const watched = site.watches.apply(read.event);
          if (watched) metrics.watches.inc({ outcome: watched });
          for (const deliveries of this.deliveries) deliveries.folded(site, read.event);
          ({ awaitsFacts } = site.ghosts);
        }
        if (read.kind === 'event') this.counts.folded += 1;
        else this.counts.archived += 1;
        const { tenant, site, id, source, type, subject, at } = event;
        const { appendedAt } = record;
        this.flusher.record(partition, record.offset, {
          tenant,
          site,
          id,
          source,
          type,
          subject,
          at,
          appendedAt,
          body,
          version,
        });
        return awaitsFacts ? this.flusher.settled() : undefined;
      }
    }
    this.flusher.record(partition, record.offset, null);
    return undefined;
  }

  private bury(
    owned: OwnedPartition,
    record: StoredRecord,
    reason: 'invalid' | 'conflict',
    issues: Parameters<Outbox['deadLetter']>[3],
  ): void {
    this.options.metrics.records.inc({ outcome: 'dead' });
    this.options.metrics.deadLetters.inc({ reason });
    this.outbox.deadLetter(owned.partition, record, reason, issues);
    this.flusher.record(owned.partition, record.offset, null);
  }

  /** An event under a foreign key that happens to be on its site's partition is in order all the same. */
  private async replace(owned: OwnedPartition, record: StoredRecord, key: string): Promise<void> {
    if ((await this.starts.partitionOf(key)) === owned.partition) {
      owned.sites.set(key, this.newSiteOf(key, owned.partition));
      return this.take(owned, record);
    }
    this.options.metrics.records.inc({ outcome: 'misplaced' });
    this.outbox.redirect(key, record);
    this.flusher.record(owned.partition, record.offset, null);
    return undefined;
  }

  private siteOf(owned: OwnedPartition, event: SiteKey, recordKey: string | null): SiteRuntime {
    const key = recordKey !== null && isPartitionKeyOf(recordKey, event) ? recordKey : partitionKey(event);
    let site = owned.sites.get(key);
    if (!site) {
      site = this.newSiteOf(key, owned.partition);
      owned.sites.set(key, site);
    }
    return site;
  }

  private newSiteOf(key: string, partition: number): SiteRuntime {
    const [tenant = '', site = ''] = key.split('/');
    const runtime = this.starts.fresh({ tenant: tenantId(tenant), site: siteId(site) }, partition);
    this.view.adopt(runtime, []);
    return runtime;
  }

  /** Shows which contacts are suspected to be gone, and appends what was decided of them. */
  private review(): void {
    let suspected = 0;
    for (const { ghosts, fold } of this.partitions.sites()) {
      ghosts.review();
      suspected += fold.suspicions.count;
    }
    this.options.metrics.suspected.set(suspected);
    this.history.look();
    this.view.publish();
    this.announcements
      .send()
      .catch((error: unknown) =>
        this.logger.warn(`could not append what was decided, going on trying: ${String(error)}`),
      );
  }

  private *publishers(): Iterable<ReconciledSite> {
    for (const { key, fold } of this.partitions.sites()) yield { key, published: fold.published };
  }
}
