import type {
  AgentId,
  AgentState,
  Channel,
  ContactId,
  Direction,
  Instant,
  LeaveReason,
  LegId,
  Milliseconds,
  Party,
  QueueId,
  SiteId,
  TenantId,
} from '@queuecast/events';

/**
 * How a leg came to its end, or that it has not: `waiting`, `answered` (talk may go on), `flowed_out` (transferred before
 * an answer), the reason it left the queue, or `unknown`: its source forgot it, and it was given up.
 */
export type LegOutcome = 'waiting' | 'answered' | 'flowed_out' | 'unknown' | LeaveReason;

/** A stretch of time; `to` is not before `from`. */
export interface TimeSpan {
  readonly from: Instant;
  readonly to: Instant;
}

/** One join of one queue by one contact: the row of `contact_legs`, derived from the contact's marks. */
export interface LegFact {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly queue: QueueId;
  readonly contact: ContactId;
  readonly leg: LegId;
  /** Time of the leg's first event in log order; fixed at its first write, part of the storage key. */
  readonly anchor: Instant;
  readonly channel: Channel | null;
  readonly direction: Direction | null;
  readonly callerKey: string | null;
  readonly priority: number;
  readonly internal: boolean;
  readonly startedAt: Instant | null;
  readonly menuCompletedAt: Instant | null;
  readonly queuedAt: Instant;
  readonly firstOfferedAt: Instant | null;
  readonly answeredAt: Instant | null;
  /** End of waiting: answered, left, transferred or ended; null while waiting. */
  readonly leftQueueAt: Instant | null;
  /** End of the conversation (or of the wait, if there was none); null while it goes on, and where nobody told when it did. */
  readonly endedAt: Instant | null;
  readonly wrappedUpAt: Instant | null;
  readonly outcome: LegOutcome;
  readonly agent: AgentId | null;
  /** Null while waiting; also when the outcome is unknown, because then nobody knows how long it was. */
  readonly waitMs: Milliseconds | null;
  /**
   * Of the leg that decided the customer's wait (the first answer; without one, the end of the last wait), how long that
   * was over all queues: from the last menu choice before the first of them, else from joining that. Null for any other leg.
   */
  readonly decidedAfterMs: Milliseconds | null;
  readonly ringMs: Milliseconds | null;
  readonly talkMs: Milliseconds | null;
  readonly holdMs: Milliseconds | null;
  readonly wrapMs: Milliseconds | null;
  readonly offers: number;
  readonly declines: number;
  /** When agents were rung, and when they let it pass or rejected it; oldest first. */
  readonly offerTimes: readonly Instant[];
  readonly declineTimes: readonly Instant[];
  /** The holds of a conversation that is over, within it, oldest first; their durations add up to `holdMs`. */
  readonly holds: readonly TimeSpan[];
  /** The queue from which the contact was transferred to this one. */
  readonly transferredFromQueue: QueueId | null;
  readonly transferredToQueue: QueueId | null;
  readonly transferredToAgent: AgentId | null;
  /** `unknown`: it was given up, also out of a conversation whose end the source forgot. */
  readonly endedBy: Party | 'unknown' | null;
  readonly disposition: string | null;
  readonly resolved: boolean | null;
  /** How many late events changed this leg. */
  readonly corrections: number;
  /** Position in the log of the last event merged: generation * 2^40 + offset. */
  readonly version: number;
}

/** An agent's time in one state: the row of `agent_spells`. */
export interface SpellFact {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly agent: AgentId;
  readonly from: Instant;
  /** Start of the next spell; null while this one lasts. */
  readonly to: Instant | null;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly queues: readonly QueueId[];
  /** Whose word it is; empty where it was written before that was kept. */
  readonly source: string;
  readonly version: number;
}

/** The row of `contacts`: the marks from which every leg of the contact is derived. */
export interface ContactRow {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly contact: ContactId;
  /** Time of the contact's latest mark. */
  readonly lastAt: Instant;
  /** Nothing more is expected: the contact ended. */
  readonly closed: boolean;
  /** The marks, as canonical JSON. */
  readonly marks: string;
  readonly version: number;
}

/** Positions of a generation are below 2^40 (about 10^12); 8,192 generations fit a double exactly. */
export const OFFSETS_PER_GENERATION = 2 ** 40;

/** The version of a fact: its position in the log, comparable across generations. */
export const versionOf = (generation: number, offset: number): number => generation * OFFSETS_PER_GENERATION + offset;
