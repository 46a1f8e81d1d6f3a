import type { ClickHouseClient } from '@clickhouse/client';
import { PUBLISHED_INTERVAL_MS } from '@queuecast/contact-center';
import type { Instant, Milliseconds } from '@queuecast/events';
import { citation, PUBLISHED_METRICS, UnknownMetricError } from '@queuecast/metrics';
import { z } from 'zod';
import { storedSecond } from './interval-keys.js';
import { text, texts, whole } from './literals.js';
import { PageCursor } from './page-cursor.js';
import type {
  CorrectedInterval,
  Correction,
  CorrectionsReport,
  CorrectionsRequest,
  IntervalReportRequest,
  QueueKey,
  SitesRange,
} from './port.js';
import { checkRange } from './report-range.js';

/** The last row of a page, by the order of rows. */
const cursors = new PageCursor(
  z.tuple([z.int(), z.string(), z.string(), z.string(), z.int(), z.string(), z.string(), z.string()]),
);

/** The published metrics that are asked for, each `id@version`; all if none is. @throws UnknownMetricError */
const metricsAsked = (asked: readonly string[]): readonly string[] => {
  const known = PUBLISHED_METRICS.map(({ versions: [metric] }) => metric);
  if (asked.length === 0) return known.map(citation);
  return asked.flatMap((key) => {
    const found = known.filter((metric) => metric.id === key || citation(metric) === key);
    if (found.length === 0)
      throw new UnknownMetricError(
        `metrics: "${key}" is not published by the interval; choose among ${[...new Set(known.map(({ id }) => id))].join(', ')}`,
      );
    return found.map(citation);
  });
};

const within = (from: number, to: number): string =>
  `start >= toDateTime(${whole(storedSecond(from))}, 'UTC') AND start < toDateTime(${whole(storedSecond(to))}, 'UTC')`;

type Row = [
  number,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

const correctionOf = (row: Row): Correction => {
  const [second, site, queue, channel, , contact, leg, metric, from, to, type, id, source, at, behind] = row;
  return {
    metric,
    site,
    queue,
    channel,
    start: (second * 1000) as Instant,
    from: Number(from),
    to: Number(to),
    why: { contact, leg, type, id, source, at: Number(at) as Instant, behindMs: Number(behind) as Milliseconds },
  };
};

const ORDER = 'start_s, site, queue, channel, version, contact, leg, metric';

/**
 * One page of corrections, by interval and in the order in which they came. What a figure was before each is what had been
 * published and everything on record since, progress too.
 *
 * @throws InvalidReportError, UnknownMetricError
 */
export const readCorrections = async (
  client: ClickHouseClient,
  request: CorrectionsRequest,
): Promise<CorrectionsReport> => {
  checkRange({ ...request, grain: 'quarter', timeZone: 'UTC' });
  const metrics = metricsAsked(request.metrics);
  const cursor = request.cursor === undefined ? null : cursors.decode(request.cursor);
  const conditions = [
    `tenant = ${text(request.tenant)}`,
    within(cursor ? cursor[0] * 1000 : request.from, request.to),
    request.queues.length > 0 ? `queue IN ${texts(request.queues)}` : `queue != ''`,
    ...(request.channel === undefined ? [] : [`channel = ${text(request.channel)}`]),
  ].join(' AND ');
  const why = 'event_type, event_id, event_source, event_ms, behind_ms';
  const next = cursor
    ? ` AND (${ORDER}) > (${[
        `toUInt32(${whole(cursor[0])})`,
        ...cursor.slice(1, 4).map((each) => text(String(each))),
        `toUInt64(${whole(cursor[4])})`,
        ...cursor.slice(5).map((each) => text(String(each))),
      ].join(', ')})`
    : '';
  const result = await client.query({
    query: `SELECT ${ORDER}, became - delta AS was, became, ${why}
FROM (
SELECT ${ORDER}, correction, delta, ${why}, sum(delta) OVER (PARTITION BY site, queue, channel, start_s, metric ORDER BY version, contact, leg
  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS became
FROM (
SELECT toUInt32(start) AS start_s, site, queue, channel, toUInt64(0) AS version, '' AS contact, '' AS leg, false AS correction,
  '' AS event_type, '' AS event_id, '' AS event_source, toInt64(0) AS event_ms, toUInt64(0) AS behind_ms,
  mapKeys(figures) AS metrics, mapValues(figures) AS changes
FROM published_intervals FINAL WHERE ${conditions}
UNION ALL
SELECT toUInt32(start) AS start_s, site, queue, channel, version, contact, leg, correction,
  event_type, event_id, event_source, toUnixTimestamp64Milli(event_at) AS event_ms, behind_ms,
  mapKeys(deltas) AS metrics, mapValues(deltas) AS changes
FROM interval_changes FINAL WHERE ${conditions}
)
ARRAY JOIN metrics AS metric, changes AS delta
WHERE metric IN ${texts(metrics)}
)
WHERE correction${next}
ORDER BY ${ORDER}
LIMIT ${whole(request.limit + 1)}`,
    format: 'JSONCompactEachRow',
  });
  const records = await result.json<Row>();
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  return {
    rows: page.map(correctionOf),
    nextCursor:
      last && records.length > request.limit
        ? cursors.encode([last[0], last[1], last[2], last[3], Number(last[4]), last[5], last[6], last[7]])
        : null,
  };
};

/**
 * The figures that were corrected, by row of an interval report: `id@version`, in no more rows than were corrected.
 *
 * @param row SQL of the epoch second at which the row of `start_s` begins, and of its channel
 */
export const readCorrectedFigures = async (
  client: ClickHouseClient,
  { tenant, queues, from, to, grain }: IntervalReportRequest,
  row: { readonly bucket: string; readonly channel: string },
): Promise<(second: number, site: string, queue: string, channel: string) => readonly string[]> => {
  const quarter = PUBLISHED_INTERVAL_MS;
  const result = await client.query({
    query: `WITH toUInt32(start) AS start_s
SELECT ${grain === 'minute' ? 'start_s' : row.bucket} AS row_s, site, queue, ${row.channel} AS row_channel, arraySort(groupUniqArrayArray(mapKeys(deltas)))
FROM interval_changes
WHERE tenant = ${text(tenant)} AND correction${queues.length > 0 ? ` AND queue IN ${texts(queues)}` : ''}
  AND ${within(Math.floor(from / quarter) * quarter, to)}
GROUP BY row_s, site, queue, row_channel`,
    format: 'JSONCompactEachRow',
  });
  const rows = await result.json<[number, string, string, string, string[]]>();
  if (rows.length === 0) return () => [];
  const known = new Map(
    rows.map(([second, site, queue, channel, metrics]) => [[second, site, queue, channel].join('/'), metrics]),
  );
  return (second, site, queue, channel) => known.get([second, site, queue, channel].join('/')) ?? [];
};

/** The quarters of an hour of these sites that were corrected, and by how many events. */
export const readCorrectedIntervals = async (
  client: ClickHouseClient,
  { sites, from, to }: SitesRange,
): Promise<CorrectedInterval[]> => {
  if (sites.length === 0) return [];
  const result = await client.query({
    query: `SELECT tenant, site, queue, toUInt32(start), uniqExact(version)
FROM interval_changes
WHERE tenant IN ${texts(sites.map(({ tenant }) => tenant))} AND site IN ${texts(sites.map(({ site }) => site))}
  AND ${within(from, to)} AND correction
GROUP BY tenant, site, queue, start`,
    format: 'JSONCompactEachRow',
  });
  const rows = await result.json<[string, string, string, number, string]>();
  return rows.map(([tenant, site, queue, second, corrections]) => ({
    ...({ tenant, site, queue } as QueueKey),
    start: (second * 1000) as Instant,
    corrections: Number(corrections),
  }));
};
