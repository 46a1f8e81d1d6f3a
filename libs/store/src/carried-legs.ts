import type { ClickHouseClient } from '@clickhouse/client';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER, storedSecond } from './interval-keys.js';
import { text, texts, whole } from './literals.js';
import { waitingHours } from './moment-hours.js';
import type { LedgerRequest } from './port.js';
import { areOffQuarters, bucketSql } from './report-range.js';

/** Who waits over the edges of one row of a ledger. */
export interface CarriedLegs {
  readonly startSecond: number;
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  /** Joined before the row begins, and left in it or later. */
  readonly before: number;
  /** Joined before the row ends, and left at its end or later, or not at all. */
  readonly after: number;
}

/**
 * Counts leg by leg, from when each joined and when it left, and not from what the rows say: so that the identity of a
 * ledger by event is a check and no tautology. Rows over whose edges nobody waits are left out.
 *
 * @param changes of definitions, epoch seconds: a total is split there
 */
export const readCarriedLegs = async (
  client: ClickHouseClient,
  request: LedgerRequest,
  changes: ReadonlyMap<string, number>,
): Promise<CarriedLegs[]> => {
  const from = Math.floor(storedSecond(request.from) / MINUTE) * MINUTE;
  const to = Math.ceil(storedSecond(request.to) / MINUTE) * MINUTE;
  const byMinute = request.grain === 'minute' || areOffQuarters(request);
  const grain = byMinute || from % QUARTER !== 0 || to % QUARTER !== 0 ? MINUTE : QUARTER;
  const queues = request.queues.length > 0 ? request.queues : null;
  const ofQueues = [`tenant = ${text(request.tenant)}`, ...(queues ? [`queue IN ${texts(queues)}`] : [])].join(' AND ');
  const range = { tenants: [request.tenant], queues, from: from * 1000, to: to * 1000 };
  const legs = currentLegs(`${ofQueues} AND ${await waitingHours(client, range)}`, [
    'site',
    'contact',
    'leg',
    'internal',
    'queued_at',
    'left_queue_at',
  ]);
  const bucketAt = (second: string): string => bucketSql(request, changes).replaceAll('start_s', `toUInt32(${second})`);
  const firstEdge = `greatest(intDiv(joined_ms, ${grain * 1000}) + 1, ${whole(from / grain)})`;
  const lastEdge = `least(intDiv(left_ms, ${grain * 1000}), ${whole(to / grain)})`;
  const query = `SELECT edge.2 AS bucket_s, site, queue, channel,
  sumIf(legs, edge.1 = 0) AS before, sumIf(legs, edge.1 = 1) AS after
FROM (
SELECT site, queue, channel, legs, ${bucketAt('edge_s')} AS here, ${bucketAt(`edge_s - ${grain}`)} AS previous,
  arrayJoin(arrayFilter(each -> each.3, [
    (0, here, edge_s < ${to} AND (edge_s = ${from} OR here != previous)),
    (1, previous, edge_s > ${from} AND (edge_s = ${to} OR here != previous))])) AS edge
FROM (
SELECT site, queue, channel, count() AS legs, arrayJoin(
  arrayMap(n -> n * ${grain}, range(toUInt64(${firstEdge}), toUInt64(greatest(${lastEdge} + 1, 0))))) AS edge_s
FROM (
SELECT site, queue, channel, internal, toUnixTimestamp64Milli(queued_at) AS joined_ms,
  greatest(joined_ms, ifNull(toUnixTimestamp64Milli(left_queue_at), 4294967295000)) AS left_ms
FROM (
${legs}
)
)
WHERE NOT internal AND joined_ms >= 0 AND joined_ms < ${to * 1000}
GROUP BY site, queue, channel, edge_s
)
)
GROUP BY bucket_s, site, queue, channel
ORDER BY bucket_s, site, queue, channel`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  return (await result.json<[number, string, string, string, string, string]>()).map(
    ([startSecond, site, queue, channel, before, after]) => ({
      startSecond,
      site,
      queue,
      channel,
      before: Number(before),
      after: Number(after),
    }),
  );
};
