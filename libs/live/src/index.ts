export * from './bus.js';
export * from './frames.js';
