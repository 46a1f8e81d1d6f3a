import type { ClickHouseClient } from '@clickhouse/client';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { text, texts, whole } from './literals.js';
import type { RepeatRule } from './port.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

const DAY = 86_400;

export interface JourneyRange {
  readonly tenants: readonly string[];
  readonly sites: readonly string[] | null;
  readonly queues: readonly string[] | null;
  /** Epoch seconds; the end is not included. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly nowSecond: number;
}

const groupSql = ({ groups }: RepeatRule): string => {
  if (groups.size === 0) return 'toString(queue)';
  const list = (values: Iterable<string>): string => `[${[...values].map(text).join(', ')}]`;
  return `transform(toString(queue), ${list(groups.keys())}, ${list(groups.values())}, toString(queue))`;
};

/** The queues whose contacts may be repeats of those in `queues`: their whole groups. */
const wholeGroups = (queues: readonly string[], { groups }: RepeatRule): string[] => {
  const wanted = new Set(queues.map((queue) => groups.get(queue) ?? queue));
  const members = [...groups].filter(([, group]) => wanted.has(group)).map(([queue]) => queue);
  return [...new Set([...queues, ...members])];
};

/**
 * SQL of one row per contact and group of queues that began in the range: where it joined first, whether the caller had
 * been there within N days before (`again`), came back within N days after (`came_back`), and whether these days have
 * passed (`settled`). Contacts without a caller key, and those that the centre itself began, are left out. Legs of one
 * contact that lie more than N days apart are two visits.
 */
export const journeyRows = async (client: ClickHouseClient, range: JourneyRange, rule: RepeatRule): Promise<string> => {
  const span = rule.days * DAY;
  const from = Math.max(0, range.fromSecond - span);
  const to = Math.min(2 ** 32 - 1, range.toSecond + span);
  const queues = range.queues && wholeGroups(range.queues, rule);
  const quarters = {
    tenants: range.tenants,
    queues,
    firstQuarter: Math.floor(from / QUARTER),
    lastQuarter: Math.floor((to - 1) / QUARTER),
  };
  const conditions = [
    `tenant IN ${texts(range.tenants)}`,
    ...(queues ? [`queue IN ${texts(queues)}`] : []),
    anchorHoursOf(quarters, await strayHours(client, quarters)),
  ];
  const legs = currentLegs(conditions.join(' AND '), [
    'site',
    'contact',
    'leg',
    'direction',
    'caller_key',
    'internal',
    'outcome',
    'queued_at',
  ]);
  const wanted = [
    `at_s >= ${whole(range.fromSecond)} AND at_s < ${whole(range.toSecond)}`,
    ...(range.queues ? [`queue IN ${texts(range.queues)}`] : []),
    ...(range.sites ? [`site IN ${texts(range.sites)}`] : []),
  ];
  const sameCaller = 'PARTITION BY tenant, caller, queue_group ORDER BY at_ms, site, contact';
  const everyone = 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING';
  return `SELECT tenant, site, queue, channel, toUInt32(${MINUTE}) AS grain_s,
  toUInt32(intDiv(at_s, ${MINUTE}) * ${MINUTE}) AS start_s,
  1 AS known, was_answered, 0 AS internal,
  before_ms IS NOT NULL AND at_ms - assumeNotNull(before_ms) <= ${span * 1000} AS again,
  after_ms IS NOT NULL AND assumeNotNull(after_ms) - at_ms <= ${span * 1000} AS came_back,
  at_s + ${span} <= ${whole(range.nowSecond)} AS settled
FROM (
SELECT tenant, site, first_queue AS queue, first_channel AS channel, at_ms, was_answered,
  toUInt32(intDiv(at_ms, 1000)) AS at_s,
  lagInFrame(toNullable(at_ms)) OVER (${sameCaller} ${everyone}) AS before_ms,
  leadInFrame(toNullable(at_ms)) OVER (${sameCaller} ${everyone}) AS after_ms
FROM (
SELECT tenant, site, contact, assumeNotNull(caller_key) AS caller, ${groupSql(rule)} AS queue_group,
  min(toUnixTimestamp64Milli(queued_at)) AS at_ms, max(outcome = 'answered') AS was_answered,
  argMin(queue, (queued_at, leg)) AS first_queue, argMin(channel, (queued_at, leg)) AS first_channel
FROM (
${legs}
)
WHERE NOT internal AND direction != 'outbound' AND ifNull(caller_key, '') != ''
  AND queued_s >= ${whole(from)} AND queued_s < ${whole(to)}
GROUP BY tenant, site, contact, caller, queue_group
)
)
WHERE ${wanted.join(' AND ')}`;
};
