export { InvalidReportError, ReportsBusyError, ReportTooLargeError } from './errors.js';
export type { EmbeddedEngine, ServerEngine } from './engine.js';
export { MAX_INTERVAL_ROWS, MAX_PAGE_ROWS } from './intervals.js';
export { MigrationError } from './migrate.js';
export * from './port.js';
export { openStore, type StoreOptions } from './store.js';
export { MOST_HISTORY_QUEUES } from './wait-history.js';
