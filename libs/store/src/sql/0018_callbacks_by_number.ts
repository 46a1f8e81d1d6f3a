import type { Migration } from './migration.js';

export const callbacksByNumber: Migration = {
  number: 18,
  name: 'callbacks_by_number',
  statements: [
    // A promise is read with all of its number: which of them stands follows from all.
    `ALTER TABLE callbacks ADD INDEX IF NOT EXISTS by_caller_key caller_key TYPE bloom_filter GRANULARITY 1`,
  ],
};
