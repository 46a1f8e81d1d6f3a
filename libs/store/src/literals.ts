/**
 * SQL literals for the statements that the store generates. Bound parameters would not do: thousands of keys do not
 * fit a URL, where the HTTP interface carries them, and the embedded engine runs statements with bound parameters one
 * at a time in the whole process, whatever their connections.
 */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Text as the store can hold it: half a character pair becomes U+FFFD, in facts and in the keys asked for alike. */
export const wellFormed = (value: string): string =>
  LONE_SURROGATE.test(value) ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value;

/** A string literal. */
export const text = (value: string): string =>
  // eslint-disable-next-line no-control-regex -- NUL is one of the characters to escape
  `'${wellFormed(value).replace(/[\\'\0\n\r\t]/g, (character) => ESCAPES[character] ?? character)}'`;

/** A whole number literal. Throws a RangeError for anything else: it would change the statement's meaning. */
export const whole = (value: number): string => {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
  return String(value);
};

/** `(a, b, c)` of distinct string literals. */
export const texts = (values: Iterable<string>): string => `(${[...new Set(values)].map(text).join(', ')})`;

/** `(1, 2, 3)` of distinct whole numbers. */
export const wholes = (values: Iterable<number>): string => `(${[...new Set(values)].map(whole).join(', ')})`;

/** An instant, in milliseconds since the epoch, as a DateTime64(3, 'UTC') expression. */
export const instantLiteral = (epochMilliseconds: number): string =>
  `fromUnixTimestamp64Milli(toInt64(${whole(epochMilliseconds)}), 'UTC')`;

/**
 * A table of rows that are given, as a subquery; a row is the JSON of an array, in the order of the columns. As a list of
 * tuples the engine would take ten times as long to read it; as input data it could not be read in the report lane, which
 * only reads.
 *
 * @param columns name and type of each column
 */
export const givenRows = (
  columns: readonly (readonly [name: string, type: string])[],
  rows: readonly string[],
): string => `(SELECT ${columns.map(([name], n) => `given.${n + 1} AS ${name}`).join(', ')}
FROM (SELECT arrayJoin(JSONExtract(${text(`[${rows.join(',')}]`)}, 'Array(Tuple(${columns.map(([, type]) => type).join(', ')}))')) AS given))`;
