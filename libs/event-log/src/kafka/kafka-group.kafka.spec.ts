import { fork, type ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../bundle.testing.js';
import { eventually, freshTopic, gate, numbered, Recorder } from '../contract.testing.js';
import type { LogReader } from '../port.js';
import { openKafkaLog, type KafkaLog } from './kafka-log.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

/** A process that does not get its turn for so long has left the group, as it should: longer than a busy machine takes. */
const TIMING = { sessionMs: 4_000, heartbeatMs: 300, fetchWaitMs: 20 };

describe.skipIf(withoutKafka)('a consumer group on a real broker', () => {
  const broker = new TestBroker();
  let fixture: Awaited<ReturnType<typeof bundle>>;
  const open: { close(): Promise<void> }[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    await broker.start({ 'group.min.session.timeout.ms': 1_000 });
    fixture = await bundle(new URL('./reader.fixture.ts', import.meta.url));
  });
  afterAll(async () => {
    fixture.remove();
    await broker.remove();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  const openLog = async (name: string): Promise<KafkaLog> => {
    const log = await openKafkaLog({ brokers: broker.brokers, name, partitions: 4, timing: TIMING });
    open.push(log);
    return log;
  };
  const join = async (name: string, seen: Recorder): Promise<LogReader> => (await openLog(name)).read('group', seen);
  const commitAll = async (reader: LogReader, seen: Recorder, partition?: number): Promise<void> => {
    const next = new Map<number, number>();
    for (const each of seen.records) next.set(each.partition, each.offset + 1);
    for (const [owned, offset] of next) {
      if (partition === undefined || partition === owned) await reader.commit(owned, offset);
    }
  };

  test('two readers share the partitions; what moves is drained first, what stays is not interrupted', async () => {
    const name = freshTopic();
    const log = await openLog(name);
    const first = new Recorder();
    const reader = await join(name, first);
    await first.until(() => first.owned.size === 4);
    await log.append(numbered(40, 20));
    await first.until(() => first.records.length === 40);

    const draining = gate();
    first.on.revoked = async (partition) => {
      await draining.opened;
      await commitAll(reader, first, partition);
    };
    const second = new Recorder();
    await join(name, second);
    await first.until(() => first.calls.filter((call) => call.startsWith('revoked')).length === 2);
    const kept = [...first.owned].filter((partition) => !first.calls.includes(`revoked ${partition}`));
    expect(kept).toHaveLength(2);

    // The first reader takes its time: the moving partitions are with nobody else, the staying ones go on.
    const keptSoFar = (): number => first.records.filter((each) => kept.includes(each.partition)).length;
    const before = keptSoFar();
    await log.append(numbered(40, 20, 40));
    await first.until(() => keptSoFar() > before);
    expect(second.calls).toEqual([]);
    draining.open();

    await second.until(() => second.owned.size === 2);
    await log.append(numbered(40, 20, 80));
    await eventually(() => new Set([...first.values(), ...second.values()]).size === 120);
    // Drained and committed before it moved: nothing was delivered twice.
    expect(first.records.length + second.records.length).toBe(120);
    for (const partition of kept) {
      expect(first.calls.filter((call) => call === `assigned ${partition}`)).toHaveLength(1);
      expect(second.owned.has(partition)).toBe(false);
    }
    expect([first.overlaps, second.overlaps]).toEqual([0, 0]);
  });

  test('when a reader closes, the others take its partitions over', async () => {
    const name = freshTopic();
    const [first, second] = [new Recorder(), new Recorder()];
    const reader = await join(name, first);
    await first.until(() => first.owned.size === 4);
    await join(name, second);
    await second.until(() => second.owned.size === 2);
    await reader.close();
    expect(first.owned.size).toBe(0);
    await second.until(() => second.owned.size === 4);
  });

  test('a reader whose store is slow for longer than the session stays in the group', async () => {
    const name = freshTopic();
    const log = await openLog(name);
    const seen = new Recorder();
    const slow = gate();
    seen.on.batch = () => slow.opened;
    const reader = await join(name, seen);
    await log.append(numbered(40, 20));
    await seen.until(() => seen.calls.filter((call) => call.startsWith('batch')).length === 4);
    await new Promise((resolve) => setTimeout(resolve, 1.5 * TIMING.sessionMs));
    slow.open();
    await commitAll(reader, seen);
    expect(seen.calls.filter((call) => call.startsWith('assigned'))).toHaveLength(4);
    expect(seen.calls.filter((call) => call.startsWith('revoked'))).toEqual([]);
    expect(seen.records).toHaveLength(40);
  });

  interface Told {
    readonly assigned?: number;
    readonly revoked?: number;
    readonly partition?: number;
    readonly committed?: number;
    readonly offset?: number;
    readonly refused?: number;
    readonly error?: string;
    readonly values?: string[];
  }

  const startChild = (
    name: string,
  ): { child: ChildProcess; told: Told[]; until(done: () => boolean): Promise<void> } => {
    const child = fork(fixture.file, [broker.brokers[0] ?? '', name], { execArgv: [], silent: true });
    children.push(child);
    const told: Told[] = [];
    child.on('message', (message: Told) => told.push(message));
    return {
      child,
      told,
      until: async (done) => {
        while (!done()) await new Promise((resolve) => child.once('message', resolve));
      },
    };
  };

  test('a process that is killed is replaced, and what it had not committed is delivered again', async () => {
    const name = freshTopic();
    const log = await openLog(name);
    const { child, told, until } = startChild(name);
    await until(() => told.filter((each) => each.assigned !== undefined).length === 4);
    await log.append(numbered(40, 20));
    await until(() => told.flatMap((each) => each.values ?? []).length === 40);
    child.kill('SIGKILL');
    await log.append(numbered(40, 20, 40));
    const seen = new Recorder();
    await join(name, seen);
    await seen.until(
      () =>
        seen.owned.size === 4 &&
        numbered(40, 20, 40).every((each) => seen.values().includes(Buffer.from(each.value).toString())),
    );
    expect(new Set([...told.flatMap((each) => each.values ?? []), ...seen.values()]).size).toBe(80);
  });

  test('a process that slept while others took over cannot commit for them', async () => {
    const name = freshTopic();
    const log = await openLog(name);
    const sleeper = startChild(name);
    await sleeper.until(() => sleeper.told.filter((each) => each.assigned !== undefined).length === 4);
    await log.append(numbered(40, 20));
    await sleeper.until(() => new Set(sleeper.told.map((each) => each.committed)).size >= 4);
    sleeper.child.kill('SIGSTOP');

    const seen = new Recorder();
    const reader = await join(name, seen);
    await seen.until(() => seen.owned.size === 4);
    await log.append(numbered(40, 20, 40));
    await seen.until(() =>
      numbered(40, 20, 40).every((each) => seen.values().includes(Buffer.from(each.value).toString())),
    );
    await commitAll(reader, seen);
    const before = sleeper.told.length;
    sleeper.child.kill('SIGCONT');
    await sleeper.until(() => sleeper.told.slice(before).some((each) => each.revoked !== undefined));

    // It learns that it was thrown out, lets go, and joins again as anybody else: with its share, from the committed offset.
    await eventually(
      () => sleeper.told.slice(before).some((each) => each.assigned !== undefined) && seen.owned.size === 2,
    );
    const since = sleeper.told.slice(before);
    for (const each of since.filter((one) => one.refused !== undefined)) expect(each.error).toBe('PartitionLostError');
    expect(
      since
        .flatMap((each) => each.values ?? [])
        .filter((value) => numbered(80, 20).some((one) => Buffer.from(one.value).toString() === value)),
    ).toEqual([]);
    await log.append(numbered(40, 20, 80));
    const all = (): Set<string> => new Set([...seen.values(), ...sleeper.told.flatMap((each) => each.values ?? [])]);
    await eventually(() => all().size === 120);
    expect(seen.overlaps).toBe(0);
  });
});
