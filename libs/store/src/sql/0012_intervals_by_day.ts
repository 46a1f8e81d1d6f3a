import type { Migration } from './migration.js';

export const intervalsByDay: Migration = {
  number: 12,
  name: 'intervals_by_day',
  statements: [
    // Kept intervals are a cache: dropped here, and computed anew since what they were computed by is forgotten too.
    'DROP TABLE IF EXISTS queue_intervals',
    // By day before by queue: the figures of all queues for a day lie together. By queue first, a wallboard of five hundred
    // queues read five hundred places of every column. The day is an expression of `start`, so that a row keeps its key.
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
  contact_keys Array(UInt64),
  legs_transferred_in UInt64,
  abandoned_wait_ms UInt64,
  longest_answered_value_ms Nullable(UInt64),
  other_waits Map(UInt32, UInt64),
  legs_first_decided UInt64,
  since_menu_waits Map(UInt32, UInt64)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, grain, toDate(start), site, queue, start, channel)
TTL start + INTERVAL 8 DAY DELETE WHERE grain = 60
SETTINGS index_granularity = 256`,
    'TRUNCATE TABLE interval_definitions',
  ],
};
