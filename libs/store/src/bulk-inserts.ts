import { mkdirSync, rmSync } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { text } from './literals.js';
import { StoreAwayError } from './port.js';

/** Takes many rows into a table of the embedded engine, all or none. */
export type BulkInsert = (table: string, columns: readonly string[], rows: Iterable<string>) => Promise<void>;

const bulkInserts = new WeakMap<ClickHouseClient, BulkInsert>();

/** How this client inserts many rows, if there is a way besides the usual one. */
export const bulkInsertOf = (client: ClickHouseClient): BulkInsert | undefined => bulkInserts.get(client);

const DIRECTORY = 'incoming';
/** The engine takes these in a path for patterns. */
const PATTERN = /[*?{}]/;
const BUFFER_BYTES = 2 ** 20;
/** Of a UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;

/**
 * Lets the client give rows to the engine in files. Rows in the text of a statement are gone through several times before
 * they are parsed (20,000 events take 115 ms of processor time that way, and 60 ms out of a file), and a text of many
 * megabytes holds the event loop and burdens the garbage collector. A file lives for one statement; those that a crash left
 * behind are removed here. Only one client at a time may do this in one directory.
 */
export const allowBulkInserts = (client: ClickHouseClient, engineDirectory: string): void => {
  const directory = join(resolve(engineDirectory), DIRECTORY);
  if (PATTERN.test(directory)) return;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let serial = 0;
  bulkInserts.set(client, async (table, columns, rows) => {
    const path = join(directory, `${table}-${(serial += 1)}`);
    try {
      await writeRows(path, rows, buffer);
      const source = `FROM INFILE ${text(path)} FORMAT JSONCompactEachRow`;
      await client.command({ query: `INSERT INTO ${table} (${columns.join(', ')}) ${source}` });
    } finally {
      await unlink(path).catch(() => undefined);
    }
  });
};

const writeRows = async (path: string, rows: Iterable<string>, buffer: Buffer): Promise<void> => {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'w', 0o600);
    let filled = 0;
    for (const row of rows) {
      if (filled + row.length * MOST_BYTES > buffer.length) {
        await file.writeFile(buffer.subarray(0, filled));
        filled = 0;
      }
      if (row.length * MOST_BYTES > buffer.length) await file.writeFile(row);
      else filled += buffer.write(row, filled);
    }
    await file.writeFile(buffer.subarray(0, filled));
  } catch (cause) {
    throw new StoreAwayError(`the store cannot take rows in: ${(cause as Error).message}`, { cause });
  } finally {
    await file?.close();
  }
};
