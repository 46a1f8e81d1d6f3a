export {
  SiteEstimator,
  type ScoreListener,
  type Stay,
  type Talking,
  type Waiting,
  type WaitEstimate,
} from './site-estimator.js';
export { RULES, RuleBook, type Rule, type RuleWaits } from './rules.js';
export * from './scorecard.js';
export { QUEUED_ABOVE_S } from './signals/queue-figures.js';
export type { Hours } from './signals/site-signals.js';
export * from './outlook.js';
export * from './outlook-best-time.js';
export * from './queue-length.js';
export * from './textbook.js';
