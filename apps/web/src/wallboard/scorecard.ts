import { readReport, type ReportPage } from './reports.js';

/** What one estimator's forecasts were worth: milliseconds and shares 0..1; null of nobody, or without a band. */
export interface EstimatorScore {
  readonly predictor: string;
  /** Begin of the time that it is over, milliseconds since the epoch. */
  readonly start: number;
  readonly scored: number;
  readonly mae: number | null;
  readonly maeQueued: number | null;
  readonly rmse: number | null;
  readonly bias: number | null;
  /** Pinball loss at 10, 50 and 90 per cent; a rule says the middle only. */
  readonly losses: readonly (number | null)[];
  readonly coverage: number | null;
  readonly coverageQueued: number | null;
  readonly longer: number | null;
}

interface Row {
  readonly start: string;
  readonly predictor: string;
  readonly population: 'answered' | 'queued';
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * Reads how good the estimates of a queue have been: over the whole time the one that contacts are told first, then the
 * best of the others; and that one by the hour.
 *
 * @param from begin of the business day; `to` its end so far: milliseconds since the epoch
 * @throws Error with the server's reason when the report is refused
 */
export const loadScores = async (
  queue: string,
  from: number,
  to: number,
): Promise<{ readonly total: EstimatorScore[]; readonly hours: EstimatorScore[] }> => {
  const iso = (at: number): string => new Date(at).toISOString();
  const read = async (grain: 'total' | 'hour'): Promise<EstimatorScore[]> => {
    const asked = { queue, from: iso(from), to: iso(Math.max(to, from + 1)), grain };
    const pages = await readReport<ReportPage<Row>>('estimates', asked);
    return scoresOf(pages.flatMap(({ rows }) => rows));
  };
  const [total, hours] = await Promise.all([read('total'), read('hour')]);
  return { total, hours: hours.filter(isServed) };
};

/** The rows of the report, a line for each time and estimator that has been scored. */
export const scoresOf = (rows: readonly Row[]): EstimatorScore[] => {
  const keyOf = ({ start, predictor }: Row): string => `${start} ${predictor}`;
  const queued = new Map(rows.filter(({ population }) => population === 'queued').map((row) => [keyOf(row), row]));
  return rows
    .filter(({ population, values }) => population === 'answered' && (values['estimates_scored'] ?? 0) > 0)
    .map((row) => {
      const { predictor, start, values } = row;
      const ofQueued = queued.get(keyOf(row))?.values;
      return {
        predictor,
        start: Date.parse(start),
        scored: values['estimates_scored'] ?? 0,
        mae: values['estimate_mae'] ?? null,
        maeQueued: ofQueued?.['estimate_mae'] ?? null,
        rmse: values['estimate_rmse'] ?? null,
        bias: values['estimate_bias'] ?? null,
        losses: ['p10', 'p50', 'p90'].map((quantile) => values[`estimate_loss_${quantile}`] ?? null),
        coverage: values['estimate_coverage'] ?? null,
        coverageQueued: ofQueued?.['estimate_coverage'] ?? null,
        longer: values['estimate_longer_than_told'] ?? null,
      };
    })
    .sort((one, other) => one.start - other.start || rank(one) - rank(other) || (one.mae ?? 0) - (other.mae ?? 0));
};

export const isServed = ({ predictor }: EstimatorScore): boolean => predictor === 'served';

const rank = (score: EstimatorScore): number => (isServed(score) ? 0 : 1);
