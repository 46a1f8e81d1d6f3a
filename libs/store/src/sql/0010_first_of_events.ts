import type { Migration } from './migration.js';

const COLUMNS = 'tenant, site, at, source, id, type, subject, appended_at, body, version';

export const firstOfEvents: Migration = {
  number: 10,
  name: 'first_of_events',
  statements: [
    // Of an event that came twice the first counts: what was known at a position of the log is told by the events up to it,
    // and a repetition that took the event's place would have it known later than it was. By time, so that a stretch of a
    // site's day is read without the rest; what came late widens few granules' range of versions.
    `CREATE TABLE IF NOT EXISTS events_by_time (
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
  precedence UInt64 MATERIALIZED 18446744073709551615 - version,
  INDEX by_type type TYPE set(64) GRANULARITY 1,
  INDEX by_version version TYPE minmax GRANULARITY 1,
  INDEX by_subject subject TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, site, at, source, id)`,
    // For when a crash came between the last two statements.
    'CREATE TABLE IF NOT EXISTS events AS events_by_time',
    // However large the archive is.
    `INSERT INTO events_by_time (${COLUMNS}) SELECT ${COLUMNS} FROM events
SETTINGS max_execution_time = 0, max_partitions_per_insert_block = 0`,
    'DROP TABLE IF EXISTS events',
    'RENAME TABLE events_by_time TO events',
  ],
};
