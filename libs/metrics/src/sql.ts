import { momentsSql, piecesSql, TIME_COLUMNS, type Attribution } from './attribution.js';
import { mergeOf, ofOneRow, overMoments, overPieces, overRows, zeroOf, type Measure } from './measure.js';
import { LEG_MEASURES } from './measures.js';
import { METRIC_PARAMETERS, withCountsNamed, type Metric } from './metric.js';
import { measuresOf, type ServedMetric } from './registry.js';

/** Columns of `contact_legs` that measures read. A source of legs for {@link aggregateLegs} must have them. */
export const LEG_COLUMNS = [
  'site',
  'contact',
  'internal',
  'outcome',
  'queued_at',
  'answered_at',
  'ended_at',
  'wait_ms',
  'decided_after_ms',
  'ring_ms',
  'talk_ms',
  'hold_ms',
  'wrap_ms',
  'offers',
  'declines',
  'transferred_from_queue',
  'transferred_to_queue',
  'transferred_to_agent',
  'corrections',
] as const;

/** Columns of `contact_legs` that {@link attributedLegs} reads. */
export const ATTRIBUTION_COLUMNS: readonly string[] = [...new Set([...LEG_COLUMNS, ...TIME_COLUMNS])];

const list = (items: readonly string[]): string => items.join(',\n  ');

/** Select list: the measures over legs, each under its name. */
export const aggregateLegs = (measures: readonly Measure[] = LEG_MEASURES): string =>
  list(measures.map((measure) => `${overRows(measure)} AS ${measure.name}`));

/** Select list: the measures of an interval without legs. */
export const zeroMeasures = (measures: readonly Measure[] = LEG_MEASURES): string =>
  list(measures.map((measure) => `${zeroOf(measure)} AS ${measure.name}`));

/** Select list: the measures merged over intervals, in the order of the measures and without names, for an INSERT. */
export const mergeForInsert = (measures: readonly Measure[] = LEG_MEASURES): string => list(measures.map(mergeOf));

/** Legs over a stretch of time, cut into intervals of `grainSeconds`: whole multiples since the epoch. */
export interface AttributedRange {
  readonly attribution: Exclude<Attribution, 'arrival'>;
  /** Epoch seconds, multiples of the grain; the end is not included. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly grainSeconds: number;
}

/**
 * SELECT of the measures by tenant, site, queue, channel, `grain_s` and `start_s` over legs with {@link ATTRIBUTION_COLUMNS},
 * attributed otherwise than by arrival.
 */
export const attributedLegs = (measures: readonly Measure[], legs: string, range: AttributedRange): string => {
  const { attribution, grainSeconds } = range;
  const [fromMs, toMs] = [range.fromSecond * 1000, range.toSecond * 1000];
  const select = (at: string, over: (measure: Measure) => string): string =>
    `SELECT ${list([
      'tenant',
      'site',
      'queue',
      'channel',
      `toUInt32(${grainSeconds}) AS grain_s`,
      `toUInt32(intDiv(${at}, ${grainSeconds * 1000}) * ${grainSeconds}) AS start_s`,
      ...measures.map((measure) => `${over(measure)} AS ${measure.name}`),
    ])}`;
  const grouping = 'GROUP BY tenant, site, queue, channel, grain_s, start_s';
  if (attribution === 'end') {
    const at = 'ifNull(toUnixTimestamp64Milli(ended_at), -1)';
    return `${select(at, overRows)}\nFROM (\n${legs}\n)\nWHERE ${at} >= ${fromMs} AND ${at} < ${toMs}\n${grouping}`;
  }
  const pieces =
    attribution === 'event'
      ? momentsSql()
      : `arrayConcat(${momentsSql()}, ${piecesSql(fromMs, toMs, grainSeconds * 1000)})`;
  return `${select('at_ms', attribution === 'event' ? overMoments : overPieces)}
FROM (
SELECT *, piece.1 AS code, piece.2 AS at_ms, piece.3 AS piece_ms
FROM (
${legs}
)
ARRAY JOIN ${pieces} AS piece
)
WHERE at_ms >= ${fromMs} AND at_ms < ${toMs}
${grouping}`;
};

/** SQL of a served metric's value: the definition in force where the row begins. `changes` by day: epoch seconds. */
const valueSql = ({ versions }: ServedMetric, changes: ReadonlyMap<string, number>): string => {
  const [first, ...later] = versions;
  if (later.length === 0) return first.sql;
  const branches = versions.slice(0, -1).map((metric, n) => {
    const until = changes.get((versions[n + 1] as Metric).validFrom);
    if (until === undefined) throw new RangeError(`no instant for ${versions[n + 1]?.validFrom ?? ''}`);
    return `bucket_s < ${until}, ${metric.sql}`;
  });
  return `multiIf(${branches.join(', ')}, ${(later.at(-1) as Metric).sql})`;
};

/** The metrics as columns, each by the one definition given. */
export const served = (metrics: readonly Metric[]): readonly ServedMetric[] =>
  metrics.map((metric) => ({ key: metric.id, versions: [metric] }));

/** The columns with each count of a distribution by a name, and the expression over one row that each name stands for. */
const withCounts = (
  columns: readonly ServedMetric[],
): { readonly counting: readonly ServedMetric[]; readonly counts: readonly { name: string; count: string }[] } => {
  const names = new Map<string, string>();
  const nameOf = (count: string): string => {
    const name = names.get(count) ?? `count_${names.size}`;
    names.set(count, name);
    return name;
  };
  const named = (metric: Metric): Metric => ({ ...metric, sql: withCountsNamed(metric.sql, nameOf) });
  const counting = columns.map(({ key, versions: [first, ...later] }): ServedMetric => ({
    key,
    versions: [named(first), ...later.map(named)],
  }));
  return { counting, counts: [...names].map(([count, name]) => ({ name, count })) };
};

interface Merged {
  readonly name: string;
  readonly sql: string;
}

/** SELECT of what is merged over rows of the source, by group and under plain names. */
const mergedBy = (grouping: readonly string[], merged: readonly Merged[], source: string): string =>
  // The engine would take `sum(x) AS x` for a nested aggregate: merged columns get their plain names one level up.
  `SELECT
  ${list([...grouping, ...merged.map(({ name }) => `merged_${name} AS ${name}`)])}
FROM (
SELECT
  ${list([...grouping, ...merged.map(({ name, sql }) => `${sql} AS merged_${name}`)])}
FROM (
${source}
)
GROUP BY ${grouping.length === 0 ? 'tuple()' : grouping.join(', ')}
)`;

/** Groups that overlap: a row is merged once with its like, and what comes of that with each group that it is in. */
export interface Overlap {
  /** Column of the source that is the same for rows of the same groups. */
  readonly column: string;
  /** Array of the groups that it stands for. */
  readonly groups: string;
  /** Column of the grouping that such a group is in. */
  readonly group: string;
}

/**
 * SELECT of metrics over interval rows, grouped. Value `n` of the result is column `v<n>`.
 *
 * @param columns the definitions; with several versions in one, `bucket_s` (epoch seconds) must be among the grouping
 * @param source SQL with the grouping columns, the needed measures and `threshold_s`, `short_abandon_s`, `as_of_s`
 * @param grouping columns of the source to group by; they come first in the result, under their names
 * @param changes epoch second at which each `validFrom` within the range begins
 * @param overlap the source has its `column` in place of its `group`
 */
export const metricsOver = (
  columns: readonly ServedMetric[],
  source: string,
  grouping: readonly string[],
  changes: ReadonlyMap<string, number> = new Map(),
  overlap: Overlap | null = null,
): string => {
  const { counting, counts } = withCounts(columns);
  const merged = [
    ...METRIC_PARAMETERS.map((name) => ({ name, sql: `any(${name})` })),
    ...measuresOf(counting.flatMap(({ versions }) => versions)).map((measure) => ({
      name: measure.name,
      sql: mergeOf(measure),
    })),
  ];
  const ofRows = [...merged, ...counts.map(({ name, count }) => ({ name, sql: `sum(${count})` }))];
  const ofParts = [...merged, ...counts.map(({ name }) => ({ name, sql: `sum(${name})` }))];
  const values = `SELECT
  ${list([...grouping, ...counting.map((column, n) => `${valueSql(column, changes)} AS v${n}`)])}`;
  if (!overlap) return `${values}\nFROM (\n${mergedBy(grouping, ofRows, source)}\n)`;
  const { column, groups, group } = overlap;
  const parts = mergedBy([...grouping.filter((name) => name !== group), column], ofRows, source);
  const spread = `SELECT *, ${group}\nFROM (\n${parts}\n)\nARRAY JOIN ${groups} AS ${group}`;
  return `${values}\nFROM (\n${mergedBy(grouping, ofParts, spread)}\n)`;
};

/**
 * As {@link metricsOver}, where each row is a group of its own: nothing is merged, which takes longest of all where there
 * are many small groups.
 *
 * @param select list of the columns to keep, the needed measures and the parameters, over the rows
 * @param rows SQL of interval rows
 */
export const metricsByRow = (
  columns: readonly ServedMetric[],
  select: string,
  rows: string,
  keep: readonly string[],
  changes: ReadonlyMap<string, number> = new Map(),
): string => {
  const { counting, counts } = withCounts(columns);
  return `SELECT
  ${list([...keep, ...counting.map((column, n) => `${valueSql(column, changes)} AS v${n}`)])}
FROM (
SELECT ${list([select, ...counts.map(({ name, count }) => `${count} AS ${name}`)])}
FROM (
${rows}
)
)`;
};

/**
 * SELECT of metrics of single legs: one row for each, with the columns to keep. Value `n` of the result is column `v<n>`.
 *
 * @param legs SQL with the columns to keep, those that the measures read, and the parameters
 */
export const metricsOfEach = (columns: readonly ServedMetric[], legs: string, keep: readonly string[]): string => {
  const measures = measuresOf(columns.flatMap(({ versions }) => versions));
  return `SELECT
  ${list([...keep, ...columns.map((column, n) => `${valueSql(column, new Map())} AS v${n}`)])}
FROM (
SELECT
  ${list([...keep, ...METRIC_PARAMETERS, ...measures.map((measure) => `${ofOneRow(measure)} AS ${measure.name}`)])}
FROM (
${legs}
)
)`;
};

/**
 * SELECT of metrics of agents: `bucket_s`, `site`, `subject`, `staffed` (milliseconds), then value `n` as `v<n>`.
 *
 * @param source SQL with the grouping columns and all measures of spells, one row for each
 * @param changes as for {@link metricsOver}
 */
export const agentMetricsOver = (
  columns: readonly ServedMetric[],
  source: string,
  changes: ReadonlyMap<string, number> = new Map(),
): string => `SELECT
  ${list(['bucket_s', 'site', 'subject', 'staffed_ms AS staffed', ...columns.map((column, n) => `${valueSql(column, changes)} AS v${n}`)])}
FROM (
${source}
)`;

/**
 * SELECT of metrics of promises: `bucket_s`, `site`, `subject`, then value `n` as `v<n>`.
 *
 * @param source SQL with the grouping columns and all measures of promises, one row for each
 * @param changes as for {@link metricsOver}
 */
export const callbackMetricsOver = (
  columns: readonly ServedMetric[],
  source: string,
  changes: ReadonlyMap<string, number> = new Map(),
): string => `SELECT
  ${list(['bucket_s', 'site', 'subject', ...columns.map((column, n) => `${valueSql(column, changes)} AS v${n}`)])}
FROM (
${source}
)`;
