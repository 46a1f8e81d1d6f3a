import type { ContactRow, SpellFact } from '@queuecast/contact-center';
import type { Instant, QueueId, SiteId } from '@queuecast/events';
import type { ArchivedEvent } from './flush-port.js';

/**
 * What is to count as known of a site. `then`: events up to `version`, as the screen had them at `at`; with the figures of
 * the day as of `figuresVersion`. `now`: events that had happened by `at`, whenever they came.
 */
export type Knowledge =
  | {
      readonly kind: 'then';
      readonly at: Instant;
      readonly version: number;
      /** Not above `version`. */
      readonly figuresVersion: number;
    }
  | { readonly kind: 'now'; readonly at: Instant };

/** The last that was heard of a site's source. */
export interface LastHeard {
  /** The latest event that was more than a sign of life; null if there was none. */
  readonly event: { readonly at: Instant; readonly arrived: Instant } | null;
  /** When anything came last, by the log's clock. */
  readonly sign: Instant;
  /** The latest event time. */
  readonly latest: Instant;
}

/**
 * A site as it is known by {@link Knowledge}: facts on which nothing else has a bearing since, and the events to be folded
 * on top of them. What a contact or an agent was before `since` counts as far as it lasted.
 */
export interface SiteAsOf {
  /** Open contacts of which nothing more is known today than was. */
  readonly contacts: readonly ContactRow[];
  /** Of agents of whom nothing was heard since, the state that they were in. */
  readonly spells: readonly SpellFact[];
  /** In log order: all of contacts of which more is known today, the last of every agent, snapshots. */
  readonly events: readonly ArchivedEvent[];
  /** As in `SiteRecovery`. */
  readonly siteEvents: readonly ArchivedEvent[];
  readonly heard: LastHeard | null;
  /** Queues that contacts joined since. */
  readonly queues: readonly QueueId[];
}

/** Where a tenant's archive begins and ends, by event time. */
export interface ArchiveRange {
  readonly from: Instant;
  readonly to: Instant;
  readonly sites: readonly SiteId[];
}
