import type { ClickHouseClient } from '@clickhouse/client';
import type { ContactId, Instant, LegId } from '@queuecast/events';
import { instantLiteral, text, whole } from './literals.js';
import type { QueueKey, WaitingCaller } from './port.js';

const DAY_MS = 86_400_000;
/** Whoever stands further back than that has no position: nobody could wait for it. */
const MOST = 20_000;

/** Who waits in a queue, first served first: by priority, then by the time of joining. Those that joined within a day. */
export const readWaitingOrder = async (
  client: ClickHouseClient,
  { tenant, site, queue }: QueueKey,
  now: number,
): Promise<WaitingCaller[]> => {
  const query = `SELECT contact, leg, toUnixTimestamp64Milli(queued_at) AS queued_ms, priority
FROM contact_legs FINAL
WHERE tenant = ${text(tenant)} AND queue = ${text(queue)} AND site = ${text(site)}
  AND anchor_hour >= toStartOfHour(${instantLiteral(now - DAY_MS)})
  AND outcome = 'waiting' AND NOT internal
ORDER BY priority DESC, queued_ms, contact, leg
LIMIT ${whole(MOST)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  return (await result.json<[string, string, string, number]>()).map(([contact, leg, queuedAt, priority]) => ({
    contact: contact as ContactId,
    leg: leg as LegId,
    queuedAt: Number(queuedAt) as Instant,
    priority,
  }));
};
