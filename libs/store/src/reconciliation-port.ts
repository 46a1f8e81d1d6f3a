import type { Instant } from '@queuecast/events';
import type { QueueKey, SiteKey } from './keys.js';

/** A stretch of time of some sites. */
export interface SitesRange {
  readonly sites: readonly SiteKey[];
  readonly from: Instant;
  readonly to: Instant;
}

/** How often a quarter of an hour was corrected. */
export interface CorrectedInterval extends QueueKey {
  readonly start: Instant;
  /** Events that corrected it. */
  readonly corrections: number;
}

/** A published figure of one interval for which there is no explanation. */
export interface IntervalDifference extends QueueKey {
  readonly channel: string;
  readonly start: Instant;
  readonly metric: string;
  /** What was published, and all that is on record as having changed it since. */
  readonly explained: number;
  /** What reports and wallboards say now. */
  readonly reported: number;
  /** What the legs say, counted anew. */
  readonly counted: number;
}

export interface Reconciliation {
  /** Published intervals, by queue and channel, in which anything ever was. */
  readonly intervals: number;
  /** At most {@link MOST_DIFFERENCES}. */
  readonly differences: readonly IntervalDifference[];
}

/** Most differences told of one stretch of time. */
export const MOST_DIFFERENCES = 1_000;
