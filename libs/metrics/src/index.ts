export * from './measures.js';
export * from './metrics.js';
export * from './registry.js';
export * from './sql.js';
