import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { agentMetricsOver, SPELL_MEASURES, type MetricRegistry } from '@queuecast/metrics';
import { decodeCursor, encodeCursor } from './cursor.js';
import { MINUTE, QUARTER, storedSecond } from './interval-keys.js';
import { instantLiteral, text, texts, whole } from './literals.js';
import type { AgentReport, AgentReportRequest, AgentReportRow } from './port.js';
import {
  areOffQuarters,
  bucketSql,
  checkRange,
  definitionsFor,
  describeDefinitions,
  type JsonValue,
} from './report-range.js';

type AgentValue = JsonValue | Readonly<Record<string, string>>;

const valueOf = (value: AgentValue | undefined): AgentReportRow['values'][string] => {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return Number(value);
  return Object.fromEntries(Object.entries(value).map(([reason, ms]) => [reason, Number(ms)]));
};

/** What a row is of, over spells with `agent` and `queues` (and `queue`, one per row, by queue). */
const SUBJECT: Readonly<Record<AgentReportRequest['by'], string>> = {
  site: `''`,
  group: `arrayStringConcat(arraySort(queues), '+')`,
  queue: 'queue',
  agent: 'agent',
};

/**
 * The current spells that touch [from, to), cut there; one that still runs lasts until `now`. Of those that began
 * before, only the ones that any version has last into the range are read: a spell may have begun weeks ago.
 */
const spellsSql = (request: AgentReportRequest, from: number, to: number, now: number): string => {
  const tenant = `tenant = ${text(request.tenant)}`;
  const start = instantLiteral(from);
  const until = Math.max(from, Math.min(to, now));
  return `SELECT site, agent, state, reason, queues,
  greatest(toUnixTimestamp64Milli(from_at), ${whole(from)}) AS from_ms,
  least(ifNull(toUnixTimestamp64Milli(to_at), ${whole(until)}), ${whole(until)}) AS to_ms
FROM (
SELECT site, agent, from_at, to_at, state, reason, queues, version FROM agent_spells
WHERE ${tenant} AND from_at < ${instantLiteral(to)} AND (from_at >= ${start} OR (site, agent, from_at) IN (
  SELECT site, agent, from_at FROM agent_spells WHERE ${tenant} AND from_at < ${start} AND until_at > ${start}))
ORDER BY version DESC
LIMIT 1 BY site, agent, from_at
)
WHERE to_ms > from_ms`;
};

/**
 * One page of the report on agents' time, cut at the edges of its intervals.
 *
 * @param now the clock: where spells that still run are cut
 * @throws InvalidReportError, UnknownMetricError
 */
export const readAgents = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  request: AgentReportRequest,
  now: number,
): Promise<AgentReport> => {
  checkRange(request);
  const definitions = definitionsFor(registry, request, request.metrics, 'agents', 'clipped');
  const fromSecond = Math.floor(storedSecond(request.from) / MINUTE) * MINUTE;
  const toSecond = Math.ceil(storedSecond(request.to) / MINUTE) * MINUTE;
  const byMinute = request.grain === 'minute' || areOffQuarters(request);
  const isWhole = !byMinute && fromSecond % QUARTER === 0 && toSecond % QUARTER === 0;
  const grain = isWhole ? QUARTER : MINUTE;
  const cut = `arrayMap(n -> (toUInt32(n * ${grain}), least(to_ms, toInt64(n + 1) * ${grain * 1000}) - greatest(from_ms, toInt64(n) * ${grain * 1000})), range(toUInt64(intDiv(from_ms, ${grain * 1000})), toUInt64(intDiv(to_ms - 1, ${grain * 1000}) + 1)))`;
  const served = request.queues.length === 0 ? '' : `WHERE hasAny(queues, [${request.queues.map(text).join(', ')}])`;
  const spells = `SELECT * FROM (\n${spellsSql(request, fromSecond * 1000, toSecond * 1000, now)}\n) ${served}`;
  const perQueue = `SELECT *, queue FROM (\n${spells}\n) ARRAY JOIN arrayDistinct(queues) AS queue${
    request.queues.length === 0 ? '' : ` WHERE queue IN ${texts(request.queues)}`
  }`;
  const source = `SELECT ${bucketSql(request, definitions.changes)} AS bucket_s, site, subject,
  ${SPELL_MEASURES.map(({ name, sql }) => `${sql} AS ${name}`).join(',\n  ')}
FROM (
SELECT site, agent, state, reason, ${SUBJECT[request.by]} AS subject, piece.1 AS start_s, piece.2 AS piece_ms
FROM (
${request.by === 'queue' ? perQueue : spells}
)
ARRAY JOIN ${cut} AS piece
)
GROUP BY bucket_s, site, subject`;
  const cursor = request.cursor === undefined ? null : decodeCursor(request.cursor);
  const after = cursor
    ? `AND (bucket_s, site, subject) > (${whole(cursor.startSecond)}, ${text(cursor.site)}, ${text(cursor.queue)})`
    : '';
  const query = `SELECT * FROM (
${agentMetricsOver(definitions.columns, source, definitions.changes)}
)
WHERE staffed > 0 ${after}
ORDER BY bucket_s, site, subject
LIMIT ${whole(request.limit + 1)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[number, string, string, string, ...AgentValue[]]>();
  const page = records.slice(0, request.limit);
  const last = page.at(-1);
  return {
    ...describeDefinitions(definitions),
    rows: page.map(([second, site, of, _staffed, ...values]) => ({
      site,
      of,
      start: (second * 1000) as Instant,
      values: Object.fromEntries(definitions.columns.map(({ key }, n) => [key, valueOf(values[n])])),
    })),
    nextCursor:
      last && records.length > request.limit
        ? encodeCursor({ startSecond: last[0], site: last[1], queue: last[2], channel: '' })
        : null,
  };
};
