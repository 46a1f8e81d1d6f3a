import type { CallbackRow } from '@queuecast/callbacks';
import type { ContactRow, LegFact, Published, PublishedRange, SpellFact } from '@queuecast/contact-center';
import type { ContactId, Instant, LegId, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { QueueKey, SiteKey } from './keys.js';

/** One row of the raw archive `events`. */
export interface ArchivedEvent {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly at: Instant;
  readonly appendedAt: Instant;
  /** The event as received, structured JSON. */
  readonly body: string;
  readonly version: number;
}

/** An instant at which a queue's numbers changed: its intervals of every grain are recomputed from the facts. */
export interface TouchedInterval {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly queue: QueueId;
  readonly at: Instant;
}

/** How far a site's events had come, by their own time: what later events are measured against. */
export interface SiteWatermark extends SiteKey {
  readonly latest: Instant;
  /** The stretch whose intervals are published; null before the first. */
  readonly published: PublishedRange | null;
  /** Version of the last event before. */
  readonly version: number;
}

/** What one site published, and what has changed since in what it had. */
export type SitePublished = SiteKey & Published;

/**
 * What a site's wallboards showed from an instant on: every event up to `version`, and figures of the day as of the facts
 * up to `figuresVersion` (null before they were read for the first time).
 */
export interface ShownPosition extends SiteKey {
  readonly shownAt: Instant;
  readonly version: number;
  readonly figuresVersion: number | null;
  readonly storeBehindSince: Instant | null;
}

/** What one leg was told when it joined its queue, and what each estimator said then. Milliseconds. */
export interface WaitForecast extends QueueKey {
  readonly contact: ContactId;
  readonly leg: LegId;
  /** The leg's own: where it is kept. */
  readonly anchor: Instant;
  readonly madeAt: Instant;
  /** Who made the band. */
  readonly predictor: string;
  /** Why there was none; null if there was one. */
  readonly reason: 'CLOSED' | 'NO_AGENTS' | 'TOO_FEW_DATA' | 'SHOCK' | null;
  readonly band: { readonly lowMs: number; readonly p50Ms: number; readonly highMs: number } | null;
  /** The wait by estimator, the textbook's rules among them; those that had nothing to go by are left out. */
  readonly forecasts: Readonly<Record<string, number>>;
  /** Of the event by which it joined. */
  readonly version: number;
}

/** Everything one flush writes. Written twice, it changes nothing. */
export interface FactFlush {
  readonly contacts: readonly ContactRow[];
  readonly legs: readonly LegFact[];
  readonly forecasts: readonly WaitForecast[];
  readonly spells: readonly SpellFact[];
  readonly callbacks: readonly CallbackRow[];
  readonly events: readonly ArchivedEvent[];
  readonly touched: readonly TouchedInterval[];
  readonly watermarks: readonly SiteWatermark[];
  readonly published: readonly SitePublished[];
  /** What was shown since the flush before. */
  readonly shown: readonly ShownPosition[];
}
