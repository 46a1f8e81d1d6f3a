import { readReport, type ReportPage } from './reports.js';

/** Today's intervals of one queue, a value per quarter of an hour; instants in seconds, as the chart wants them. */
export interface DayHistory {
  readonly starts: readonly number[];
  readonly offered: readonly (number | null)[];
  readonly answered: readonly (number | null)[];
  readonly abandoned: readonly (number | null)[];
  /** Share 0..1. */
  readonly serviceLevel: readonly (number | null)[];
}

interface Row {
  readonly start: string;
  readonly values: Readonly<Record<string, number | null>>;
}

const QUARTER_MS = 900_000;
const METRICS = 'offered,answered,abandoned,service_level';

/** A value by its metric's id, whatever the version it is served under (`offered` or `offered@1`). */
const valueOf = ({ values }: Row, metric: string): number | null => {
  const key = Object.keys(values).find((name) => name === metric || name.startsWith(`${metric}@`));
  return key === undefined ? null : (values[key] ?? null);
};

/**
 * The quarters of a day, those in which nothing happened too.
 *
 * @param rows one of a quarter, all channels together
 * @param from start of the business day, milliseconds since the epoch
 * @param to now
 */
export const dayHistory = (rows: readonly Row[], from: number, to: number): DayHistory => {
  const byStart = new Map(rows.map((row) => [Date.parse(row.start), row]));
  const starts: number[] = [];
  for (let start = Math.floor(from / QUARTER_MS) * QUARTER_MS; start < to; start += QUARTER_MS) starts.push(start);
  const figures = (metric: string): (number | null)[] =>
    starts.map((start) => {
      const row = byStart.get(start);
      return row === undefined ? null : valueOf(row, metric);
    });
  const counts = (metric: string): number[] => figures(metric).map((count) => count ?? 0);
  return {
    starts: starts.map((start) => start / 1000),
    offered: counts('offered'),
    answered: counts('answered'),
    abandoned: counts('abandoned'),
    serviceLevel: figures('service_level'),
  };
};

/**
 * Reads today's quarters of one queue over HTTP, with the session cookie.
 *
 * @throws Error with the server's title, or the status, when the report is refused
 */
export const loadDay = async (queue: string, from: number, to: number): Promise<DayHistory> => {
  const pages = await readReport<ReportPage<Row>>('intervals', {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    grain: 'quarter',
    queue,
    // A share of shares would be another number.
    channels: 'together',
    metrics: METRICS,
  });
  return dayHistory(
    pages.flatMap(({ rows }) => rows),
    from,
    to,
  );
};
