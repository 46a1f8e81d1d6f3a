import type { Migration } from './migration.js';

export const events: Migration = {
  number: 4,
  name: 'events',
  statements: [
    `CREATE TABLE IF NOT EXISTS events (
  tenant LowCardinality(String),
  site LowCardinality(String),
  at DateTime64(3, 'UTC'),
  source LowCardinality(String),
  id String,
  type LowCardinality(String),
  subject String,
  appended_at DateTime64(3, 'UTC'),
  body String CODEC(ZSTD(1)),
  version UInt64,
  INDEX by_type type TYPE set(64) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, site, toDate(at), source, id)`,
  ],
};
