import type { Migration } from './migration.js';

export const decidedWaits: Migration = {
  number: 19,
  name: 'decided_waits',
  statements: [
    // The default stands for rows that were written before: one leg does not tell of the others, so that it decides if the
    // contact neither came by a transfer nor was sent on.
    `ALTER TABLE contact_legs ADD COLUMN IF NOT EXISTS decided_after_ms Nullable(Int64) DEFAULT
  if(internal OR transferred_from_queue != '' OR outcome IN ('waiting', 'flowed_out', 'overflowed', 'timed_out'), NULL,
    greatest(0, toUnixTimestamp64Milli(ifNull(left_queue_at, queued_at)) -
      toUnixTimestamp64Milli(ifNull(menu_completed_at, queued_at)))) AFTER wait_ms`,
  ],
};
