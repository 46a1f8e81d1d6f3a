import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { LEDGER_CLASSES, type LedgerClass, type MetricRegistry } from '@queuecast/metrics';
import { readCarriedLegs, type CarriedLegs } from './carried-legs.js';
import { decodeCursor, type IntervalCursor } from './cursor.js';
import { readIntervals } from './intervals.js';
import type { IntervalReport, IntervalReportRow, LedgerReport, LedgerRequest, LedgerRow } from './port.js';
import { MAX_PAGE_ROWS, requireWhole } from './report-range.js';

const METRICS = ['offered', 'contacts', ...LEDGER_CLASSES];

type Counts = Pick<IntervalReportRow, 'values' | 'corrected'>;

const rowOf = (at: IntervalCursor, { values, corrected }: Counts, carried: CarriedLegs | null): LedgerRow => {
  const of = (metric: string): number => values[metric] ?? 0;
  const classes = Object.fromEntries(LEDGER_CLASSES.map((name) => [name, of(name)])) as Record<LedgerClass, number>;
  if (carried) classes.still_waiting = carried.after;
  const carriedIn = carried?.before ?? 0;
  const accounted = LEDGER_CLASSES.reduce((sum, name) => sum + classes[name], 0);
  return {
    site: at.site,
    queue: at.queue,
    channel: at.channel,
    start: (at.startSecond * 1000) as Instant,
    offered: of('offered'),
    classes,
    contacts: of('contacts'),
    carriedIn,
    imbalance: carriedIn + of('offered') - accounted,
    corrected,
  };
};

const compareText = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
/** The order of rows: the engine's, which compares bytes. */
const compareRows = (one: IntervalCursor, other: IntervalCursor): number =>
  one.startSecond - other.startSecond ||
  compareText(one.site, other.site) ||
  compareText(one.queue, other.queue) ||
  compareText(one.channel, other.channel);

const keyOf = ({ startSecond, site, queue, channel }: IntervalCursor): string =>
  JSON.stringify([startSecond, site, queue, channel]);

/** Where a total is split: epoch seconds, oldest first. */
const changesOf = ({ changes }: LedgerReport | IntervalReport): Map<string, number> =>
  new Map(changes.map(({ at }): [string, number] => [String(at), at / 1000]).sort(([, one], [, other]) => one - other));

/**
 * One page of the ledger. By `arrival` and `end` a leg is offered and accounted for in one row; by `event` and `clipped`
 * a row begins with those carried in, and `still_waiting` is who waits at its end. A page by event may hold more rows
 * than its limit: those in which somebody waited and nothing happened come on top.
 */
export const readLedger = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  request: LedgerRequest,
  now: number,
): Promise<LedgerReport> => {
  requireWhole('limit', request.limit, 1, MAX_PAGE_ROWS);
  const report = await readIntervals(client, registry, { ...request, metrics: METRICS, thresholdSeconds: 0 }, now);
  const rows = report.rows.map(({ start, site, queue, channel, values, corrected }) => ({
    at: { startSecond: start / 1000, site, queue, channel },
    counts: { values, corrected },
  }));
  const page = {
    metrics: report.metrics,
    columns: report.columns,
    changes: report.changes,
    nextCursor: report.nextCursor,
  };
  if (request.attribution !== 'event' && request.attribution !== 'clipped')
    return { ...page, rows: rows.map(({ at, counts }) => rowOf(at, counts, null)) };
  const first = request.cursor === undefined ? null : decodeCursor(request.cursor);
  const last = report.nextCursor === null ? null : decodeCursor(report.nextCursor);
  const carried = (await readCarriedLegs(client, request, changesOf(report))).filter(
    (each) => (!first || compareRows(each, first) > 0) && (!last || compareRows(each, last) <= 0),
  );
  const counted = new Map(rows.map((row) => [keyOf(row.at), row]));
  for (const each of carried)
    if (!counted.has(keyOf(each))) rows.push({ at: each, counts: { values: {}, corrected: [] } });
  const carriedBy = new Map(carried.map((each) => [keyOf(each), each]));
  return {
    ...page,
    rows: rows
      .sort((one, other) => compareRows(one.at, other.at))
      .map(({ at, counts }) => rowOf(at, counts, carriedBy.get(keyOf(at)) ?? { ...at, before: 0, after: 0 })),
  };
};
