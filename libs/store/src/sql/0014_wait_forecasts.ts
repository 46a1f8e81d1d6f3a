import type { Migration } from './migration.js';

export const waitForecasts: Migration = {
  number: 14,
  name: 'wait_forecasts',
  statements: [
    // What each leg was told when it joined, where the leg itself is kept: joined with it, it says what came of that.
    // Of two rows of one leg the lower position counts: what was told first was told.
    `CREATE TABLE IF NOT EXISTS wait_forecasts (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  anchor DateTime64(3, 'UTC'),
  anchor_hour DateTime('UTC') MATERIALIZED
    toDateTime(toUInt32(least(greatest(intDiv(toUnixTimestamp64Milli(anchor), 3600000), 0), 1193046) * 3600), 'UTC'),
  contact String,
  leg String,
  made_at DateTime64(3, 'UTC'),
  predictor LowCardinality(String),
  reason LowCardinality(String),
  low_ms Nullable(UInt32),
  p50_ms Nullable(UInt32),
  high_ms Nullable(UInt32),
  forecasts Map(LowCardinality(String), UInt32),
  version UInt64,
  precedence UInt64 MATERIALIZED 18446744073709551615 - version
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(anchor)
ORDER BY (tenant, queue, anchor_hour, site, contact, leg)
SETTINGS index_granularity = 1024`,
  ],
};
