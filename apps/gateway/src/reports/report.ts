import { instant, queueId, type TenantId } from '@queuecast/events';
import type { Catalog } from '@queuecast/settings';
import type { DefinitionChange, ReportColumn, ReportDefinitions, Store } from '@queuecast/store';
import type { FrameCache } from '../frames/frame-cache.js';
import type { Clock } from '../gateway.tokens.js';
import type { Cell, Table } from './csv.js';

/** What reports are made from. */
export interface ReportSources {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Tells of queues that only events know. */
  readonly frames: FrameCache;
  readonly now: Clock;
}

/** One page of a report, in whichever of its forms is asked for. */
export interface ReportAnswer {
  readonly document: () => Readonly<Record<string, unknown>>;
  readonly table: () => Table;
  readonly nextCursor: string | null;
}

/** A report; `name` says which in metrics and in the name of a file. */
export interface Report<Query> {
  readonly name: string;
  /** @throws the store's errors, which the desk answers with problem documents */
  read(sources: ReportSources, tenant: TenantId, query: Query): Promise<ReportAnswer>;
}

export const iso = (at: number): string => new Date(at).toISOString();
export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** What every document of figures says about its definitions. */
export const definitionsJson = ({ metrics, columns, changes }: ReportDefinitions) => ({
  metrics,
  columns,
  changes: changes.map((change) => ({ ...change, at: iso(change.at) })),
});

/** The definition that a row is by, which begins at `start`. */
const inForce = (column: ReportColumn, changes: readonly DefinitionChange[], start: number): string | null =>
  changes.findLast(({ key, at }) => key === column.key && at <= start)?.to ?? column.metrics[0] ?? null;

/**
 * The columns of figures in a table. A column is headed by the definitions it is by, `asa@1`. Where one changes within
 * the report the heading names them all, joined by `|`, and a column `asa version` follows that says of each row which
 * it is by: so that a file that has left HTTP behind still tells.
 */
export const figureColumns = ({ columns, changes }: ReportDefinitions) => ({
  header: columns.flatMap(({ key, metrics }) => [metrics.join('|'), ...(metrics.length > 1 ? [`${key} version`] : [])]),
  cells: (values: Readonly<Record<string, Cell>>, start: number): Cell[] =>
    columns.flatMap((column) => [
      values[column.key] ?? null,
      ...(column.metrics.length > 1 ? [inForce(column, changes, start)] : []),
    ]),
});

/** What the query of every report over a range has. */
interface RangeQuery {
  readonly queue?: readonly string[] | undefined;
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The part of a request that every report over a range has. */
export const pageOver = (tenant: TenantId, { queue, from, to, limit, cursor }: RangeQuery) => ({
  tenant,
  queues: (queue ?? []).map(queueId),
  from: instant(from),
  to: instant(to),
  limit,
  ...(cursor === undefined ? {} : { cursor }),
});

interface FigureRow {
  readonly start: number;
  readonly values: Readonly<Record<string, Cell>>;
}

/**
 * A page of figures by interval.
 *
 * @param asked what the document repeats of the question
 * @param key which of a row's members say what it is of, in the order of the table's columns, and how they are headed
 */
export const figuresAnswer = <Row extends FigureRow>(
  asked: { readonly from: number; readonly to: number } & Readonly<Record<string, unknown>>,
  key: Readonly<Partial<Record<Exclude<keyof Row, 'values'>, string>>>,
  report: ReportDefinitions & { readonly rows: readonly Row[]; readonly nextCursor: string | null },
): ReportAnswer => {
  const figures = figureColumns(report);
  const members = Object.keys(key) as Exclude<keyof Row, 'values'>[];
  return {
    document: () => ({
      ...asked,
      from: iso(asked.from),
      to: iso(asked.to),
      ...definitionsJson(report),
      rows: report.rows.map((row) => ({ ...row, start: iso(row.start) })),
      nextCursor: report.nextCursor,
    }),
    table: () => ({
      header: [...Object.values<string>(key as Record<string, string>), ...figures.header],
      rows: report.rows.map((row) => [
        ...members.map((member) => (member === 'start' ? iso(row.start) : (row[member] as Cell))),
        ...figures.cells(row.values, row.start),
      ]),
    }),
    nextCursor: report.nextCursor,
  };
};
