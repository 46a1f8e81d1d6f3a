import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClickHouseClient } from '@clickhouse/client';
import { engineReleased, openClient, type EmbeddedEngine } from './engine.js';
import { StoreAwayError } from './port.js';
import { insert, type Table } from './rows/table.js';

interface Note {
  readonly id: number;
  readonly text: string | null;
  readonly body: string;
  readonly tags: readonly string[];
}

const NOTES: Table<Note> = {
  name: 'notes',
  columns: [
    { name: 'id', value: (note) => note.id },
    { name: 'text', value: (note) => note.text },
    { name: 'body', value: (note) => note.body, isObjectText: true },
    { name: 'tags', value: (note) => note.tags },
  ],
};

describe('rows given to the embedded engine', () => {
  let engine: EmbeddedEngine;
  let client: ClickHouseClient;
  const incoming = () => join(engine.directory, 'incoming');

  beforeEach(async () => {
    engine = { kind: 'embedded', directory: mkdtempSync(join(tmpdir(), "queuecast-it's-")) };
    mkdirSync(incoming());
    writeFileSync(join(incoming(), 'of-a-killed-process'), '[1');
    client = await openClient(engine, 'writer');
    const columns = 'id UInt32, text Nullable(String), body String, tags Array(String)';
    await client.command({ query: `CREATE TABLE notes (${columns}) ENGINE = MergeTree ORDER BY id` });
  });

  afterEach(async () => {
    await client.close();
    await engineReleased(engine);
    rmSync(engine.directory, { recursive: true, force: true });
  });

  const stored = async (): Promise<Note[]> =>
    (await client.query({ query: 'SELECT * FROM notes ORDER BY id', format: 'JSONEachRow' })).json<Note>();

  const notes = (count: number): Note[] =>
    Array.from({ length: count }, (_, id) => ({
      id,
      text: id % 3 === 0 ? null : `tab\t, quote ", back\\slash, line\nbreak, nul\0, é, 😀 ${id}`,
      body: `{"a": "brace } and \\" quote", "b":[{"c":1e5}, "\\ud83d", "😀"], "id":${id}}`,
      tags: ['a', "it's", '"', ''],
    }));

  it.each([1, 200, 201, 30_000])('arrive as they were: %i of them', async (count) => {
    const given = notes(count);
    await insert(client, NOTES, given);
    expect(await stored()).toEqual(given);
  });

  it('may be longer than the buffer they pass through', async () => {
    const given = notes(300).map((note) => (note.id % 100 === 0 ? { ...note, text: 'é'.repeat(1_500_000) } : note));
    await insert(client, NOTES, given);
    expect(await stored()).toEqual(given);
  });

  it('leave no file behind, nor does a process that was killed', async () => {
    expect(readdirSync(incoming())).toEqual([]);
    await insert(client, NOTES, notes(500));
    expect(readdirSync(incoming())).toEqual([]);
  });

  it('are all refused with one that does not fit', async () => {
    const wrong = notes(500).map((note) => (note.id === 499 ? { ...note, id: -1.5 } : note));
    await expect(insert(client, NOTES, wrong)).rejects.toThrow();
    expect(await stored()).toEqual([]);
    expect(readdirSync(incoming())).toEqual([]);
  });

  it('have to wait when no file can be written', async () => {
    rmSync(incoming(), { recursive: true });
    await expect(insert(client, NOTES, notes(500))).rejects.toThrow(StoreAwayError);
  });
});
