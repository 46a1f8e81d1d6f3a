import { MEASURES, type Measure } from './measures.js';
import { METRICS, type Metric } from './metrics.js';

/** The metric does not exist: the message names the field and the ids there are. */
export class UnknownMetricError extends Error {
  override readonly name = 'UnknownMetricError';
}

const current = new Map<string, Metric>();
for (const metric of METRICS) {
  const known = current.get(metric.id);
  if (!known || known.version < metric.version) current.set(metric.id, metric);
}

/** How a served number is cited: `id@version`. */
export const citation = (metric: Metric): string => `${metric.id}@${metric.version}`;

/**
 * The current definitions of the ids given, in that order; all of them, in registry order, if none is given.
 *
 * @throws {@link UnknownMetricError}
 */
export const metricsNamed = (ids: readonly string[]): readonly Metric[] => {
  if (ids.length === 0) return [...current.values()];
  return [...new Set(ids)].map((id) => {
    const metric = current.get(id);
    if (!metric)
      throw new UnknownMetricError(`metrics: "${id}" is not a metric; choose among ${[...current.keys()].join(', ')}`);
    return metric;
  });
};

const words = (sql: string): Set<string> => new Set(sql.match(/[a-z_][a-z0-9_]*/gi) ?? []);

/** The measures that the metrics' expressions use, in column order. */
export const measuresOf = (metrics: readonly Metric[]): readonly Measure[] => {
  const used = new Set(metrics.flatMap((metric) => [...words(metric.sql)]));
  return MEASURES.filter((measure) => used.has(measure.name));
};
