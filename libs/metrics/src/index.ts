export * from './attribution.js';
export * from './definitions/ledger.js';
export * from './measure.js';
export * from './measures.js';
export * from './metric.js';
export * from './registry.js';
export * from './spell-measures.js';
export * from './sql.js';
