import type { IntervalReportRequest, IntervalReportRow, SiteKey, Store } from './port.js';
import { at, TODAY, TOMORROW, YESTERDAY } from './facts.testing.js';

/** The store that a contract is held against. */
export interface StoreUnderTest {
  readonly store: Store;
  /** A site of a tenant that no other test has. */
  readonly fresh: (site?: string) => SiteKey;
}

/** A request for everything around today. */
export const requestFor = (key: SiteKey, more: Partial<IntervalReportRequest> = {}): IntervalReportRequest => ({
  tenant: key.tenant,
  queues: [],
  from: at(`${YESTERDAY}T00:00:00Z`),
  to: at(`${TOMORROW}T12:00:00Z`),
  grain: 'total',
  timeZone: 'UTC',
  thresholdSeconds: 150,
  shortAbandonSeconds: 5,
  metrics: [],
  limit: 1000,
  ...more,
});

/** Every page of a report. */
export const allRows = async (store: Store, request: IntervalReportRequest): Promise<IntervalReportRow[]> => {
  const rows: IntervalReportRow[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.intervals(cursor === null ? request : { ...request, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
};

/** Text that breaks what it is pasted into. */
export const NASTY = [
  "it's; DROP TABLE contacts",
  'two\nlines\tand \\ a backslash\r',
  '{p:String} -- ${x} /* */ FORMAT TSV\n\n;',
  '"quoted" `ticked`',
  '\u0000 nul, é, €, 😀, \u2028',
  'INSERT INTO contacts FORMAT JSONCompactEachRow\n["a"]',
];

/** The clock of every store under this contract. */
export const CONTRACT_NOW = Date.parse(`${TODAY}T12:00:00Z`);

/** A table's current rows of one tenant, versions apart. */
export const rowsOf = (store: Store, table: string, key: SiteKey): Promise<Record<string, unknown>[]> =>
  store.report(`SELECT * EXCEPT version FROM ${table} FINAL WHERE tenant = {tenant:String} ORDER BY ALL`, {
    tenant: key.tenant,
  });
