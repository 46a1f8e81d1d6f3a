import { awayProblem } from '@queuecast/http';
import { StoreAwayError, type Store } from '@queuecast/store';

type Row = Record<string, unknown>;

/** Rows of one statement over the archive of events. @throws ProblemException 503 if the store is away */
export const readArchive = async (
  store: Store,
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Row[]> => {
  try {
    return await store.report(sql, parameters);
  } catch (error) {
    if (error instanceof StoreAwayError) throw awayProblem('the history store is away: ask again shortly');
    throw error;
  }
};

/** A text of a row; null where it is empty. */
export const textOf = (row: Row, name: string): string | null => (row[name] as string) || null;
