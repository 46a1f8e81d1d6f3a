import type { Migration } from './migration.js';

export const estimatorStates: Migration = {
  number: 15,
  name: 'estimator_states',
  statements: [
    // What the estimates of a site have learnt, as bytes of their own making in base64; the latest counts.
    `CREATE TABLE IF NOT EXISTS estimator_states (
  tenant LowCardinality(String),
  site LowCardinality(String),
  version UInt64,
  state String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, site)`,
  ],
};
