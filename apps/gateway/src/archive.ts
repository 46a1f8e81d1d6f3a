import type { Store } from '@queuecast/store';
import { unlessAway } from './away.js';

type Row = Record<string, unknown>;

/** Rows of one statement over the archive of events. @throws ProblemException 503 if the store is away */
export const readArchive = (store: Store, sql: string, parameters: Readonly<Record<string, unknown>>): Promise<Row[]> =>
  unlessAway(() => store.report(sql, parameters));

/** A text of a row; null where it is empty. */
export const textOf = (row: Row, name: string): string | null => (row[name] as string) || null;
