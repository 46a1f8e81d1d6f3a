import { ATTRIBUTIONS, type Attribution } from './attribution.js';
import { AGENT_METRICS } from './definitions/agents.js';
import { CALLBACK_METRICS } from './definitions/callbacks.js';
import { ESTIMATE_METRICS } from './definitions/estimates.js';
import { HANDLING_METRICS } from './definitions/handling.js';
import { JOURNEY_METRICS } from './definitions/journeys.js';
import { LEDGER_METRICS } from './definitions/ledger.js';
import { SERVICE_LEVEL_METRICS } from './definitions/service-levels.js';
import { WAIT_METRICS } from './definitions/waits.js';
import { FORECAST_MEASURES } from './forecast-measures.js';
import type { Measure } from './measure.js';
import { CLOSING_MEASURES, JOURNEY_MEASURES, LEG_MEASURES } from './measures.js';
import type { Metric, MetricSubject } from './metric.js';

/** The metric does not exist: the message names the field and the ids there are. */
export class UnknownMetricError extends Error {
  override readonly name = 'UnknownMetricError';
}

/** The registry contradicts itself: a programming error. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
}

/** How a served number is cited: `id@version`. */
export const citation = (metric: Pick<Metric, 'id' | 'version'>): string => `${metric.id}@${metric.version}`;

/** Every definition, in the order reports show them. */
export const METRICS: readonly Metric[] = [
  ...LEDGER_METRICS,
  ...SERVICE_LEVEL_METRICS,
  ...WAIT_METRICS,
  ...HANDLING_METRICS,
  ...JOURNEY_METRICS,
  ...ESTIMATE_METRICS,
  ...AGENT_METRICS,
  ...CALLBACK_METRICS,
];

/** Every measure over legs, contacts and closing times, in column order. */
export const MEASURES: readonly Measure[] = [
  ...LEG_MEASURES,
  ...JOURNEY_MEASURES,
  ...CLOSING_MEASURES,
  ...FORECAST_MEASURES,
];

const words = (sql: string): Set<string> => new Set(sql.match(/[a-z_][a-z0-9_]*/gi) ?? []);

/** The measures of queues that the metrics' expressions use, in column order. */
export const measuresOf = (metrics: readonly Metric[]): readonly Measure[] => {
  const used = new Set(metrics.flatMap((metric) => [...words(metric.sql)]));
  return MEASURES.filter((measure) => used.has(measure.name));
};

/** One column of a report: what was asked for, and the definitions that hold within the range, oldest first. */
export interface ServedMetric {
  /** `id`, or `id@version` where one version was asked for: the key of the value. */
  readonly key: string;
  readonly versions: readonly [Metric, ...Metric[]];
}

/** Which metrics a report wants. */
export interface MetricSelection {
  /** `id` for the definition in force, `id@version` for that one; those that cost no more than intervals if empty. */
  readonly asked: readonly string[];
  readonly subject: MetricSubject;
  readonly attribution: Attribution;
  /** First and last business day of the range, ISO dates. */
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Definitions by id and version. A changed definition is a further version with a later date. */
export class MetricRegistry {
  readonly #byId = new Map<string, Metric[]>();

  /** @throws RegistryError when versions of an id do not ascend with their dates */
  constructor(readonly definitions: readonly Metric[]) {
    for (const metric of definitions) {
      const versions = this.#byId.get(metric.id) ?? [];
      const before = versions.at(-1);
      if (before && (before.version >= metric.version || before.validFrom >= metric.validFrom))
        throw new RegistryError(
          `${citation(metric)} must have a higher version and a later date than ${citation(before)}`,
        );
      if (before && (before.subject !== metric.subject || before.unit !== metric.unit))
        throw new RegistryError(`${citation(metric)} must keep subject and unit, or be a metric of its own`);
      versions.push(metric);
      this.#byId.set(metric.id, versions);
    }
  }

  /**
   * The latest definition of each id given (or the version named), once each and in that order; of every id if none is.
   *
   * @throws {@link UnknownMetricError}
   */
  named(asked: readonly string[]): readonly Metric[] {
    const keys = asked.length === 0 ? [...this.#byId.keys()] : [...new Set(asked)];
    return keys.map((key) => this.#versionsOf(key).at(-1) as Metric);
  }

  /** The definition of each id that is in force on a day (the first one for days before it). */
  inForce(asked: readonly string[], day: string): readonly Metric[] {
    return [...new Set(asked)].map((key) => {
      const versions = this.#versionsOf(key);
      return (versions.findLast(({ validFrom }) => validFrom <= day) ?? versions[0]) as Metric;
    });
  }

  /**
   * The columns of a report.
   *
   * @throws {@link UnknownMetricError} for an unknown metric, one of another subject, or one that the attribution does
   *   not suit
   */
  select({ asked, subject, attribution, firstDay, lastDay }: MetricSelection): readonly ServedMetric[] {
    const keys = asked.length === 0 ? this.#usual(subject, attribution) : [...new Set(asked)];
    return keys.map((key) => {
      const known = this.#versionsOf(key);
      const first = known.findLast(({ validFrom }) => validFrom <= firstDay) ?? known[0];
      const versions = known.filter(
        (metric) => metric === first || (metric.validFrom > firstDay && metric.validFrom <= lastDay),
      );
      for (const metric of versions) requireSuits(metric, subject, attribution);
      return { key, versions: versions as [Metric, ...Metric[]] };
    });
  }

  /** What a report shows that names no metric: all that suits, without what must read the facts. */
  #usual(subject: MetricSubject, attribution: Attribution): string[] {
    const ids: string[] = [];
    for (const [id, versions] of this.#byId) {
      const suits = versions.every((metric) => metric.subject === subject && metric.attributions.includes(attribution));
      const costly = measuresOf(versions).some(({ source }) => source !== 'legs');
      if (suits && !costly) ids.push(id);
    }
    return ids;
  }

  #versionsOf(key: string): readonly Metric[] {
    const [, id = key, version] = /^(.*)@(\d+)$/.exec(key) ?? [];
    const versions = this.#byId.get(id);
    if (!versions)
      throw new UnknownMetricError(
        `metrics: "${key}" is not a metric; choose among ${[...this.#byId.keys()].join(', ')}`,
      );
    if (version === undefined) return versions;
    const one = versions.find((metric) => metric.version === Number(version));
    if (!one)
      throw new UnknownMetricError(
        `metrics: "${key}" has no such version; choose among ${versions.map(citation).join(', ')}`,
      );
    return [one];
  }
}

const requireSuits = (metric: Metric, subject: MetricSubject, attribution: Attribution): void => {
  if (metric.subject !== subject)
    throw new UnknownMetricError(
      `metrics: "${metric.id}" is a metric of ${metric.subject}; ask the report on ${metric.subject} for it`,
    );
  if (!metric.attributions.includes(attribution))
    throw new UnknownMetricError(
      `metrics: "${metric.id}" cannot be attributed by ${attribution}; leave it out, or ask for attribution=${metric.attributions.join(' or ')} (of ${ATTRIBUTIONS.join(', ')})`,
    );
};

/** The product's registry. */
export const REGISTRY = new MetricRegistry(METRICS);

/** The latest definitions of the product's registry: see {@link MetricRegistry.named}. */
export const metricsNamed = (asked: readonly string[]): readonly Metric[] => REGISTRY.named(asked);
