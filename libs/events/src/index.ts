export * from './async-api.js';
export * from './data.js';
export * from './envelope.js';
export * from './ids.js';
export * from './json-schema.js';
