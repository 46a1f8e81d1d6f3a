import { readReport, type ReportPage } from './reports.js';

/** What one estimator's forecasts were worth: milliseconds and shares 0..1; null of nobody, or without a band. */
export interface EstimatorScore {
  readonly predictor: string;
  readonly scored: number;
  readonly mae: number | null;
  readonly maeQueued: number | null;
  readonly bias: number | null;
  readonly coverage: number | null;
  readonly longer: number | null;
}

interface Row {
  readonly predictor: string;
  readonly population: 'answered' | 'queued';
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * Reads how good the estimates of a queue have been, the one that contacts are told first, then the best of the others.
 *
 * @param from begin of the business day; `to` its end so far: milliseconds since the epoch
 * @throws Error with the server's reason when the report is refused
 */
export const loadScores = async (queue: string, from: number, to: number): Promise<EstimatorScore[]> => {
  const iso = (at: number): string => new Date(at).toISOString();
  const pages = await readReport<ReportPage<Row>>('estimates', {
    queue,
    from: iso(from),
    to: iso(Math.max(to, from + 1)),
    grain: 'total',
  });
  return scoresOf(pages.flatMap(({ rows }) => rows));
};

/** The rows of the report, a line for each estimator that has been scored. */
export const scoresOf = (rows: readonly Row[]): EstimatorScore[] => {
  const queued = new Map(rows.filter(({ population }) => population === 'queued').map((row) => [row.predictor, row]));
  return rows
    .filter(({ population, values }) => population === 'answered' && (values['estimates_scored'] ?? 0) > 0)
    .map(({ predictor, values }) => ({
      predictor,
      scored: values['estimates_scored'] ?? 0,
      mae: values['estimate_mae'] ?? null,
      maeQueued: queued.get(predictor)?.values['estimate_mae'] ?? null,
      bias: values['estimate_bias'] ?? null,
      coverage: values['estimate_coverage'] ?? null,
      longer: values['estimate_longer_than_told'] ?? null,
    }))
    .sort((one, other) => rank(one) - rank(other) || (one.mae ?? 0) - (other.mae ?? 0));
};

const rank = ({ predictor }: EstimatorScore): number => (predictor === 'served' ? 0 : 1);
