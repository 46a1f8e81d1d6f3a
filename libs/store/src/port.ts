import type { ContactRow, LegFact, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, Milliseconds, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { LogIdentity } from '@queuecast/event-log';

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
  /** Version of the last event before. */
  readonly version: number;
}

/** Everything one flush writes. Written twice, it changes nothing. */
export interface FactFlush {
  readonly contacts: readonly ContactRow[];
  readonly legs: readonly LegFact[];
  readonly spells: readonly SpellFact[];
  readonly events: readonly ArchivedEvent[];
  readonly touched: readonly TouchedInterval[];
  readonly watermarks: readonly SiteWatermark[];
}

export interface SiteKey {
  readonly tenant: TenantId;
  readonly site: SiteId;
}

export interface QueueKey extends SiteKey {
  readonly queue: QueueId;
}

/** What a site's processor needs to go on after a restart. */
export interface SiteRecovery {
  /** Contacts that are open, or whose latest mark is not older than the site's latest mark minus `graceMs`. */
  readonly contacts: readonly ContactRow[];
  /** Of every agent the spells not older than `graceMs` before the site's latest mark, and in any case the last one. */
  readonly spells: readonly SpellFact[];
  /** The latest mark of the site's contacts and agents; null for a site without facts. */
  readonly latest: Instant | null;
  /** The watermark of the site's last flush that was written whole; null before the first. */
  readonly settled: Instant | null;
  /** Events that are not about one contact or agent and still matter: opened, closed, notices, restarted; oldest first, bodies whole. */
  readonly siteEvents: readonly ArchivedEvent[];
}

/** Today's sums of one queue, by arrival, from `queue_intervals`. Counts, and durations in milliseconds. */
export interface QueueWindow extends QueueKey {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly shortAbandoned: number;
  readonly flowedOut: number;
  readonly callbackTaken: number;
  readonly dropped: number;
  readonly closedOut: number;
  readonly stillWaiting: number;
  readonly answeredWithin: number;
  readonly asaMs: number | null;
  readonly ahtMs: number | null;
  readonly longestWaitMs: number | null;
}

export interface WindowRequest extends QueueKey {
  readonly from: Instant;
  readonly to: Instant;
  /** Service level threshold, whole seconds. */
  readonly thresholdSeconds: number;
  /** Abandons below this many whole seconds are short; 0 for none. */
  readonly shortAbandonSeconds: number;
}

export interface IntervalReportRequest {
  readonly tenant: TenantId;
  /** All queues of the tenant if empty. */
  readonly queues: readonly QueueId[];
  readonly from: Instant;
  readonly to: Instant;
  /** `total` is one row per queue and channel over the whole range. */
  readonly grain: 'minute' | 'quarter' | 'hour' | 'day' | 'total';
  /** IANA zone that `hour` and `day` are cut in. */
  readonly timeZone: string;
  readonly thresholdSeconds: number;
  readonly shortAbandonSeconds: number;
  /** Metric ids of the registry; all if empty. */
  readonly metrics: readonly string[];
  /** Rows per page. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

export interface IntervalReportRow {
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  readonly start: Instant;
  /** Value by metric id; null where there is nothing to divide by. */
  readonly values: Readonly<Record<string, number | null>>;
}

export interface IntervalReport {
  /** `id@version` of every metric served. */
  readonly metrics: readonly string[];
  readonly rows: readonly IntervalReportRow[];
  readonly nextCursor: string | null;
}

/** One answered wait, for what learns from waits. */
export interface QueueWait {
  readonly queue: QueueId;
  readonly waitMs: Milliseconds;
  readonly answeredAt: Instant;
  readonly talkMs: Milliseconds | null;
}

/** The facts and what is derived from them. Lanes are the adapter's concern: writes, live reads and reports never wait for each other. */
export interface Store {
  /** Applies the numbered migrations. Throws with a clear message if an applied one was edited or a number clashes. */
  migrate(): Promise<void>;
  /** Number of this life of the log: rises by one whenever the log's identity is new. */
  generationOf(logName: string, identity: LogIdentity): Promise<number>;
  /** Writes facts, then the archive, then recomputes the touched intervals. Throws {@link StoreAwayError}; repeat it whole then. */
  write(flush: FactFlush): Promise<void>;
  sites(): Promise<SiteKey[]>;
  recoverSite(site: SiteKey, graceMs: number): Promise<SiteRecovery>;
  /** Contacts read back by key, for events that concern a contact no longer in memory. */
  readContacts(site: SiteKey, contacts: readonly ContactId[]): Promise<ContactRow[]>;
  /** An agent's spells from the one that was running at `from` on, oldest first. */
  readSpells(site: SiteKey, agent: AgentId, from: Instant): Promise<SpellFact[]>;
  windows(requests: readonly WindowRequest[]): Promise<QueueWindow[]>;
  /** Answered waits in milliseconds, latest first: what the first estimate learns from after a restart. */
  recentWaits(site: SiteKey, limitPerQueue: number): Promise<QueueWait[]>;
  intervals(request: IntervalReportRequest): Promise<IntervalReport>;
  /** Runs one read-only statement in the report lane; rows as objects. */
  report(sql: string, parameters: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/** The store cannot be reached or failed for a reason that passes: repeat the whole call later. */
export class StoreAwayError extends Error {
  override readonly name = 'StoreAwayError';
}
