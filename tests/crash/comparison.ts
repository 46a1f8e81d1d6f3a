import { instant, tenantId } from '@queuecast/events';
import { LEDGER_CLASSES } from '@queuecast/metrics';
import type { IntervalReportRow, Store } from '@queuecast/store';
import { describeDifferences, differingBuckets, factBuckets, rowsIn, rowsOfBuckets } from '../support/fact-digest.js';
import { TENANT, type DeliveredDay } from './day.js';

/** Where facts lie: opens the store for one piece of work, because a process has one embedded store at a time. */
export type Facts = <Result>(work: (store: Store) => Promise<Result>) => Promise<Result>;

export interface Comparison {
  /** Rows of facts and intervals in the uninterrupted run. */
  readonly rows: number;
  /** Rows of the ledger, by queue and quarter hour. */
  readonly ledgerRows: number;
  /** Contacts that were given up in the uninterrupted run, because their source forgot them. */
  readonly givenUp: number;
  /** One line per row that differs, of the first that do; empty if everything is equal. */
  readonly differences: readonly string[];
}

/** Every metric of every queue and quarter hour, as the reports serve it. */
const ledgerOf = async (store: Store, { from, to }: DeliveredDay): Promise<Map<string, IntervalReportRow>> => {
  const ledger = new Map<string, IntervalReportRow>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['intervals']>> = await store.intervals({
      tenant: tenantId(TENANT),
      queues: [],
      from: instant(from),
      to: instant(to + 60_000),
      grain: 'quarter',
      timeZone: 'UTC',
      thresholdSeconds: 150,
      shortAbandonSeconds: 5,
      metrics: [],
      limit: 5_000,
      ...(cursor !== null && { cursor }),
    });
    for (const row of page.rows) {
      // An interval that legs moved away from: whether it was ever written depends on the flushes.
      if (Object.values(row.values).every((value) => value === 0 || value === null)) continue;
      ledger.set(`ledger ${row.site} ${row.queue} ${row.channel} ${new Date(row.start).toISOString()}`, row);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ledger;
};

const imbalances = (ledger: ReadonlyMap<string, IntervalReportRow>): string[] =>
  [...ledger].flatMap(([key, { values }]) => {
    const accounted = LEDGER_CLASSES.reduce((sum, term) => sum + (values[term] ?? 0), 0);
    return values['offered'] === accounted ? [] : [`${key}: offered ${values['offered']}, accounted for ${accounted}`];
  });

const ledgerDifferences = (
  expected: ReadonlyMap<string, IntervalReportRow>,
  found: ReadonlyMap<string, IntervalReportRow>,
): string[] =>
  [...new Set([...expected.keys(), ...found.keys()])].flatMap((key) => {
    const [one, other] = [expected.get(key)?.values, found.get(key)?.values];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    const metrics = Object.keys({ ...one, ...other }).filter((metric) => one?.[metric] !== other?.[metric]);
    return [
      `${key}: ${metrics.map((metric) => `${metric} ${other?.[metric]} instead of ${one?.[metric]}`).join(', ')}`,
    ];
  });

/** What was acknowledged and is not in the archive, or in it and was never sent. */
const archiveDifference = async (store: Store, events: number): Promise<string[]> => {
  const [row] = await store.report(
    `SELECT uniqExact(tenant, site, source, id) AS events FROM events WHERE source NOT LIKE 'queuecast/%'`,
    {},
  );
  const archived = Number(row?.['events']);
  return archived === events ? [] : [`events: ${archived} are archived, ${events} were acknowledged`];
};

const givenUp = async (store: Store): Promise<number> => {
  const [row] = await store.report(
    `SELECT uniqExact(tenant, site, contact) AS contacts FROM contact_legs FINAL WHERE ended_by = 'unknown'`,
    {},
  );
  return Number(row?.['contacts']);
};

/** Compares facts, intervals and ledger with those of an uninterrupted run, row by row. */
export const compareFacts = async (expected: Facts, found: Facts, day: DeliveredDay): Promise<Comparison> => {
  const summary = async (store: Store) => ({
    buckets: await factBuckets(store),
    ledger: await ledgerOf(store, day),
    archive: await archiveDifference(store, day.distinct),
    givenUp: await givenUp(store),
  });
  const [one, other] = [await expected(summary), await found(summary)];
  const differing = differingBuckets(one.buckets, other.buckets);
  const rows =
    differing.size === 0
      ? []
      : describeDifferences(
          await expected((store) => rowsOfBuckets(store, differing)),
          await found((store) => rowsOfBuckets(store, differing)),
        );
  const counted = [...differing].map(([table, { length }]) => `${table}: ${length} of the row groups differ`);
  return {
    rows: rowsIn(one.buckets),
    ledgerRows: one.ledger.size,
    givenUp: one.givenUp,
    differences: [
      ...one.archive.map((line) => `uninterrupted run: ${line}`),
      ...other.archive,
      ...imbalances(other.ledger),
      ...ledgerDifferences(one.ledger, other.ledger),
      ...counted,
      ...rows,
    ],
  };
};
