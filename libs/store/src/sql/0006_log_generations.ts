import type { Migration } from './migration.js';

export const logGenerations: Migration = {
  number: 6,
  name: 'log_generations',
  statements: [
    `CREATE TABLE IF NOT EXISTS log_generations (
  log String,
  id String,
  partitions UInt32,
  generation UInt32,
  first_seen DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (log, id, partitions, generation)`,
  ],
};
