import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import { aggregateLegs, LEG_MEASURES } from '@queuecast/metrics';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { text, texts, whole } from './literals.js';

/** Queues computed anew by one statement: bounds its memory. */
const BATCH_QUEUES = 8;
/** Minutes older than this would be dropped at once. */
const MINUTES_KEPT_SECONDS = 8 * 86_400;

const currentHash = (): string => createHash('sha256').update(aggregateLegs()).digest('hex');

const rebuildSql = (tenant: string, queues: readonly string[], now: number): string => `INSERT INTO queue_intervals
  (tenant, site, queue, channel, grain, start, version, ${LEG_MEASURES.map(({ name }) => name).join(', ')})
SELECT tenant, site, queue, channel, toUInt16(seconds) AS grain,
  toDateTime(intDiv(queued_s, seconds) * seconds, 'UTC') AS start, max(version),
  ${aggregateLegs()}
FROM (
${currentLegs(`tenant = ${text(tenant)} AND queue IN ${texts(queues)}`)}
)
ARRAY JOIN [${MINUTE}, ${QUARTER}] AS seconds
WHERE seconds = ${QUARTER} OR queued_s >= ${whole(Math.max(0, Math.floor(now / 1000) - MINUTES_KEPT_SECONDS))}
GROUP BY tenant, site, queue, channel, grain, start`;

/**
 * Computes all intervals anew if they were computed by other measures than the registry's: kept intervals are a cache,
 * and one whose definition changed is dropped. Interrupted, it starts again the next time. Their rows take the versions
 * of their legs, so that whatever is flushed afterwards wins.
 */
export const keepIntervalsCurrent = async (client: ClickHouseClient, now: number): Promise<void> => {
  const hash = currentHash();
  const query = async <Row>(sql: string): Promise<Row[]> =>
    (await client.query({ query: sql, format: 'JSONCompactEachRow' })).json<Row>();
  const known = await query<[string]>('SELECT hash FROM interval_definitions FINAL');
  if (known[0]?.[0] === hash) return;
  const queues = await query<[string, string]>(
    'SELECT DISTINCT tenant, queue FROM contact_legs ORDER BY tenant, queue',
  );
  if (queues.length > 0) await client.command({ query: 'TRUNCATE TABLE queue_intervals' });
  for (const tenant of new Set(queues.map(([name]) => name))) {
    const own = queues.filter(([name]) => name === tenant).map(([, queue]) => queue);
    for (let start = 0; start < own.length; start += BATCH_QUEUES)
      await client.command({ query: rebuildSql(tenant, own.slice(start, start + BATCH_QUEUES), now) });
  }
  await client.command({ query: `INSERT INTO interval_definitions (id, hash) VALUES (1, ${text(hash)})` });
};
