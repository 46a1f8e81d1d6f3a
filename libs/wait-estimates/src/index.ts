export * from './predictors.js';
export * from './queue-estimator.js';
export * from './queue-length.js';
export * from './textbook.js';
