export * from './bus.js';
export * from './frames.js';
export * from './messages.js';
export * from './in-process-bus.js';
