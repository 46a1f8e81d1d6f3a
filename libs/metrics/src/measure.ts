import { momentCode, stretchCode, type LegStretch, type Moment } from './attribution.js';

/**
 * How rows of one measure merge: when intervals are added up, and when an interval without legs is written as zeros.
 * `sum` adds, `distribution` adds the counts of a map key by key, `largest` keeps the greatest (null where there is
 * none), `set` unites.
 */
export type MeasureKind = 'sum' | 'distribution' | 'largest' | 'set';

/** What a measure is taken over, and so where its rows come from. */
export type MeasureSource =
  /** Legs, one by one: kept by the interval in `queue_intervals`. */
  | 'legs'
  /** Contacts among those of the same caller on the same group of queues, days before and after. */
  | 'journeys'
  /** Legs beside the hours in which their queue is closed by its calendar. */
  | 'closings'
  /** Legs beside what was forecast of them when they joined. */
  | 'forecasts'
  /** Time of agents by state. */
  | 'spells';

/** An aggregate over rows of facts. */
export interface Measure {
  readonly name: string;
  readonly kind: MeasureKind;
  readonly source: MeasureSource;
  /** Which rows it is over. */
  readonly condition: string;
  /** What of a row is added up, or is the key of a distribution; rows are counted if absent. */
  readonly value: string | null;
  readonly meaning: string;
  /** When it happens to a leg: where it counts by `event`. */
  readonly moment: Moment;
  /** The duration that it adds up: what `clipped` cuts. */
  readonly stretch: LegStretch | null;
}

/** One leg has several of these moments, and `value` is how many. */
const REPEATED: ReadonlySet<Moment> = new Set<Moment>(['offered', 'declined']);

const aggregate = ({ kind, value }: Measure, condition: string, repeated = false): string => {
  switch (kind) {
    case 'sum':
      return value === null || repeated ? `countIf(${condition})` : `sumIf(${value}, ${condition})`;
    case 'distribution':
      return `sumMapIf(map(${value}, toUInt64(1)), ${condition})`;
    case 'largest':
      return `maxOrNullIf(${value}, ${condition})`;
    case 'set':
      return `groupUniqArrayIf(${value}, ${condition})`;
  }
};

/** The measure over whole rows: each counts with all it is. */
export const overRows = (measure: Measure): string => aggregate(measure, measure.condition);

/** The measure over the moments of legs: rows with `code` beside the leg's columns. */
export const overMoments = (measure: Measure): string =>
  aggregate(measure, `${measure.condition} AND code = ${momentCode(measure.moment)}`, REPEATED.has(measure.moment));

/** As {@link overMoments}, with durations from the pieces that were cut: rows with `code` and `piece_ms`. */
export const overPieces = (measure: Measure): string =>
  measure.stretch === null
    ? overMoments(measure)
    : `toUInt64(sumIf(piece_ms, ${measure.condition} AND code = ${stretchCode(measure.stretch)}))`;

/** The measure of one single row, without aggregation. */
export const ofOneRow = (measure: Measure): string => {
  const { kind, condition, value } = measure;
  const known = value ?? 'toUInt64(1)';
  const one = { sum: known, largest: known, distribution: `map(${known}, toUInt64(1))`, set: `[${known}]` }[kind];
  return `if(${condition}, ${one}, ${zeroOf(measure)})`;
};

const STORAGE: Readonly<Record<MeasureKind, { readonly type: string; readonly zero: string; readonly merge: string }>> =
  {
    sum: { type: 'UInt64', zero: 'toUInt64(0)', merge: 'sum' },
    distribution: { type: 'Map(UInt32, UInt64)', zero: `CAST(map(), 'Map(UInt32, UInt64)')`, merge: 'sumMap' },
    largest: { type: 'Nullable(UInt64)', zero: `CAST(NULL, 'Nullable(UInt64)')`, merge: 'max' },
    set: { type: 'Array(UInt64)', zero: `CAST([], 'Array(UInt64)')`, merge: 'groupUniqArrayArray' },
  };

/** ClickHouse type of the measure's column. */
export const columnType = (measure: Measure): string => STORAGE[measure.kind].type;
/** What the measure is over no rows at all: an SQL literal. */
export const zeroOf = (measure: Measure): string => STORAGE[measure.kind].zero;
/** SQL that merges the measure over several intervals. */
export const mergeOf = (measure: Measure): string => `${STORAGE[measure.kind].merge}(${measure.name})`;
