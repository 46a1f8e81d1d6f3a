import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '@queuecast/settings';
import { openStore } from '@queuecast/store';
import { afterAll, describe, expect, it } from 'vitest';
import { ZoneClock } from '../local-time.js';
import { Checkpoint } from './checkpoint.js';
import { openDataDirectory } from './data-directory.js';
import { importRecording, survey, type ImportOptions } from './import-recording.js';
import { readMapping } from './mapping.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-import-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const mapping = readMapping(join(import.meta.dirname, '../../maps/vanad-2014.yaml'));
const CALLS = 300;

const clock = (seconds: number) =>
  new Date(Date.UTC(2014, 2, 3, 8) + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** Every fifth caller gives up after 20 s; the others are answered after 7 s and talk for a minute. */
const rows = Array.from({ length: CALLS }, (_, index) => {
  const received = index * 13;
  return index % 5 === 0
    ? `${clock(received)},a,NULL,NULL,NULL,NULL,${clock(received + 20)}`
    : `${clock(received)},b,9,${clock(received + 7)},NULL,NULL,${clock(received + 67)}`;
});
const file = join(directory, 'calls.csv');
writeFileSync(file, ['received,queue,agent,answered,consult,transfer,hangup', ...rows].join('\n'));

const importInto = async (dataDir: string, abortAfter = Infinity) => {
  const opened = await openDataDirectory(settingsSchema.parse({ dataDir }));
  const abort = new AbortController();
  const options: ImportOptions = {
    file,
    mapping,
    zone: new ZoneClock(mapping.timeZone),
    site: { tenant: 'vanad', site: 'main', recording: mapping.name },
    selection: { from: null, to: null, queues: null },
    inferAgents: false,
    speed: 'max',
    batch: 100,
    send: async (events) => {
      const result = await opened.send(events);
      abortAfter -= events.length;
      if (abortAfter <= 0) abort.abort();
      return result;
    },
    checkpoint: Checkpoint.for(dataDir, file),
    signal: abort.signal,
    now: Date.now,
  };
  const summary = await importRecording(options, await survey(options));
  await opened.settle();
  const dead = await opened.deadLetters();
  await opened.close();
  return { summary, dead };
};

const factsOf = async (dataDir: string) => {
  const store = await openStore({ kind: 'embedded', directory: join(dataDir, 'store') });
  try {
    const facts = await store.report(
      `SELECT queue, count() AS legs, countIf(outcome = 'answered') AS answered, countIf(outcome = 'abandoned') AS abandoned,
        sum(wait_ms) AS waited FROM contact_legs FINAL GROUP BY queue ORDER BY queue`,
      {},
    );
    return facts.map((row) => Object.values(row).map(String));
  } finally {
    await store.close();
  }
};

const EXPECTED = [
  ['a', '60', '0', '60', String(60 * 20_000)],
  ['b', '240', '240', '0', String(240 * 7000)],
];

describe('an import that opens the data directory itself', () => {
  it('leaves the facts of the recording, and importing again changes nothing', async () => {
    const dataDir = join(directory, 'whole');
    const first = await importInto(dataDir);
    expect(first).toMatchObject({ dead: 0, summary: { complete: true, taken: CALLS * 4 } });
    expect(await factsOf(dataDir)).toEqual(EXPECTED);
    const second = await importInto(dataDir);
    expect(second).toMatchObject({ dead: 0, summary: { complete: true, resumedFrom: 0 } });
    expect(await factsOf(dataDir)).toEqual(EXPECTED);
  });

  it('interrupted and taken up again leaves the same facts', async () => {
    const dataDir = join(directory, 'interrupted');
    const first = await importInto(dataDir, 500);
    expect(first.summary).toMatchObject({ complete: false, taken: 500 });
    expect(await factsOf(dataDir)).not.toEqual(EXPECTED);
    const second = await importInto(dataDir);
    expect(second.summary).toMatchObject({ complete: true, resumedFrom: 500 });
    expect(await factsOf(dataDir)).toEqual(EXPECTED);
  });
});
