import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';

export const TENANT = 'bench';
export const SITES = 5;
/** What a call makes on the average, the agents' changes of state included. */
export const EVENTS_PER_LEG = 10;

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
export const DAY = 86_400_000;
/** The day that is under way has come so far. */
const INTO_THE_DAY = 14.5 * 60 * MINUTE;

/** Legs per hour of the day, in proportion: two peaks, little at night. */
const ARRIVALS = [4, 3, 2, 2, 3, 6, 14, 30, 62, 88, 96, 92, 74, 78, 90, 88, 80, 70, 56, 44, 34, 24, 14, 8];
/** Legs per weekday in proportion, Sunday first. */
const WEEKDAYS = [30, 115, 105, 100, 98, 95, 45];

/** A stretch of legs to be made. */
export interface History {
  readonly legs: number;
  readonly days: number;
  readonly queues: number;
  /** Milliseconds since the epoch: where the day under way began, and where it stands. */
  readonly today: number;
  readonly now: number;
}

/** The history that ends now: the store keeps minutes by the true clock. */
export const historyUntil = (
  now: number,
  { legs, days, queues }: Pick<History, 'legs' | 'days' | 'queues'>,
): History => ({
  legs,
  days,
  queues,
  today: Math.floor(now / QUARTER) * QUARTER - INTO_THE_DAY,
  now,
});

/** As the generating SQL names them; a queue belongs to one site. */
export const queueName = (n: number): string => `queue-${String(n).padStart(3, '0')}`;
export const siteName = (n: number): string => `site-${n % SITES}`;

/** Draws between 0 and 1 that depend on the leg and on what they are for only. */
const draw = (purpose: string, of = 'm'): string => `(cityHash64(${of}, day, '${purpose}') % 1000003 / 1000003)`;
/** Exponentially distributed milliseconds. */
const exponential = (purpose: string, meanSeconds: number | string): string =>
  `toInt64(-log(1 - ${draw(purpose)}) * (${meanSeconds}) * 1000)`;
/** Roughly normal: three draws. */
const normal = (purpose: string): string =>
  `(${draw(`${purpose}1`)} + ${draw(`${purpose}2`)} + ${draw(`${purpose}3`)} - 1.5) * 2`;

const cumulative = (weights: readonly number[]): string => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return `[${weights.map((weight) => ((sum += weight) / total).toFixed(6)).join(', ')}]`;
};

/** What a stretch of legs is drawn from: when they join, as SQL of milliseconds since the stretch began. */
interface Stretch {
  readonly tenant: string;
  readonly day: number;
  readonly legs: number;
  readonly queues: number;
  readonly from: number;
  readonly now: number;
  readonly arrivalMs: string;
  readonly firstVersion: number;
}

/** A few queues have many legs and most have few; three in ten are not called but written to, in two channels. */
const legsSql = ({ tenant, day, legs, queues, from, now, arrivalMs, firstVersion }: Stretch): string => `SELECT
  tenant, site, queue, anchor_at AS anchor, contact, leg, channel, direction, caller_key, priority, internal,
  started_at, menu_completed_at, queued_at, first_offered_at,
  if(isAnswered AND left_ms <= now_ms, left_at, NULL) AS answered_at,
  if(left_ms <= now_ms, left_at, NULL) AS left_queue_at,
  if(isAnswered AND ended_ms <= now_ms, fromUnixTimestamp64Milli(ended_ms, 'UTC'), NULL) AS ended_at,
  if(isAnswered AND wrapped_ms <= now_ms, fromUnixTimestamp64Milli(wrapped_ms, 'UTC'), NULL) AS wrapped_up_at,
  if(left_ms <= now_ms, fate, 'waiting') AS outcome,
  if(isAnswered AND left_ms <= now_ms, agent_name, '') AS agent,
  if(left_ms <= now_ms, left_ms - queued_ms, NULL) AS wait_ms,
  if(answered_at IS NULL, NULL, least(ring, left_ms - queued_ms)) AS ring_ms,
  if(ended_at IS NULL, NULL, talk) AS talk_ms,
  if(ended_at IS NULL, NULL, hold) AS hold_ms,
  if(wrapped_up_at IS NULL, NULL, wrapped_ms - ended_ms) AS wrap_ms,
  length(offer_times) AS offers, length(decline_times) AS declines,
  if(ended_at IS NOT NULL AND n % 12 = 0, 'queue-000', '') AS transferred_to_queue, '' AS transferred_to_agent,
  if(ended_at IS NULL, '', if(n % 3 = 0, 'agent', 'customer')) AS ended_by,
  '' AS disposition, if(wrapped_up_at IS NULL, NULL, resolves) AS resolved, toUInt32(${draw('corrected')} < 0.002) AS corrections,
  offer_times, decline_times,
  if(ended_at IS NOT NULL AND hold > 0, [(left_at, fromUnixTimestamp64Milli(left_ms + hold, 'UTC'))], []) AS holds,
  if(n % 12 = 1, 'queue-001', '') AS transferred_from_queue, toUInt64(${firstVersion} + n) AS version
FROM (
SELECT *, fromUnixTimestamp64Milli(queued_ms, 'UTC') AS queued_at,
  fromUnixTimestamp64Milli(left_ms, 'UTC') AS left_at, left_ms + talk + hold AS ended_ms, ended_ms + wrap AS wrapped_ms,
  if(started, fromUnixTimestamp64Milli(queued_ms - 25000, 'UTC'), NULL) AS started_at,
  if(started AND q % 10 < 7, fromUnixTimestamp64Milli(queued_ms - 4000, 'UTC'), NULL) AS menu_completed_at,
  fromUnixTimestamp64Milli(queued_ms - if(started, 25000, 0), 'UTC') AS anchor_at,
  fate = 'answered' AS isAnswered,
  if(isAnswered AND left_ms <= now_ms, fromUnixTimestamp64Milli(greatest(queued_ms, left_ms - ring), 'UTC'), NULL) AS first_offered_at,
  if(isAnswered AND left_ms <= now_ms AND declined, [fromUnixTimestamp64Milli(greatest(queued_ms, left_ms - ring), 'UTC')], []) AS decline_times,
  if(first_offered_at IS NULL, [], arrayPushBack(decline_times, assumeNotNull(first_offered_at))) AS offer_times
FROM (
SELECT *, queued_ms + least(service, patience, if(fate != 'answered', service, 900000)) AS left_ms
FROM (
SELECT n, m, day, '${tenant}' AS tenant, concat('site-', toString(q % ${SITES})) AS site,
  concat('queue-', leftPad(toString(q), 3, '0')) AS queue, q,
  concat('c', toString(day), '-', toString(m)) AS contact, concat('l', toString(day), '-', toString(n)) AS leg,
  multiIf(q % 10 < 7, 'voice', ${draw('channel')} < 0.6, 'chat', 'email') AS channel, 'inbound' AS direction,
  toNullable(concat('k', toString(cityHash64(m, day, 'caller') % ${Math.max(1, Math.round(legs * 12))}))) AS caller_key,
  0 AS priority, ${draw('internal')} < 0.01 AS internal, n % 12 != 1 AS started,
  toInt64(${from}) + toInt64(${arrivalMs}) + if(n % 12 = 1, 420000, 0) AS queued_ms, toInt64(${now}) AS now_ms,
  if(${draw('at once')} < 0.25, 1500, 1500 + ${exponential('wait', 'if(q % 7 = 0, 150, 48)')}) AS service,
  2000 + ${exponential('patience', 420)} AS patience,
  multiIf(${draw('fate')} < 0.012, 'callback_taken', ${draw('fate')} < 0.024, 'overflowed', ${draw('fate')} < 0.032, 'timed_out',
    ${draw('fate')} < 0.036, 'closed', ${draw('fate')} < 0.038, 'dropped_by_system', patience < service, 'abandoned', 'answered') AS fate,
  2000 + toInt64(${draw('ring')} * 12000) AS ring, toInt64(1000 * exp(5.2 + 0.7 * ${normal('talk')})) AS talk,
  if(${draw('held')} < 0.1, 5000 + ${exponential('hold', 60)}, 0) AS hold, 3000 + ${exponential('wrap', 40)} AS wrap,
  ${draw('declined')} < 0.05 AS declined, ${draw('resolved')} < 0.8 AS resolves,
  concat('agent-', toString(cityHash64(m, day, 'agent') % 4000)) AS agent_name
FROM (
SELECT number AS n, number - (number % 12 = 1) AS m, ${day} AS day, toUInt32(floor(${queues} * pow(${draw('queue', 'n')}, 1.6))) AS q
FROM numbers(${legs})
)
)
)
WHERE queued_ms <= now_ms
)`;

const COLUMNS =
  'tenant, site, queue, anchor, contact, leg, channel, direction, caller_key, priority, internal, started_at, menu_completed_at, queued_at, first_offered_at, answered_at, left_queue_at, ended_at, wrapped_up_at, outcome, agent, wait_ms, ring_ms, talk_ms, hold_ms, wrap_ms, offers, declines, transferred_to_queue, transferred_to_agent, ended_by, disposition, resolved, corrections, offer_times, decline_times, holds, transferred_from_queue, version';

const insert = (client: ClickHouseClient, stretch: Stretch): Promise<unknown> =>
  client.command({ query: `INSERT INTO contact_legs (${COLUMNS})\n${legsSql(stretch)}` });

const overTheDay = `arrayFirstIndex(share -> share > ${draw('hour')}, ${cumulative(ARRIVALS)}) * 3600000 - toInt64(${draw('minute')} * 3600000)`;

/** Writes the days' legs as the fold leaves them: those of the day under way first as they were when they joined. */
export const makeHistory = async (
  client: ClickHouseClient,
  history: History,
  progress: (line: string) => void,
): Promise<void> => {
  const { legs, days, queues, today, now } = history;
  const starts = Array.from({ length: days }, (_, n) => today - (days - 1 - n) * DAY);
  const sharePassed =
    ARRIVALS.slice(0, 14).reduce((sum, weight) => sum + weight, 0) / ARRIVALS.reduce((a, b) => a + b, 0);
  const weightOf = (from: number): number => WEEKDAYS[new Date(from).getUTCDay()] ?? 0;
  const whole = starts.reduce((sum, from) => sum + weightOf(from) * (from === today ? sharePassed : 1), 0);
  for (const [day, from] of starts.entries()) {
    const stretch = {
      tenant: TENANT,
      day,
      legs: Math.round((legs * weightOf(from)) / whole),
      queues,
      from,
      arrivalMs: overTheDay,
    };
    const firstVersion = (day + 1) * 10_000_000;
    if (from === today)
      await insert(client, { ...stretch, now: now - 5 * MINUTE, firstVersion: firstVersion - 5_000_000 });
    await insert(client, { ...stretch, now, firstVersion });
    progress(`day ${day + 1} of ${days} is made`);
  }
  await noteStrays(client);
};

/** Half an hour of a tenant whose sources send so many events a second. Ten events make a leg. */
export const makeRush = async (
  client: ClickHouseClient,
  tenant: string,
  eventsPerSecond: number,
  { queues, now }: History,
): Promise<void> => {
  const span = 30 * MINUTE;
  const legs = Math.round((eventsPerSecond / EVENTS_PER_LEG) * (span / 1000));
  await insert(client, {
    tenant,
    day: 0,
    legs,
    queues,
    from: now - span,
    now,
    arrivalMs: `${draw('minute')} * ${span}`,
    firstVersion: 1,
  });
  await noteStrays(client);
};

/** As the store notes them: legs whose storage hour is not the hour they were queued in. */
const noteStrays = (client: ClickHouseClient): Promise<unknown> =>
  client.command({
    query: `INSERT INTO stray_legs (tenant, site, queue, quarter, anchor_hour)
SELECT DISTINCT tenant, site, queue, toUInt32(intDiv(toUnixTimestamp64Milli(queued_at), 900000)) AS quarter,
  toUInt32(intDiv(toUnixTimestamp64Milli(anchor), 3600000)) AS hour
FROM contact_legs
WHERE hour != intDiv(toUnixTimestamp64Milli(queued_at), 3600000)`,
  });

/** Resolves when the engine has no parts of tables left to merge at present: until then it is at work of its own. */
export const settled = async (client: ClickHouseClient): Promise<void> => {
  for (let quiet = 0; quiet < 3;) {
    const result = await client.query({ query: 'SELECT count() FROM system.merges', format: 'JSONCompactEachRow' });
    const [row] = await result.json<[string]>();
    quiet = row?.[0] === '0' ? quiet + 1 : 0;
    await sleep(500);
  }
};
