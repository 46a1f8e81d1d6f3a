import type { ClickHouseClient } from '@clickhouse/client';
import { LEG_MEASURES, type Measure } from '@queuecast/metrics';
import { InvalidReportError } from './errors.js';
import { countingOf } from './intervals.js';
import { intervalRows, stretchesOf } from './interval-rows.js';
import { QUARTER } from './interval-keys.js';
import { text, whole, wholes } from './literals.js';
import type { WaitHistoryCell, WaitHistoryRequest } from './port.js';
import { isTimeZone, requireWhole } from './report-range.js';

const DAY = 86_400;
const HOUR = 3_600;
const MOST_DAYS = 400;
/** Queues per statement: an hour of the week of each is a row. */
export const MOST_HISTORY_QUEUES = 64;
/** A contact of today counts this much, so that halves of halves are whole numbers still. */
const FULL_WEIGHT = 4_096;

const MEASURES: readonly Measure[] = LEG_MEASURES.filter(({ name }) =>
  ['legs_offered', 'answered_waits', 'abandoned_waits', 'other_waits'].includes(name),
);

const check = (request: WaitHistoryRequest): void => {
  requireWhole('from', request.from, 0, Number.MAX_SAFE_INTEGER);
  requireWhole('to', request.to, request.from + 1, request.from + MOST_DAYS * DAY * 1000);
  requireWhole('halfLifeDays', request.halfLifeDays, 1, MOST_DAYS);
  if (!isTimeZone(request.timeZone))
    throw new InvalidReportError('timeZone: must be an IANA time zone, for instance Europe/Brussels');
  if (request.queues.length > MOST_HISTORY_QUEUES)
    throw new InvalidReportError(`queues: must be at most ${MOST_HISTORY_QUEUES} at a time`);
};

/** Seconds as they are up to two minutes, then in steps that nobody would notice in a wait of that length; rounded up. */
const coarse = (second: string): string =>
  `multiIf(${second} <= 120, ${second}, ${second} <= 900, intDiv(${second} + 4, 5) * 5, intDiv(${second} + 29, 30) * 30)`;

/** SQL that adds up distributions, each wait with the weight of its day: keys and values. */
const weighted = (distribution: string): string =>
  `sumMap(arrayMap(s -> ${coarse('s')}, mapKeys(${distribution})), arrayMap(n -> n * weight, mapValues(${distribution})))`;

const secondOf = (localTime: string): number => {
  const [hours, minutes] = localTime.split(':');
  return Number(hours) * HOUR + Number(minutes) * 60;
};

/** The engine adds up in 64 bits, which its JSON quotes. */
type Pairs = readonly [seconds: string[], weights: string[]];

const mapOf = (...distributions: readonly Pairs[]): Map<number, number> => {
  const sum = new Map<number, number>();
  for (const [seconds, weights] of distributions)
    seconds.forEach((second, n) => sum.set(Number(second), (sum.get(Number(second)) ?? 0) + Number(weights[n])));
  return sum;
};

/**
 * Waits by hour of the week; see the port. From the kept quarters of an hour only, so that weeks of many queues cost no
 * more than reading their intervals.
 *
 * @throws InvalidReportError
 */
export const readWaitHistory = async (
  client: ClickHouseClient,
  request: WaitHistoryRequest,
  now: number,
): Promise<WaitHistoryCell[]> => {
  check(request);
  if (request.queues.length === 0) return [];
  const { tenant, queues, timeZone, holidays, halfLifeDays } = request;
  const wholeQuarters = (at: number): number => Math.floor(at / (QUARTER * 1000)) * QUARTER * 1000;
  const stretches = stretchesOf(wholeQuarters(request.from), wholeQuarters(request.to), now);
  if (stretches.length === 0) return [];
  const rows = await intervalRows(
    client,
    stretches,
    { tenants: [tenant], sites: null, queues },
    MEASURES,
    countingOf({}, now),
  );
  const dayStart = whole(secondOf(request.businessDayStart));
  const closed = holidays.map((date) => Date.parse(date) / (DAY * 1000));
  const away = closed.length === 0 ? '' : `\nWHERE day NOT IN ${wholes(closed)} AND date NOT IN ${wholes(closed)}`;
  const wall = (second: string): string =>
    `(toInt64(${second}) + timezoneOffset(toDateTime(${second}, ${text(timeZone)})))`;
  const lastDay = `intDiv(${wall(`toUInt32(${whole(Math.floor(request.to / 1000))})`)} - ${dayStart}, ${DAY})`;
  const query = `SELECT queue, toUInt8((day + 3) % 7) AS weekday, toUInt8(intDiv(wall % ${DAY}, ${HOUR})) AS hour,
  sum(legs_offered), uniqExact(day),
  ${weighted('answered_waits')}, ${weighted('abandoned_waits')}, ${weighted('other_waits')}
FROM (
SELECT *, intDiv(wall - ${dayStart}, ${DAY}) AS day, intDiv(wall, ${DAY}) AS date,
  toUInt64(round(${FULL_WEIGHT} * exp2(-greatest(${lastDay} - day, 0) / ${whole(halfLifeDays)}))) AS weight
FROM (
SELECT queue, legs_offered, answered_waits, abandoned_waits, other_waits, ${wall('start_s')} AS wall
FROM (
${rows}
)
)
)${away}
GROUP BY queue, weekday, hour
ORDER BY queue, weekday, hour`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[string, number, number, string, string, Pairs, Pairs, Pairs]>();
  return records.map(([queue, weekday, hour, contacts, days, answered, abandoned, others]) => ({
    queue,
    weekday,
    hour,
    contacts: Number(contacts),
    days: Number(days),
    answered: mapOf(answered),
    left: mapOf(abandoned, others),
  }));
};
