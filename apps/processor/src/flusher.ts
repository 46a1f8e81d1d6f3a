import type { CallbackRow } from '@queuecast/callbacks';
import type { ContactRow, LegFact, SpellFact } from '@queuecast/contact-center';
import { instant, type Instant } from '@queuecast/events';
import type {
  ArchivedEvent,
  FactFlush,
  SitePublished,
  SiteWatermark,
  Store,
  TouchedInterval,
  WaitForecast,
} from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { Announcements } from './announcements.js';
import type { ProcessorMetrics } from './metrics.js';
import type { Outbox } from './outbox.js';
import type { ShownPositions } from './shown-positions.js';
import type { SiteRuntime } from './site-runtime.js';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/**
 * After a flush the store rests for so many times as long as writing took: what it costs to recompute intervals grows with the
 * legs in them more than with the events of the flush, so that the busier the log, the more of it one flush should take in.
 */
const REST = 3;
/** Rounds of reading back during which folding goes on; after them it waits until the facts are drained. */
const FREE_ROUNDS = 3;

export interface FlushLimits {
  /** Flush after this many events... */
  readonly rows: number;
  /** ...or this many milliseconds, but not while the store rests from the last flush. */
  readonly intervalMs: number;
  /** What is shown of the day is never older for the sake of rest. */
  readonly longestRestMs: number;
  /** More events than this wait for the store: stop reading. */
  readonly maxUnflushed: number;
}

/** Milliseconds until the next flush may begin, after writing that took so many; a full buffer does not wait for it. */
export const restAfter = (tookMs: number, longestMs: number): number => Math.min(REST * tookMs, longestMs);

export interface FlushHooks {
  /** The sites whose dirty facts are to be written. */
  readonly sites: () => Iterable<SiteRuntime>;
  /** Everything below these offsets is written: commit it. */
  readonly commit: (offsets: ReadonlyMap<number, number>) => Promise<void>;
  /** What was shown since it was drained last. */
  readonly shown: Pick<ShownPositions, 'drain' | 'isPending'>;
  /** Facts of these intervals are in the store. */
  readonly flushed: (touched: readonly TouchedInterval[]) => void;
}

/**
 * Takes what the fold made dirty to the store, then commits the offsets it came from. One flush at a time; while it
 * runs, or while the store is away, folding goes on up to a bound.
 */
export class Flusher {
  private readonly logger = new Logger(Flusher.name);
  private archive: ArchivedEvent[] = [];
  private offsets = new Map<number, number>();
  private recorded = 0;
  private inFlight = 0;
  private flushed = 0;
  /** Folding waits, so that reading back comes to an end. */
  private holding = false;
  private timer: NodeJS.Timeout | null = null;
  /** As `performance.now()` counts. */
  private restsUntil = 0;
  private running: Promise<void> | null = null;
  private waiters: (() => void)[] = [];
  private stopped = false;
  private behind: { readonly since: Instant; reason: string } | null = null;

  constructor(
    private readonly store: Store,
    private readonly outbox: Outbox,
    private readonly announcements: Announcements,
    private readonly limits: FlushLimits,
    private readonly hooks: FlushHooks,
    private readonly metrics: ProcessorMetrics,
    private readonly now: () => number,
  ) {}

  /** Since when the store does not take what we have; null while it does. */
  get behindSince(): Instant | null {
    return this.behind?.since ?? null;
  }

  /** What the last attempt failed for; null while the store takes what we have. */
  get behindReason(): string | null {
    return this.behind?.reason ?? null;
  }

  get unflushed(): number {
    return this.recorded + this.inFlight;
  }

  /** A record was folded: it is in the next flush, and its offset is committed after that. */
  record(partition: number, offset: number, archived: ArchivedEvent | null): void {
    if (archived) this.archive.push(archived);
    this.offsets.set(partition, offset + 1);
    this.recorded += 1;
  }

  /**
   * The partition was given away, perhaps before everything of it was written: what is not in a flush yet is never
   * committed from here, also if the partition comes back meanwhile.
   */
  release(partition: number): void {
    this.offsets.delete(partition);
  }

  /** Starts a flush when enough has come together, or sets the clock for one. */
  nudge(): void {
    this.metrics.unflushed.set(this.unflushed);
    if (this.running || this.stopped || (this.recorded === 0 && !this.hooks.shown.isPending)) return;
    const rest = this.restsUntil - performance.now();
    if (this.recorded >= this.limits.rows && rest <= 0) this.start();
    else this.timer ??= setTimeout(() => this.start(), Math.max(rest, this.limits.intervalMs));
  }

  /** Resolves when what is to be written waits for nothing that the facts hold; nothing may be folded until then. */
  async settled(): Promise<void> {
    this.holding = true;
    await this.room();
  }

  /** Resolves when there is room for more: the back pressure on the log. */
  async room(): Promise<void> {
    while ((this.holding || this.unflushed >= this.limits.maxUnflushed) && !this.stopped) {
      this.start();
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Flushes everything recorded before this call, unless the flusher is stopped first. */
  async drain(): Promise<void> {
    const target = this.flushed + this.unflushed;
    while (!this.stopped && this.flushed < target) {
      this.start();
      await this.running;
    }
  }

  /** Gives up what is not written; it will be read from the log again. */
  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.wake();
  }

  private start(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.running) return;
    this.running = this.flush().finally(() => {
      this.running = null;
      this.wake();
      this.nudge();
    });
  }

  private wake(): void {
    for (const wake of this.waiters.splice(0)) wake();
  }

  private async flush(): Promise<void> {
    const stop = this.metrics.flushSeconds.startTimer();
    // Reading back must not be repeated after a drain, nor draining after a write: each step is retried by itself.
    await this.persist('read back facts', () => this.readBack());
    if (this.stopped) return;
    // Facts, offsets and watermarks are taken in one turn: a flush holds exactly what its offsets say. Otherwise two
    // flushes could end at the same version with different facts, or an offset be committed whose facts are not written.
    const { archive, offsets } = this;
    this.inFlight = this.recorded;
    this.archive = [];
    this.offsets = new Map();
    this.recorded = 0;
    const facts = this.drainFacts(archive);
    const versions = [...this.hooks.sites()].map((site) => ({ site, version: site.version }));
    this.holding = false;
    this.wake();
    // Before the facts that they rest on: after a crash they could not be decided again in the same way.
    await this.persist('append what was decided', () => this.announcements.send());
    await this.persist('write facts', async () => {
      const began = performance.now();
      await this.store.write(facts);
      const ended = performance.now();
      this.restsUntil = ended + restAfter(ended - began, this.limits.longestRestMs);
    });
    if (!this.stopped) for (const { callbacks } of this.hooks.sites()) callbacks.written();
    await this.persist('send dead letters', () => this.outbox.send());
    await this.persist('commit offsets', () => this.hooks.commit(offsets));
    if (this.stopped) return;
    stop();
    this.flushed += this.inFlight;
    this.inFlight = 0;
    this.behind = null;
    this.metrics.unflushed.set(this.unflushed);
    for (const table of ['contacts', 'legs', 'forecasts', 'spells', 'callbacks', 'events'] as const)
      this.metrics.rows.inc({ table }, facts[table].length);
    for (const { site, version } of versions) site.writtenVersion = version;
    for (const { changes } of facts.published)
      this.metrics.corrections.inc(changes.filter(({ sign, isCorrection }) => sign === 1 && isCorrection).length);
    this.hooks.flushed(facts.touched);
  }

  /** Resolves when nothing that is to be written waits for what the facts hold, in the turn in which it resolves. */
  private async readBack(): Promise<void> {
    for (let round = 1; !this.stopped; round += 1) {
      let asked = false;
      for (const { fold, callbacks, key } of this.hooks.sites()) {
        const contacts = fold.unverified();
        const agents = fold.unverifiedAgents();
        const promises = callbacks.unverified();
        asked ||= contacts.length > 0 || agents.length > 0 || promises.ids.length > 0;
        if (promises.ids.length > 0)
          callbacks.verify(promises, await this.store.readCallbacks(key.tenant, promises.ids, promises.callerKeys));
        if (contacts.length > 0) fold.verify(contacts, await this.store.readContacts(key, contacts));
        for (const { agent, from } of agents)
          fold.verifyAgent(agent, from, await this.store.readSpells(key, agent, from));
      }
      if (!asked) {
        for (const { ghosts } of this.hooks.sites()) ghosts.decide();
        return;
      }
      // A backlog brings contacts to be read back as fast as they are read.
      this.holding ||= round >= FREE_ROUNDS;
    }
  }

  private drainFacts(events: readonly ArchivedEvent[]): FactFlush {
    const contacts: ContactRow[] = [];
    const legs: LegFact[] = [];
    const spells: SpellFact[] = [];
    const promises: CallbackRow[] = [];
    const touched: TouchedInterval[] = [];
    const watermarks: SiteWatermark[] = [];
    const published: SitePublished[] = [];
    const forecasts: WaitForecast[] = [];
    for (const { fold, callbacks, estimates, key } of this.hooks.sites()) {
      promises.push(...callbacks.drain());
      const drained = fold.drain();
      contacts.push(...drained.contacts);
      legs.push(...drained.legs);
      spells.push(...drained.spells);
      forecasts.push(...estimates.told.drain());
      for (const { queue, at } of drained.touched) touched.push({ ...key, queue, at });
      if (drained.watermark) watermarks.push({ ...key, ...drained.watermark });
      published.push({ ...key, ...drained.published });
    }
    const shown = this.hooks.shown.drain();
    return { contacts, legs, forecasts, spells, callbacks: promises, events, touched, watermarks, published, shown };
  }

  /** Repeats a step until it succeeds or the flusher is stopped; live state goes on meanwhile and says it is behind. */
  private async persist(what: string, step: () => Promise<void>): Promise<void> {
    for (let delay = FIRST_RETRY_MS; !this.stopped; delay = Math.min(delay * 2, LAST_RETRY_MS)) {
      try {
        await step();
        return;
      } catch (error) {
        this.metrics.flushFailures.inc();
        if (this.behind === null) this.logger.error(`could not ${what}, going on trying: ${String(error)}`);
        this.behind ??= { since: instant(this.now()), reason: '' };
        this.behind.reason = error instanceof Error ? error.message : String(error);
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }
}
