import { setImmediate as nextTurn } from 'node:timers/promises';
import { wellFormed } from '../literals.js';
import type { Cell, Column } from './table.js';

/** Longest stretch of encoding before the event loop gets its turn, in milliseconds. */
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

/** The facts as JSONCompactEachRow, without holding the event loop for long. */
export const encodeRows = async <Fact>(columns: readonly Column<Fact>[], facts: readonly Fact[]): Promise<string> => {
  const rows: string[] = [];
  const cells: string[] = columns.map(() => '');
  let sliceStart = performance.now();
  for (const fact of facts) {
    for (let n = 0; n < columns.length; n += 1) {
      const column = columns[n] as Column<Fact>;
      const value = column.value(fact);
      cells[n] = column.isObjectText ? spliced(value) : encodeCell(value);
    }
    rows.push(`[${cells.join(',')}]`);
    if (rows.length % ROWS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
      await nextTurn();
      sliceStart = performance.now();
    }
  }
  return rows.join('\n');
};
