import { setImmediate as nextTurn } from 'node:timers/promises';
import { wellFormed } from '../literals.js';

/** What a value is in the store, and so how it is written and read back. */
export type Cell = string | number | boolean | null | readonly Cell[];

/** One column: its name, and how a fact gives its value. Instants are milliseconds since the epoch. */
export interface Column<Fact> {
  readonly name: string;
  readonly value: (fact: Fact) => Cell;
  /** The value is JSON text of an object: sent as it is, and stored as it is but for space around it. */
  readonly isObjectText?: true;
}

/** Longest stretch of work before the event loop gets its turn, in milliseconds. */
const SLICE_MS = 4;
const ROWS_PER_LOOK = 64;

// eslint-disable-next-line no-control-regex -- control characters are among what JSON escapes
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;
const SURROGATE = /[\ud800-\udfff]/;

const quoted = (text: string): string => (NEEDS_CARE.test(text) ? JSON.stringify(wellFormed(text)) : `"${text}"`);

const encodeCell = (cell: Cell): string => {
  switch (typeof cell) {
    case 'string':
      return quoted(cell);
    case 'object':
      return cell === null ? 'null' : `[${cell.map(encodeCell).join(',')}]`;
    default:
      return String(cell);
  }
};

/** JSON text of an object as it is: the engine keeps the text of an object read into a String. */
const spliced = (cell: Cell): string => {
  if (typeof cell !== 'string' || cell[0] !== '{') return encodeCell(cell);
  return SURROGATE.test(cell) ? wellFormed(cell) : cell;
};

/** The facts as lines of JSONCompactEachRow, one at a time, each with its line break. */
export function* encodeRows<Fact>(columns: readonly Column<Fact>[], facts: Iterable<Fact>): Generator<string> {
  const cells: string[] = columns.map(() => '');
  for (const fact of facts) {
    for (let n = 0; n < columns.length; n += 1) {
      const column = columns[n] as Column<Fact>;
      const value = column.value(fact);
      cells[n] = column.isObjectText ? spliced(value) : encodeCell(value);
    }
    yield `[${cells.join(',')}]\n`;
  }
}

/** Lines as one text without the last line break, made without holding the event loop for long. */
export const textOf = async (rows: Iterable<string>): Promise<string> => {
  const lines: string[] = [];
  let sliceStart = performance.now();
  for (const row of rows) {
    lines.push(row);
    if (lines.length % ROWS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
      await nextTurn();
      sliceStart = performance.now();
    }
  }
  return lines.join('').slice(0, -1);
};
