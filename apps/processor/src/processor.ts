import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  instant,
  isPartitionKeyOf,
  partitionKey,
  queueId,
  siteId,
  tenantId,
  type EnvelopeLimits,
  type Instant,
  type QueueId,
} from '@queuecast/events';
import type { NumberSeal } from '@queuecast/callbacks';
import { MOST_OVERTAKERS, versionOf } from '@queuecast/contact-center';
import {
  PartitionLostError,
  type EventLog,
  type LogBatch,
  type LogConsumer,
  type LogPosition,
  type LogReader,
  type StoredRecord,
} from '@queuecast/event-log';
import type { LiveBus } from '@queuecast/live';
import type { Catalog, Settings } from '@queuecast/settings';
import { StoreAwayError, type PastLeg, type SiteKey, type Store } from '@queuecast/store';
import { POPULATIONS } from '@queuecast/wait-estimates';
import { Logger } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import { Announcements } from './announcements.js';
import { EstimatorHistory } from './estimator-history.js';
import { EstimatorKeeper } from './estimator-keeper.js';
import { CallbackMessages } from './callback-messages.js';
import { Deliveries, type MessageKind } from './deliveries.js';
import { Flusher } from './flusher.js';
import { LedgerWatch } from './ledger-watch.js';
import { LiveView } from './live-view.js';
import type { ProcessorMetrics } from './metrics.js';
import { Outbox } from './outbox.js';
import { readRecord } from './record.js';
import { ShownPositions } from './shown-positions.js';
import { Reconciler, type ReconciledSite } from './reconciler.js';
import { SiteRuntime } from './site-runtime.js';
import { OBSERVED_MS } from './site-staffing.js';
import { UsualArrivals } from './usual-arrivals.js';
import { WatchMessages } from './watch-messages.js';

const GRACE_MS = 30 * 60_000;
const EVICT_EVERY_MS = 10_000;
const RECENT_PAGE = 2_000;
const STORE_RETRY_MS = 500;
/** Longest stretch of folding before flushes, frames and requests get their turn. */
const SLICE_MS = 5;
const RECORDS_PER_LOOK = 32;
/** How often open contacts are looked at for those that their source has forgotten. */
const REVIEW_EVERY_MS = 2_000;
/** How long a partition taken from us may go on flushing before what is left is abandoned to the next owner. */
const DRAIN_MS = 10_000;

interface OwnedPartition {
  readonly partition: number;
  readonly generation: number;
  readonly sites: Map<string, SiteRuntime>;
  /** Offset below which everything is committed. */
  committed: number;
}

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
  private readonly partitions = new Map<number, OwnedPartition>();
  private readonly limits: EnvelopeLimits;
  private readonly outbox: Outbox;
  private readonly announcements: Announcements;
  private readonly reviewTimer: NodeJS.Timeout;
  private readonly flusher: Flusher;
  private readonly view: LiveView;
  private readonly keeper: EstimatorKeeper;
  private readonly history: EstimatorHistory;
  private readonly ledger: LedgerWatch;
  private readonly reconciler: Reconciler;
  private readonly usual: UsualArrivals;
  private readonly deliveries: readonly Deliveries[];
  private readonly partitionOfKey = new Map<string, number>();
  private reader: LogReader | null = null;
  private evictedAt = 0;
  /** Counted here first: a labelled counter takes as long as reading an event. */
  private folded = 0;
  private archived = 0;
  private committedWaiters: (() => void)[] = [];

  constructor(private readonly options: ProcessorOptions) {
    const { settings, events, deadLetters, store, bus, metrics, catalog, now } = options;
    const { ingest, processor, live } = settings;
    this.limits = { maxEventBytes: ingest.maxEventBytes, maxFutureSkewMs: ingest.maxFutureSkewSeconds * 1000 };
    this.outbox = new Outbox(events, deadLetters);
    this.announcements = new Announcements(events);
    const shown = new ShownPositions(() => this.flusher.behindSince);
    this.flusher = new Flusher(
      store,
      this.outbox,
      this.announcements,
      { rows: processor.flushRows, intervalMs: processor.flushMs, maxUnflushed: processor.maxUnflushedEvents },
      {
        sites: () => this.sites(),
        shown,
        commit: (offsets) => this.commit(offsets),
        flushed: (touched) => {
          this.view.refresh(touched);
          this.ledger.touched(touched);
          this.keeper.nudge();
          this.evict();
        },
      },
      metrics,
      now,
    );
    this.keeper = new EstimatorKeeper(store, () => this.sites(), metrics, now);
    this.history = new EstimatorHistory({ store, metrics, sites: () => this.sites() });
    this.ledger = new LedgerWatch(store, metrics, (key) => this.isOurs(key));
    this.reconciler = new Reconciler({
      store,
      metrics,
      sites: () => this.publishers(),
      isBehind: () => this.flusher.behindSince !== null,
      now,
    });
    this.usual = new UsualArrivals({ store, catalog, sites: () => this.sites(), now });
    this.view = new LiveView({
      store,
      bus,
      catalog,
      metrics,
      now,
      framesPerSecond: live.framesPerSecond,
      behindSince: () => this.flusher.behindSince,
      historyOf: (site, queue, dayStart) => this.reconciler.historyOf(site, queue, dayStart),
      sites: () => this.sites(),
      shown,
      recorded: () => this.flusher.nudge(),
    });
    this.reviewTimer = setInterval(() => this.review(), REVIEW_EVERY_MS);
    this.reviewTimer.unref();
    const { seal } = options;
    const deliver = (kind: MessageKind, deliveries: Counter<'outcome'>, running: Gauge): Deliveries =>
      new Deliveries(kind, { events, now, metrics: { deliveries, running }, sites: () => this.sites() });
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
    return [...this.partitions.keys()];
  }

  /** Resolves when everything at these positions is in the facts and committed. */
  async committedThrough(positions: readonly LogPosition[]): Promise<void> {
    const done = ({ partition, offset }: LogPosition): boolean =>
      (this.partitions.get(partition)?.committed ?? 0) > offset;
    while (!positions.every(done)) await new Promise<void>((resolve) => this.committedWaiters.push(resolve));
  }

  async assigned(partition: number): Promise<void> {
    const { events, store, settings } = this.options;
    const identity = await events.identity();
    const generation = await this.patiently('ask for the generation', () => store.generationOf(events.name, identity));
    const sites = new Map<string, SiteRuntime>();
    for (const key of await this.patiently('list the sites', () => this.knownSites())) {
      if ((await this.partitionOf(partitionKey(key))) !== partition) continue;
      const runtime = this.newSite(key, partition);
      await this.patiently('recover a site', async () => {
        const recovery = await store.recoverSite(key, GRACE_MS);
        const evidence = await store.suspicionEvidence(key, MOST_OVERTAKERS);
        const learnt = await store.estimatorOf(key);
        runtime.restore(recovery, evidence, learnt, await this.recentLegs(key, recovery.latest));
      });
      sites.set(partitionKey(key), runtime);
      this.ledger.adopt(key, this.options.now());
    }
    this.partitions.set(partition, { partition, generation, sites, committed: 0 });
    for (const runtime of sites.values()) this.view.adopt(runtime, this.configuredQueues(runtime.key, settings));
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
    this.countRecords();
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
        if (read.kind === 'event') this.folded += 1;
        else this.archived += 1;
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

  private countRecords(): void {
    const { records } = this.options.metrics;
    records.inc({ outcome: 'folded' }, this.folded);
    records.inc({ outcome: 'archived' }, this.archived);
    this.folded = 0;
    this.archived = 0;
    this.countEstimates();
  }

  private countEstimates(): void {
    const { estimatesTold, estimatesScored, estimatesRight, estimatesLonger, estimatesErrorSeconds } =
      this.options.metrics;
    for (const { estimates } of this.sites()) {
      for (const [told, count] of estimates.told.takeTold()) estimatesTold.inc({ told }, count);
      const scores = estimates.told.takeScores();
      if (!scores) continue;
      for (const population of POPULATIONS) {
        const { count, inside, longer, absoluteError } = scores[population];
        estimatesScored.inc({ population }, count);
        estimatesRight.inc({ population }, inside);
        estimatesLonger.inc({ population }, longer);
        estimatesErrorSeconds.inc({ population }, absoluteError);
      }
    }
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
    if ((await this.partitionOf(key)) === owned.partition) {
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
    const runtime = this.newSite({ tenant: tenantId(tenant), site: siteId(site) }, partition);
    this.view.adopt(runtime, []);
    return runtime;
  }

  private newSite(key: SiteKey, partition: number): SiteRuntime {
    const { sourceQuietSeconds, sourceSilentSeconds } = this.options.settings.processor;
    const patience = { quietMs: sourceQuietSeconds * 1000, silentMs: sourceSilentSeconds * 1000 };
    return new SiteRuntime(key, partition, patience, {
      settingsOf: (queue) => this.options.catalog.queue(key.tenant, queue, key.site),
      announce: (event) => this.announcements.add(event),
      metrics: this.options.metrics,
      now: this.options.now,
    });
  }

  private isOurs(site: SiteKey): boolean {
    return [...this.partitions.values()].some(({ sites }) => sites.has(partitionKey(site)));
  }

  /** Shows which contacts are suspected to be gone, and appends what was decided of them. */
  private review(): void {
    let suspected = 0;
    for (const { ghosts, fold } of this.sites()) {
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
    for (const { key, fold } of this.sites()) yield { key, published: fold.published };
  }

  private *sites(): Iterable<SiteRuntime> {
    for (const { sites } of this.partitions.values()) yield* sites.values();
  }

  /** Sites with facts, and sites that are configured and have none yet. */
  private async knownSites(): Promise<SiteKey[]> {
    const configured = this.options.settings.tenants.flatMap((tenant) =>
      tenant.queues.map((queue) => ({ tenant: tenantId(tenant.id), site: siteId(queue.site) })),
    );
    const all = [...(await this.options.store.sites()), ...configured];
    return [...new Map(all.map((key) => [partitionKey(key), key])).values()];
  }

  /** What staffing goes by: the legs of the last two hours. */
  private async recentLegs(key: SiteKey, latest: Instant | null): Promise<PastLeg[]> {
    if (latest === null) return [];
    const { store } = this.options;
    const legs: PastLeg[] = [];
    for (let after: PastLeg | undefined; ; after = legs.at(-1)) {
      const page = await store.pastLegs(key, {
        from: instant(latest - OBSERVED_MS),
        limit: RECENT_PAGE,
        ...(after && { after }),
      });
      legs.push(...page);
      if (page.length < RECENT_PAGE) return legs;
    }
  }

  private configuredQueues(key: SiteKey, settings: Settings): QueueId[] {
    const tenant = settings.tenants.find((candidate) => candidate.id === key.tenant);
    return (tenant?.queues ?? []).filter((queue) => queue.site === key.site).map((queue) => queueId(queue.id));
  }

  private async partitionOf(key: string): Promise<number> {
    let partition = this.partitionOfKey.get(key);
    if (partition === undefined) {
      partition = await this.options.events.partitionOf(key);
      this.partitionOfKey.set(key, partition);
    }
    return partition;
  }

  private async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    for (const [partition, offset] of offsets) {
      const owned = this.partitions.get(partition);
      // A partition that was given away meanwhile is committed by whoever has it now.
      if (!owned || !this.reader) continue;
      try {
        await this.reader.commit(partition, offset);
      } catch (error) {
        if (!(error instanceof PartitionLostError)) throw error;
        continue;
      }
      owned.committed = Math.max(owned.committed, offset);
    }
    for (const wake of this.committedWaiters.splice(0)) wake();
  }

  private evict(): void {
    const now = this.options.now();
    if (now >= this.evictedAt && now - this.evictedAt < EVICT_EVERY_MS) return;
    this.evictedAt = now;
    let watched = 0;
    for (const { partition, sites } of this.partitions.values()) {
      let contacts = 0;
      for (const { fold, callbacks, watches } of sites.values()) {
        fold.evict();
        callbacks.evict(instant(now));
        const ended = watches.evict(instant(now));
        this.options.metrics.watches.inc({ outcome: 'expired' }, ended.expired);
        this.options.metrics.watches.inc({ outcome: 'given_up' }, ended.givenUp);
        watched += watches.open().length;
        contacts += fold.size;
      }
      this.options.metrics.contacts.set({ partition: String(partition) }, contacts);
    }
    this.options.metrics.watchesOpen.set(watched);
  }

  /** Before a partition can be processed its facts are needed: waits for the store as long as it takes. */
  private async patiently<T>(what: string, step: () => Promise<T>): Promise<T> {
    for (let told = false; ; told = true) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof StoreAwayError)) throw error;
        if (!told) this.logger.warn(`waiting for the store to ${what}: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
      }
    }
  }
}
