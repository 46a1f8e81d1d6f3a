import { instant, queueId, type TenantId } from '@queuecast/events';
import {
  StoreAwayError,
  ReportsBusyError,
  MAX_PAGE_ROWS,
  type LedgerRow,
  type SiteKey,
  type Store,
} from '@queuecast/store';
import type { TouchedInterval } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { ProcessorMetrics } from './metrics.js';

const EVERY_MS = 60_000;
const QUARTER_MS = 900_000;
/** What is looked at when a site is taken over: whoever had it may have ended before looking. */
const LOOK_BACK_MS = 24 * 3_600_000;
/** Queues with a series of their own; a fault that touches them all must not flood whoever scrapes. */
const MOST_QUEUES = 100;

/** The queues that were touched in a quarter; null for all. */
type Touched = Map<number, Set<string> | null>;

/** Quarters that follow each other, with every queue touched in one of them. */
interface Span {
  readonly from: number;
  to: number;
  queues: Set<string> | null;
}

const union = (one: Set<string> | null, other: Set<string> | null): Set<string> | null =>
  one === null || other === null ? null : new Set([...one, ...other]);

const spansOf = (touched: Touched): Span[] => {
  const spans: Span[] = [];
  for (const [start, queues] of [...touched].toSorted(([one], [other]) => one - other)) {
    const last = spans.at(-1);
    if (last?.to === start) {
      last.to += QUARTER_MS;
      last.queues = union(last.queues, queues);
    } else spans.push({ from: start, to: start + QUARTER_MS, queues });
  }
  return spans;
};

/**
 * Checks that the ledger balances: of every interval that a flush touched, once a minute, after the write. What does not
 * add up stays counted until it does; a fact that is written later touches its interval again.
 */
export class LedgerWatch {
  private readonly logger = new Logger(LedgerWatch.name);
  private readonly timer: NodeJS.Timeout;
  private pending = new Map<TenantId, Touched>();
  private readonly violations = new Map<string, LedgerRow & { readonly tenant: TenantId }>();
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: Pick<Store, 'ledger'>,
    private readonly metrics: ProcessorMetrics,
    private readonly owns: (site: SiteKey) => boolean,
  ) {
    this.timer = setInterval(() => void this.check(), EVERY_MS);
    this.timer.unref();
  }

  /** Facts of these intervals are in the store. */
  touched(intervals: readonly TouchedInterval[]): void {
    for (const { tenant, queue, at } of intervals) this.add(tenant, at, new Set([queue]));
  }

  /** A site is ours from now on: its last day is looked at whole. */
  adopt({ tenant }: SiteKey, now: number): void {
    for (let at = now - LOOK_BACK_MS; at <= now; at += QUARTER_MS) this.add(tenant, at, null);
  }

  /** Looks at everything touched since the last time. What the store cannot tell now is looked at the next time. */
  check(): Promise<void> {
    this.running ??= this.look().finally(() => (this.running = null));
    return this.running;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private add(tenant: TenantId, at: number, queues: Set<string> | null): void {
    const touched = this.pending.get(tenant) ?? new Map<number, Set<string> | null>();
    this.pending.set(tenant, touched);
    const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
    const known = touched.get(quarter);
    touched.set(quarter, known === undefined ? queues : union(known, queues));
  }

  private async look(): Promise<void> {
    const { pending } = this;
    this.pending = new Map();
    for (const [tenant, touched] of pending)
      for (const span of spansOf(touched)) {
        try {
          this.settle(tenant, span, await this.rowsOf(tenant, span));
        } catch (error) {
          this.metrics.ledgerCheckFailures.inc();
          if (!(error instanceof StoreAwayError || error instanceof ReportsBusyError))
            this.logger.error(`could not check the ledger of ${tenant}, trying again: ${String(error)}`);
          for (let at = span.from; at < span.to; at += QUARTER_MS) this.add(tenant, at, span.queues);
        }
      }
    this.show();
  }

  private async rowsOf(tenant: TenantId, { from, to, queues }: Span): Promise<LedgerRow[]> {
    const rows: LedgerRow[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Store['ledger']>> = await this.store.ledger({
        tenant,
        queues: queues === null ? [] : [...queues].map(queueId),
        from: instant(from),
        to: instant(to),
        grain: 'quarter',
        timeZone: 'UTC',
        // Where the classes divide the abandoned does not matter to their sum.
        shortAbandonSeconds: 0,
        limit: MAX_PAGE_ROWS,
        ...(cursor !== null && { cursor }),
      });
      this.metrics.ledgerIntervals.inc(page.rows.length);
      rows.push(...page.rows.filter(({ imbalance }) => imbalance !== 0));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return rows;
  }

  /** What was wrong in the span is so no more, unless it is found again. */
  private settle(tenant: TenantId, span: Span, unbalanced: readonly LedgerRow[]): void {
    const before = new Set(this.violations.keys());
    for (const [key, row] of this.violations)
      if (
        row.tenant === tenant &&
        row.start >= span.from &&
        row.start < span.to &&
        (span.queues?.has(row.queue) ?? true)
      )
        this.violations.delete(key);
    for (const row of unbalanced) {
      const { site, queue, channel, start, imbalance } = row;
      const key = JSON.stringify([tenant, site, queue, channel, start]);
      this.violations.set(key, { ...row, tenant });
      if (!before.has(key))
        this.logger.error(
          `the ledger of ${tenant}/${site}, queue ${queue}, channel ${channel || '(none)'}, quarter from ${new Date(start).toISOString()} does not balance: ${imbalance} of ${row.offered} offered are in no class, or in two`,
        );
    }
  }

  private show(): void {
    const queues = new Map<string, { readonly tenant: string; readonly queue: string; count: number }>();
    for (const [key, { tenant, site, queue }] of this.violations) {
      if (!this.owns({ tenant, site } as SiteKey)) {
        this.violations.delete(key);
        continue;
      }
      const own = JSON.stringify([tenant, queue]);
      const name = queues.has(own) || queues.size < MOST_QUEUES ? own : 'others';
      const counted = queues.get(name) ?? (name === own ? { tenant, queue, count: 0 } : { ...OTHERS, count: 0 });
      counted.count += 1;
      queues.set(name, counted);
    }
    this.metrics.ledgerViolations.reset();
    for (const { tenant, queue, count } of queues.values()) this.metrics.ledgerViolations.set({ tenant, queue }, count);
  }
}

const OTHERS = { tenant: '', queue: '' };
