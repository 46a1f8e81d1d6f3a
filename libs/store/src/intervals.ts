import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { citation, measuresOf, metricsNamed, metricsOver } from '@queuecast/metrics';
import { decodeCursor, encodeCursor, type IntervalCursor } from './cursor.js';
import { InvalidReportError } from './errors.js';
import { intervalRows, stretchesOf } from './interval-rows.js';
import { text, whole } from './literals.js';
import type { IntervalReport, IntervalReportRequest } from './port.js';

/** Most rows of one page. */
export const MAX_PAGE_ROWS = 10_000;

const GRAINS = ['minute', 'quarter', 'hour', 'day', 'total'] as const;

const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const requireWhole = (field: string, value: number, least: number, most: number): void => {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidReportError(`${field}: must be a whole number from ${least} to ${most}`);
};

const check = (request: IntervalReportRequest): void => {
  if (!Number.isInteger(request.from)) throw new InvalidReportError('from: must be an instant in milliseconds');
  if (!Number.isInteger(request.to)) throw new InvalidReportError('to: must be an instant in milliseconds');
  if (request.from >= request.to) throw new InvalidReportError('to: must be later than from');
  if (!GRAINS.includes(request.grain)) throw new InvalidReportError(`grain: must be one of ${GRAINS.join(', ')}`);
  if (!isTimeZone(request.timeZone))
    throw new InvalidReportError('timeZone: must be an IANA time zone, for instance Europe/Brussels');
  requireWhole('thresholdSeconds', request.thresholdSeconds, 0, 4_000_000);
  requireWhole('shortAbandonSeconds', request.shortAbandonSeconds, 0, 4_000_000);
  requireWhole('limit', request.limit, 1, MAX_PAGE_ROWS);
};

/**
 * Epoch seconds at which the row's bucket begins. Hours are cut where the zone's clock shows a full hour, so that both
 * hours of a day that has one twice stay apart; a day begins at the first instant of its date.
 */
const bucketOf = ({ grain, timeZone, from }: IntervalReportRequest): string => {
  const zone = text(timeZone);
  switch (grain) {
    case 'minute':
      return 'start_s';
    case 'quarter':
      return 'toUInt32(intDiv(start_s, 900) * 900)';
    case 'hour':
      return `toUInt32(start_s - positiveModulo(toInt64(start_s) + timezoneOffset(toDateTime(start_s, ${zone})), 3600))`;
    case 'day':
      return `toUInt32(toStartOfDay(toDateTime(start_s, ${zone})))`;
    case 'total':
      return `toUInt32(${whole(Math.floor(from / 1000))})`;
  }
};

const after = ({ startSecond, site, queue, channel }: IntervalCursor): string =>
  `WHERE (bucket_s, site, queue, channel) > (${whole(startSecond)}, ${text(site)}, ${text(queue)}, ${text(channel)})`;

/**
 * One page of the interval report. A channel that no event has told is ''.
 *
 * @param now the clock: tells which minutes are no longer kept, and who waits beyond the threshold
 * @throws {@link InvalidReportError}, UnknownMetricError
 */
export const readIntervals = async (
  client: ClickHouseClient,
  request: IntervalReportRequest,
  now: number,
): Promise<IntervalReport> => {
  check(request);
  const metrics = metricsNamed(request.metrics);
  const measures = measuresOf(metrics);
  const cursor = request.cursor === undefined ? null : decodeCursor(request.cursor);
  const rows = await intervalRows(
    client,
    stretchesOf(request.from, request.to, now, request.grain === 'minute'),
    { tenants: [request.tenant], sites: null, queues: request.queues.length > 0 ? request.queues : null },
    measures,
  );
  const source = `SELECT ${bucketOf(request)} AS bucket_s, site, queue, channel,
  toUInt32(${whole(request.thresholdSeconds)}) AS threshold_s, toUInt32(${whole(request.shortAbandonSeconds)}) AS short_abandon_s,
  toUInt32(${whole(Math.floor(Math.min(request.to, now) / 1000))}) AS as_of_s${measures.map(({ name }) => `, ${name}`).join('')}
FROM (
${rows}
)${cursor ? `\nWHERE bucket_s >= ${whole(cursor.startSecond)}` : ''}`;
  const query = `SELECT * FROM (
${metricsOver(metrics, source, ['bucket_s', 'site', 'queue', 'channel'])}
)
${cursor ? after(cursor) : ''}
ORDER BY bucket_s, site, queue, channel
LIMIT ${whole(request.limit + 1)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[number, string, string, string, ...(string | number | null)[]]>();
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  return {
    metrics: metrics.map(citation),
    rows: page.map(([second, site, queue, channel, ...values]) => ({
      site,
      queue,
      channel,
      start: (second * 1000) as Instant,
      values: Object.fromEntries(
        metrics.map(({ id }, n) => [id, values[n] === null || values[n] === undefined ? null : Number(values[n])]),
      ),
    })),
    nextCursor:
      last && records.length > request.limit
        ? encodeCursor({ startSecond: last[0], site: last[1], queue: last[2], channel: last[3] })
        : null,
  };
};
