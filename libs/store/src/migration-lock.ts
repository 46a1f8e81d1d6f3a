import type { ClickHouseClient } from '@clickhouse/client';

/** A holder that has said nothing for this long is gone. It speaks every few seconds. */
const STALE_SECONDS = 60;
const HEARTBEAT_MS = 5_000;
const LOOK_AGAIN_MS = 250;
const TABLE_ALREADY_EXISTS = '57';
const UNKNOWN_TABLE = '60';

/** Locks are tables, numbered: creating one that exists fails, whoever was first. */
const nameOf = (number: number): string => `schema_migrating_${number}`;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

interface Lock {
  /** 0 for none. */
  readonly number: number;
  /** Its holder has spoken lately. */
  readonly live: boolean;
  /** The store's clock, seconds since the epoch. */
  readonly now: number;
}

/** The latest lock there is. Its comment says when it was made, which is its holder's first word. */
const latest = async (client: ClickHouseClient): Promise<Lock> => {
  const only = async <Row>(query: string): Promise<Row> =>
    ((await (await client.query({ query, format: 'JSONEachRow' })).json<Row>()) as [Row])[0];
  const { number, made, now } = await only<{ number: number; made: number; now: number }>(
    `SELECT max(toUInt32OrZero(substring(name, ${nameOf(0).length}))) AS number, max(toUInt32OrZero(comment)) AS made,
  toUnixTimestamp(now()) AS now
FROM system.tables WHERE database = currentDatabase() AND startsWith(name, '${nameOf(0).slice(0, -1)}')`,
  );
  if (number === 0) return { number, live: false, now };
  const { spoken } = await only<{ spoken: number }>(`SELECT toUnixTimestamp(max(at)) AS spoken FROM ${nameOf(number)}`);
  return { number, live: now - Math.max(made, spoken) < STALE_SECONDS, now };
};

/**
 * Does `work` while no other process does: migrations rebuild tables, and what another process does between two of their
 * statements could be lost. A process that was killed holds others up for a minute.
 */
export const alone = async (client: ClickHouseClient, work: () => Promise<void>): Promise<void> => {
  const number = await acquire(client);
  const beat = (): Promise<unknown> => client.command({ query: `INSERT INTO ${nameOf(number)} VALUES (now())` });
  const timer = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await client.command({ query: `DROP TABLE IF EXISTS ${nameOf(number)}` });
  }
};

const acquire = async (client: ClickHouseClient): Promise<number> => {
  for (;;) {
    const { number, live, now } = await found(client);
    if (live) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    else {
      try {
        await client.command({
          query: `CREATE TABLE ${nameOf(number + 1)} (at DateTime) ENGINE = MergeTree ORDER BY at COMMENT '${now}'`,
        });
      } catch (error) {
        if (hasCode(error, TABLE_ALREADY_EXISTS)) continue;
        throw error;
      }
      // The one that its holder left behind: whoever looks now sees ours.
      if (number > 0) await client.command({ query: `DROP TABLE IF EXISTS ${nameOf(number)}` });
      return number + 1;
    }
  }
};

/** As {@link latest}; a lock that is released between its two questions is looked for again. */
const found = async (client: ClickHouseClient): Promise<Lock> => {
  for (;;)
    try {
      return await latest(client);
    } catch (error) {
      if (!hasCode(error, UNKNOWN_TABLE)) throw error;
    }
};
