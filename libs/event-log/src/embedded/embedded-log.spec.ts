import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../bundle.testing.js';
import { describeLogContract, numbered, record, Recorder, textOf } from '../contract.testing.js';
import type { LogHealth } from '../port.js';
import { openEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from './embedded-log.js';

const root = mkdtempSync(join(tmpdir(), 'queuecast-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let directories = 0;
const freshDirectory = (): string => join(root, String((directories += 1)));

const shared = freshDirectory();
describeLogContract('embedded', {
  open: (name, partitions) => openEmbeddedLog({ directory: shared, name, partitions }),
});

describe('embedded: one machine', () => {
  const open: EmbeddedLog[] = [];
  const openLog = async (options: Partial<EmbeddedLogOptions> & { directory: string }): Promise<EmbeddedLog> => {
    const log = await openEmbeddedLog({ name: 'events', partitions: 1, ...options });
    open.push(log);
    return log;
  };
  afterEach(async () => {
    for (const log of open.splice(0).reverse()) await log.close();
  });

  test('several topics live in one directory', async () => {
    const directory = freshDirectory();
    const events = await openLog({ directory });
    const deadLetters = await openLog({ directory, name: 'dead-letters' });
    await events.append([record('a', 'event')]);
    await deadLetters.append([record('a', 'dead letter')]);
    const [one, two] = [new Recorder(), new Recorder()];
    await events.read('readers', one);
    await deadLetters.read('readers', two);
    await one.until(() => one.records.length > 0);
    await two.until(() => two.records.length > 0);
    expect([one.values(), two.values()]).toEqual([['event'], ['dead letter']]);
  });

  test('refuses another number of partitions, and says what to do', async () => {
    const directory = freshDirectory();
    await (await openEmbeddedLog({ directory, name: 'events', partitions: 4 })).close();
    await expect(openEmbeddedLog({ directory, name: 'events', partitions: 8 })).rejects.toThrow(
      /created with 4 partitions and the settings say 8: set log\.partitions to 4/,
    );
    await (await openEmbeddedLog({ directory, name: 'events', partitions: 4 })).close();
  });

  test('refuses a second reader of a group', async () => {
    const log = await openLog({ directory: freshDirectory() });
    const reader = await log.read('readers', new Recorder());
    await expect(log.read('readers', new Recorder())).rejects.toThrow(/one reader per group/);
    await reader.close();
    await log.read('readers', new Recorder());
  });

  test('refuses to commit what was never there', async () => {
    const log = await openLog({ directory: freshDirectory() });
    await log.append(numbered(3));
    const reader = await log.read('readers', new Recorder());
    await expect(reader.commit(0, 4)).rejects.toThrow(/cannot commit offset 4 of partition 0, which ends at 3/);
    await expect(reader.commit(1, 0)).rejects.toThrow(/no partition 1/);
  });

  test('never gives an offset twice, whatever was trimmed', async () => {
    let clock = 1_000_000;
    const directory = freshDirectory();
    const options = { directory, retentionHours: 1, now: () => clock };
    const log = await openLog(options);
    await log.append(numbered(100));
    clock += 2 * 3_600_000;
    await log.trim();
    await log.close();
    const again = await openLog(options);
    expect(await again.append([record('a', 'b')])).toEqual([{ partition: 0, offset: 100 }]);
  });
});

describe('embedded: retention', () => {
  const HOUR = 3_600_000;
  const trimmed = async (
    options: Partial<EmbeddedLogOptions>,
    fill: (log: EmbeddedLog, advance: (ms: number) => void) => Promise<void>,
  ): Promise<{
    readonly left: string[];
    readonly counts: ReturnType<EmbeddedLog['counts']>;
  }> => {
    let clock = 1_700_000_000_000;
    const log = await openEmbeddedLog({
      directory: freshDirectory(),
      name: 'events',
      partitions: 1,
      now: () => clock,
      ...options,
    });
    await fill(log, (ms) => (clock += ms));
    await log.trim();
    const seen = new Recorder();
    const ends = await log.append(Array.from({ length: 20 }, (_, i) => record(`end-${i}`, 'end')));
    await log.read('late', seen);
    await seen.until(() =>
      ends.every((end) => seen.records.some((each) => each.partition === end.partition && each.offset === end.offset)),
    );
    const counts = log.counts();
    await log.close();
    return { left: seen.values().filter((value) => value !== 'end'), counts };
  };

  test('removes by age what every group has committed', async () => {
    const { left, counts } = await trimmed({ retentionHours: 1 }, async (log, advance) => {
      await log.append(numbered(50));
      advance(2 * HOUR);
      await log.append(numbered(20, 1, 50));
    });
    expect(left).toEqual(numbered(20, 1, 50).map((each) => Buffer.from(each.value).toString()));
    expect(counts).toMatchObject({ trimmed: 50, trimmedUncommitted: 0 });
  });

  test('keeps what a known group has not committed', async () => {
    const { left, counts } = await trimmed({ retentionHours: 1 }, async (log, advance) => {
      await log.append(numbered(50));
      const seen = new Recorder();
      const reader = await log.read('slow', seen);
      await seen.until(() => seen.records.length === 50);
      await reader.commit(0, 30);
      await reader.close();
      advance(10 * HOUR);
    });
    expect(left[0]).toBe('value-30');
    expect(left).toHaveLength(20);
    expect(counts).toMatchObject({ trimmed: 30, trimmedUncommitted: 0 });
  });

  test('removes the oldest by size over all partitions', async () => {
    const value = 'x'.repeat(1_000);
    let partitions: number[] = [];
    const { left, counts } = await trimmed({ retentionBytes: 60_000, partitions: 3 }, async (log, advance) => {
      for (let i = 0; i < 200; i += 1) {
        const [position] = await log.append([record(`key-${i}`, `${i}-${value}`)]);
        partitions = [...partitions, position?.partition ?? -1];
        advance(1_000);
      }
    });
    const kept = left.map((each) => Number(each.split('-')[0])).sort((a, b) => a - b);
    expect(new Set(partitions).size).toBe(3);
    expect(counts.trimmed).toBe(200 - kept.length);
    // Each partition keeps its last record; everything else kept is newer than everything removed.
    const oldestRegular = kept.length >= 3 ? kept[2] : undefined;
    expect(oldestRegular).toBeGreaterThan(130);
    expect(kept.length * 1_000).toBeLessThanOrEqual(63_000);
    expect(kept.length).toBeGreaterThan(50);
  });

  test('past the hard bound removes what nobody has read yet, and counts it', async () => {
    const notices: string[] = [];
    const { left, counts } = await trimmed(
      { retentionBytes: 20_000, hardRetentionBytes: 40_000, notice: (message) => notices.push(message) },
      async (log, advance) => {
        const reader = await log.read('away', new Recorder());
        await reader.close();
        for (let i = 0; i < 100; i += 1) {
          await log.append([record('key', `${i}-${'x'.repeat(1_000)}`)]);
          advance(1_000);
        }
      },
    );
    expect(left.length).toBeGreaterThan(30);
    expect(left.length).toBeLessThan(41);
    expect(counts.trimmedUncommitted).toBe(100 - left.length);
    expect(notices.join()).toMatch(/hard bound/);
  });
});

describe('embedded: what must never happen', () => {
  let appender: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    appender = await bundle(new URL('./appender.fixture.ts', import.meta.url));
  });
  afterAll(() => appender.remove());

  const running: ChildProcess[] = [];
  const start = (directory: string): ChildProcess => {
    const child = fork(appender.file, [directory], { execArgv: [], silent: true });
    running.push(child);
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));

  test('two processes on one directory: the second is refused while the first lives', async () => {
    const directory = freshDirectory();
    const child = start(directory);
    await new Promise((resolve) => child.once('message', resolve));
    await expect(openEmbeddedLog({ directory, name: 'events', partitions: 3 })).rejects.toThrow(
      new RegExp(`in use by process ${child.pid}: stop that one first`),
    );
    await kill(child);
    await (await openEmbeddedLog({ directory, name: 'events', partitions: 3 })).close();
  });

  interface Acknowledged {
    readonly key: string;
    readonly value: string;
    readonly partition: number;
    readonly offset: number;
  }

  const expectAll = async (directory: string, acknowledged: readonly Acknowledged[]): Promise<void> => {
    const log = await openEmbeddedLog({ directory, name: 'events', partitions: 3 });
    const seen = new Recorder();
    const ends = await log.append(Array.from({ length: 60 }, (_, i) => record(`end-${i}`, 'end')));
    await log.read('readers', seen);
    await seen.until(() =>
      ends.every((end) => seen.records.some((each) => each.partition === end.partition && each.offset === end.offset)),
    );
    await log.close();
    const found = new Map(
      seen.records.map((each) => [`${each.partition}:${each.offset}`, `${each.key}=${textOf(each)}`]),
    );
    for (const each of acknowledged) {
      expect(found.get(`${each.partition}:${each.offset}`)).toBe(`${each.key}=${each.value}`);
    }
    expect(found.size).toBe(seen.records.length);
    expect(found.size).toBeGreaterThanOrEqual(acknowledged.length + 60);
  };

  test('a process killed while it appends loses nothing that it acknowledged', async () => {
    for (let round = 0; round < 3; round += 1) {
      const directory = freshDirectory();
      const child = start(directory);
      const acknowledged: Acknowledged[] = [];
      await new Promise<void>((resolve) =>
        child.on('message', (message) => {
          acknowledged.push(...(message as Acknowledged[]));
          if (acknowledged.length >= 500 * (round + 1)) resolve();
        }),
      );
      await kill(child);
      await expectAll(directory, acknowledged);
    }
  });

  test.skipIf(process.platform === 'win32')(
    'a disk that takes no more: the append fails, the process lives, what was acknowledged is there',
    async () => {
      const directory = freshDirectory();
      // A limit on the size of a file stands in for a full disk: 2,048 blocks of 1 KiB.
      const child = spawn(
        'bash',
        ['-c', 'ulimit -f 2048; exec "$@"', 'bash', process.execPath, appender.file, directory, '900'],
        {
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        },
      );
      running.push(child);
      const acknowledged: Acknowledged[] = [];
      const end = await new Promise<{ failures: string[]; health: LogHealth }>((resolve) =>
        child.on('message', (message: Acknowledged[] | { failures: string[]; health: LogHealth }) => {
          if (Array.isArray(message)) acknowledged.push(...message);
          else resolve(message);
        }),
      );
      await kill(child);
      expect(end.failures).toHaveLength(3);
      for (const failure of end.failures)
        expect(failure).toMatch(/^LogAwayError: the embedded log in .* could not be written: /);
      expect(end.health.state).toBe('away');
      expect(acknowledged.length).toBeGreaterThan(100);
      await expectAll(directory, acknowledged);
    },
  );
});
