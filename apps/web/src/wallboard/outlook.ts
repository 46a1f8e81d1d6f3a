import { readReport, type ReportPage } from './reports.js';

/** An hour, or a part of one, of the coming week; instants in milliseconds since the epoch, waits in milliseconds. */
export interface OutlookHour {
  readonly from: number;
  readonly to: number;
  /** Null where there is no figure: `reason` says why. */
  readonly lowMs: number | null;
  readonly p50Ms: number | null;
  readonly highMs: number | null;
  readonly reason: 'CLOSED' | 'TOO_FEW_DATA' | null;
}

type Row = Omit<OutlookHour, 'from' | 'to'> & { readonly from: string; readonly to: string };

/**
 * Reads the outlook of one queue, from the running hour on.
 *
 * @throws Error with the server's reason when the report is refused
 */
export const loadOutlook = async (queue: string): Promise<OutlookHour[]> => {
  const pages = await readReport<ReportPage<Row>>('outlook', { queue });
  return pages.flatMap(({ rows }) =>
    rows.map((row) => ({ ...row, from: Date.parse(row.from), to: Date.parse(row.to) })),
  );
};

/** Whole minutes from below and from above, at least one. */
export const minutesOf = (lowMs: number, highMs: number): { readonly low: number; readonly high: number } => ({
  low: Math.floor(lowMs / 60_000),
  high: Math.max(1, Math.ceil(highMs / 60_000)),
});

/** A chart's columns in minutes: times in seconds, low, likely, high. Stretches without figures are gaps. */
export const outlookColumns = (
  hours: readonly OutlookHour[],
): [number[], (number | null)[], (number | null)[], (number | null)[]] => {
  const columns: ReturnType<typeof outlookColumns> = [[], [], [], []];
  const minutes = (value: number | null): number | null => (value === null ? null : value / 60_000);
  const add = (at: number, { lowMs, p50Ms, highMs }: OutlookHour): void => {
    columns[0].push(at / 1000);
    columns[1].push(minutes(lowMs));
    columns[2].push(minutes(p50Ms));
    columns[3].push(minutes(highMs));
  };
  // Both ends of each hour: a step is drawn by its corners.
  for (const hour of hours) {
    add(hour.from, hour);
    add(hour.to - 1, hour);
  }
  return columns;
};
