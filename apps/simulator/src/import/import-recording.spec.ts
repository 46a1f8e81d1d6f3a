import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { instant, parseEvent, type CloudEvent } from '@queuecast/events';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Send } from '../delivery/http-sender.js';
import { ZoneClock } from '../local-time.js';
import { Checkpoint } from './checkpoint.js';
import { importRecording, survey, type ImportOptions, type ReadOptions } from './import-recording.js';
import { mappingSchema, readMapping } from './mapping.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-import-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let number = 0;
let checkpoints = '';
beforeEach(() => (checkpoints = join(directory, `checkpoints-${++number}`)));

const HEADER = 'received,queue,agent,answered,consult,transfer,hangup';
const vanad = readMapping(join(import.meta.dirname, '../../maps/vanad-2014.yaml'));

const file = (rows: readonly string[], name = `calls-${++number}.csv.gz`): string => {
  const path = join(directory, name);
  const text = [HEADER, ...rows, ''].join('\n');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

const at = (time: string, date = '2014-03-03') => `${date} ${time}`;
const answered = (received: string, until: string, hangup: string, agent = '7', queue = 'a') =>
  `${at(received)},${queue},${agent},${at(until)},NULL,NULL,${at(hangup)}`;
const gaveUp = (received: string, hangup: string, date?: string) =>
  `${at(received, date)},a,NULL,NULL,NULL,NULL,${at(hangup, date)}`;

const reading = (path: string, options: Partial<ReadOptions> = {}): ReadOptions => ({
  file: path,
  mapping: vanad,
  zone: new ZoneClock(vanad.timeZone),
  site: { tenant: 'vanad', site: 'main', recording: vanad.name },
  selection: { from: null, to: null, queues: null },
  inferAgents: false,
  ...options,
});

interface Run {
  readonly send?: Send;
  readonly signal?: AbortSignal;
  readonly batch?: number;
  readonly read?: Partial<ReadOptions>;
}

/** Imports a file and gives what the receiver was sent. */
const imported = async (path: string, { send, signal, batch = 2, read = {} }: Run = {}) => {
  const sent: CloudEvent[] = [];
  const options: ImportOptions = {
    ...reading(path, read),
    speed: 'max',
    batch,
    send:
      send ??
      ((events) => {
        sent.push(...events);
        return Promise.resolve({ accepted: events.length, rejected: [] });
      }),
    checkpoint: Checkpoint.for(checkpoints, path),
    signal: signal ?? new AbortController().signal,
    now: Date.now,
  };
  return { sent, summary: await importRecording(options, await survey(options)) };
};

const brief = ({ type, time, data }: CloudEvent) => {
  const { agent, state, reason, mode } = data as Record<string, string | undefined>;
  return [time.slice(11, 19), type.slice('acd.'.length), agent ?? state, reason ?? mode].filter(Boolean).join(' ');
};

describe('an imported call', () => {
  it('leaves the events of its journey, in the order of time, not of rows', async () => {
    const rows = [
      answered('08:01:00', '08:01:05', '08:02:00'),
      `${at('08:00:10')},a,9,${at('08:00:20')},${at('08:00:50')},${at('08:01:01')},${at('08:05:00')}`,
      gaveUp('08:00:30', '08:00:45'),
    ];
    const { sent, summary } = await imported(file(rows));
    expect(sent.map(brief)).toEqual([
      '07:00:10 contact.started',
      '07:00:10 contact.queued',
      '07:00:20 contact.answered 9',
      '07:00:30 contact.started',
      '07:00:30 contact.queued',
      '07:00:45 contact.left_queue abandoned',
      '07:00:45 contact.ended',
      '07:01:00 contact.started',
      '07:01:00 contact.queued',
      '07:01:01 contact.transferred consulted',
      '07:01:05 contact.answered 7',
      '07:02:00 contact.ended',
      '07:05:00 contact.ended',
    ]);
    expect(sent.filter((event) => parseEvent(event, instant(Date.now())).kind !== 'event')).toEqual([]);
    expect(summary).toMatchObject({ taken: 13, events: 13, complete: true, rejected: [] });
  });

  it('has the same ids in every import, whatever stands around it', async () => {
    const row = answered('08:01:00', '08:01:05', '08:02:00');
    const alone = await imported(file([row], 'plain.csv'));
    const among = await imported(file([gaveUp('08:00:30', '08:00:45'), row, gaveUp('09:00:00', '09:00:01')]));
    const ids = new Set(among.sent.map(({ id }) => id));
    expect(alone.sent.every(({ id }) => ids.has(id))).toBe(true);
    expect(ids.size).toBe(among.sent.length);
  });

  it('is taken once when its row stands twice, or as often as it stands where the mapping says so', async () => {
    const path = file([gaveUp('08:00:30', '08:00:45'), gaveUp('08:00:30', '08:00:45')]);
    const once = await imported(path);
    expect(once.sent).toHaveLength(4);
    expect(once.summary.rows).toMatchObject({ imported: 1, duplicates: 1 });
    const mapping = mappingSchema.parse({ ...vanad, exactDuplicates: 'each' });
    const each = await imported(path, { read: { mapping } });
    expect(new Set(each.sent.map(({ id }) => id)).size).toBe(8);
    expect(each.sent.map(({ id }) => id)).toEqual(expect.arrayContaining(once.sent.map(({ id }) => id)));
  });
});

describe('rows', () => {
  it('that are bad are counted and reported with their line, and the others imported', async () => {
    const path = file([
      gaveUp('08:00:30', '08:00:45'),
      'nonsense',
      gaveUp('08:02:00', '08:01:00'),
      gaveUp('08:03:00', '08:03:01'),
    ]);
    const { summary, sent } = await imported(path);
    expect(summary.badRows).toEqual([
      { line: 3, reason: 'the row has 1 cells where the header has 7' },
      { line: 4, reason: 'hangup is 60 s before received' },
    ]);
    expect(summary.rows).toMatchObject({ imported: 2, bad: 2, notSelected: 0, duplicates: 0 });
    expect(sent).toHaveLength(8);
  });

  it('with a quote that is never closed, or far too long, cost no other row', async () => {
    const rows = [
      gaveUp('08:00:30', '08:00:45'),
      `"${gaveUp('08:01:00', '08:01:01')}`,
      'x'.repeat(200_000),
      gaveUp('08:02:00', '08:02:01').replace('a', '"a"'),
    ];
    const { summary } = await imported(file(rows));
    expect(summary.rows).toMatchObject({ imported: 2, bad: 2 });
    expect(summary.badRows.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      expect.stringMatching(/^3: Quote Not Closed/) as string,
      '4: the line has more than 65536 characters',
    ]);
  });

  it('may end in CR LF and begin with a byte order mark, and blank lines are none', async () => {
    const path = join(directory, 'windows.csv');
    writeFileSync(
      path,
      `\ufeff${HEADER}\r\n${gaveUp('08:00:30', '08:00:45')}\r\n\r\n${gaveUp('08:01:00', '08:01:45')}`,
    );
    expect((await imported(path)).summary.rows).toMatchObject({ imported: 2, bad: 0 });
  });

  it('are selected by local date and queue', async () => {
    const rows = [
      gaveUp('23:59:59', '23:59:59', '2014-03-02'),
      gaveUp('00:00:00', '00:00:05', '2014-03-03'),
      answered('12:00:00', '12:00:01', '12:00:02', '7', 'b'),
      gaveUp('00:00:00', '00:00:05', '2014-03-04'),
    ];
    const selection = { from: '2014-03-03', to: '2014-03-03', queues: new Set(['a']) };
    const { summary, sent } = await imported(file(rows), { read: { selection } });
    expect(summary.rows).toMatchObject({ imported: 1, notSelected: 3 });
    expect(sent[0]?.time).toBe('2014-03-02T23:00:00.000Z');
  });

  it('of an earlier day are given late and counted, and days run into each other in the order of time', async () => {
    const rows = [
      `${at('23:59:00')},a,7,${at('23:59:30')},NULL,NULL,${at('00:10:00', '2014-03-04')}`,
      gaveUp('00:05:00', '00:05:30', '2014-03-04'),
      gaveUp('10:00:00', '10:00:10', '2014-03-03'),
    ];
    const { summary, sent } = await imported(file(rows));
    expect(summary.rows).toMatchObject({ imported: 3, outOfOrder: 1 });
    expect(sent.slice(0, 3).map(brief)).toEqual([
      '22:59:00 contact.started',
      '22:59:00 contact.queued',
      '22:59:30 contact.answered 7',
    ]);
    expect(sent.at(-1)).toMatchObject({ time: '2014-03-03T23:10:00.000Z' });
  });

  it('cannot come from a file that is missing, empty, cut off or another one', async () => {
    await expect(survey(reading(join(directory, 'missing.csv')))).rejects.toThrow(/missing.csv.*ENOENT/);
    writeFileSync(join(directory, 'empty.csv'), '');
    await expect(survey(reading(join(directory, 'empty.csv')))).rejects.toThrow(/is empty: it needs a header/);
    writeFileSync(join(directory, 'other.csv'), 'a,b\n1,2\n');
    await expect(survey(reading(join(directory, 'other.csv')))).rejects.toThrow(/names the column "received"/);
    writeFileSync(join(directory, 'cut.csv.gz'), gzipSync(HEADER.repeat(1000)).subarray(0, 40));
    await expect(survey(reading(join(directory, 'cut.csv.gz')))).rejects.toThrow(/cut.csv.gz: unexpected end of file/);
  });
});

describe('agents inferred from calls', () => {
  it('are busy on calls, available between them, gone half an hour after the last', async () => {
    const rows = [
      answered('08:00:00', '08:00:05', '08:10:00'),
      answered('08:09:00', '08:10:00', '08:12:00', '7', 'b'),
      answered('08:20:00', '08:20:10', '08:30:00'),
      answered('10:00:00', '10:00:10', '10:00:10'),
    ];
    const { sent } = await imported(file(rows), { read: { inferAgents: true } });
    const states = sent.filter(({ type }) => type === 'acd.agent.state_changed');
    expect(states.map((event) => `${event.time.slice(11)} ${(event.data as { state: string }).state}`)).toEqual([
      '07:00:05.000Z busy',
      '07:12:00.000Z available',
      '07:20:10.000Z busy',
      '07:30:00.000Z available',
      '08:00:00.000Z offline',
      '09:00:10.000Z busy',
      '09:00:10.001Z available',
      '09:30:10.000Z offline',
    ]);
    expect(states[0]).toMatchObject({ subject: '7', data: { reason: 'inferred', queues: ['a', 'b'] } });
    expect(states.filter((event) => parseEvent(event, instant(Date.now())).kind !== 'event')).toEqual([]);
  });
});

describe('an interrupted import', () => {
  const rows = Array.from({ length: 50 }, (_, index) =>
    gaveUp(`08:${String(index).padStart(2, '0')}:00`, `08:${String(index).padStart(2, '0')}:30`),
  );

  it('goes on where it stopped, and the receiver has everything exactly once', async () => {
    const path = file(rows);
    const abort = new AbortController();
    const received: CloudEvent[] = [];
    const send: Send = (events) => {
      received.push(...events);
      if (received.length >= 60) abort.abort();
      return Promise.resolve({ accepted: events.length, rejected: [] });
    };
    const first = await imported(path, { send, signal: abort.signal, batch: 7 });
    expect(first.summary).toMatchObject({ complete: false, taken: 63, events: 200 });
    const second = await imported(path, { send, batch: 7 });
    expect(second.summary).toMatchObject({ complete: true, resumedFrom: 63, taken: 200 });
    const whole = await imported(file(rows, 'whole.csv'));
    expect(received.map(({ id }) => id)).toEqual(whole.sent.map(({ id }) => id));
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  it('killed between the receiver’s answer and the checkpoint sends a batch again, with the same ids', async () => {
    const path = file(rows);
    const received: string[] = [];
    const send: Send = (events) => {
      received.push(...events.map(({ id }) => id));
      if (received.length > 20) return Promise.reject(new Error('killed'));
      return Promise.resolve({ accepted: events.length, rejected: [] });
    };
    await expect(imported(path, { send, batch: 10 })).rejects.toThrow('killed');
    const { sent, summary } = await imported(path, { batch: 10 });
    expect(summary.resumedFrom).toBe(20);
    expect(sent[0]?.id).toBe(received[20]);
    expect(new Set([...received, ...sent.map(({ id }) => id)]).size).toBe(200);
  });

  it('begins anew for another selection, and when its checkpoint cannot be read', async () => {
    const [one, other] = [Checkpoint.for(checkpoints, { date: 1 }), Checkpoint.for(checkpoints, { date: 2 })];
    await one.write(5);
    expect([await one.read(), await other.read()]).toEqual([5, 0]);
    writeFileSync(one.file, '{"format":1,"tak');
    expect(await one.read()).toBe(0);
    await one.remove();
    expect(existsSync(one.file)).toBe(false);
  });
});

describe('a mapping file', () => {
  const mappingFile = (text: string): string => {
    const path = join(directory, `map-${++number}.yaml`);
    writeFileSync(path, text);
    return path;
  };

  it('is refused with the field and the remedy', () => {
    expect(() => readMapping(join(directory, 'none.yaml'))).toThrow(/--map .*none.yaml cannot be read/);
    expect(() => readMapping(mappingFile('name: [x'))).toThrow(/is not YAML/);
    expect(() =>
      readMapping(mappingFile('name: x\ntimeZone: Mars/Base\ncolumns: {received: a, queue: b, hangup: c}')),
    ).toThrow(/timeZone: must be an IANA time zone, for instance Europe\/Amsterdam/);
    expect(() => readMapping(mappingFile('name: x\ntimeZone: UTC\ncolumns: {received: a}'))).toThrow(
      /columns.queue: .*columns.hangup/,
    );
    expect(() => readMapping(mappingFile('name: x\ntimeZone: UTC\ncolour: red'))).toThrow(/colour/);
  });
});
