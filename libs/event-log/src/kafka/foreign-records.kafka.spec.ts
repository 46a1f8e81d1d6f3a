import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import snappy from 'snappy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { libs } from '../../../../deploy/kafka-local/kafka.mjs';
import { Recorder, textOf } from '../contract.testing.js';
import { snappyDecompress } from './codecs.js';
import { openKafkaLog, type KafkaLog } from './kafka-log.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

const COUNT = 3_000;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

describe('a snappy stream', () => {
  test('without the Java framing is one block', async () => {
    expect((await snappyDecompress(await snappy.compress('one block'))).toString()).toBe('one block');
  });

  test('that ends within a block is refused', async () => {
    const header = Buffer.concat([Buffer.from('\x82SNAPPY\0', 'latin1'), Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
    const cut = Buffer.concat([header, Buffer.from([0, 0, 0, 99]), Buffer.from('short')]);
    await expect(snappyDecompress(cut)).rejects.toThrow(/ends within a block: 99 bytes wanted, 5 left/);
  });
});

describe.skipIf(withoutKafka)('what other programs write', () => {
  const broker = new TestBroker();
  const logs = new Map<string, KafkaLog>();

  beforeAll(async () => {
    await broker.start();
    for (const name of [...CODECS, 'odd']) {
      logs.set(name, await openKafkaLog({ brokers: broker.brokers, topicPrefix: 'foreign', name, partitions: 1 }));
    }
    const program = fileURLToPath(new URL('./fixtures/ForeignProducer.java', import.meta.url));
    await promisify(execFile)('java', [
      '-cp',
      join(libs, '*'),
      program,
      broker.brokers[0] ?? '',
      'foreign.',
      String(COUNT),
    ]);
  });
  afterAll(async () => {
    for (const log of logs.values()) await log.close();
    await broker.remove();
  });

  const readAll = async (name: string, until: (seen: Recorder) => boolean): Promise<Recorder> => {
    const seen = new Recorder();
    const reader = await logs.get(name)?.read('readers', seen);
    await seen.until(() => until(seen));
    await reader?.close();
    return seen;
  };

  test.each(CODECS)('the Java client with codec %s is read whole and in order', async (codec) => {
    const seen = await readAll(codec, ({ records }) => records.length >= COUNT);
    expect(seen.values()).toEqual(
      Array.from({ length: COUNT }, (_, i) => `${codec}-${i}-${'padding '.repeat(i % 40)}`),
    );
    expect(seen.records.map((record) => record.key)).toEqual(Array.from({ length: COUNT }, (_, i) => `key-${i % 5}`));
  });

  test('records without a key, tombstones, foreign headers and old times are delivered as they are', async () => {
    const started = Date.now() - 600_000;
    const seen = await readAll('odd', ({ records }) => records.at(-1)?.key === 'last');
    expect(seen.records.map((record) => [record.key, textOf(record)])).toEqual([
      [null, 'no key'],
      ['gone', '<tombstone>'],
      ['headers', 'with headers'],
      ['old', 'with a time of 1970'],
      ['transaction', 'meant'],
      ['last', 'last'],
    ]);
    for (const record of seen.records) expect(record.appendedAt).toBeGreaterThan(started);
  });

  test('a committed offset after a transaction is where reading goes on', async () => {
    const log = logs.get('odd');
    const seen = new Recorder();
    const reader = await log?.read('others', seen);
    await seen.until(() => seen.records.at(-1)?.key === 'last');
    await reader?.commit(0, (seen.records.at(-1)?.offset ?? 0) + 1);
    await reader?.close();
    await log?.append([{ key: 'ours', value: Buffer.from('ours') }]);
    const after = new Recorder();
    const again = await log?.read('others', after);
    await after.until(() => after.records.length > 0);
    expect(after.values()).toEqual(['ours']);
    await again?.close();
  });
});
