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
const METRICS = 'offered,answered,abandoned,short_abandoned,service_level';

/** A value by its metric's id, whatever the version it is served under (`offered` or `offered@1`). */
const valueOf = ({ values }: Row, metric: string): number | null => {
  const key = Object.keys(values).find((name) => name === metric || name.startsWith(`${metric}@`));
  return key === undefined ? null : (values[key] ?? null);
};

const sum = (rows: readonly Row[], metric: string): number | null => {
  const values = rows.map((row) => valueOf(row, metric)).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
};

/** Service level over channels: each weighs by what it is a share of, offered without short abandons. */
const level = (rows: readonly Row[]): number | null => {
  let met = 0;
  let of = 0;
  for (const row of rows) {
    const share = valueOf(row, 'service_level');
    const weight = (valueOf(row, 'offered') ?? 0) - (valueOf(row, 'short_abandoned') ?? 0);
    if (share === null || weight <= 0) continue;
    met += share * weight;
    of += weight;
  }
  return of === 0 ? null : met / of;
};

/**
 * Adds up the channels of each quarter and fills the quarters in which nothing happened.
 *
 * @param from start of the business day, milliseconds since the epoch
 * @param to now
 */
export const dayHistory = (rows: readonly Row[], from: number, to: number): DayHistory => {
  const byStart = new Map<number, Row[]>();
  for (const row of rows) {
    const start = Date.parse(row.start);
    byStart.set(start, [...(byStart.get(start) ?? []), row]);
  }
  const starts: number[] = [];
  for (let start = Math.floor(from / QUARTER_MS) * QUARTER_MS; start < to; start += QUARTER_MS) starts.push(start);
  const quarters = starts.map((start) => byStart.get(start) ?? []);
  const counts = (metric: string): (number | null)[] => quarters.map((quarter) => sum(quarter, metric) ?? 0);
  return {
    starts: starts.map((start) => start / 1000),
    offered: counts('offered'),
    answered: counts('answered'),
    abandoned: counts('abandoned'),
    serviceLevel: quarters.map(level),
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
    metrics: METRICS,
  });
  return dayHistory(
    pages.flatMap(({ rows }) => rows),
    from,
    to,
  );
};
