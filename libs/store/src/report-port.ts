import type { CallbackRow } from '@queuecast/callbacks';
import type { AgentId, Instant, Milliseconds, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { Attribution, CallbackClass, LedgerClass } from '@queuecast/metrics';

/** Rows of a range of a tenant's time, a page at a time. */
interface RangeRequest {
  readonly tenant: TenantId;
  /** All queues of the tenant if empty. */
  readonly queues: readonly QueueId[];
  readonly from: Instant;
  readonly to: Instant;
  /** Rows per page. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

/** A row per interval of the range. */
interface IntervalsRequest extends RangeRequest {
  /** `total` is one row per queue and channel over the whole range. */
  readonly grain: 'minute' | 'quarter' | 'hour' | 'day' | 'total';
  /** IANA zone that `hour` and `day` are cut in. */
  readonly timeZone: string;
  /** When the clock of the zone shows it a `day` begins, and a changed definition holds: `04:00`; midnight if absent. */
  readonly businessDayStart?: string;
}

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** A stretch of time in which a queue is closed by its calendar. Milliseconds since the epoch; `to` is not included. */
export interface Closing {
  readonly queue: string;
  readonly from: number;
  readonly to: number;
}

/** What tells whether a caller has come again. */
export interface RepeatRule {
  readonly days: number;
  /** Queues that count as one, by queue id; a queue that is not named is a group by itself. */
  readonly groups: ReadonlyMap<string, string>;
}

/** One column of a report: the key of its values, and `id@version` of the definitions they are by, oldest first. */
export interface ReportColumn {
  readonly key: string;
  readonly metrics: readonly string[];
}

/** A definition changed within the range: rows that begin before `at` are by `from`, the others by `to`. */
export interface DefinitionChange {
  readonly key: string;
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
}

/** What a report says about its definitions. */
export interface ReportDefinitions {
  /** `id@version` of every metric served. */
  readonly metrics: readonly string[];
  readonly columns: readonly ReportColumn[];
  readonly changes: readonly DefinitionChange[];
}

/** What waits are counted by, whole seconds. */
export interface Thresholds {
  /** Answered within this is within the service level. */
  readonly thresholdSeconds: number;
  /** Abandons below this are short; 0 for none. */
  readonly shortAbandonSeconds: number;
}

export interface IntervalReportRequest extends IntervalsRequest, Thresholds {
  /** Queues that are counted by others, by queue id. */
  readonly ownThresholds?: ReadonlyMap<string, Thresholds>;
  /** `together` adds the channels of a queue up, as channel `all`; `apart` if absent. */
  readonly channels?: 'apart' | 'together';
  /** `id` for the definitions in force, `id@version` for one; all that intervals are kept of if empty. */
  readonly metrics: readonly string[];
  /** `arrival` if absent. */
  readonly attribution?: Attribution;
  /** What makes a contact a repeat; 7 days and every queue by itself if absent. */
  readonly repeats?: RepeatRule;
  /** When queues are closed, for those who waited then; from `from` until now. */
  readonly closings?: readonly Closing[];
}

export interface IntervalReportRow {
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  readonly start: Instant;
  /** Value by column key; null where there is nothing to divide by. */
  readonly values: Readonly<Record<string, number | null>>;
  /** `id@version` of the published figures that were corrected within the row; a minute shows those of its quarter. */
  readonly corrected: readonly string[];
}

export type IntervalReport = ReportDefinitions & Page<IntervalReportRow>;

/** Which estimates to score. */
export type EstimatesRequest = IntervalsRequest;

/** The contacts that a row is over: all, or those of them who waited longer than a second. */
export type EstimatePopulation = 'answered' | 'queued';

export interface EstimatesRow {
  readonly site: string;
  readonly queue: string;
  readonly start: Instant;
  /** `served` for what contacts were told, or the id of a rule that stands beside it. */
  readonly predictor: string;
  readonly population: EstimatePopulation;
  readonly values: Readonly<Record<string, number | null>>;
}

export type EstimatesReport = ReportDefinitions & Page<EstimatesRow>;

/** What the ledger is asked for: an interval report without metrics of its own. */
export type LedgerRequest = Omit<
  IntervalReportRequest,
  'metrics' | 'repeats' | 'closings' | 'thresholdSeconds' | 'channels'
>;

export interface LedgerRow {
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  readonly start: Instant;
  readonly offered: number;
  readonly classes: Readonly<Record<LedgerClass, number>>;
  /** Distinct contacts behind the offered legs. */
  readonly contacts: number;
  /** By `event` and `clipped`: who waited already when the row began; otherwise 0. */
  readonly carriedIn: number;
  /** (carried in + offered) minus all classes: 0, or a leg is in none or in two of them. */
  readonly imbalance: number;
  /** `id@version` of the published figures that were corrected within the row; a minute shows those of its quarter. */
  readonly corrected: readonly string[];
}

export type LedgerReport = ReportDefinitions & Page<LedgerRow>;

/** Which legs to list. */
export interface ContactsRequest extends RangeRequest {
  readonly sites: readonly SiteId[];
  /** All if absent; '' for a channel that no event has told. */
  readonly channel?: string;
  /** Which instant of a leg lies in the range: joining, what the class says, or the end. `clipped` is as `event`. */
  readonly attribution: Attribution;
  /**
   * Legs of one class of the ledger, or all that were offered. By `event` and `clipped`, `still_waiting` is who waits at
   * the end of the range, whenever they joined.
   */
  readonly class?: LedgerClass;
  readonly agent?: AgentId;
  readonly shortAbandonSeconds: number;
  /** Queues of which others are short, by queue id. */
  readonly ownThresholds?: ReadonlyMap<string, Thresholds>;
}

/** One leg, as reports list it. */
export interface ListedLeg {
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  readonly contact: string;
  readonly leg: string;
  readonly class: LedgerClass | null;
  readonly outcome: string;
  readonly queuedAt: Instant;
  readonly answeredAt: Instant | null;
  readonly leftQueueAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly agent: string;
  readonly waitMs: number | null;
  readonly talkMs: number | null;
  readonly holdMs: number | null;
  readonly wrapMs: number | null;
  readonly corrections: number;
}

export type ContactsReport = Page<ListedLeg>;

/** Which changes of published figures to list: of the intervals that begin in the range. */
export interface CorrectionsRequest extends RangeRequest {
  /** Ids of the metrics, or `id@version`; all that are published if empty. */
  readonly metrics: readonly string[];
  /** All if absent; '' for a channel that no event has told. */
  readonly channel?: string;
}

/** One published figure of one interval, changed by one event that should have been there when it was published. */
export interface Correction {
  /** `id@version`. */
  readonly metric: string;
  readonly site: string;
  readonly queue: string;
  readonly channel: string;
  /** Of the quarter of an hour. */
  readonly start: Instant;
  /** What it was until the event, and is since. */
  readonly from: number;
  readonly to: number;
  readonly why: {
    readonly contact: string;
    readonly leg: string;
    /** The event that changed it: its key in the archive is source and id. */
    readonly type: string;
    readonly id: string;
    readonly source: string;
    readonly at: Instant;
    /** How far the site's time had come when it came, beyond its own: milliseconds. */
    readonly behindMs: Milliseconds;
  };
}

export type CorrectionsReport = Page<Correction>;

/** The time of the agents who serve one of the queues. */
export interface AgentReportRequest extends IntervalsRequest {
  /**
   * What a row is of. `site`: all agents. `group`: agents that serve exactly the same queues, so that groups add up to
   * the site. `queue`: agents that serve it, each with all their time, so that queues add up to more. `agent`: one.
   */
  readonly by: 'site' | 'group' | 'queue' | 'agent';
  readonly metrics: readonly string[];
}

export interface AgentReportRow {
  readonly site: string;
  /** '' for the site; the queues of a group joined by `+`; a queue; an agent. */
  readonly of: string;
  readonly start: Instant;
  readonly values: Readonly<Record<string, number | Readonly<Record<string, number>> | null>>;
}

export type AgentReport = ReportDefinitions & Page<AgentReportRow>;

/** Which promises of a call back to list. */
export interface CallbacksRequest {
  readonly tenant: TenantId;
  readonly queues: readonly QueueId[];
  /** All classes of the promise ledger if empty. */
  readonly classes: readonly CallbackClass[];
  /** Due from here on... */
  readonly from?: Instant;
  /** ...and before this. */
  readonly to?: Instant;
  readonly limit: number;
  readonly cursor?: string;
}

export type CallbackPage = Page<CallbackRow & { readonly class: CallbackClass }>;

/** The report on promises, by the time at which they were made. */
export interface CallbackReportRequest extends IntervalsRequest {
  readonly metrics: readonly string[];
}

export type CallbackReport = ReportDefinitions & Page<Pick<IntervalReportRow, 'site' | 'queue' | 'start' | 'values'>>;
