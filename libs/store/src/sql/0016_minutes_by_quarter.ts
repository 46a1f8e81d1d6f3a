import type { Migration } from './migration.js';

export const minutesByQuarter: Migration = {
  number: 16,
  name: 'minutes_by_quarter',
  statements: [
    // Of minutes only the edges of a window are read, of all queues those of one quarter of an hour: by the day before by
    // queue, that quarter was read with the whole day. Quarters stay by the day.
    `CREATE TABLE IF NOT EXISTS queue_intervals_by_span AS queue_intervals
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, grain, intDiv(toUInt32(start), if(grain = 60, 900, 86400)), site, queue, start, channel)
TTL start + INTERVAL 8 DAY DELETE WHERE grain = 60
SETTINGS index_granularity = 256`,
    // For when a crash came between the last two statements.
    'CREATE TABLE IF NOT EXISTS queue_intervals AS queue_intervals_by_span',
    // However many intervals there are.
    `INSERT INTO queue_intervals_by_span SELECT * FROM queue_intervals
SETTINGS max_execution_time = 0, max_partitions_per_insert_block = 0`,
    'DROP TABLE IF EXISTS queue_intervals',
    'RENAME TABLE queue_intervals_by_span TO queue_intervals',
  ],
};
