export * from './bus.js';
export * from './frames.js';
export * from './messages.js';
export * from './in-process-bus.js';
export * from './outlook.js';
export * from './queue-board.js';
export * from './queue-frame.js';
export * from './source-watch.js';
