export {
  SiteEstimator,
  type Abstention,
  type ScoreListener,
  type Stay,
  type Talking,
  type WaitBand,
  type WaitEstimate,
  type Waiting,
} from './site-estimator.js';
export { RULES, RuleBook, type Rule, type RuleWaits } from './rules.js';
export * from './scorecard.js';
export * from './display.js';
export * from './remaining.js';
export { isTellable, LONGEST_TOLD_S, type Band } from './band/calibration.js';
export { QUEUED_ABOVE_S } from './signals/queue-figures.js';
export type { Hours } from './signals/site-signals.js';
export * from './outlook.js';
export * from './outlook-best-time.js';
export * from './queue-length.js';
export * from './textbook.js';
