import type { ClickHouseClient } from '@clickhouse/client';
import {
  aggregateLegs,
  attributedLegs,
  ATTRIBUTION_COLUMNS,
  overRows,
  zeroOf,
  type Attribution,
  type Measure,
} from '@queuecast/metrics';
import { closingRows } from './closing-rows.js';
import { forecastRows } from './forecast-rows.js';
import { currentLegs } from './current-legs.js';
import { keptWithin, MINUTE, MINUTES_KEPT_SECONDS, QUARTER } from './interval-keys.js';
import { journeyRows } from './journey-rows.js';
import type { Closing, RepeatRule } from './port.js';
import { texts, whole } from './literals.js';
import { momentHours } from './moment-hours.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

/** A stretch of time and where its rows come from: kept intervals of a grain, or legs aggregated by the minute. */
export interface Stretch {
  readonly from: 'quarters' | 'minutes' | 'legs';
  /** Epoch seconds, whole minutes; the end is not included. */
  readonly fromSecond: number;
  readonly toSecond: number;
}

const minutesBetween = (fromSecond: number, toSecond: number, nowSecond: number): Stretch[] => {
  const oldest = Math.ceil((nowSecond - MINUTES_KEPT_SECONDS) / MINUTE) * MINUTE;
  const cut = Math.min(Math.max(oldest, fromSecond), toSecond);
  const stretches: Stretch[] = [
    { from: 'legs', fromSecond, toSecond: cut },
    { from: 'minutes', fromSecond: cut, toSecond },
  ];
  return stretches.filter((stretch) => stretch.fromSecond < stretch.toSecond);
};

/**
 * The rows that make up [from, to): whole quarters where the bounds allow, minutes at the edges. Bounds that are not
 * whole minutes are widened to the minute that holds them.
 *
 * @param byMinute minutes throughout, for a report by the minute
 */
export const stretchesOf = (from: number, to: number, now: number, byMinute = false): Stretch[] => {
  const clamp = (second: number): number => Math.min(Math.max(second, 0), 2 ** 32 - 1);
  const fromSecond = clamp(Math.floor(from / 1000 / MINUTE) * MINUTE);
  const toSecond = clamp(Math.ceil(to / 1000 / MINUTE) * MINUTE);
  const nowSecond = now / 1000;
  const firstQuarter = Math.ceil(fromSecond / QUARTER) * QUARTER;
  const lastQuarter = Math.floor(toSecond / QUARTER) * QUARTER;
  if (byMinute || firstQuarter >= lastQuarter) return minutesBetween(fromSecond, toSecond, nowSecond);
  return [
    ...minutesBetween(fromSecond, firstQuarter, nowSecond),
    { from: 'quarters', fromSecond: firstQuarter, toSecond: lastQuarter },
    ...minutesBetween(lastQuarter, toSecond, nowSecond),
  ];
};

/** Whose rows: `sites` and `queues` narrow the tenant, null for all. */
export interface RowsOf {
  readonly tenants: readonly string[];
  readonly sites: readonly string[] | null;
  readonly queues: readonly string[] | null;
}

const among = (column: string, values: readonly string[] | null): string[] =>
  values === null ? [] : [`${column} IN ${texts(values)}`];

const keptRows = (stretches: readonly Stretch[], rows: RowsOf, measures: readonly Measure[]): string => {
  const times = stretches.map(({ from, fromSecond, toSecond }) =>
    keptWithin(from === 'quarters' ? QUARTER : MINUTE, fromSecond, toSecond - 1),
  );
  const conditions = [
    `tenant IN ${texts(rows.tenants)}`,
    ...among('site', rows.sites),
    ...among('queue', rows.queues),
    `(${times.join(' OR ')})`,
  ];
  const columns = measures.map(({ name }) => `, ${name}`).join('');
  // A row of zeros says that legs have moved away; to a reader it is the same as no row. What is of the sorting key is told
  // before rows of one key become one: what is not asked for need not be merged.
  return `SELECT tenant, site, queue, channel, toUInt32(grain) AS grain_s, toUInt32(start) AS start_s${columns}
FROM queue_intervals FINAL
PREWHERE ${conditions.join(' AND ')}
WHERE legs_offered + legs_internal > 0`;
};

const legRows = (stretch: Stretch, anchorHours: string, rows: RowsOf, measures: readonly Measure[]): string => {
  const conditions = [`tenant IN ${texts(rows.tenants)}`, ...among('queue', rows.queues), anchorHours];
  const wanted = [
    `queued_s >= ${whole(stretch.fromSecond)} AND queued_s < ${whole(stretch.toSecond)}`,
    ...among('site', rows.sites),
  ];
  return `SELECT tenant, site, queue, channel, toUInt32(${MINUTE}) AS grain_s, toUInt32(intDiv(queued_s, ${MINUTE}) * ${MINUTE}) AS start_s,
  ${aggregateLegs(measures)}
FROM (
${currentLegs(conditions.join(' AND '))}
)
WHERE ${wanted.join(' AND ')}
GROUP BY tenant, site, queue, channel, start_s`;
};

const attributedRows = async (
  client: ClickHouseClient,
  stretch: Stretch,
  rows: RowsOf,
  measures: readonly Measure[],
  attribution: Exclude<Attribution, 'arrival'>,
): Promise<string> => {
  const { fromSecond, toSecond } = stretch;
  const range = { tenants: rows.tenants, queues: rows.queues, from: fromSecond * 1000, to: toSecond * 1000 };
  const conditions = [
    `tenant IN ${texts(rows.tenants)}`,
    ...among('queue', rows.queues),
    await momentHours(client, range),
  ];
  const legs = currentLegs(conditions.join(' AND '), ATTRIBUTION_COLUMNS);
  const wanted = rows.sites === null ? legs : `SELECT * FROM (\n${legs}\n) WHERE ${among('site', rows.sites).join('')}`;
  const grainSeconds = stretch.from === 'quarters' ? QUARTER : MINUTE;
  return attributedLegs(measures, wanted, { attribution, fromSecond, toSecond, grainSeconds });
};

/** How a report counts, beyond what is kept. */
export interface Counting {
  readonly attribution: Attribution;
  readonly repeats: RepeatRule;
  readonly closings: readonly Closing[];
  /** The clock, milliseconds since the epoch. */
  readonly now: number;
}

/** Whether all measures are those of legs by arrival: what intervals are kept of. */
export const areOfLegs = (measures: readonly Measure[], attribution: Attribution): boolean =>
  attribution === 'arrival' && measures.every(({ source }) => source === 'legs');

/** The select list of a source that knows some of the measures; the others are what they are over nothing. */
const selectMeasures = (measures: readonly Measure[], own: (measure: Measure) => string | null): string =>
  measures.map((measure) => `, ${own(measure) ?? zeroOf(measure)} AS ${measure.name}`).join('');

const legBranches = async (
  client: ClickHouseClient,
  stretches: readonly Stretch[],
  rows: RowsOf,
  measures: readonly Measure[],
  attribution: Attribution,
): Promise<string[]> => {
  if (attribution !== 'arrival')
    return Promise.all(stretches.map((stretch) => attributedRows(client, stretch, rows, measures, attribution)));
  const kept = stretches.filter(({ from }) => from !== 'legs');
  const branches = kept.length > 0 ? [keptRows(kept, rows, measures)] : [];
  for (const stretch of stretches.filter(({ from }) => from === 'legs')) {
    const range = {
      tenants: rows.tenants,
      queues: rows.queues,
      firstQuarter: Math.floor(stretch.fromSecond / QUARTER),
      lastQuarter: Math.floor((stretch.toSecond - 1) / QUARTER),
    };
    branches.push(legRows(stretch, anchorHoursOf(range, await strayHours(client, range)), rows, measures));
  }
  return branches;
};

/**
 * SQL of interval rows (tenant, site, queue, channel, grain_s, start_s and the measures) that add up to the stretches:
 * each leg and each contact in exactly one of them; by `event` and `clipped`, each part of a leg.
 */
export const intervalRows = async (
  client: ClickHouseClient,
  stretches: readonly Stretch[],
  rows: RowsOf,
  measures: readonly Measure[],
  counting: Counting,
): Promise<string> => {
  const of = (source: Measure['source']) => measures.filter((measure) => measure.source === source);
  const key = 'tenant, site, queue, channel, grain_s, start_s';
  const branches: string[] = [];
  if (measures.length > 0 && of('legs').length === measures.length)
    return (await legBranches(client, stretches, rows, measures, counting.attribution)).join('\nUNION ALL\n');
  if (of('legs').length > 0)
    for (const sql of await legBranches(client, stretches, rows, of('legs'), counting.attribution))
      branches.push(
        `SELECT ${key}${selectMeasures(measures, ({ source, name }) => (source === 'legs' ? name : null))} FROM (\n${sql}\n)`,
      );
  const range = {
    ...rows,
    fromSecond: Math.min(...stretches.map(({ fromSecond }) => fromSecond)),
    toSecond: Math.max(...stretches.map(({ toSecond }) => toSecond)),
    nowSecond: Math.floor(counting.now / 1000),
  };
  const addBranch = (source: Measure['source'], sql: string): void => {
    const select = selectMeasures(measures, (measure) => (measure.source === source ? overRows(measure) : null));
    branches.push(`SELECT ${key}${select} FROM (\n${sql}\n) GROUP BY ${key}`);
  };
  if (of('journeys').length > 0) addBranch('journeys', await journeyRows(client, range, counting.repeats));
  if (of('closings').length > 0) addBranch('closings', await closingRows(client, range, counting.closings));
  if (of('forecasts').length > 0) addBranch('forecasts', await forecastRows(client, range, 'served'));
  return branches.join('\nUNION ALL\n');
};
