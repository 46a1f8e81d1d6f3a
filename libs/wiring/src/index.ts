export * from './number-seal.js';
export * from './open-ports.js';
export * from './process.js';
