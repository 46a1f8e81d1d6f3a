import type { Migration } from './migration.js';

export const agentSpells: Migration = {
  number: 2,
  name: 'agent_spells',
  statements: [
    `CREATE TABLE IF NOT EXISTS agent_spells (
  tenant LowCardinality(String),
  site LowCardinality(String),
  agent String,
  from_at DateTime64(3, 'UTC'),
  to_at Nullable(DateTime64(3, 'UTC')),
  state LowCardinality(String),
  reason LowCardinality(Nullable(String)),
  queues Array(LowCardinality(String)),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(from_at)
ORDER BY (tenant, site, agent, from_at)`,
  ],
};
