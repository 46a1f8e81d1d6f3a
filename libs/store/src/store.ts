import type { ContactRow, LegFact, SpellFact } from '@queuecast/contact-center';
import type { CallbackRow } from '@queuecast/callbacks';
import type { AgentId, ContactId, Instant, TenantId } from '@queuecast/events';
import type { LogIdentity } from '@queuecast/event-log';
import { engineReleased, openClient, type Engine } from './engine.js';
import { writeFlush } from './flush.js';
import { readEstimates } from './estimates.js';
import { generationOf } from './generations.js';
import { readAgents } from './agents.js';
import { readCallbackReport } from './callback-report.js';
import { listCallbacks, openCallbacks, readCallbacks } from './callbacks.js';
import { readContactsReport } from './contacts-report.js';
import { readCorrectedIntervals, readCorrections } from './corrections.js';
import { readIntervals } from './intervals.js';
import { keepIntervalsCurrent } from './interval-definitions.js';
import { readLedger } from './ledger.js';
import { Lane } from './lanes.js';
import { migrate } from './migrate.js';
import type {
  ArchivedEvent,
  ArchiveRange,
  AgentReport,
  AgentReportRequest,
  CallbackPage,
  CallbackReport,
  CallbackReportRequest,
  CallbacksRequest,
  ContactsReport,
  ContactsRequest,
  CorrectedInterval,
  CorrectionsReport,
  CorrectionsRequest,
  EstimateRecord,
  EstimatesReport,
  EstimatesRequest,
  EstimatorState,
  FactFlush,
  Figures,
  FiguresOptions,
  FiguresRequest,
  IntervalReport,
  IntervalReportRequest,
  Knowledge,
  LedgerReport,
  LedgerRequest,
  QueueKey,
  DayRequest,
  QueueWindow,
  Reconciliation,
  PastLeg,
  PastLegsRequest,
  ShownPosition,
  SiteAsOf,
  SiteKey,
  SiteRecovery,
  SitesRange,
  Store,
  SuspicionEvidence,
  WaitHistoryCell,
  WaitHistoryRequest,
  WaitingCaller,
} from './port.js';
import { readPastLegs, readPastLegsStart, readPastSpells } from './past-legs.js';
import { reconcile } from './reconcile.js';
import { readOnly } from './read-only.js';
import { readContacts, readSites, readSpells, readWatches, recoverSite } from './recovery.js';
import { readSuspicionEvidence } from './suspicion-evidence.js';
import { readEstimatorState, writeEstimatorState } from './estimator-states.js';
import { MIGRATIONS } from './sql/index.js';
import { readArchiveRange, readShownAt, readSiteAsOf } from './site-as-of.js';
import { readWaitingOrder } from './waiting-order.js';
import { readEstimateRecords, readFigures, readWindows, readWindowsAsOf } from './windows.js';
import { readWaitHistory } from './wait-history.js';
import { REGISTRY, type MetricRegistry } from '@queuecast/metrics';

export type StoreOptions = Engine & {
  /** The clock, milliseconds since the epoch: which minutes are kept still, and who waits beyond a threshold. */
  readonly now?: () => number;
  /** The definitions to serve; the product's own if absent. */
  readonly registry?: MetricRegistry;
};

/** The store on ClickHouse: the same statements on a server and on the engine in this process. */
class ClickHouseStore implements Store {
  readonly #engine: Engine;
  readonly #now: () => number;
  readonly #registry: MetricRegistry;
  readonly #migrations: Lane;
  readonly #writer: Lane;
  readonly #live: Lane;
  readonly #facts: Lane;
  readonly #reports: Lane;

  constructor(options: StoreOptions) {
    this.#engine = options;
    this.#now = options.now ?? Date.now;
    this.#registry = options.registry ?? REGISTRY;
    const connect = (lane: Lane['name']) => openClient(this.#engine, lane);
    this.#migrations = new Lane('migration', options.kind, connect);
    this.#writer = new Lane('writer', options.kind, connect);
    this.#live = new Lane('live', options.kind, connect);
    this.#facts = new Lane('facts', options.kind, connect);
    this.#reports = new Lane('report', options.kind, connect);
  }

  migrate(): Promise<void> {
    return this.#migrations.run(async (client) => {
      await migrate(client, MIGRATIONS);
      await keepIntervalsCurrent(client, this.#now());
    });
  }

  generationOf(logName: string, identity: LogIdentity): Promise<number> {
    return this.#writer.run((client) => generationOf(client, logName, identity));
  }

  write(flush: FactFlush): Promise<void> {
    return this.#writer.run((client) => writeFlush(client, flush));
  }

  sites(): Promise<SiteKey[]> {
    return this.#facts.run(readSites);
  }

  recoverSite(site: SiteKey, graceMs: number): Promise<SiteRecovery> {
    return this.#facts.run((client) => recoverSite(client, site, graceMs, this.#now()));
  }

  readContacts(site: SiteKey, contacts: readonly ContactId[]): Promise<ContactRow[]> {
    return this.#facts.run((client) => readContacts(client, site, contacts));
  }

  readSpells(site: SiteKey, agent: AgentId, from: Instant): Promise<SpellFact[]> {
    return this.#facts.run((client) => readSpells(client, site, agent, from));
  }

  windows(requests: readonly DayRequest[]): Promise<QueueWindow[]> {
    return this.#live.run((client) => readWindows(client, this.#registry, requests, this.#now()));
  }

  estimateRecords(requests: readonly DayRequest[]): Promise<EstimateRecord[]> {
    return this.#live.run((client) => readEstimateRecords(client, this.#registry, requests, this.#now()));
  }

  estimates(request: EstimatesRequest): Promise<EstimatesReport> {
    return this.#reports.run((client) => readEstimates(client, this.#registry, request, this.#now()));
  }

  pastLegsStart(site: SiteKey, days: number, legs: number): Promise<Instant | null> {
    return this.#facts.run((client) => readPastLegsStart(client, site, days, legs));
  }

  pastLegs(site: SiteKey, request: PastLegsRequest): Promise<PastLeg[]> {
    return this.#facts.run((client) => readPastLegs(client, site, request));
  }

  pastSpells(site: SiteKey, from: Instant, to: Instant): Promise<SpellFact[]> {
    return this.#facts.run((client) => readPastSpells(client, site, from, to));
  }

  suspicionEvidence(site: SiteKey, answersPerPriority: number): Promise<SuspicionEvidence> {
    return this.#facts.run((client) => readSuspicionEvidence(client, site, answersPerPriority));
  }

  keepEstimator(site: SiteKey, state: EstimatorState): Promise<void> {
    return this.#writer.run((client) => writeEstimatorState(client, site, state));
  }

  estimatorOf(site: SiteKey): Promise<EstimatorState | null> {
    return this.#facts.run((client) => readEstimatorState(client, site));
  }

  intervals(request: IntervalReportRequest): Promise<IntervalReport> {
    return this.#reports.run((client) => readIntervals(client, this.#registry, request, this.#now()));
  }

  ledger(request: LedgerRequest): Promise<LedgerReport> {
    return this.#reports.run((client) => readLedger(client, this.#registry, request, this.#now()));
  }

  contacts(request: ContactsRequest): Promise<ContactsReport> {
    return this.#reports.run((client) => readContactsReport(client, request));
  }

  agents(request: AgentReportRequest): Promise<AgentReport> {
    return this.#reports.run((client) => readAgents(client, this.#registry, request, this.#now()));
  }

  figures(requests: readonly FiguresRequest[], options: FiguresOptions): Promise<Figures> {
    return this.#reports.run((client) => readFigures(client, this.#registry, requests, options, this.#now()));
  }

  corrections(request: CorrectionsRequest): Promise<CorrectionsReport> {
    return this.#reports.run((client) => readCorrections(client, request));
  }

  correctedIntervals(range: SitesRange): Promise<CorrectedInterval[]> {
    return this.#reports.run((client) => readCorrectedIntervals(client, range));
  }

  reconcile(range: SitesRange): Promise<Reconciliation> {
    return this.#reports.run((client) => reconcile(client, range, this.#now()));
  }

  shownAt(tenant: TenantId, at: Instant): Promise<ShownPosition[]> {
    return this.#reports.run((client) => readShownAt(client, tenant, at));
  }

  archiveRange(tenant: TenantId): Promise<ArchiveRange | null> {
    return this.#reports.run((client) => readArchiveRange(client, tenant));
  }

  siteAsOf(site: SiteKey, knowledge: Knowledge, since: Instant): Promise<SiteAsOf> {
    return this.#reports.run((client) => readSiteAsOf(client, site, knowledge, since));
  }

  windowsAsOf(requests: readonly DayRequest[], knowledge: Knowledge, legs: readonly LegFact[]): Promise<QueueWindow[]> {
    return this.#reports.run((client) => readWindowsAsOf(client, this.#registry, requests, knowledge, legs));
  }

  waitHistory(request: WaitHistoryRequest): Promise<WaitHistoryCell[]> {
    return this.#reports.run((client) => readWaitHistory(client, request, this.#now()));
  }

  readCallbacks(tenant: TenantId, ids: readonly string[], callerKeys: readonly string[] = []): Promise<CallbackRow[]> {
    return this.#facts.run((client) => readCallbacks(client, tenant, ids, callerKeys));
  }

  openCallbacks(queue: QueueKey): Promise<CallbackRow[]> {
    return this.#facts.run((client) => openCallbacks(client, queue, this.#now()));
  }

  waitingOrder(queue: QueueKey): Promise<WaitingCaller[]> {
    return this.#live.run((client) => readWaitingOrder(client, queue, this.#now()));
  }

  watches(tenant: TenantId): Promise<ArchivedEvent[]> {
    return this.#facts.run((client) => readWatches(client, tenant, this.#now()));
  }

  callbacks(request: CallbacksRequest): Promise<CallbackPage> {
    return this.#reports.run((client) => listCallbacks(client, request, this.#now()));
  }

  callbackReport(request: CallbackReportRequest): Promise<CallbackReport> {
    return this.#reports.run((client) => readCallbackReport(client, this.#registry, request, this.#now()));
  }

  report(sql: string, parameters: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]> {
    return this.#reports.run((client) => readOnly(client, sql, parameters));
  }

  async ping(): Promise<boolean> {
    try {
      return await this.#live.run(async (client) => (await client.ping()).success);
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#migrations, this.#writer, this.#live, this.#facts, this.#reports].map((lane) => lane.close()),
    );
    await engineReleased(this.#engine);
  }
}

/**
 * Opens the store; connections are made as they are needed. Call `migrate` before anything else.
 *
 * An embedded directory belongs to one process, and a process has one embedded directory at a time.
 */
export const openStore = async (options: StoreOptions): Promise<Store> => new ClickHouseStore(options);
