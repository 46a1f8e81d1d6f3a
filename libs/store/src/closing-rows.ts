import type { ClickHouseClient } from '@clickhouse/client';
import { LEG_COLUMNS } from '@queuecast/metrics';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { givenRows, texts, wellFormed, whole } from './literals.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';
import type { Closing } from './port.js';
import type { JourneyRange } from './journey-rows.js';

const CLOSING_COLUMNS = [
  ['queue', 'String'],
  ['from_ms', 'Int64'],
  ['to_ms', 'Int64'],
] as const;

/**
 * SQL of the legs that joined in the range and waited at some instant at which their queue was closed: joined it then,
 * or still waited (until now, those that wait still). A leg sent away at the instant of closing is not among them.
 */
export const closingRows = async (
  client: ClickHouseClient,
  range: JourneyRange,
  closings: readonly Closing[],
): Promise<string> => {
  const quarters = {
    tenants: range.tenants,
    queues: range.queues,
    firstQuarter: Math.floor(range.fromSecond / QUARTER),
    lastQuarter: Math.floor((range.toSecond - 1) / QUARTER),
  };
  const conditions = [
    `tenant IN ${texts(range.tenants)}`,
    ...(range.queues ? [`queue IN ${texts(range.queues)}`] : []),
    anchorHoursOf(quarters, await strayHours(client, quarters)),
  ];
  const lines = closings.map(({ queue, from, to }) =>
    JSON.stringify([wellFormed(queue), Math.trunc(from), Math.trunc(to)]),
  );
  const spans = `SELECT queue, groupArray((from_ms, to_ms)) AS spans
FROM ${givenRows(CLOSING_COLUMNS, lines)}
GROUP BY queue`;
  const wanted = [
    `queued_s >= ${whole(range.fromSecond)} AND queued_s < ${whole(range.toSecond)}`,
    ...(range.sites ? [`site IN ${texts(range.sites)}`] : []),
  ];
  return `SELECT legs.*, toUInt32(${MINUTE}) AS grain_s, toUInt32(intDiv(queued_s, ${MINUTE}) * ${MINUTE}) AS start_s
FROM (
SELECT *, toUnixTimestamp64Milli(queued_at) AS from_ms,
  ifNull(toUnixTimestamp64Milli(left_queue_at), toInt64(${whole(range.nowSecond)}) * 1000) AS to_ms
FROM (
${currentLegs(conditions.join(' AND '), [...LEG_COLUMNS, 'left_queue_at'])}
)
WHERE ${wanted.join(' AND ')}
) AS legs
INNER JOIN (
${spans}
) AS closed ON legs.queue = closed.queue
WHERE arrayExists(span -> from_ms < span.2 AND (from_ms >= span.1 OR to_ms > span.1), closed.spans)`;
};
