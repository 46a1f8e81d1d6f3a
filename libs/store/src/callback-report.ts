import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { CALLBACK_MEASURES, callbackMetricsOver, type MetricRegistry } from '@queuecast/metrics';
import { callbackClassSql, countedCallbacks } from './callbacks.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { instantLiteral, text, texts, whole } from './literals.js';
import type { CallbackReport, CallbackReportRequest } from './port.js';
import {
  bucketSql,
  checkRange,
  definitionsFor,
  describeDefinitions,
  numberOf,
  type JsonValue,
} from './report-range.js';

/**
 * One page of the report on promises, by the time at which they were made.
 *
 * @param now the clock: what is due before it and was not kept is broken
 * @throws InvalidReportError, UnknownMetricError
 */
export const readCallbackReport = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  request: CallbackReportRequest,
  now: number,
): Promise<CallbackReport> => {
  checkRange(request);
  const definitions = definitionsFor(registry, request, request.metrics, 'callbacks', 'arrival');
  const queues = request.queues.length === 0 ? '' : `AND queue IN ${texts(request.queues)}`;
  const source = `SELECT ${bucketSql(request, definitions.changes)} AS bucket_s, site, queue AS subject,
  ${CALLBACK_MEASURES.map(({ name, sql }) => `${sql} AS ${name}`).join(',\n  ')}
FROM (
SELECT site, queue, toUInt32(toUnixTimestamp(promised_at)) AS start_s, attempts,
  dateDiff('millisecond', promised_at, ifNull(closed_at, promised_at)) AS taken_ms,
  ${callbackClassSql(`toInt64(${whole(now)})`)} AS class
FROM (${countedCallbacks(request.tenant)})
WHERE promised_at >= ${instantLiteral(request.from)} AND promised_at < ${instantLiteral(request.to)} ${queues}
)
GROUP BY bucket_s, site, subject`;
  const cursor = request.cursor === undefined ? null : decodeCursor(request.cursor);
  const after = cursor
    ? `WHERE (bucket_s, site, subject) > (${whole(cursor.startSecond)}, ${text(cursor.site)}, ${text(cursor.queue)})`
    : '';
  const query = `SELECT * FROM (
${callbackMetricsOver(definitions.columns, source, definitions.changes)}
)
${after}
ORDER BY bucket_s, site, subject
LIMIT ${whole(request.limit + 1)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[number, string, string, ...JsonValue[]]>();
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  return {
    ...describeDefinitions(definitions),
    rows: page.map(([second, site, queue, ...values]) => ({
      site,
      queue,
      start: (second * 1000) as Instant,
      values: Object.fromEntries(definitions.columns.map(({ key }, n) => [key, numberOf(values[n])])),
    })),
    nextCursor:
      last && records.length > request.limit
        ? encodeCursor({ startSecond: last[0], site: last[1], queue: last[2], channel: '' })
        : null,
  };
};
