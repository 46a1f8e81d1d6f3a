export * from './open-ports.js';
export * from './run.js';
