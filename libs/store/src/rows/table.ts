import type { ClickHouseClient } from '@clickhouse/client';
import { bulkInsertOf } from '../bulk-inserts.js';
import { encodeRows, textOf, type Column } from './encode.js';

/** Where a kind of fact is kept. */
export interface Table<Fact> {
  readonly name: string;
  readonly columns: readonly Column<Fact>[];
}

/** Rows per INSERT: each makes a part of the table, and on the way to a server a block is one text. */
const BLOCK_ROWS = 25_000;
/** Rows above which a file is worth its while. */
const BULK_ROWS = 200;

/** Writes facts in blocks; each block is written whole or not at all. Nothing is sent for no facts. */
export const insert = async <Fact>(
  client: ClickHouseClient,
  table: Table<Fact>,
  facts: readonly Fact[],
): Promise<void> => {
  const [first, ...others] = table.columns.map((column) => column.name);
  if (first === undefined) return;
  const bulkInsert = facts.length > BULK_ROWS ? bulkInsertOf(client) : undefined;
  for (let start = 0; start < facts.length; start += BLOCK_ROWS) {
    const rows = encodeRows(table.columns, facts.slice(start, start + BLOCK_ROWS));
    if (bulkInsert) await bulkInsert(table.name, [first, ...others], rows);
    else
      await client.insert({
        table: table.name,
        columns: [first, ...others],
        // One value: the client sends text as it is (see the engine), and ends it with a line break.
        values: [await textOf(rows)],
        format: 'JSONCompactEachRow',
      });
  }
};
