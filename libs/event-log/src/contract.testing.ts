import { afterEach, describe, expect, test } from 'vitest';
import type { EventLog, LogBatch, LogConsumer, LogReader, LogRecord, StoredRecord } from './port.js';

/** How the contract gets at an adapter. `open` of one topic again, after closing it, finds what was appended. */
export interface LogUnderTest {
  open(topic: string, partitions: number): Promise<EventLog>;
}

/** A consumer that remembers what it was told, in order; `on` may be replaced to hold a call up. */
export class Recorder implements LogConsumer {
  readonly calls: string[] = [];
  readonly records: (StoredRecord & { readonly partition: number })[] = [];
  readonly owned = new Set<number>();
  overlaps = 0;
  lastEndOffset = new Map<number, number>();
  on: Partial<LogConsumer> = {};
  #busy = new Set<number>();
  #watchers = new Set<() => void>();

  assigned(partition: number): Promise<void> {
    return this.#alone(partition, async () => {
      this.calls.push(`assigned ${partition}`);
      this.#tell();
      await this.on.assigned?.(partition);
      this.owned.add(partition);
    });
  }

  batch(batch: LogBatch): Promise<void> {
    return this.#alone(batch.partition, async () => {
      this.calls.push(`batch ${batch.partition}`);
      this.lastEndOffset.set(batch.partition, batch.endOffset);
      this.records.push(...batch.records.map((record) => ({ ...record, partition: batch.partition })));
      this.#tell();
      await this.on.batch?.(batch);
    });
  }

  revoked(partition: number): Promise<void> {
    return this.#alone(partition, async () => {
      this.calls.push(`revoked ${partition}`);
      this.#tell();
      await this.on.revoked?.(partition);
      this.owned.delete(partition);
    });
  }

  /** Resolves when `condition` holds; it is looked at after every call. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  values(): string[] {
    return this.records.map((record) => textOf(record));
  }

  async #alone(partition: number, call: () => Promise<void>): Promise<void> {
    if (this.#busy.has(partition)) this.overlaps += 1;
    this.#busy.add(partition);
    try {
      await call();
    } finally {
      this.#busy.delete(partition);
      this.#tell();
    }
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

export const textOf = (record: StoredRecord): string =>
  record.value === null ? '<tombstone>' : Buffer.from(record.value).toString();

export const record = (key: string, value: string): LogRecord => ({ key, value: Buffer.from(value) });

export const numbered = (count: number, keys = 1, from = 0): LogRecord[] =>
  Array.from({ length: count }, (_, i) => record(`key-${(from + i) % keys}`, `value-${from + i}`));

/** A promise and the way to resolve it. */
export const gate = (): { readonly opened: Promise<void>; open(): void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

/** Resolves when `condition` holds, for conditions over several recorders. */
export const eventually = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
};

let topicNumber = 0;
/** A topic name that no other test uses. */
export const freshTopic = (): string => `contract-${process.pid}-${(topicNumber += 1)}`;

/** What every adapter of the log promises. */
export const describeLogContract = (name: string, adapter: LogUnderTest): void => {
  describe(`${name}: the contract of the log`, () => {
    const open: { close(): Promise<void> }[] = [];
    const openLog = async (topic: string, partitions = 3): Promise<EventLog> => {
      const log = await adapter.open(topic, partitions);
      open.push(log);
      return log;
    };
    afterEach(async () => {
      for (const log of open.splice(0).reverse()) await log.close();
    });

    const commitAll = async (reader: LogReader, seen: Recorder): Promise<void> => {
      const next = new Map<number, number>();
      for (const { partition, offset } of seen.records) next.set(partition, offset + 1);
      for (const [partition, offset] of next) await reader.commit(partition, offset);
    };

    test('keeps the records of one key in order, at the positions it gave', async () => {
      const log = await openLog(freshTopic());
      const sent = numbered(500, 7);
      const positions = [
        ...(await log.append(sent.slice(0, 200))),
        ...(await log.append(sent.slice(200, 201))),
        ...(await log.append(sent.slice(201))),
      ];
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 500);

      expect(seen.records).toHaveLength(500);
      for (let key = 0; key < 7; key += 1) {
        const want = sent.filter((each) => each.key === `key-${key}`).map((each) => Buffer.from(each.value).toString());
        expect(seen.records.filter((each) => each.key === `key-${key}`).map(textOf)).toEqual(want);
      }
      const where = new Map(
        seen.records.map((each) => [textOf(each), { partition: each.partition, offset: each.offset }]),
      );
      expect(positions).toEqual(sent.map((each) => where.get(Buffer.from(each.value).toString())));
      expect(seen.overlaps).toBe(0);
    });

    test('appends what several senders send at once, each with its own positions', async () => {
      const log = await openLog(freshTopic());
      const sends = Array.from({ length: 50 }, (_, i) => log.append(numbered(4, 5, i * 4)));
      const positions = (await Promise.all(sends)).flat();
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 200);
      const where = new Map(seen.records.map((each) => [textOf(each), `${each.partition}:${each.offset}`]));
      expect(positions.map((position, i) => [`value-${i}`, `${position.partition}:${position.offset}`])).toEqual(
        positions.map((_, i) => [`value-${i}`, where.get(`value-${i}`)]),
      );
      expect(where.size).toBe(200);
    });

    test('tells the partition of a key as append chooses it', async () => {
      const log = await openLog(freshTopic(), 5);
      const records = Array.from({ length: 40 }, (_, i) => record(`tenant/site-${i}`, String(i)));
      const positions = await log.append(records);
      const told = await Promise.all(records.map((each) => log.partitionOf(each.key)));
      expect(positions.map((position) => position.partition)).toEqual(told);
      expect(new Set(told).size).toBeGreaterThan(1);
    });

    test('has what it acknowledged after it was closed and opened again, and is still the same log', async () => {
      const topic = freshTopic();
      const first = await adapter.open(topic, 3);
      const identity = await first.identity();
      await first.append(numbered(100, 4));
      await first.close();

      const log = await openLog(topic);
      expect(await log.identity()).toEqual(identity);
      expect(identity.partitions).toBe(3);
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 100);
      expect(new Set(seen.values()).size).toBe(100);
    });

    test('goes on with the next offset of every partition after it was opened again', async () => {
      const topic = freshTopic();
      const ends = new Map<number, number>();
      for (let round = 0; round < 3; round += 1) {
        const log = await adapter.open(topic, 3);
        for (const { partition, offset } of await log.append(numbered(1 + round * 5, 4))) {
          expect(offset).toBe(ends.get(partition) ?? 0);
          ends.set(partition, offset + 1);
        }
        await log.close();
      }
      expect(ends.size).toBe(3);
    });

    test('is another log under another name', async () => {
      const [one, two] = [await openLog(freshTopic()), await openLog(freshTopic())];
      expect((await one.identity()).id).not.toBe((await two.identity()).id);
    });

    test('goes on after the committed offset', async () => {
      const log = await openLog(freshTopic());
      await log.append(numbered(60, 6));
      const before = new Recorder();
      const reader = await log.read('readers', before);
      await before.until(() => before.records.length >= 60);
      await commitAll(reader, before);
      await reader.close();

      await log.append(numbered(30, 6, 60));
      const after = new Recorder();
      await log.read('readers', after);
      await after.until(() => after.records.length >= 30);
      expect([...after.values()].sort()).toEqual(
        numbered(30, 6, 60)
          .map((each) => Buffer.from(each.value).toString())
          .sort(),
      );
    });

    test('delivers again what was not committed', async () => {
      const log = await openLog(freshTopic(), 1);
      await log.append(numbered(50));
      const before = new Recorder();
      const reader = await log.read('readers', before);
      await before.until(() => before.records.length >= 50);
      await reader.commit(0, 20);
      await reader.close();

      const after = new Recorder();
      await log.read('readers', after);
      await after.until(() => after.records.length >= 30);
      expect(after.records.map((each) => each.offset)).toEqual(Array.from({ length: 30 }, (_, i) => 20 + i));
    });

    test('delivers nothing of a partition before it was taken over', async () => {
      const log = await openLog(freshTopic(), 2);
      await log.append(numbered(20, 10));
      const taking = gate();
      const seen = new Recorder();
      seen.on.assigned = (partition) => (partition === 0 ? taking.opened : Promise.resolve());
      await log.read('readers', seen);
      await seen.until(() => seen.records.some((each) => each.partition === 1));
      expect(seen.records.filter((each) => each.partition === 0)).toEqual([]);
      taking.open();
      await seen.until(() => seen.records.length >= 20);
      expect(seen.calls.indexOf('assigned 0')).toBeLessThan(seen.calls.indexOf('batch 0'));
    });

    test('waits for a batch that is not done, and does not hold the other partitions up', async () => {
      const log = await openLog(freshTopic(), 2);
      await log.append(numbered(40, 20));
      const done = gate();
      const seen = new Recorder();
      seen.on.batch = (batch) => (batch.partition === 0 ? done.opened : Promise.resolve());
      await log.read('readers', seen);
      await seen.until(() => seen.calls.includes('batch 0') && seen.calls.includes('batch 1'));
      const heldBack = seen.records.filter((each) => each.partition === 0).length;
      for (let round = 1; round <= 5; round += 1) {
        const total = seen.records.length;
        await log.append(numbered(40, 20, round * 40));
        await seen.until(() => seen.records.length > total);
      }
      expect(seen.calls.filter((call) => call === 'batch 0')).toHaveLength(1);
      expect(seen.records.filter((each) => each.partition === 0)).toHaveLength(heldBack);
      done.open();
      await seen.until(() => seen.records.length >= 240);
      expect(new Set(seen.values()).size).toBe(240);
      expect(seen.overlaps).toBe(0);
    });

    test('delivers a record that arrives while the reader waits', async () => {
      const log = await openLog(freshTopic(), 2);
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.owned.size === 2);
      for (let i = 0; i < 20; i += 1) {
        await log.append([record('key', `live-${i}`)]);
        await seen.until(() => seen.records.length > i);
      }
      expect(seen.values()).toEqual(Array.from({ length: 20 }, (_, i) => `live-${i}`));
      expect(seen.lastEndOffset.get(seen.records[0]?.partition ?? -1)).toBe(20);
    });

    test('repeats a batch whose consumer failed', async () => {
      const log = await openLog(freshTopic(), 1);
      await log.append(numbered(10));
      const seen = new Recorder();
      let failures = 2;
      seen.on.batch = () => {
        if (failures === 0) return Promise.resolve();
        failures -= 1;
        return Promise.reject(new Error('the store is not in the mood'));
      };
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 30);
      expect(seen.records.map((each) => each.offset)).toEqual(Array.from({ length: 30 }, (_, i) => i % 10));
    });

    test('lets two groups read independently of each other', async () => {
      const log = await openLog(freshTopic());
      await log.append(numbered(30, 3));
      const [one, two] = [new Recorder(), new Recorder()];
      const reader = await log.read('one', one);
      await log.read('two', two);
      await one.until(() => one.records.length >= 30);
      await commitAll(reader, one);
      await two.until(() => two.records.length >= 30);
      expect([...two.values()].sort()).toEqual([...one.values()].sort());
    });

    test('drains every partition when the reader closes: what it commits then counts', async () => {
      const topic = freshTopic();
      const log = await openLog(topic);
      await log.append(numbered(90, 9));
      const seen = new Recorder();
      const reader = await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 90 && seen.owned.size === 3);
      seen.on.revoked = async (partition) => {
        const last = seen.records.filter((each) => each.partition === partition).at(-1);
        if (last) await reader.commit(partition, last.offset + 1);
      };
      await reader.close();
      expect(seen.calls.filter((call) => call.startsWith('revoked')).sort()).toEqual([
        'revoked 0',
        'revoked 1',
        'revoked 2',
      ]);
      expect(seen.owned.size).toBe(0);
      expect(seen.overlaps).toBe(0);

      await log.append([record('key-0', 'afterwards')]);
      const after = new Recorder();
      await log.read('readers', after);
      await after.until(() => after.records.length >= 1);
      expect(after.values()).toEqual(['afterwards']);
    });

    test('closing the log closes its readers', async () => {
      const log = await adapter.open(freshTopic(), 2);
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.owned.size === 2);
      await log.close();
      expect(seen.owned.size).toBe(0);
      await expect(log.append([record('key', 'too late')])).rejects.toMatchObject({ name: 'LogAwayError' });
    });

    test('takes a large batch and a large record, and delivers them in bounded batches', async () => {
      const log = await openLog(freshTopic());
      const large = record('large', 'x'.repeat(900_000));
      const positions = await log.append([...numbered(20_000, 11), large]);
      expect(positions).toHaveLength(20_001);
      const seen = new Recorder();
      let largest = 0;
      seen.on.batch = (batch) => {
        largest = Math.max(largest, batch.records.length);
        return Promise.resolve();
      };
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 20_001);
      expect(new Set(seen.values()).size).toBe(20_001);
      expect(largest).toBeLessThanOrEqual(2_000);
      expect(seen.records.find((each) => each.key === 'large')?.value?.length).toBe(900_000);
    });

    test('keeps bytes as they are, and says when it took them', async () => {
      const log = await openLog(freshTopic(), 1);
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const before = Date.now();
      await log.append([
        { key: 'clé/Ω', value: bytes },
        { key: 'empty', value: new Uint8Array() },
      ]);
      const seen = new Recorder();
      await log.read('readers', seen);
      await seen.until(() => seen.records.length >= 2);
      expect([...(seen.records[0]?.value ?? [])]).toEqual([...bytes]);
      expect(seen.records.map((each) => each.key)).toEqual(['clé/Ω', 'empty']);
      expect(seen.records[1]?.value?.length).toBe(0);
      expect(seen.records[0]?.appendedAt).toBeGreaterThanOrEqual(before - 1_000);
      expect(seen.records[0]?.appendedAt).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    test('an append of nothing is done at once', async () => {
      const log = await openLog(freshTopic());
      expect(await log.append([])).toEqual([]);
      expect(log.health()).toEqual({ state: 'up' });
    });
  });
};
