import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { columnType, LEG_MEASURES } from '@queuecast/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineReleased, openClient } from './engine.js';
import { hashOf, migrate, pendingMigrations } from './migrate.js';
import { MIGRATIONS, type Migration } from './sql/index.js';

const step = (number: number, name: string, statements: string[] = [`SELECT '${name}'`]): Migration => ({
  number,
  name,
  statements,
});
const applied = (...migrations: Migration[]) =>
  migrations.map((migration) => ({ number: migration.number, name: migration.name, hash: hashOf(migration) }));

describe('migrations', () => {
  const first = step(1, 'first');
  const second = step(2, 'second');
  const third = step(3, 'third');

  it('still to apply come in the order of their numbers', () => {
    expect(pendingMigrations([third, first, second], applied(first))).toEqual([second, third]);
    expect(pendingMigrations([first, second], applied(first, second))).toEqual([]);
  });

  it.each([
    ['two of one number', [first, step(1, 'other')], [], /0001_first and 0001_other share a number: give one/],
    ['an edited one', [step(1, 'first', ['SELECT 2'])], applied(first), /0001_first was edited .* put the change into/],
    ['a clash with an applied one', [step(1, 'mine')], applied(first), /0001_mine clashes with 0001_first/],
    ['one below an applied one', [first, second, third], applied(first, third), /0002_second comes before number 3/],
    [
      'a store newer than the program',
      [first],
      applied(first, second),
      /0002_second, which this program does not know/,
    ],
  ])('refuse %s, and say what to do', (_case, available, done, message) => {
    expect(() => pendingMigrations(available, done)).toThrow(message);
  });

  it('have numbers and names of their own', () => {
    expect(pendingMigrations(MIGRATIONS, [])).toHaveLength(MIGRATIONS.length);
    expect(new Set(MIGRATIONS.map(({ name }) => name)).size).toBe(MIGRATIONS.length);
  });
});

describe('migrations on the engine', () => {
  const engine = { kind: 'embedded', directory: mkdtempSync(join(tmpdir(), 'queuecast-migrate-')) } as const;
  let client: ClickHouseClient;
  const rows = async (query: string): Promise<unknown[]> =>
    (await client.query({ query, format: 'JSONCompactEachRow' })).json();

  beforeAll(async () => {
    client = await openClient(engine, 'writer');
  });
  afterAll(async () => {
    await client.close();
    await engineReleased(engine);
    rmSync(engine.directory, { recursive: true });
  });

  it('are applied once, recorded with a hash, and go on after a crash between a statement and its record', async () => {
    const create = step(1, 'one', ['CREATE TABLE IF NOT EXISTS one (n UInt8) ENGINE = MergeTree ORDER BY n']);
    const broken = step(2, 'two', [
      'CREATE TABLE IF NOT EXISTS two (n UInt8) ENGINE = MergeTree ORDER BY n',
      'SELECT throwIf(1)',
    ]);
    await expect(migrate(client, [create, broken])).rejects.toThrow('throwIf');
    expect(await rows('SELECT number, name, hash FROM schema_migrations FINAL')).toEqual([[1, 'one', hashOf(create)]]);
    const mended = step(2, 'two', [broken.statements[0] ?? '', 'INSERT INTO two VALUES (1)']);
    await migrate(client, [create, mended]);
    await migrate(client, [create, mended]);
    expect(await rows('SELECT n FROM two')).toEqual([[1]]);
    await expect(migrate(client, [create, broken])).rejects.toThrow('0002_two was edited');
  });

  it('are applied by one of the processes that start together, and the others wait', async () => {
    const others = await Promise.all([openClient(engine, 'facts'), openClient(engine, 'live')]);
    const slow = step(3, 'slow', [
      'CREATE TABLE IF NOT EXISTS applications (n UInt8) ENGINE = MergeTree ORDER BY n',
      'SELECT sleep(0.5)',
      'INSERT INTO applications VALUES (1)',
    ]);
    await client.command({ query: 'TRUNCATE TABLE schema_migrations' });
    await Promise.all([client, ...others].map((each) => migrate(each, [slow])));
    expect(await rows('SELECT n FROM applications')).toEqual([[1]]);
    expect(await rows("SELECT name FROM system.tables WHERE name LIKE 'schema_migrating%'")).toEqual([]);
    for (const other of others) await other.close();
  });

  it('wait for a process that makes them, and not for one that was killed over them', async () => {
    await client.command({ query: 'TRUNCATE TABLE schema_migrations' });
    const made = (secondsAgo: number) =>
      client.command({
        query: `CREATE TABLE schema_migrating_1 (at DateTime) ENGINE = MergeTree ORDER BY at COMMENT '${Math.floor(Date.now() / 1000) - secondsAgo}'`,
      });
    await made(0);
    let done = false;
    const migrated = migrate(client, [step(4, 'four')]).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(done).toBe(false);
    await client.command({ query: 'DROP TABLE schema_migrating_1' });
    await migrated;
    await made(61);
    await migrate(client, [step(4, 'four'), step(5, 'five')]);
    expect(await rows('SELECT number FROM schema_migrations FINAL ORDER BY number')).toEqual([[4], [5]]);
    expect(await rows("SELECT name FROM system.tables WHERE name LIKE 'schema_migrating%'")).toEqual([]);
  });

  it('give queue_intervals exactly the measures of the registry', async () => {
    await client.command({ query: 'TRUNCATE TABLE schema_migrations' });
    await migrate(client, MIGRATIONS);
    const columns = await rows(
      "SELECT name, type FROM system.columns WHERE table = 'queue_intervals' ORDER BY position",
    );
    expect(columns.slice(7)).toEqual(LEG_MEASURES.map((measure) => [measure.name, columnType(measure)]));
  });

  it('move the archive whole, from wherever a crash left off', async () => {
    const at = (number: number) => MIGRATIONS.filter((migration) => migration.number === number);
    const [move] = MIGRATIONS.filter(({ name }) => name === 'first_of_events');
    const archive = () => rows('SELECT id, toUInt32(version) FROM events FINAL ORDER BY id');
    await client.command({ query: 'DROP TABLE events' });
    for (const query of at(4)[0]?.statements ?? []) await client.command({ query });
    await client.command({
      query: `INSERT INTO events (tenant, at, id, version)
SELECT 'acme', fromUnixTimestamp64Milli(toInt64(1700000000000) + number * 86400000, 'UTC'), toString(number), number FROM numbers(100)`,
    });
    const before = await archive();
    for (let done = 0; done <= (move?.statements.length ?? 0); done += 1) {
      for (const query of move?.statements.slice(0, done) ?? []) await client.command({ query });
      for (const query of move?.statements ?? []) await client.command({ query });
      expect(await archive()).toEqual(before);
    }
  });
});
