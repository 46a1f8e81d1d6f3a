import type { CallbackRow } from '@queuecast/callbacks';
import type { ContactRow, LegFact, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, LegId, TenantId } from '@queuecast/events';
import type { LogIdentity } from '@queuecast/event-log';
import type { ArchiveRange, Knowledge, SiteAsOf } from './as-of-port.js';
import type {
  EstimateRecord,
  Figures,
  FiguresOptions,
  FiguresRequest,
  QueueWindow,
  WaitHistoryCell,
  WaitHistoryRequest,
  DayRequest,
} from './figures-port.js';
import type { ArchivedEvent, FactFlush, ShownPosition } from './flush-port.js';
import type { QueueKey, SiteKey } from './keys.js';
import type { CorrectedInterval, Reconciliation, SitesRange } from './reconciliation-port.js';
import type { EstimatorState, PastLeg, PastLegsRequest, SiteRecovery, SuspicionEvidence } from './recovery-port.js';
import type {
  AgentReport,
  AgentReportRequest,
  CallbackPage,
  CallbackReport,
  CallbackReportRequest,
  CallbacksRequest,
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
} from './report-port.js';

export type * from './as-of-port.js';
export type * from './figures-port.js';
export type * from './flush-port.js';
export type * from './keys.js';
export type * from './recovery-port.js';
export * from './reconciliation-port.js';
export type * from './report-port.js';

/** One who waits, for {@link Store.waitingOrder}. */
export interface WaitingCaller {
  readonly contact: ContactId;
  readonly leg: LegId;
  readonly queuedAt: Instant;
  readonly priority: number;
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
  windows(requests: readonly DayRequest[]): Promise<QueueWindow[]>;
  /** How often estimates came true within windows, in the order of the requests; in the live lane, from the facts. */
  estimateRecords(requests: readonly DayRequest[]): Promise<EstimateRecord[]>;
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
  windowsAsOf(requests: readonly DayRequest[], knowledge: Knowledge, legs: readonly LegFact[]): Promise<QueueWindow[]>;
  /** Waits by hour of the week, in one statement of the report lane. */
  waitHistory(request: WaitHistoryRequest): Promise<WaitHistoryCell[]>;
  /**
   * Promises of a tenant by id, and those of some numbers, by their keyed hash; each with all others of its number: which of
   * them stands follows from all. Those unknown are left out.
   */
  readCallbacks(tenant: TenantId, ids: readonly string[], callerKeys?: readonly string[]): Promise<CallbackRow[]>;
  /** The open promises of a queue that are not long overdue, with all others of their numbers there. */
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

/** The store cannot be reached or failed for a reason that passes: repeat the whole call later. */
export class StoreAwayError extends Error {
  override readonly name = 'StoreAwayError';
}
