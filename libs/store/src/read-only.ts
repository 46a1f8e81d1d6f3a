import type { ClickHouseClient } from '@clickhouse/client';
import { InvalidReportError } from './errors.js';
import { text } from './literals.js';

const READS = /^\(*\s*(SELECT|WITH|EXPLAIN|DESCRIBE|SHOW)\b/i;
/** Quoted text and quoted names of a statement in the engine's own notation, which has no comments. */
const QUOTED = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"/gs;

/**
 * Runs one statement that reads. The lane's `readonly` setting refuses writes, other statements and changed limits;
 * INTO OUTFILE and FORMAT are refused here, because the engine in this process would write the file.
 *
 * @param parameters values for `{name:Type}` placeholders; they never become part of the statement's text
 * @throws InvalidReportError for what is not one reading statement; the engine's error as it is
 */
export const readOnly = async (
  client: ClickHouseClient,
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>[]> => {
  // The engine's parser decides what the statement is: one statement, comments gone, keywords in capitals.
  const formatted = await client.query({
    query: `SELECT formatQuerySingleLine(${text(sql)}) AS sql`,
    format: 'JSONEachRow',
  });
  const statement = (await formatted.json<{ readonly sql: string }>())[0]?.sql ?? '';
  const bare = statement.replace(QUOTED, "''");
  if (!READS.test(bare)) throw new InvalidReportError('sql: must be one SELECT, EXPLAIN, DESCRIBE or SHOW statement');
  if (/\bINTO OUTFILE\b/i.test(bare))
    throw new InvalidReportError('sql: leave out INTO OUTFILE; the rows are the answer');
  if (/\bFORMAT [A-Za-z]+\s*$/i.test(bare))
    throw new InvalidReportError('sql: leave out FORMAT; the rows are the answer');
  const bound = Object.keys(parameters).length > 0 ? { query_params: { ...parameters } } : {};
  const result = await client.query({ query: statement, ...bound, format: 'JSONEachRow' });
  return result.json<Record<string, unknown>>();
};
