export * from './calendar.js';
export * from './facts.js';
