import type { Migration } from './migration.js';

export const shownPositions: Migration = {
  number: 11,
  name: 'shown_positions',
  statements: [
    // Up to which position of the log a site's wallboards showed its events, and its figures of the day, from when on. Of
    // two records of one instant the lower position counts: the past is not written anew.
    `CREATE TABLE IF NOT EXISTS shown_positions (
  tenant LowCardinality(String),
  site LowCardinality(String),
  shown_at DateTime64(3, 'UTC'),
  version UInt64,
  figures_version Nullable(UInt64),
  store_behind_since Nullable(DateTime64(3, 'UTC')),
  precedence UInt64 MATERIALIZED 18446744073709551615 - version
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(shown_at)
ORDER BY (tenant, site, shown_at)`,
  ],
};
