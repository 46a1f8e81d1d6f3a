export * from './predictors.js';
export * from './queue-estimator.js';
