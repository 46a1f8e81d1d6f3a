import type { CallbackRow } from '@queuecast/callbacks';
import type { ContactRow, KnownAnswer, LegFact, PublishedRange, SpellFact } from '@queuecast/contact-center';
import type { Instant, Milliseconds, QueueId } from '@queuecast/events';
import type { ArchivedEvent } from './flush-port.js';

/** What a site's processor needs to go on after a restart. */
export interface SiteRecovery {
  /** Contacts that are open, or whose latest mark is not older than the site's latest mark minus `graceMs`. */
  readonly contacts: readonly ContactRow[];
  /** Of every agent the spells not older than `graceMs` before the site's latest mark, and the last one before these. */
  readonly spells: readonly SpellFact[];
  /** Promises that are open and not long overdue, and those of which the dialer has to be told. */
  readonly callbacks: readonly CallbackRow[];
  /** The latest mark of the site's contacts and agents; null for a site without facts. */
  readonly latest: Instant | null;
  /** The watermark of the site's last flush that was written whole; null before the first. */
  readonly settled: Instant | null;
  /** What the site had published by then; null before the first. */
  readonly published: PublishedRange | null;
  /** Position in the log of the latest event that the contacts and spells hold; null for a site without facts. */
  readonly version: number | null;
  /** When a position was recorded last as shown; null before the first. */
  readonly shownUntil: Instant | null;
  /** Events that are not about one contact or agent and still matter: opened, closed, notices, restarts and snapshots of sources, watches, and who was suspected of late; oldest first, bodies whole. */
  readonly siteEvents: readonly ArchivedEvent[];
}

/** What tells a usual wait from a suspicious one, per queue of a site. */
export interface SuspicionEvidence {
  /** Waits of the last seven days that are over, rounded up to seconds, and how many legs waited so long. */
  readonly waits: readonly { readonly queue: QueueId; readonly waitMs: Milliseconds; readonly legs: number }[];
  /**
   * The answered legs that joined last, by queue and priority, and that were answered last, by agent and channel; as of
   * the last flush that was written whole.
   */
  readonly answered: readonly KnownAnswer[];
}

/** What the estimates of a site have learnt, as they write it down. */
export interface EstimatorState {
  /** Position up to which events are in it; of two states the higher one counts. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** What there is to learn from a leg of the past; never of an internal one. */
export type PastLeg = Pick<
  LegFact,
  | 'queue'
  | 'contact'
  | 'leg'
  | 'internal'
  | 'queuedAt'
  | 'outcome'
  | 'agent'
  | 'answeredAt'
  | 'leftQueueAt'
  | 'endedAt'
  | 'wrappedUpAt'
  | 'waitMs'
  | 'talkMs'
  | 'holdMs'
  | 'wrapMs'
>;

/** A page of a site's legs. */
export interface PastLegsRequest {
  /** When the first of them was queued at the earliest. */
  readonly from: Instant;
  /** The last of the page before. */
  readonly after?: Pick<PastLeg, 'queuedAt' | 'contact' | 'leg'>;
  readonly limit: number;
}
