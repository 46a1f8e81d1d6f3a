import type { ClickHouseClient } from '@clickhouse/client';
import type { ContactId, Instant, LegId, Milliseconds, QueueId } from '@queuecast/events';
import { text, whole } from './literals.js';
import type { SiteKey, SuspicionEvidence } from './port.js';

/** How far back waits are looked at, from the site's latest leg: a week has every kind of day. */
const DAYS_OF_WAITS = 7;
/** How far back the contacts that were answered last are looked for: those who wait now joined within the last day. */
const HOURS_OF_ANSWERS = 48;

type WaitRecord = readonly [queue: string, seconds: number, legs: string];
type AnswerRecord = readonly [queue: string, priority: number, contact: string, leg: string, queuedAt: string];

/** Reads what tells a usual wait from a suspicious one; see the port. */
export const readSuspicionEvidence = async (
  client: ClickHouseClient,
  site: SiteKey,
  answersPerPriority: number,
): Promise<SuspicionEvidence> => {
  const ofSite = `tenant = ${text(site.tenant)} AND site = ${text(site.site)}`;
  const rowsOf = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: 'JSONCompactEachRow' })).json<Row>();
  const latest = `(SELECT max(anchor_hour) FROM contact_legs WHERE ${ofSite})`;
  const waits = await rowsOf<WaitRecord>(
    `SELECT queue, tupleElement(wait, 1) AS seconds, sum(tupleElement(wait, 2)) AS legs
FROM queue_intervals FINAL
ARRAY JOIN CAST(mapAdd(answered_waits, abandoned_waits, other_waits), 'Array(Tuple(UInt32, UInt64))') AS wait
WHERE ${ofSite} AND grain = 900 AND start >= ${latest} - INTERVAL ${whole(DAYS_OF_WAITS)} DAY
GROUP BY queue, seconds ORDER BY queue, seconds`,
  );
  const answers = await rowsOf<AnswerRecord>(
    `SELECT queue, priority, contact, leg, toUnixTimestamp64Milli(queued_at) AS queued_ms
FROM contact_legs FINAL
WHERE ${ofSite} AND outcome = 'answered' AND NOT internal
  AND anchor_hour >= ${latest} - INTERVAL ${whole(HOURS_OF_ANSWERS)} HOUR
ORDER BY queued_ms DESC, contact, leg
LIMIT ${whole(answersPerPriority)} BY queue, priority`,
  );
  return {
    waits: waits.map(([queue, seconds, legs]) => ({
      queue: queue as QueueId,
      waitMs: (seconds * 1000) as Milliseconds,
      legs: Number(legs),
    })),
    answered: answers.map(([queue, priority, contact, leg, queuedAt]) => ({
      queue: queue as QueueId,
      priority,
      contact: contact as ContactId,
      leg: leg as LegId,
      queuedAt: Number(queuedAt) as Instant,
    })),
  };
};
