import type { Migration } from './migration.js';

const TIMES = `Array(DateTime64(3, 'UTC'))`;
const addColumns = (table: string, columns: readonly string[]): string =>
  `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column}`).join(', ')}`;

export const attribution: Migration = {
  number: 7,
  name: 'attribution',
  statements: [
    // The defaults stand for rows that were written before: their parts are known by duration and number only, and are
    // put where they end.
    addColumns('contact_legs', [
      `offer_times ${TIMES} DEFAULT arrayWithConstant(offers, ifNull(first_offered_at, queued_at))`,
      `decline_times ${TIMES} DEFAULT arrayWithConstant(declines, ifNull(left_queue_at, queued_at))`,
      `holds Array(Tuple(DateTime64(3, 'UTC'), DateTime64(3, 'UTC'))) DEFAULT
    if(ifNull(hold_ms, 0) > 0 AND ended_at IS NOT NULL,
      [(fromUnixTimestamp64Milli(toUnixTimestamp64Milli(assumeNotNull(ended_at)) - assumeNotNull(hold_ms), 'UTC'), assumeNotNull(ended_at))],
      [])`,
      'transferred_from_queue LowCardinality(String)',
      // What tells whether anything of a leg can lie within a range of time.
      `last_moment DateTime64(3, 'UTC') MATERIALIZED
    greatest(queued_at, ifNull(left_queue_at, queued_at), ifNull(ended_at, queued_at), ifNull(wrapped_up_at, queued_at))`,
    ]),
    'ALTER TABLE contact_legs ADD INDEX IF NOT EXISTS by_last_moment last_moment TYPE minmax GRANULARITY 1',
    addColumns('agent_spells', [
      `until_at DateTime64(3, 'UTC') MATERIALIZED ifNull(to_at, toDateTime64('2200-01-01 00:00:00', 3, 'UTC'))`,
    ]),
    'ALTER TABLE agent_spells ADD INDEX IF NOT EXISTS by_until until_at TYPE minmax GRANULARITY 1',
    addColumns('queue_intervals', [
      'legs_transferred_in UInt64',
      'abandoned_wait_ms UInt64',
      'longest_answered_value_ms Nullable(UInt64)',
      'other_waits Map(UInt32, UInt64)',
      'legs_first_decided UInt64',
      'since_menu_waits Map(UInt32, UInt64)',
    ]),
    // What the kept intervals were computed by: where it is not what the registry says, they are computed anew.
    `CREATE TABLE IF NOT EXISTS interval_definitions (
  id UInt8,
  hash String,
  computed_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY id`,
  ],
};
