import { instant, queueId, tenantId } from '@queuecast/events';
import type { PromiseRecord } from '@queuecast/live';
import type { Catalog } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import type { Clock } from '../gateway.tokens.js';
import { Briefly } from './briefly.js';

const DAYS = 90;
const DAY_MS = 86_400_000;
/** Fewer could point at one person. */
const LEAST = 10;
const KEEP_MS = 300_000;

/** Promise records, each read every few minutes at most. */
export class PromiseRecords {
  private readonly records: Briefly<PromiseRecord>;

  constructor(
    private readonly store: Store,
    private readonly catalog: Catalog,
    private readonly now: Clock,
  ) {
    this.records = new Briefly(now);
  }

  /** Undefined for a tenant without public queues: it cannot be told from one that does not exist. @throws StoreAwayError */
  of(tenant: string): Promise<PromiseRecord> | undefined {
    const queues = this.catalog.queues(tenant).filter((queue) => queue.public);
    if (queues.length === 0) return undefined;
    const ids = queues.map(({ id }) => id);
    return this.records.read(tenant, KEEP_MS, () => this.read(tenant, ids, this.now()));
  }

  private async read(tenant: string, queues: readonly string[], now: number): Promise<PromiseRecord> {
    const report = await this.store.callbackReport({
      tenant: tenantId(tenant),
      queues: queues.map(queueId),
      from: instant(now - DAYS * DAY_MS),
      to: instant(now + 1),
      grain: 'total',
      timeZone: 'UTC',
      metrics: ['callbacks_kept', 'callbacks_late', 'callbacks_broken'],
      limit: 10_000,
    });
    const sum = (metric: string): number => report.rows.reduce((total, { values }) => total + (values[metric] ?? 0), 0);
    return recordOf(tenant, sum('callbacks_kept'), sum('callbacks_late'), sum('callbacks_broken'));
  }
}

/** What may be told of these counts: none that could point at one person, nor one that tells it by what is missing. */
export const recordOf = (tenant: string, kept: number, late: number, broken: number): PromiseRecord => {
  const due = kept + late + broken;
  const isTellable = (count: number): boolean => count === 0 || count >= LEAST;
  if (![due, kept, due - kept].every(isTellable) || due === 0)
    return { tenant, days: DAYS, due: null, kept: null, late: null, broken: null };
  const isTold = [late, broken].every(isTellable);
  return { tenant, days: DAYS, due, kept, late: isTold ? late : null, broken: isTold ? broken : null };
};
