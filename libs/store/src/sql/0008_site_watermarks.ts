import type { Migration } from './migration.js';

export const siteWatermarks: Migration = {
  number: 8,
  name: 'site_watermarks',
  statements: [
    // How late an event was is told by what had come before it in the log, not by what the facts hold when it is read again.
    `CREATE TABLE IF NOT EXISTS site_watermarks (
  tenant LowCardinality(String),
  site LowCardinality(String),
  latest DateTime64(3, 'UTC'),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, site)`,
  ],
};
