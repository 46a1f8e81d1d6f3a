import { readReport, type ReportPage } from './reports.js';

/** What can become of a promised call, in the order of the promise ledger. */
export const FATES = [
  'callbacks_open',
  'callbacks_kept',
  'callbacks_late',
  'callbacks_broken',
  'callbacks_cancelled',
] as const;
export type Fate = (typeof FATES)[number];

/** The promise ledger of a day: what was promised is the sum of the rest. */
export interface PromiseLedger {
  readonly promised: number;
  readonly fates: Readonly<Record<Fate, number>>;
}

type Row = { readonly values: Readonly<Record<string, number | null>> };

/**
 * Reads what has become so far of the calls that a queue promised since an instant.
 *
 * @param from begin of the business day; `to` its end so far: milliseconds since the epoch
 * @throws Error with the server's reason when the report is refused
 */
export const loadPromises = async (queue: string, from: number, to: number): Promise<PromiseLedger> => {
  const iso = (at: number): string => new Date(at).toISOString();
  const pages = await readReport<ReportPage<Row>>('callbacks', {
    queue,
    from: iso(from),
    to: iso(Math.max(to, from + 1)),
    grain: 'total',
    metrics: ['callbacks_promised', ...FATES].join(','),
  });
  return ledgerOf(pages.flatMap(({ rows }) => rows));
};

/** A ledger of the rows of the report; a day without promises has none. */
export const ledgerOf = (rows: readonly Row[]): PromiseLedger => {
  const sum = (metric: string): number => rows.reduce((total, { values }) => total + (values[metric] ?? 0), 0);
  const [open, kept, late, broken, cancelled] = FATES.map(sum) as [number, number, number, number, number];
  return {
    promised: sum('callbacks_promised'),
    fates: {
      callbacks_open: open,
      callbacks_kept: kept,
      callbacks_late: late,
      callbacks_broken: broken,
      callbacks_cancelled: cancelled,
    },
  };
};
