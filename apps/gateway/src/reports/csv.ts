/** What a field may hold; a map, of milliseconds by reason, is written as JSON. */
export type Cell = string | number | Readonly<Record<string, number>> | null;

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const field = (value: Cell): string => {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A table as CSV (RFC 4180): a header, then one line per row; nothing to divide by is an empty field. */
export const csvOf = ({ header, rows }: Table): string =>
  [header, ...rows].map((line) => `${line.map(field).join(',')}\r\n`).join('');
