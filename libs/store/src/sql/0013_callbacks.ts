import type { Migration } from './migration.js';

export const callbacks: Migration = {
  number: 13,
  name: 'callbacks',
  statements: [
    // One row per promise of a call back. Not partitioned: no time of a promise is fixed before it is written first.
    `CREATE TABLE IF NOT EXISTS callbacks (
  tenant LowCardinality(String),
  site LowCardinality(String),
  id String,
  queue LowCardinality(String),
  contact String,
  leg String,
  state LowCardinality(String),
  promised_at DateTime64(3, 'UTC'),
  due_at DateTime64(3, 'UTC'),
  closed_at Nullable(DateTime64(3, 'UTC')),
  profile LowCardinality(String),
  origin LowCardinality(String),
  channel LowCardinality(String),
  language LowCardinality(String),
  caller_key String,
  duplicate_of String,
  attempts UInt32,
  moves UInt32,
  delivered_at Nullable(DateTime64(3, 'UTC')),
  pending Bool,
  marks String CODEC(ZSTD(1)),
  version UInt64,
  INDEX by_id id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, site, id)
SETTINGS index_granularity = 1024`,
  ],
};
