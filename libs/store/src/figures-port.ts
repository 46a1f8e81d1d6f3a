import type { Instant, QueueId, TenantId } from '@queuecast/events';
import type { Attribution } from '@queuecast/metrics';
import type { QueueKey } from './keys.js';
import type { Closing, RepeatRule, ReportDefinitions } from './report-port.js';

export interface WindowRequest extends QueueKey {
  readonly from: Instant;
  readonly to: Instant;
  /** Service level threshold, whole seconds. */
  readonly thresholdSeconds: number;
  /** Abandons below this many whole seconds are short; 0 for none. */
  readonly shortAbandonSeconds: number;
}

/** A window of the business day of a queue: by the definitions in force on it. */
export interface DayRequest extends WindowRequest {
  /** The local date on which the business day began, ISO. */
  readonly businessDay: string;
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
  readonly serviceLevel: number | null;
  /** What the service level is of. */
  readonly decided: number;
  /** The whole second as of which it tells who waits beyond the threshold. */
  readonly asOf: Instant;
  /** `id@version` of the definitions that the figures are by. */
  readonly metrics: readonly string[];
}

/** How often what contacts were told since `from` came true, of those who are answered. */
export interface EstimateRecord extends QueueKey {
  readonly from: Instant;
  readonly right: number;
  readonly of: number;
  readonly maeMs: number | null;
}

/** A window of one queue, and what to show of it. */
export interface FiguresRequest extends WindowRequest {
  readonly closings?: readonly Closing[];
}

export interface FiguresOptions {
  /** As in `IntervalReportRequest`; the definition in force now counts. */
  readonly metrics: readonly string[];
  readonly attribution?: Attribution;
  readonly repeats?: RepeatRule;
  /** Whose business day tells which definitions are in force. */
  readonly timeZone: string;
  /** Midnight if absent. */
  readonly businessDayStart?: string;
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
