import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse/sync';
import type { ZoneClock } from '../local-time.js';
import { CallReader, type ReadRow } from './calls.js';
import type { Mapping } from './mapping.js';

/** The recording cannot be imported: the message says what is wrong and what would help. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

const GZIP_MAGIC = 0x1f8b;
/** No call record is this long; a line that is must not fill the memory. */
const LONGEST_LINE = 65_536;

const isGzip = async (file: string): Promise<boolean> => {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === GZIP_MAGIC;
  } finally {
    await handle.close();
  }
};

/** SHA-256 of a file, hexadecimal: what a checkpoint belongs to. */
export const hashOfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const textOf = async (file: string): Promise<Readable> => {
  const gzip = await isGzip(file);
  const bytes = createReadStream(file);
  // Errors of the file reach the reader through the last stream of the pipeline.
  const text = gzip ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  return text.setEncoding('utf8');
};

/** Lines by the chunk; a line past the limit comes as null. */
async function* linesOf(text: Readable): AsyncGenerator<(string | null)[]> {
  let rest = '';
  let overlong = false;
  for await (const chunk of text as AsyncIterable<string>) {
    const lines: (string | null)[] = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (overlong && lines.length > 0) {
      lines[0] = null;
      overlong = false;
    }
    if (rest.length > LONGEST_LINE) {
      overlong = true;
      rest = '';
    }
    yield lines;
  }
  if (overlong) yield [null];
  else if (rest !== '') yield [rest];
}

/** The cells of one line; a cell may be quoted but not run over several lines. Throws CsvError. */
const cellsOf = (line: string, delimiter: string): string[] =>
  line.includes('"') ? (parse(line, { delimiter, relax_column_count: true })[0] ?? []) : line.split(delimiter);

/**
 * Reads the calls of a CSV file with a header, plain or gzipped, in the order of its lines. A row that cannot be read
 * is given as `bad` with its line and the reason; it never costs another row.
 *
 * @throws {@link ImportError} when the file is missing, cut off or empty, or lacks a column of the mapping
 */
export async function* readCalls(file: string, mapping: Mapping, zone: ZoneClock): AsyncGenerator<ReadRow> {
  let reader: CallReader | null = null;
  let number = 0;
  const rowOf = (text: string | null): ReadRow | null => {
    number++;
    if (text === null)
      return { kind: 'bad', line: number, reason: `the line has more than ${LONGEST_LINE} characters` };
    const line = (number === 1 ? text.replace(/^\ufeff/, '') : text).replace(/\r$/, '');
    if (line.trim() === '') return null;
    try {
      const cells = cellsOf(line, mapping.delimiter);
      if (reader) return reader.read(cells, number);
      reader = new CallReader(mapping, zone, cells);
      return null;
    } catch (error) {
      if (error instanceof CsvError && reader) return { kind: 'bad', line: number, reason: error.message };
      throw error;
    }
  };
  try {
    for await (const lines of linesOf(await textOf(file)))
      for (const line of lines) {
        const row = rowOf(line);
        if (row) yield row;
      }
  } catch (error) {
    if (error instanceof Error && (error instanceof RangeError || 'code' in error))
      throw new ImportError(`${file}: ${error.message}`);
    throw error;
  }
  if (!reader) throw new ImportError(`${file} is empty: it needs a header with the columns of the mapping`);
}
