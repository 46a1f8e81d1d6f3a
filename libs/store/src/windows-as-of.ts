import type { ClickHouseClient } from '@clickhouse/client';
import type { LegFact } from '@queuecast/contact-center';
import { aggregateLegs, LEG_COLUMNS, type Measure } from '@queuecast/metrics';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { givenRows, instantLiteral, texts, wellFormed, whole } from './literals.js';
import type { Knowledge, WindowRequest } from './port.js';
import { LEGS } from './rows/legs.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

type LegColumn = (typeof LEG_COLUMNS)[number];

/** How a column of legs that are given is written in JSON, and what it is in SQL. */
const AS_GIVEN = {
  text: { type: 'String', sql: (name: string) => name },
  flag: { type: 'Bool', sql: (name: string) => name },
  count: { type: 'UInt32', sql: (name: string) => name },
  duration: { type: 'Nullable(Int64)', sql: (name: string) => name },
  instant: { type: 'Int64', sql: (name: string) => `fromUnixTimestamp64Milli(${name}, 'UTC')` },
  maybeInstant: { type: 'Nullable(Int64)', sql: (name: string) => `fromUnixTimestamp64Milli(${name}, 'UTC')` },
} as const;

const KINDS: Readonly<Record<LegColumn, keyof typeof AS_GIVEN>> = {
  site: 'text',
  contact: 'text',
  internal: 'flag',
  outcome: 'text',
  queued_at: 'instant',
  answered_at: 'maybeInstant',
  ended_at: 'maybeInstant',
  wait_ms: 'duration',
  decided_after_ms: 'duration',
  ring_ms: 'duration',
  talk_ms: 'duration',
  hold_ms: 'duration',
  wrap_ms: 'duration',
  offers: 'count',
  declines: 'count',
  transferred_from_queue: 'text',
  transferred_to_queue: 'text',
  transferred_to_agent: 'text',
  corrections: 'count',
};

const KEY = ['tenant', 'queue', 'channel'] as const;
const columns = [...KEY, ...LEG_COLUMNS];
const kindOf = (name: (typeof columns)[number]): (typeof AS_GIVEN)[keyof typeof AS_GIVEN] =>
  AS_GIVEN[name === 'tenant' || name === 'queue' || name === 'channel' ? 'text' : KINDS[name]];

/** The legs as a table with the columns that measures read. */
const givenLegs = (legs: readonly LegFact[]): string => {
  const values = columns.map((name) => LEGS.columns.find((column) => column.name === name));
  const rows = legs.map((leg) =>
    JSON.stringify(
      values.map((column) => {
        const value = column?.value(leg) ?? null;
        return typeof value === 'string' ? wellFormed(value) : value;
      }),
    ),
  );
  const table = givenRows(
    columns.map((name) => [`given_${name}`, kindOf(name).type]),
    rows,
  );
  return `SELECT ${columns.map((name) => `${kindOf(name).sql(`given_${name}`)} AS ${name}`).join(', ')}
FROM ${table}`;
};

/**
 * SELECT of rows by the minute, as `intervalRows` gives them, over the legs that count as known: those of the facts that
 * rest on nothing that came after, and those given in place of the others.
 */
export const knownRows = async (
  client: ClickHouseClient,
  requests: readonly WindowRequest[],
  knowledge: Knowledge,
  legs: readonly LegFact[],
  measures: readonly Measure[],
): Promise<string> => {
  const fromSecond = Math.floor(Math.min(...requests.map(({ from }) => from)) / 1000);
  const until = knowledge.kind === 'now' ? knowledge.at + 1 : Infinity;
  const toSecond = Math.ceil(Math.min(until, Math.max(...requests.map(({ to }) => to))) / 1000);
  const tenants = [...new Set(requests.map(({ tenant }) => tenant))];
  const queues = [...new Set(requests.map(({ queue }) => queue))];
  const range = {
    tenants,
    queues,
    firstQuarter: Math.floor(fromSecond / QUARTER),
    lastQuarter: Math.floor(toSecond / QUARTER),
  };
  const inRange = [
    `tenant IN ${texts(tenants)}`,
    `queue IN ${texts(queues)}`,
    anchorHoursOf(range, await strayHours(client, range)),
    `site IN ${texts(requests.map(({ site }) => site))}`,
  ].join(' AND ');
  const given = legs.map(({ contact }) => contact);
  const untouched = [
    ...(given.length > 0 ? [`contact NOT IN ${texts(given)}`] : []),
    knowledge.kind === 'then'
      ? `version <= ${whole(knowledge.figuresVersion)}`
      : `contact NOT IN (SELECT contact FROM contacts
  WHERE tenant IN ${texts(tenants)} AND site IN ${texts(requests.map(({ site }) => site))}
    AND contact IN (SELECT contact FROM contact_legs WHERE ${inRange})
  GROUP BY tenant, site, contact HAVING argMax(last_at, version) > ${instantLiteral(knowledge.at)})`,
  ];
  const names = columns.join(', ');
  const known = [
    `SELECT ${names} FROM (\n${currentLegs(inRange)}\n) WHERE ${untouched.join(' AND ')}`,
    ...(legs.length > 0 ? [givenLegs(legs)] : []),
  ];
  return `SELECT tenant, site, queue, channel, toUInt32(${MINUTE}) AS grain_s,
  toUInt32(intDiv(queued_s, ${MINUTE}) * ${MINUTE}) AS start_s,
  ${aggregateLegs(measures)}
FROM (
SELECT *, toUInt32(least(greatest(intDiv(toUnixTimestamp64Milli(queued_at), 1000), 0), 4294967295)) AS queued_s
FROM (
${known.join('\nUNION ALL\n')}
)
)
WHERE queued_s >= ${whole(fromSecond)} AND queued_s < ${whole(toSecond)}
GROUP BY tenant, site, queue, channel, start_s`;
};
