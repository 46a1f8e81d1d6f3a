import type { Migration } from './migration.js';

const FIGURES = 'Map(LowCardinality(String), Int64)';

export const publishedIntervals: Migration = {
  number: 9,
  name: 'published_intervals',
  statements: [
    // What a quarter of an hour was said to be when it ended, by metric@version, without zeros. Of every publication one row
    // without a queue says that it is written, up to and including the quarter `start`: not partitioned, so that a
    // publication and that row are one part of the table and come to be together.
    `CREATE TABLE IF NOT EXISTS published_intervals (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  channel LowCardinality(String),
  start DateTime('UTC'),
  figures ${FIGURES}
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, site, start, queue, channel)
SETTINGS index_granularity = 1024`,
    // What one event changed of one leg in a published interval: by how much each figure rose or fell. Corrections stand
    // apart from progress: they are few, and every report asks for them.
    `CREATE TABLE IF NOT EXISTS interval_changes (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  channel LowCardinality(String),
  start DateTime('UTC'),
  version UInt64,
  contact String,
  leg String,
  correction Bool,
  event_type LowCardinality(String),
  event_id String,
  event_source LowCardinality(String),
  event_at DateTime64(3, 'UTC'),
  behind_ms UInt64,
  deltas ${FIGURES}
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, correction, site, start, queue, channel, version, contact, leg)
SETTINGS index_granularity = 1024`,
    // Null: nothing was published yet.
    `ALTER TABLE site_watermarks
  ADD COLUMN IF NOT EXISTS published_from Nullable(DateTime64(3, 'UTC')),
  ADD COLUMN IF NOT EXISTS published_to Nullable(DateTime64(3, 'UTC'))`,
  ],
};
