import type { Migration } from './migration.js';

export const contacts: Migration = {
  number: 3,
  name: 'contacts',
  statements: [
    // Not partitioned: no time of a contact is fixed, and a row that moved to another partition would not be replaced.
    `CREATE TABLE IF NOT EXISTS contacts (
  tenant LowCardinality(String),
  site LowCardinality(String),
  contact String,
  last_at DateTime64(3, 'UTC'),
  closed Bool,
  marks String CODEC(ZSTD(1)),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, site, contact)
SETTINGS index_granularity = 1024`,
  ],
};
