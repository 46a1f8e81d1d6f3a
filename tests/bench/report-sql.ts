import { DAY, TENANT } from './history.js';

/**
 * What an analyst who knows the tables would write for one report each: only the columns needed, no parameter that the
 * report does not use. Beside each, the same from the legs one by one, which is what the numbers must equal.
 */

export const THRESHOLD = 150;
export const SHORT = 5;

/** The metrics of each report, in the order of the columns here. */
export const METRICS = {
  windows: [
    'offered',
    'answered',
    'abandoned',
    'short_abandoned',
    'flowed_out',
    'callback_taken',
    'dropped',
    'closed_out',
    'still_waiting',
    'answered_within',
    'asa',
    'aht',
    'longest_wait',
  ],
  intervals: [
    'offered',
    'answered',
    'abandoned',
    'short_abandoned',
    'abandon_rate',
    'service_level',
    'asa',
    'aht',
    'longest_wait',
    'p90_answered_wait',
  ],
  serviceLevel: ['offered', 'answered_within', 'service_level'],
} as const;

export interface Window {
  readonly name: string;
  /** Milliseconds since the epoch, whole minutes. */
  readonly from: number;
  readonly to: number;
}

export interface Asked {
  readonly from: number;
  readonly to: number;
  /** Null for all. */
  readonly queue: string | null;
  /** Epoch seconds at which who waits beyond a threshold is told. */
  readonly asOf: number;
}

const utc = (ms: number): string => `toDateTime(${ms / 1000}, 'UTC')`;
const QUARTER = 900_000;
/** Kept intervals of a grain. The sorting key begins with the quarter of an hour for minutes, for quarters with the day. */
const during = (grain: 60 | 900, from: number, to: number): string => {
  const span = grain === 60 ? QUARTER : DAY;
  return `grain = ${grain} AND intDiv(toUInt32(start), if(grain = 60, 900, 86400)) BETWEEN ${Math.floor(from / span)} AND ${Math.floor((to - 1000) / span)}
  AND start >= ${utc(from)} AND start < ${utc(to)}`;
};

const counted = (map: string, condition: string): string =>
  `arraySum((s, n) -> if(${condition}, n, 0), mapKeys(${map}), mapValues(${map}))`;
const quotient = (part: string, whole: string): string => `if((${whole}) = 0, NULL, (${part}) / (${whole}))`;

/** Kept intervals that make up a stretch: quarters, and minutes where it does not begin or end with one. */
const keptIn = ({ from, to }: Pick<Window, 'from' | 'to'>): string => {
  const [first, last] = [Math.ceil(from / QUARTER) * QUARTER, Math.floor(to / QUARTER) * QUARTER];
  const within = (grain: 60 | 900, begin: number, end: number): string[] =>
    begin < end ? [`(${during(grain, begin, end)})`] : [];
  if (first >= last) return within(60, from, to).join('');
  return [...within(60, from, first), ...within(900, first, last), ...within(60, last, to)].join(' OR ');
};

export const windowsSql = (windows: readonly Window[]): string =>
  windows
    .map(
      (window, n) => `SELECT ${n} AS w, queue, sum(legs_offered), sum(legs_answered) AS answered,
  sum(legs_abandoned) - sum(${counted('abandoned_waits_floor', `s < ${SHORT}`)}), sum(${counted('abandoned_waits_floor', `s < ${SHORT}`)}),
  sum(legs_flowed_out), sum(legs_callback_taken), sum(legs_dropped), sum(legs_closed_out), sum(legs_waiting),
  sum(${counted('answered_waits', `s <= ${THRESHOLD}`)}), ${quotient('sum(answered_wait_ms)', 'answered')},
  ${quotient('sum(talk_sum_ms) + sum(hold_sum_ms) + sum(wrap_sum_ms)', 'sum(legs_handled)')}, max(longest_wait_value_ms)
FROM queue_intervals FINAL
WHERE tenant = '${TENANT}' AND (${keptIn(window)}) AND legs_offered + legs_internal > 0
GROUP BY queue`,
    )
    .join('\nUNION ALL\n');

const keptOf = ({ from, to, queue }: Asked): string =>
  [
    `tenant = '${TENANT}'`,
    ...(queue === null ? [] : [`queue = '${queue}'`]),
    during(900, from, to),
    'legs_offered + legs_internal > 0',
  ].join(' AND ');

/** An interval is one row: there is nothing to group. */
export const intervalsSql = (asked: Asked): string => {
  const short = counted('abandoned_waits_floor', `s < ${SHORT}`);
  const beyond = counted('waiting_since', `s + ${THRESHOLD} < ${asked.asOf}`);
  const waits = 'arraySort(each -> each.1, arrayZip(mapKeys(answered_waits), mapValues(answered_waits)))';
  return `SELECT toUInt32(start), site, queue, channel, legs_offered, legs_answered, legs_abandoned - ${short} AS abandoned, ${short} AS short,
  ${quotient('abandoned', 'legs_offered - legs_waiting - short')},
  ${quotient(counted('answered_waits', `s <= ${THRESHOLD}`), `legs_offered - legs_waiting + ${beyond} - short`)},
  ${quotient('answered_wait_ms', 'legs_answered')},
  ${quotient('talk_sum_ms + hold_sum_ms + wrap_sum_ms', 'legs_handled')}, longest_wait_value_ms,
  if(legs_answered = 0, NULL, 1000 * (${waits} AS waits)[arrayFirstIndex(upto -> upto >= intDiv(legs_answered * 90 + 99, 100), arrayCumSum(waits.2))].1)
FROM queue_intervals FINAL
WHERE ${keptOf(asked)}
ORDER BY start, site, queue, channel`;
};

const ANSWERED = "NOT internal AND outcome = 'answered'";
const ABANDONED = "NOT internal AND outcome = 'abandoned'";
const HANDLED = `${ANSWERED} AND ended_at IS NOT NULL`;
const isOneOf = (...outcomes: readonly string[]): string =>
  `countIf(NOT internal AND outcome IN (${outcomes.map((outcome) => `'${outcome}'`).join(', ')}))`;
const sumOf = (value: string, condition: string): string => `sumIf(ifNull(${value}, 0), ${condition})`;

const OFFERED = 'countIf(NOT internal)';
const SHORT_ABANDONS = `countIf(${ABANDONED} AND wait_ms < ${SHORT * 1000})`;
const ASA = quotient(sumOf('wait_ms', ANSWERED), `countIf(${ANSWERED})`);
const AHT = quotient(
  sumOf('ifNull(talk_ms, 0) + ifNull(hold_ms, 0) + ifNull(wrap_ms, 0)', HANDLED),
  `countIf(${HANDLED})`,
);
const LONGEST = "maxOrNullIf(wait_ms, NOT internal AND outcome != 'waiting')";
const within = (seconds: number): string => `countIf(${ANSWERED} AND wait_ms <= ${seconds * 1000})`;
const decided = (threshold: number, asOf: number): string =>
  `(${OFFERED} - countIf(NOT internal AND outcome = 'waiting' AND intDiv(toUnixTimestamp64Milli(queued_at), 1000) + ${threshold} >= ${asOf}))`;

const HOUR = 3_600_000;
/** No leg of the history was heard of first more than an hour before or after it was queued. */
const legsOf = (from: number, to: number, queue: string | null): string =>
  `FROM contact_legs FINAL
WHERE tenant = '${TENANT}'${queue === null ? '' : ` AND queue = '${queue}'`}
  AND anchor_hour BETWEEN ${utc(Math.floor(from / HOUR) * HOUR - HOUR)} AND ${utc(Math.ceil(to / HOUR) * HOUR + HOUR)}
  AND queued_at >= ${utc(from)} AND queued_at < ${utc(to)}`;

export const windowsFromLegs = (windows: readonly Window[]): string =>
  windows
    .map(
      (
        { from, to },
        n,
      ) => `SELECT ${n} AS w, queue, ${OFFERED}, countIf(${ANSWERED}), countIf(${ABANDONED}) - ${SHORT_ABANDONS}, ${SHORT_ABANDONS},
  ${isOneOf('flowed_out', 'overflowed', 'timed_out')}, ${isOneOf('callback_taken')}, ${isOneOf('dropped_by_system')}, ${isOneOf('closed')},
  ${isOneOf('waiting')}, ${within(THRESHOLD)}, ${ASA}, ${AHT}, ${LONGEST}
${legsOf(from, to, null)}
GROUP BY queue`,
    )
    .join('\nUNION ALL\n');

export const intervalsFromLegs = ({ from, to, queue, asOf }: Asked): string => {
  const waits = `arraySort(groupArrayIf(intDiv(assumeNotNull(wait_ms) + 999, 1000), ${ANSWERED}))`;
  return `SELECT toUInt32(intDiv(toUnixTimestamp64Milli(queued_at), ${QUARTER}) * ${QUARTER / 1000}) AS start_s, site, queue, channel,
  ${OFFERED}, countIf(${ANSWERED}) AS answered, countIf(${ABANDONED}) - ${SHORT_ABANDONS} AS abandoned, ${SHORT_ABANDONS} AS short,
  ${quotient('abandoned', `${OFFERED} - ${isOneOf('waiting')} - short`)},
  ${quotient(within(THRESHOLD), `${decided(THRESHOLD, asOf)} - short`)}, ${ASA}, ${AHT}, ${LONGEST},
  if(answered = 0, NULL, 1000 * ${waits}[intDiv(answered * 90 + 99, 100)])
${legsOf(from, to, queue)}
GROUP BY start_s, site, queue, channel
ORDER BY start_s, site, queue, channel`;
};

export const serviceLevelSql = (asked: Asked, threshold: number): string => {
  const short = `sum(${counted('abandoned_waits_floor', `s < ${SHORT}`)})`;
  const beyond = `sum(${counted('waiting_since', `s + ${threshold} < ${asked.asOf}`)})`;
  return `SELECT site, queue, channel, sum(legs_offered) AS offered, sum(${counted('answered_waits', `s <= ${threshold}`)}) AS within,
  ${quotient('within', `offered - sum(legs_waiting) + ${beyond} - ${short}`)}
FROM queue_intervals FINAL
WHERE ${keptOf(asked)}
GROUP BY site, queue, channel
ORDER BY site, queue, channel`;
};

export const serviceLevelFromLegs = ({ from, to, asOf }: Asked, threshold: number): string =>
  `SELECT site, queue, channel, ${OFFERED}, ${within(threshold)} AS met, ${quotient('met', `${decided(threshold, asOf)} - ${SHORT_ABANDONS}`)}
${legsOf(from, to, null)}
GROUP BY site, queue, channel
ORDER BY site, queue, channel`;

export interface Listed extends Omit<Asked, 'asOf' | 'queue'> {
  readonly queue: string;
  readonly abandoned: boolean;
  readonly limit: number;
}

export const contactsSql = ({ from, to, queue, abandoned, limit }: Listed): string =>
  `SELECT toUnixTimestamp64Milli(queued_at), contact, leg, outcome, agent, wait_ms, talk_ms
${legsOf(from, to, queue)} AND NOT internal${abandoned ? ` AND outcome = 'abandoned' AND wait_ms >= ${SHORT * 1000}` : ''}
ORDER BY queued_at, site, queue, contact, leg
LIMIT ${limit}`;
