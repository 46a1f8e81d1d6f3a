export * from './catalog.js';
export * from './load.js';
export * from './outline.js';
export { SettingsError } from './problems.js';
export * from './schema.js';
