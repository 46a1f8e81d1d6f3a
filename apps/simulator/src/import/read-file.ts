import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import type { ZoneClock } from '../local-time.js';
import { CallReader, type ReadRow } from './calls.js';
import type { Mapping } from './mapping.js';

/** The recording cannot be imported: the message says what is wrong and what would help. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

const GZIP_MAGIC = 0x1f8b;
/** A quote that is never closed would otherwise swallow the rest of the file as one cell. */
const LONGEST_ROW = 65_536;

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

/**
 * Reads the calls of a CSV file with a header, plain or gzipped, in the order of its lines. A row that cannot be read
 * is given as `bad` with its line and the reason.
 *
 * @throws {@link ImportError} when the file is missing, cut off or empty, or lacks a column of the mapping
 */
export async function* readCalls(file: string, mapping: Mapping, zone: ZoneClock): AsyncGenerator<ReadRow> {
  const bad: ReadRow[] = [];
  const rows = parse({
    delimiter: mapping.delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) bad.push({ kind: 'bad', line: Number(error['lines'] ?? 0), reason: error.message });
      return undefined;
    },
  });
  let reader: CallReader | null = null;
  try {
    const bytes = createReadStream(file);
    if (await isGzip(file)) pipeline(bytes, createGunzip(), rows, () => undefined);
    else pipeline(bytes, rows, () => undefined);
    for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (bad.length > 0) yield* bad.splice(0);
      if (reader) yield reader.read(record, info.lines);
      else reader = new CallReader(mapping, zone, record);
    }
    yield* bad.splice(0);
  } catch (error) {
    if (error instanceof Error && (error instanceof RangeError || 'code' in error))
      throw new ImportError(`${file}: ${error.message}`);
    throw error;
  }
  if (!reader) throw new ImportError(`${file} is empty: it needs a header with the columns of the mapping`);
}
