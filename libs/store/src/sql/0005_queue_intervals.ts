import type { Migration } from './migration.js';

export const queueIntervals: Migration = {
  number: 5,
  name: 'queue_intervals',
  statements: [
    // `grain` is 60 or 900 seconds; the measures are those of the metric registry (a test holds the two together).
    `CREATE TABLE IF NOT EXISTS queue_intervals (
  tenant LowCardinality(String),
  site LowCardinality(String),
  queue LowCardinality(String),
  channel LowCardinality(String),
  grain UInt16,
  start DateTime('UTC'),
  version UInt64,
  legs_offered UInt64,
  legs_internal UInt64,
  legs_answered UInt64,
  legs_abandoned UInt64,
  legs_flowed_out UInt64,
  legs_callback_taken UInt64,
  legs_dropped UInt64,
  legs_closed_out UInt64,
  legs_waiting UInt64,
  legs_handled UInt64,
  legs_transferred UInt64,
  offer_count UInt64,
  decline_count UInt64,
  correction_count UInt64,
  answered_wait_ms UInt64,
  ended_wait_ms UInt64,
  ring_sum_ms UInt64,
  talk_sum_ms UInt64,
  hold_sum_ms UInt64,
  wrap_sum_ms UInt64,
  longest_wait_value_ms Nullable(UInt64),
  answered_waits Map(UInt32, UInt64),
  abandoned_waits Map(UInt32, UInt64),
  abandoned_waits_floor Map(UInt32, UInt64),
  waiting_since Map(UInt32, UInt64),
  contact_keys Array(UInt64)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, site, queue, grain, start, channel)
TTL start + INTERVAL 8 DAY DELETE WHERE grain = 60
SETTINGS index_granularity = 256`,
  ],
};
