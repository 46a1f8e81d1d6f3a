import type { ClickHouseClient } from '@clickhouse/client';
import type { KnownAnswer } from '@queuecast/contact-center';
import type { AgentId, Channel, ContactId, Instant, LegId, Milliseconds, QueueId } from '@queuecast/events';
import { text, whole } from './literals.js';
import type { SiteKey, SuspicionEvidence } from './port.js';

/** How far back waits are looked at, from the site's latest leg: a week has every kind of day. */
const DAYS_OF_WAITS = 7;
/** How far back the contacts that were answered last are looked for: those who wait now joined within the last day. */
const HOURS_OF_ANSWERS = 48;

type WaitRecord = readonly [queue: string, seconds: number, legs: string];
/** Of one and the same leg, and one that is not the one that is asked about. */
const ANSWERS_PER_AGENT = 2;
type AnswerRecord = readonly [
  queue: string,
  priority: number,
  contact: string,
  leg: string,
  channel: string,
  agent: string,
  queuedAt: string,
  answeredAt: string,
];

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
  const answers = (order: string, limit: number, per: string): string =>
    `SELECT * FROM (
SELECT queue, priority, contact, leg, channel, agent, queued_at, answered_at FROM contact_legs FINAL
WHERE ${ofSite} AND outcome = 'answered' AND NOT internal AND answered_at IS NOT NULL
  AND anchor_hour >= ${latest} - INTERVAL ${whole(HOURS_OF_ANSWERS)} HOUR
  AND version <= (SELECT max(version) FROM site_watermarks WHERE ${ofSite})
ORDER BY ${order} DESC, contact, leg
LIMIT ${whole(limit)} BY ${per}
)`;
  const answered = await rowsOf<AnswerRecord>(
    `SELECT queue, priority, contact, leg, channel, agent, toUnixTimestamp64Milli(queued_at) AS queued_ms,
  toUnixTimestamp64Milli(assumeNotNull(answered_at)) AS answered_ms
FROM (
${answers('queued_at', answersPerPriority, 'queue, priority')}
UNION DISTINCT
${answers('answered_at', ANSWERS_PER_AGENT, 'agent, channel')}
)
ORDER BY queued_ms DESC, contact, leg`,
  );
  return {
    waits: waits.map(([queue, seconds, legs]) => ({
      queue: queue as QueueId,
      waitMs: (seconds * 1000) as Milliseconds,
      legs: Number(legs),
    })),
    answered: answered.map(answerOf),
  };
};

const answerOf = ([
  queue,
  priority,
  contact,
  leg,
  channel,
  agent,
  queuedAt,
  answeredAt,
]: AnswerRecord): KnownAnswer => ({
  queue: queue as QueueId,
  priority,
  contact: contact as ContactId,
  leg: leg as LegId,
  channel: channel === '' ? null : (channel as Channel),
  agent: agent === '' ? null : (agent as AgentId),
  queuedAt: Number(queuedAt) as Instant,
  answeredAt: Number(answeredAt) as Instant,
});
