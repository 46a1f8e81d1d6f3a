import type { ClickHouseClient } from '@clickhouse/client';
import type { LogIdentity } from '@queuecast/event-log';
import { text } from './literals.js';

interface Generation {
  readonly id: string;
  readonly partitions: number;
  readonly generation: number;
}

/**
 * The number of this life of the log, from 1 on. A known identity keeps its number; a new one gets the next. Two
 * processors that ask at once for the same new identity come to the same number.
 */
export const generationOf = async (client: ClickHouseClient, log: string, identity: LogIdentity): Promise<number> => {
  const result = await client.query({
    query: `SELECT id, partitions, generation FROM log_generations FINAL WHERE log = ${text(log)} ORDER BY generation`,
    format: 'JSONEachRow',
  });
  const known = await result.json<Generation>();
  const own = known.findLast(({ id, partitions }) => id === identity.id && partitions === identity.partitions);
  if (own) return own.generation;
  const generation = (known.at(-1)?.generation ?? 0) + 1;
  await client.insert({
    table: 'log_generations',
    columns: ['log', 'id', 'partitions', 'generation'],
    values: [[log, identity.id, identity.partitions, generation]],
    format: 'JSONCompactEachRow',
  });
  return generation;
};
