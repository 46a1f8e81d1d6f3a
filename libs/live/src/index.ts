export * from './bus.js';
export * from './frames.js';
export * from './messages.js';
