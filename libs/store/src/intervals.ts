import type { ClickHouseClient } from '@clickhouse/client';
import { instant, type Instant } from '@queuecast/events';
import {
  ATTRIBUTIONS,
  measuresOf,
  metricsByRow,
  metricsOver,
  type Measure,
  type MetricRegistry,
  type ServedMetric,
} from '@queuecast/metrics';
import { decodeCursor, encodeCursor, type IntervalCursor } from './cursor.js';
import { readCorrectedFigures } from './corrections.js';
import { InvalidReportError } from './errors.js';
import { QUARTER } from './interval-keys.js';
import { areOfLegs, intervalRows, stretchesOf, type Counting, type Stretch } from './interval-rows.js';
import { text, whole } from './literals.js';
import type { IntervalReport, IntervalReportRequest, RepeatRule } from './port.js';
import {
  areOffQuarters,
  asOfSecond,
  bucketSql,
  checkRange,
  definitionsFor,
  describeDefinitions,
  MAX_INTERVAL_ROWS,
  numberOf,
  pageRows,
  requireWhole,
  type JsonValue,
} from './report-range.js';
import { checkThresholds, thresholdSql } from './thresholds.js';

export { MAX_INTERVAL_ROWS, MAX_PAGE_ROWS } from './report-range.js';

const MOST_DAYS = 366;

const check = (request: IntervalReportRequest): void => {
  checkRange(request, MAX_INTERVAL_ROWS);
  checkThresholds({ usual: request, own: request.ownThresholds });
  if (request.attribution !== undefined && !ATTRIBUTIONS.includes(request.attribution))
    throw new InvalidReportError(`attribution: must be one of ${ATTRIBUTIONS.join(', ')}`);
  if (request.repeats) requireWhole('repeatDays', request.repeats.days, 1, MOST_DAYS);
};

/** A contact within a week is a repeat, every queue by itself. */
const USUAL_REPEATS: RepeatRule = { days: 7, groups: new Map() };

/** How a request wants its legs counted. */
export const countingOf = (
  request: Partial<Pick<IntervalReportRequest, 'attribution' | 'repeats' | 'closings'>>,
  now: number,
): Counting => ({
  attribution: request.attribution ?? 'arrival',
  repeats: request.repeats ?? USUAL_REPEATS,
  closings: request.closings ?? [],
  now,
});

const after = ({ startSecond, site, queue, channel }: IntervalCursor): string =>
  `WHERE (${ROW_KEY.join(', ')}) > (${whole(startSecond)}, ${text(site)}, ${text(queue)}, ${text(channel)})`;

/** Whether each interval asked for is one row already: kept, or of the legs of one minute. */
const areRows = (
  stretches: readonly Stretch[],
  request: IntervalReportRequest,
  measures: readonly Measure[],
): boolean =>
  areOfLegs(measures, request.attribution ?? 'arrival') &&
  request.channels !== 'together' &&
  (request.grain === 'minute' || (request.grain === 'quarter' && stretches.every(({ from }) => from === 'quarters')));

/** The channel of all channels of a queue together; no channel of the contract has that name. */
const ALL_CHANNELS = 'all';
const channelSql = ({ channels }: IntervalReportRequest): string =>
  channels === 'together' ? text(ALL_CHANNELS) : 'channel';

const ROW_KEY = ['bucket_s', 'site', 'queue', 'channel'];
/** Start of the row in epoch seconds, site, queue, channel, values. */
type IntervalRecord = [number, string, string, string, ...JsonValue[]];

const SLICED = { minute: 60_000, quarter: 900_000 } as const;
/** The span in which kept intervals of a grain lie queue by queue: all of it is read for any of it. */
const SPANS = { minute: 900_000, quarter: 86_400_000 } as const;
const isSliced = (grain: IntervalReportRequest['grain']): grain is keyof typeof SLICED => grain in SLICED;
/** Rows that one interval is taken for as long as none is known, where the queues are not named. */
const USUAL_ROWS = 500;

/**
 * The rows of one page and one more, if there are so many. Rows come in the order of time: what lies before the cursor
 * need not be read, and of what lies after it, slice by slice, only as much as fills the page. Kept intervals lie queue by
 * queue, so that otherwise every page would read the whole range.
 */
const readPage = async (
  request: IntervalReportRequest,
  cursor: IntervalCursor | null,
  readSlice: (from: number, to: number, limit: number) => Promise<IntervalRecord[]>,
): Promise<IntervalRecord[]> => {
  const wanted = request.limit + 1;
  let from: number = request.from;
  if (cursor && request.grain !== 'total') from = Math.max(from, cursor.startSecond * 1000);
  if (!isSliced(request.grain)) return readSlice(from, request.to, wanted);
  const [step, span] = [SLICED[request.grain], SPANS[request.grain]];
  const records: IntervalRecord[] = [];
  let intervals = Math.ceil(wanted / (request.queues.length || USUAL_ROWS));
  for (;;) {
    const to = Math.min(request.to, Math.ceil((from + intervals * step) / span) * span);
    const found = await readSlice(from, to, wanted - records.length);
    for (const record of found) records.push(record);
    if (records.length >= wanted || to >= request.to) return records;
    // As many as are needed at the density found, and some; at most four times as many, since a day may just begin.
    const read = (to - from) / step;
    const needed = ((wanted - records.length) * read) / Math.max(1, found.length);
    intervals = Math.ceil(Math.min(read * 4, needed * 1.25));
    from = to;
  }
};

/** The figures of a row by their keys, in the order of the columns: pages have tens of thousands. */
const valuesOf = (columns: readonly ServedMetric[], values: readonly JsonValue[]): Record<string, number | null> => {
  const named: Record<string, number | null> = {};
  for (const [n, { key }] of columns.entries()) named[key] = numberOf(values[n]);
  return named;
};

/** The request for the page alone, where its rows tell which part of the range it is. */
const rangeOf = (request: IntervalReportRequest, page: readonly IntervalRecord[]): IntervalReportRequest => {
  const [first, last] = [page[0], page.at(-1)];
  if (!first || !last || !isSliced(request.grain)) return request;
  return { ...request, from: instant(first[0] * 1000), to: instant(last[0] * 1000 + SLICED.quarter) };
};

/**
 * One page of the interval report. A channel that no event has told is ''.
 *
 * @param now the clock: tells which minutes are no longer kept, and who waits beyond the threshold
 * @throws {@link InvalidReportError}, UnknownMetricError
 */
export const readIntervals = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  asked: IntervalReportRequest,
  now: number,
): Promise<IntervalReport> => {
  check(asked);
  const counting = countingOf(asked, now);
  const definitions = definitionsFor(registry, asked, asked.metrics, 'queues', counting.attribution);
  const { columns, changes } = definitions;
  const request = { ...asked, limit: pageRows(asked.limit, columns.length) };
  const measures = measuresOf(columns.flatMap(({ versions }) => versions));
  const cursor = request.cursor === undefined ? null : decodeCursor(request.cursor);
  const readSlice = async (from: number, to: number, limit: number): Promise<IntervalRecord[]> => {
    const stretches = stretchesOf(from, to, now, request.grain === 'minute' || areOffQuarters(request));
    const rows = await intervalRows(
      client,
      stretches,
      { tenants: [request.tenant], sites: null, queues: request.queues.length > 0 ? request.queues : null },
      measures,
      counting,
    );
    const counted = { usual: request, own: request.ownThresholds };
    const select = `${bucketSql(request, changes)} AS bucket_s, site, queue, ${channelSql(request)} AS channel,
  ${thresholdSql(counted, 'thresholdSeconds')} AS threshold_s, ${thresholdSql(counted, 'shortAbandonSeconds')} AS short_abandon_s,
  toUInt32(${whole(asOfSecond(now))}) AS as_of_s${measures.map(({ name }) => `, ${name}`).join('')}`;
    const metrics = areRows(stretches, request, measures)
      ? metricsByRow(columns, select, rows, ROW_KEY, changes)
      : metricsOver(columns, `SELECT ${select}\nFROM (\n${rows}\n)`, ROW_KEY, changes);
    const query = `${metrics}
${cursor ? after(cursor) : ''}
ORDER BY ${ROW_KEY.join(', ')}
LIMIT ${whole(limit)}`;
    const result = await client.query({ query, format: 'JSONCompactEachRow' });
    return result.json<IntervalRecord>();
  };
  const records = await readPage(request, cursor, readSlice);
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  const corrected = await readCorrectedFigures(client, rangeOf(request, page), {
    bucket: bucketSql(request, changes),
    channel: channelSql(request),
  });
  return {
    ...describeDefinitions(definitions),
    rows: page.map(([second, site, queue, channel, ...values]) => ({
      corrected: corrected(request.grain === 'minute' ? second - (second % QUARTER) : second, site, queue, channel),
      site,
      queue,
      channel,
      start: (second * 1000) as Instant,
      values: valuesOf(columns, values),
    })),
    nextCursor:
      last && records.length > request.limit
        ? encodeCursor({ startSecond: last[0], site: last[1], queue: last[2], channel: last[3] })
        : null,
  };
};
