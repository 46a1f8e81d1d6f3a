import type { ClickHouseClient } from '@clickhouse/client';
import { wellFormed } from '../literals.js';

/** What a value is in the store, and so how it is written and read back. */
type Cell = string | number | boolean | null | readonly string[];

/** One column: its name, and how a fact gives its value. Instants are milliseconds since the epoch. */
export interface Column<Fact> {
  readonly name: string;
  readonly value: (fact: Fact) => Cell;
}

/** Where a kind of fact is kept. */
export interface Table<Fact> {
  readonly name: string;
  readonly columns: readonly Column<Fact>[];
}

/** Half a character pair is no text to the engine: it would refuse the flush that holds it, for ever. */
const storable = (cell: Cell): Cell => (typeof cell === 'string' ? wellFormed(cell) : cell);

/** Rows per INSERT: encoding a block must not hold the event loop for long. */
const BLOCK_ROWS = 10_000;

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
      values: facts
        .slice(start, start + BLOCK_ROWS)
        .map((fact) => table.columns.map((column) => storable(column.value(fact)))),
      format: 'JSONCompactEachRow',
    });
};
