import { ATTRIBUTIONS, type Attribution } from './attribution.js';

/** What a value counts or measures. Durations are milliseconds; ratios are shares 0..1. */
export type MetricUnit = 'legs' | 'contacts' | 'agents' | 'promises' | 'count' | 'ms' | 'ms by reason' | 'ratio';

/** What a report lists a metric by: queues, groups of agents, or queues with their promises of a call back. */
export type MetricSubject = 'queues' | 'agents' | 'callbacks';

/** Measures and parameters that stand for an interval, and what the definition makes of them. */
export interface WorkedExample {
  readonly text: string;
  /** Value by measure or parameter: a number, or the counts of a distribution by second (or by reason). */
  readonly given: Readonly<Record<string, number | Readonly<Record<string, number>> | readonly number[]>>;
  readonly gives: number | Readonly<Record<string, number>> | null;
}

/** The nearest figure that other systems show, by the name they give it; null where there is none. */
export interface NearestNames {
  readonly amazonConnect: string | null;
  readonly genesysCloud: string | null;
}

/** One definition. A changed definition is a new entry with the next version and a later `validFrom`; entries are never edited. */
export interface Metric {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly subject: MetricSubject;
  readonly meaning: string;
  /**
   * Expression over merged measures, and over the parameters `threshold_s`, `short_abandon_s` (whole seconds) and
   * `as_of_s` (epoch seconds: the moment that tells whether someone still waiting has passed the threshold).
   */
  readonly sql: string;
  /** How it is attributed to intervals unless a report asks otherwise. */
  readonly attribution: Attribution;
  /** The attributions that it can be asked for by. */
  readonly attributions: readonly Attribution[];
  /** First business day, ISO date, that the definition holds for. */
  readonly validFrom: string;
  readonly example: WorkedExample;
  readonly nearest: NearestNames;
}

/** Names that a metric's expression may use besides measures. */
export const METRIC_PARAMETERS = ['threshold_s', 'short_abandon_s', 'as_of_s'] as const;

type Definition = Pick<Metric, 'id' | 'name' | 'unit' | 'meaning' | 'sql' | 'example'> &
  Partial<Pick<Metric, 'version' | 'validFrom' | 'subject' | 'attributions'>> & {
    /** Amazon Connect, Genesys Cloud. */
    readonly nearest: readonly [string | null, string | null];
  };

/** A definition with everything spelt out. */
export const define = (definition: Definition): Metric => {
  const { nearest, attributions = ATTRIBUTIONS, ...rest } = definition;
  return {
    version: 1,
    subject: 'queues',
    validFrom: '1970-01-01',
    ...rest,
    attribution: attributions[0] ?? 'arrival',
    attributions,
    nearest: { amazonConnect: nearest[0], genesysCloud: nearest[1] },
  };
};

/** Count of a distribution's keys for which `condition` on `second` holds. */
export const countWhere = (map: string, condition: string): string =>
  `arraySum(mapValues(mapFilter((second, legs) -> ${condition}, ${map})))`;

/** Finds what {@link countWhere} writes. */
const COUNTED = /arraySum\(mapValues\(mapFilter\(\(second, legs\) -> ([^()]+), (\w+)\)\)\)/g;

/**
 * The expression with every {@link countWhere} in it by the name that `nameOf` gives it. The count of a merged
 * distribution is the sum of the counts of its parts, and adding numbers costs a tenth of merging maps.
 *
 * @param nameOf told the count as an expression over one part
 */
export const withCountsNamed = (sql: string, nameOf: (count: string) => string): string =>
  sql.replace(COUNTED, (_, condition: string, map: string) =>
    nameOf(`arraySum((second, legs) -> if(${condition}, legs, 0), mapKeys(${map}), mapValues(${map}))`),
  );

/** Offered and waiting no more, class by class: the ledger without those still waiting. */
export const LEGS_LEFT =
  'legs_answered + legs_abandoned + legs_flowed_out + legs_callback_taken + legs_dropped + legs_closed_out';

/** Part of a whole; null where the whole is zero. */
export const ratio = (part: string, whole: string): string => `if((${whole}) = 0, NULL, (${part}) / (${whole}))`;

/**
 * A quantile of a distribution of waits, in milliseconds: by nearest rank on whole seconds. The smallest whole second S
 * such that at least `percent` in a hundred of the waits are at most S. No interpolation: the value is one that a
 * customer really waited, rounded up to the second. Null without waits.
 */
export const quantileOf = (map: string, percent: number): string => {
  const seconds = `arraySort(mapKeys(${map}))`;
  const counts = `arraySort((legs, second) -> second, mapValues(${map}), mapKeys(${map}))`;
  const rank = `intDiv(arraySum(mapValues(${map})) * ${percent} + 99, 100)`;
  return `if(empty(mapKeys(${map})), NULL, 1000 * arrayFirst((second, upto) -> upto >= ${rank}, ${seconds}, arrayCumSum(${counts})))`;
};
