import type { ClickHouseClient } from '@clickhouse/client';
import { instantLiteral, texts, wholes } from './literals.js';

export interface MomentRange {
  readonly tenants: Iterable<string>;
  /** Null for all. */
  readonly queues: Iterable<string> | null;
  /** Milliseconds since the epoch; the end is not included. */
  readonly from: number;
  readonly to: number;
}

/**
 * Condition on `anchor_hour` that finds every leg of which anything lies in the range, however long ago it joined its
 * queue. The hours are those of any version of a leg; its current version is among them, or has nothing in the range.
 */
export const momentHours = async (client: ClickHouseClient, range: MomentRange): Promise<string> => {
  const queues = range.queues ? ` AND queue IN ${texts(range.queues)}` : '';
  const first = 'least(queued_at, ifNull(left_queue_at, queued_at), ifNull(ended_at, queued_at))';
  const result = await client.query({
    query: `SELECT DISTINCT toUInt32(anchor_hour) FROM contact_legs
WHERE tenant IN ${texts(range.tenants)}${queues}
  AND last_moment >= ${instantLiteral(range.from)} AND ${first} < ${instantLiteral(range.to)}`,
    format: 'JSONCompactEachRow',
  });
  const hours = (await result.json<[number]>()).map(([hour]) => hour);
  return hours.length === 0 ? 'anchor_hour IN (0)' : `anchor_hour IN ${wholes(hours)}`;
};

/** As {@link momentHours}, with the hours of those besides who joined before the range and wait still. */
export const waitingHours = async (client: ClickHouseClient, range: MomentRange): Promise<string> => {
  const queues = range.queues ? ` AND queue IN ${texts(range.queues)}` : '';
  // Of who joined before the range and waits still, no moment lies in it.
  return `(${await momentHours(client, range)} OR anchor_hour IN (
    SELECT anchor_hour FROM contact_legs
    WHERE tenant IN ${texts(range.tenants)}${queues} AND outcome = 'waiting' AND queued_at < ${instantLiteral(range.from)}))`;
};
