export * from './catalog.js';
export { MAX_PUBLIC_BYTES } from './consistency.js';
export * from './load.js';
export * from './outline.js';
export { SettingsError } from './problems.js';
export * from './schema.js';
