export * from './number-seal.js';
export * from './open-ports.js';
export * from './run.js';
