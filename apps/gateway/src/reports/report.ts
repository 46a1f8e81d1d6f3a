import type { TenantId } from '@queuecast/events';
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
