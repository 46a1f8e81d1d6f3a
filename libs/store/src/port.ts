import type { CallbackRow } from '@queuecast/callbacks';
import type { ContactRow, KnownAnswer, LegFact, Published, PublishedRange, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, LegId, Milliseconds, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { LogIdentity } from '@queuecast/event-log';
import type { Attribution } from '@queuecast/metrics';
import type {
  AgentReport,
  AgentReportRequest,
  CallbackPage,
  CallbackReport,
  CallbackReportRequest,
  CallbacksRequest,
  Closing,
  ContactsReport,
  ContactsRequest,
  CorrectionsReport,
  CorrectionsRequest,
  EstimatesReport,
  EstimatesRequest,
  IntervalReport,
  IntervalReportRequest,
  LedgerReport,
  LedgerRequest,
  RepeatRule,
  ReportDefinitions,
} from './report-port.js';

export type * from './report-port.js';

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
  /** Events that are not about one contact or agent and still matter: opened, closed, notices, restarted, watches, and who was suspected of late; oldest first, bodies whole. */
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

/** How often what contacts were told since `from` came true, of those who are answered. */
export interface EstimateRecord extends QueueKey {
  readonly from: Instant;
  readonly right: number;
  readonly of: number;
  readonly maeMs: number | null;
}

export interface WindowRequest extends QueueKey {
  readonly from: Instant;
  readonly to: Instant;
  /** Service level threshold, whole seconds. */
  readonly thresholdSeconds: number;
  /** Abandons below this many whole seconds are short; 0 for none. */
  readonly shortAbandonSeconds: number;
}

/** How often a quarter of an hour was corrected. */
export interface CorrectedInterval extends QueueKey {
  readonly start: Instant;
  /** Events that corrected it. */
  readonly corrections: number;
}

/** A stretch of time of some sites. */
export interface SitesRange {
  readonly sites: readonly SiteKey[];
  readonly from: Instant;
  readonly to: Instant;
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

/** One who waits, for {@link Store.waitingOrder}. */
export interface WaitingCaller {
  readonly contact: ContactId;
  readonly leg: LegId;
  readonly queuedAt: Instant;
  readonly priority: number;
}

/** A window of one queue, and what to show of it. */
export interface FiguresRequest extends WindowRequest {
  readonly closings?: readonly Closing[];
}

export interface FiguresOptions {
  /** As in {@link IntervalReportRequest}; the definition in force now counts. */
  readonly metrics: readonly string[];
  readonly attribution?: Attribution;
  readonly repeats?: RepeatRule;
  readonly timeZone: string;
}

/**
 * Windows are there to be compared: all of them are by the definitions in force now, and `changes` says which of these
 * have begun since the earliest window did.
 */
export interface Figures extends ReportDefinitions {
  /** In the order of the requests: value by metric id. */
  readonly values: readonly Readonly<Record<string, number | null>>[];
}

/** Which waits to tell by hour of the week. */
export interface WaitHistoryRequest {
  readonly tenant: TenantId;
  /** At most 64. */
  readonly queues: readonly QueueId[];
  /** Arrivals from here to there, to the quarter of an hour. */
  readonly from: Instant;
  readonly to: Instant;
  /** IANA zone of the queues, and the local time at which their days begin, `04:00`. */
  readonly timeZone: string;
  readonly businessDayStart: string;
  /** Local dates that are left out, `2026-12-25`. */
  readonly holidays: readonly string[];
  /** A contact of a day so many days before the last counts half. */
  readonly halfLifeDays: number;
}

/** Waits of one queue in one hour of the week; hours without any are left out. */
export interface WaitHistoryCell {
  readonly queue: string;
  /** 0 for Monday to 6: of the business day. */
  readonly weekday: number;
  /** What the queue's clock showed, 0 to 23. */
  readonly hour: number;
  /** Contacts offered, each counted as one. */
  readonly contacts: number;
  /** On how many business days. */
  readonly days: number;
  /** Waits that an answer ended: seconds rounded up, weight. */
  readonly answered: ReadonlyMap<number, number>;
  /** Waits of those who left without one. */
  readonly left: ReadonlyMap<number, number>;
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
  /** As in {@link SiteRecovery}. */
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

/** What the estimates of a site have learnt, as they write it down. */
export interface EstimatorState {
  /** Position up to which events are in it; of two states the higher one counts. */
  readonly version: number;
  readonly bytes: Uint8Array;
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
  /** How often estimates came true within windows, in the order of the requests; in the live lane, from the facts. */
  estimateRecords(requests: readonly WindowRequest[]): Promise<EstimateRecord[]>;
  /** What each estimator's forecasts were worth, a page at a time. In the report lane. */
  estimates(request: EstimatesRequest): Promise<EstimatesReport>;
  /** When the first of the last `legs` legs of a site was queued, or of those of its last `days` days; null of none. */
  pastLegsStart(site: SiteKey, days: number, legs: number): Promise<Instant | null>;
  /** Legs as they are known now, in the order in which they were queued: what estimates learn from that begin anew. */
  pastLegs(site: SiteKey, request: PastLegsRequest): Promise<PastLeg[]>;
  /** What the agents of a site did from `from` on, `to` excluded, in the order of time. */
  pastSpells(site: SiteKey, from: Instant, to: Instant): Promise<SpellFact[]>;
  /** @param answersPerPriority how many of the answered legs, per queue and priority */
  suspicionEvidence(site: SiteKey, answersPerPriority: number): Promise<SuspicionEvidence>;
  /** Keeps what the estimates of a site have learnt. */
  keepEstimator(site: SiteKey, state: EstimatorState): Promise<void>;
  /** What was kept last; null if nothing was. */
  estimatorOf(site: SiteKey): Promise<EstimatorState | null>;
  intervals(request: IntervalReportRequest): Promise<IntervalReport>;
  /** The identity of the ledger per row, with its terms. */
  ledger(request: LedgerRequest): Promise<LedgerReport>;
  /** The legs behind a cell of a report. */
  contacts(request: ContactsRequest): Promise<ContactsReport>;
  /** Time of agents. */
  agents(request: AgentReportRequest): Promise<AgentReport>;
  /** Any metrics over any windows of queues, in one statement of the report lane. */
  figures(requests: readonly FiguresRequest[], options: FiguresOptions): Promise<Figures>;
  /** What has corrected published figures. */
  corrections(request: CorrectionsRequest): Promise<CorrectionsReport>;
  /** The quarters of an hour that were corrected. */
  correctedIntervals(range: SitesRange): Promise<CorrectedInterval[]>;
  /** Compares what was published, and changed since by the record, with what reports say and with the legs themselves. */
  reconcile(range: SitesRange): Promise<Reconciliation>;
  /** What each site of a tenant showed at an instant; sites that showed nothing yet are left out. In the report lane. */
  shownAt(tenant: TenantId, at: Instant): Promise<ShownPosition[]>;
  /** Null for a tenant without events. In the report lane. */
  archiveRange(tenant: TenantId): Promise<ArchiveRange | null>;
  /** @param since what lies before counts as far as it lasted; at least a day before */
  siteAsOf(site: SiteKey, knowledge: Knowledge, since: Instant): Promise<SiteAsOf>;
  /**
   * Windows as `windows` gives them, by the same definitions, over the legs that are known. In the report lane.
   *
   * @param legs of contacts of which more is known today, as they are known
   */
  windowsAsOf(
    requests: readonly WindowRequest[],
    knowledge: Knowledge,
    legs: readonly LegFact[],
  ): Promise<QueueWindow[]>;
  /** Waits by hour of the week, in one statement of the report lane. */
  waitHistory(request: WaitHistoryRequest): Promise<WaitHistoryCell[]>;
  /** Promises of a tenant by id; those unknown are left out. */
  readCallbacks(tenant: TenantId, ids: readonly string[]): Promise<CallbackRow[]>;
  /** The open promises of a queue that are not long overdue, duplicates among them. */
  openCallbacks(queue: QueueKey): Promise<CallbackRow[]>;
  /** Who waits in a queue, first served first: by priority, then by the time of joining. */
  waitingOrder(queue: QueueKey): Promise<WaitingCaller[]>;
  /** Promises in the order in which they fall due. */
  callbacks(request: CallbacksRequest): Promise<CallbackPage>;

  /** What is known of a tenant's watches that are neither cleared nor delivered, of all sites, oldest first. */
  watches(tenant: TenantId): Promise<ArchivedEvent[]>;
  /** What became of promises. */
  callbackReport(request: CallbackReportRequest): Promise<CallbackReport>;
  /** Runs one read-only statement in the report lane; rows as objects. */
  report(sql: string, parameters: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/** Most differences told of one stretch of time. */
export const MOST_DIFFERENCES = 1_000;

/** The store cannot be reached or failed for a reason that passes: repeat the whole call later. */
export class StoreAwayError extends Error {
  override readonly name = 'StoreAwayError';
}
