import { MEASURES, mergeOf, zeroOf, type Measure } from './measures.js';
import { measuresOf } from './registry.js';
import { METRIC_PARAMETERS, type Metric } from './metrics.js';

/**
 * Columns of `contact_legs` that measures read. A source of legs for {@link aggregateLegs} must have them.
 */
export const LEG_COLUMNS = [
  'site',
  'contact',
  'internal',
  'outcome',
  'queued_at',
  'ended_at',
  'wait_ms',
  'ring_ms',
  'talk_ms',
  'hold_ms',
  'wrap_ms',
  'offers',
  'declines',
  'transferred_to_queue',
  'transferred_to_agent',
  'corrections',
] as const;

const list = (items: readonly string[]): string => items.join(',\n  ');

/** Select list: the measures over legs, each under its name. */
export const aggregateLegs = (measures: readonly Measure[] = MEASURES): string =>
  list(measures.map((measure) => `${measure.sql} AS ${measure.name}`));

/** Select list: the measures of an interval without legs. */
export const zeroMeasures = (measures: readonly Measure[] = MEASURES): string =>
  list(measures.map((measure) => `${zeroOf(measure)} AS ${measure.name}`));

/** Select list: the measures merged over intervals, in the order of the measures and without names, for an INSERT. */
export const mergeForInsert = (measures: readonly Measure[] = MEASURES): string => list(measures.map(mergeOf));

/**
 * SELECT of metrics over interval rows, grouped. Value `n` of the result is column `v<n>`.
 *
 * @param metrics the definitions
 * @param source SQL with the grouping columns, the needed measures and `threshold_s`, `short_abandon_s`, `as_of_s`
 * @param grouping columns of the source to group by; they come first in the result, under their names
 */
export const metricsOver = (metrics: readonly Metric[], source: string, grouping: readonly string[]): string => {
  // The engine would take `sum(x) AS x` for a nested aggregate: merged columns get their plain names one level up.
  const merged = [
    ...METRIC_PARAMETERS.map((name) => ({ name, sql: `any(${name})` })),
    ...measuresOf(metrics).map((measure) => ({ name: measure.name, sql: mergeOf(measure) })),
  ];
  return `SELECT
  ${list([...grouping, ...metrics.map((metric, n) => `${metric.sql} AS v${n}`)])}
FROM (
SELECT
  ${list([...grouping, ...merged.map(({ name }) => `merged_${name} AS ${name}`)])}
FROM (
SELECT
  ${list([...grouping, ...merged.map(({ name, sql }) => `${sql} AS merged_${name}`)])}
FROM (
${source}
)
GROUP BY ${grouping.length === 0 ? 'tuple()' : grouping.join(', ')}
)
)`;
};
