import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { measuresOf, metricsOver, overRows, type MetricRegistry } from '@queuecast/metrics';
import { z } from 'zod';
import { forecastRows } from './forecast-rows.js';
import { text, whole } from './literals.js';
import { PageCursor } from './page-cursor.js';
import type { EstimatePopulation, EstimatesReport, EstimatesRequest } from './port.js';
import {
  bucketSql,
  checkRange,
  definitionsFor,
  describeDefinitions,
  numberOf,
  type JsonValue,
} from './report-range.js';
import { stretchesOf } from './interval-rows.js';

/** What a row tells; those over a population of their own are not among them, since a row is of one. */
const SHOWN = [
  'estimates_told',
  'estimates_abstained',
  'estimates_scored',
  'estimates_censored',
  'estimates_right',
  'estimate_bias',
  'estimate_mae',
  'estimate_rmse',
  'estimate_loss_p10',
  'estimate_loss_p50',
  'estimate_loss_p90',
  'estimate_coverage',
  'estimate_longer_than_told',
  'estimate_width',
  'estimate_within_30s',
  'estimate_over_60s',
] as const;

const GROUPING = ['bucket_s', 'site', 'queue', 'predictor', 'population'] as const;
const cursors = new PageCursor(z.tuple([z.int().min(0), z.string(), z.string(), z.string(), z.string()]));

/**
 * One page of the scorecard: what the forecasts of each estimator were worth, by the registry's definitions, per queue,
 * stretch of time (by arrival) and population.
 *
 * @throws InvalidReportError
 */
export const readEstimates = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  request: EstimatesRequest,
  now: number,
): Promise<EstimatesReport> => {
  checkRange(request);
  const definitions = definitionsFor(registry, request, SHOWN, 'queues', 'arrival');
  const { columns, changes } = definitions;
  const measures = measuresOf(columns.flatMap(({ versions }) => versions));
  const cursor = request.cursor === undefined ? null : cursors.decode(request.cursor);
  const stretches = stretchesOf(request.from, request.to, now, true);
  const range = {
    tenants: [request.tenant],
    sites: null,
    queues: request.queues.length > 0 ? request.queues : null,
    fromSecond: Math.min(...stretches.map(({ fromSecond }) => fromSecond)),
    toSecond: Math.max(...stretches.map(({ toSecond }) => toSecond)),
    nowSecond: Math.floor(now / 1000),
  };
  const source = `SELECT ${GROUPING.join(', ')},
  toUInt32(0) AS threshold_s, toUInt32(0) AS short_abandon_s, toUInt32(${whole(range.nowSecond)}) AS as_of_s,
  ${measures.map((measure) => `${overRows(measure)} AS ${measure.name}`).join(',\n  ')}
FROM (
SELECT *, ${bucketSql(request, changes)} AS bucket_s,
  arrayJoin(if(waited > 1000, ['answered', 'queued'], ['answered'])) AS population
FROM (
${await forecastRows(client, range, 'each')}
)
)
GROUP BY ${GROUPING.join(', ')}`;
  const after = cursor
    ? `WHERE (${GROUPING.join(', ')}) > (${whole(cursor[0])}, ${cursor
        .slice(1)
        .map((each) => text(String(each)))
        .join(', ')})`
    : '';
  const result = await client.query({
    query: `SELECT * FROM (
${metricsOver(columns, source, GROUPING, changes)}
)
${after}
ORDER BY ${GROUPING.join(', ')}
LIMIT ${whole(request.limit + 1)}`,
    format: 'JSONCompactEachRow',
  });
  const records = await result.json<[number, string, string, string, EstimatePopulation, ...JsonValue[]]>();
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  return {
    ...describeDefinitions(definitions),
    rows: page.map(([second, site, queue, predictor, population, ...values]) => ({
      site,
      queue,
      start: (second * 1000) as Instant,
      predictor,
      population,
      values: Object.fromEntries(columns.map(({ key }, n) => [key, numberOf(values[n])])),
    })),
    nextCursor:
      last && records.length > request.limit ? cursors.encode([last[0], last[1], last[2], last[3], last[4]]) : null,
  };
};
