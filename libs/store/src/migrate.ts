import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import { alone } from './migration-lock.js';
import type { Migration } from './sql/index.js';

/** The schema in the store and the schema in the program cannot both be right: the message says which and the remedy. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly hash: string;
}

/** SHA-256 over the statements: any edit, however small, shows. */
export const hashOf = (migration: Migration): string =>
  createHash('sha256').update(migration.statements.join(';\n')).digest('hex');

const label = (migration: { readonly number: number; readonly name: string }): string =>
  `${String(migration.number).padStart(4, '0')}_${migration.name}`;

/**
 * The migrations still to apply, in order.
 *
 * @throws {@link MigrationError} when two share a number, an applied one was edited or renamed, one has a number below
 *   an applied one, or the store has one that this program does not know
 */
export const pendingMigrations = (
  available: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] => {
  const byNumber = new Map<number, Migration>();
  for (const migration of available) {
    const clash = byNumber.get(migration.number);
    if (clash)
      throw new MigrationError(
        `migrations ${label(clash)} and ${label(migration)} share a number: give one the next free number`,
      );
    byNumber.set(migration.number, migration);
  }
  for (const done of applied) {
    const known = byNumber.get(done.number);
    if (!known)
      throw new MigrationError(
        `the store has migration ${label(done)}, which this program does not know: it was written by a newer version; start that one`,
      );
    if (known.name !== done.name)
      throw new MigrationError(
        `migration ${label(known)} clashes with ${label(done)}, which the store has applied: give the new one the next free number`,
      );
    if (hashOf(known) !== done.hash)
      throw new MigrationError(
        `migration ${label(known)} was edited after it was applied: restore it, and put the change into a new one`,
      );
  }
  const last = Math.max(0, ...applied.map((migration) => migration.number));
  const pending = available
    .filter((migration) => !applied.some((done) => done.number === migration.number))
    .sort((one, other) => one.number - other.number);
  const late = pending.find((migration) => migration.number < last);
  if (late)
    throw new MigrationError(
      `migration ${label(late)} comes before number ${last}, which the store has applied: give it the next free number`,
    );
  return pending;
};

const RECORD = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number UInt32,
  name String,
  hash String,
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY number`;

/**
 * Brings the schema up to date; see {@link pendingMigrations} for what is refused. Processes that start together do it one
 * after the other.
 */
export const migrate = async (client: ClickHouseClient, available: readonly Migration[]): Promise<void> => {
  await client.command({ query: RECORD });
  const pending = async (): Promise<readonly Migration[]> => {
    const result = await client.query({
      query: 'SELECT number, name, hash FROM schema_migrations FINAL ORDER BY number',
      format: 'JSONEachRow',
    });
    return pendingMigrations(available, await result.json<AppliedMigration>());
  };
  if ((await pending()).length === 0) return;
  await alone(client, async () => {
    for (const migration of await pending()) {
      for (const query of migration.statements) await client.command({ query });
      await client.insert({
        table: 'schema_migrations',
        columns: ['number', 'name', 'hash'],
        values: [[migration.number, migration.name, hashOf(migration)]],
        format: 'JSONCompactEachRow',
      });
    }
  });
};
