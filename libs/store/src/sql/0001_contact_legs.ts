import type { Migration } from './migration.js';

export const contactLegs: Migration = {
  number: 1,
  name: 'contact_legs',
  statements: [
    // Sorting key and partition hold only what never changes for a leg, or a correction would leave its old row behind.
    // Instants outside what DateTime can say are clamped, not wrapped.
    `CREATE TABLE IF NOT EXISTS contact_legs (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  anchor DateTime64(3, 'UTC'),
  anchor_hour DateTime('UTC') MATERIALIZED
    toDateTime(toUInt32(least(greatest(intDiv(toUnixTimestamp64Milli(anchor), 3600000), 0), 1193046) * 3600), 'UTC'),
  contact String,
  leg String,
  channel LowCardinality(String),
  direction LowCardinality(String),
  caller_key Nullable(String),
  priority Int16,
  internal Bool,
  started_at Nullable(DateTime64(3, 'UTC')),
  menu_completed_at Nullable(DateTime64(3, 'UTC')),
  queued_at DateTime64(3, 'UTC'),
  first_offered_at Nullable(DateTime64(3, 'UTC')),
  answered_at Nullable(DateTime64(3, 'UTC')),
  left_queue_at Nullable(DateTime64(3, 'UTC')),
  ended_at Nullable(DateTime64(3, 'UTC')),
  wrapped_up_at Nullable(DateTime64(3, 'UTC')),
  outcome LowCardinality(String),
  agent LowCardinality(String),
  wait_ms Nullable(Int64),
  ring_ms Nullable(Int64),
  talk_ms Nullable(Int64),
  hold_ms Nullable(Int64),
  wrap_ms Nullable(Int64),
  offers UInt32,
  declines UInt32,
  transferred_to_queue LowCardinality(String),
  transferred_to_agent LowCardinality(String),
  ended_by LowCardinality(String),
  disposition LowCardinality(String),
  resolved Nullable(Bool),
  corrections UInt32,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(anchor)
ORDER BY (tenant, queue, anchor_hour, site, contact, leg)
SETTINGS index_granularity = 1024`,
    // Which hours of the sorting key hold legs that were queued in a quarter of an hour outside that hour: with these,
    // an interval finds all its legs, however late or out of order their first event came.
    `CREATE TABLE IF NOT EXISTS stray_legs (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  quarter UInt32,
  anchor_hour UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, queue, quarter, site, anchor_hour)`,
  ],
};
