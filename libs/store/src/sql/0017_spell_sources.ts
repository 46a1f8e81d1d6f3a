import type { Migration } from './migration.js';

export const spellSources: Migration = {
  number: 17,
  name: 'spell_sources',
  statements: [
    // Whose word a spell is, so that a source's list of who is signed in tells of its own agents only.
    'ALTER TABLE agent_spells ADD COLUMN IF NOT EXISTS source LowCardinality(String) AFTER queues',
  ],
};
