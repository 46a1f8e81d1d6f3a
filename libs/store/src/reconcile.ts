import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { measuresOf, metricsOver, PUBLISHED_METRICS } from '@queuecast/metrics';
import { intervalRows, type RowsOf, type Stretch } from './interval-rows.js';
import { countingOf } from './intervals.js';
import { QUARTER, storedSecond } from './interval-keys.js';
import { givenRows, texts, whole } from './literals.js';
import {
  MOST_DIFFERENCES,
  type IntervalDifference,
  type Reconciliation,
  type SiteKey,
  type SitesRange,
} from './port.js';
import { figuresMap, PUBLISHED_PARAMETERS } from './published.js';

const MEASURES = measuresOf(PUBLISHED_METRICS.flatMap(({ versions }) => versions));
const KEY = 'tenant, site, queue, channel, start_s';

/** The stretch of a site that is published and wanted. Epoch seconds. */
interface Wanted extends SiteKey {
  readonly fromSecond: number;
  readonly toSecond: number;
}

const publishedWithin = async (client: ClickHouseClient, { sites, from, to }: SitesRange): Promise<Wanted[]> => {
  const result = await client.query({
    query: `SELECT tenant, site, toUnixTimestamp64Milli(published_from), toUnixTimestamp64Milli(published_to)
FROM site_watermarks FINAL
WHERE tenant IN ${texts(sites.map(({ tenant }) => tenant))} AND published_from IS NOT NULL AND published_to IS NOT NULL`,
    format: 'JSONCompactEachRow',
  });
  const known = new Map<string, readonly [number, number]>();
  for (const [tenant, site, first, last] of await result.json<[string, string, string, string]>())
    known.set(`${tenant}/${site}`, [Number(first), Number(last)]);
  return sites.flatMap(({ tenant, site }) => {
    const [first, last] = known.get(`${tenant}/${site}`) ?? [0, 0];
    const fromSecond = storedSecond(Math.max(from, first));
    const toSecond = storedSecond(Math.min(to, last));
    return fromSecond < toSecond ? [{ tenant, site, fromSecond, toSecond }] : [];
  });
};

/** The figures that interval rows make. */
const figuresOver = (
  rows: string,
  kind: string,
): string => `SELECT ${KEY}, '${kind}' AS kind, ${figuresMap('v')} AS figures
FROM (
${metricsOver(
  PUBLISHED_METRICS,
  `SELECT tenant, site, queue, channel, quarter_s AS start_s, ${PUBLISHED_PARAMETERS}, ${MEASURES.map(({ name }) => name).join(', ')}
FROM (
SELECT * EXCEPT (start_s), toUInt32(intDiv(start_s, ${QUARTER}) * ${QUARTER}) AS quarter_s FROM (
${rows}
)
)`,
  KEY.split(', '),
)}
)`;

const toldIn = (table: string, figures: string, condition: string): string =>
  `SELECT tenant, site, queue, channel, toUInt32(start) AS start_s, 'explained' AS kind, CAST(${figures}, 'Map(String, Int64)') AS figures
FROM ${table} FINAL
WHERE queue != '' AND ${condition}`;

type Difference = [string, string, string, string, number, string, string, string, string];

const differenceOf = ([tenant, site, queue, channel, second, metric, explained, reported, counted]: Difference) =>
  ({
    tenant,
    site,
    queue,
    channel,
    start: (second * 1000) as Instant,
    metric,
    explained: Number(explained),
    reported: Number(reported),
    counted: Number(counted),
  }) as IntervalDifference;

/**
 * Compares, for every published interval: what was published with all changes on record; what the kept intervals say,
 * which wallboards and reports read; and what the legs say, counted anew. Each comes from tables of its own.
 */
export const reconcile = async (client: ClickHouseClient, range: SitesRange, now: number): Promise<Reconciliation> => {
  const wanted = await publishedWithin(client, range);
  if (wanted.length === 0) return { intervals: 0, differences: [] };
  const fromSecond = Math.min(...wanted.map((each) => each.fromSecond));
  const toSecond = Math.max(...wanted.map((each) => each.toSecond));
  const rows: RowsOf = {
    tenants: wanted.map(({ tenant }) => tenant),
    sites: wanted.map(({ site }) => site),
    queues: null,
  };
  const from = (source: Stretch['from']) =>
    intervalRows(client, [{ from: source, fromSecond, toSecond }], rows, MEASURES, countingOf({}, now));
  const condition = `tenant IN ${texts(rows.tenants)} AND site IN ${texts(rows.sites ?? [])}
  AND start >= toDateTime(${whole(fromSecond)}, 'UTC') AND start < toDateTime(${whole(toSecond)}, 'UTC')`;
  const sites = givenRows(
    [
      ['of_tenant', 'String'],
      ['of_site', 'String'],
      ['from_s', 'UInt32'],
      ['to_s', 'UInt32'],
    ],
    wanted.map((each) => JSON.stringify([each.tenant, each.site, each.fromSecond, each.toSecond])),
  );
  const figures = (kind: string): string => `sumMapIf(figures, kind = '${kind}') AS ${kind}`;
  const query = `SELECT count(), groupArrayArray(${MOST_DIFFERENCES})(arrayMap(
  metric -> (tenant, site, queue, channel, start_s, metric, explained[metric], reported[metric], counted[metric]),
  arrayFilter(
    metric -> explained[metric] != reported[metric] OR explained[metric] != counted[metric],
    arraySort(arrayDistinct(arrayConcat(mapKeys(explained), mapKeys(reported), mapKeys(counted)))))))
FROM (
SELECT ${KEY}, ${figures('explained')}, ${figures('reported')}, ${figures('counted')}
FROM (
${toldIn('published_intervals', 'figures', condition)}
UNION ALL
${toldIn('interval_changes', 'deltas', condition)}
UNION ALL
${figuresOver(await from('quarters'), 'reported')}
UNION ALL
${figuresOver(await from('legs'), 'counted')}
) AS told
INNER JOIN ${sites} AS wanted ON told.tenant = wanted.of_tenant AND told.site = wanted.of_site
WHERE start_s >= from_s AND start_s < to_s
GROUP BY ${KEY}
)`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const [row] = await result.json<[string, Difference[]]>();
  return { intervals: Number(row?.[0] ?? 0), differences: (row?.[1] ?? []).map(differenceOf) };
};
