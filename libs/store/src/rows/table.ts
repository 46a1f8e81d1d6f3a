import type { ClickHouseClient } from '@clickhouse/client';
import { encodeRows } from './encode.js';

/** What a value is in the store, and so how it is written and read back. */
export type Cell = string | number | boolean | null | readonly Cell[];

/** One column: its name, and how a fact gives its value. Instants are milliseconds since the epoch. */
export interface Column<Fact> {
  readonly name: string;
  readonly value: (fact: Fact) => Cell;
  /** The value is JSON text of an object: sent as it is, and stored as it is but for space around it. */
  readonly isObjectText?: true;
}

/** Where a kind of fact is kept. */
export interface Table<Fact> {
  readonly name: string;
  readonly columns: readonly Column<Fact>[];
}

/** Rows per INSERT: each makes a part of the table, and a block is held in memory a few times. */
const BLOCK_ROWS = 25_000;

/** Writes facts in blocks; each block is written whole or not at all. Nothing is sent for no facts. */
export const insert = async <Fact>(
  client: ClickHouseClient,
  table: Table<Fact>,
  facts: readonly Fact[],
): Promise<void> => {
  const [first, ...others] = table.columns.map((column) => column.name);
  if (first === undefined) return;
  for (let start = 0; start < facts.length; start += BLOCK_ROWS)
    await client.insert({
      table: table.name,
      columns: [first, ...others],
      // One value: the client sends text as it is (see the engine).
      values: [await encodeRows(table.columns, facts.slice(start, start + BLOCK_ROWS))],
      format: 'JSONCompactEachRow',
    });
};
