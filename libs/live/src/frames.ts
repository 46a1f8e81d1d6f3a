import { NOTICE_SEVERITIES, SUSPICIONS } from '@queuecast/events';
import { z } from 'zod';
import type { BestTime } from './outlook.js';

/**
 * What the processor tells the gateways, and the gateways tell browsers, about one queue. A frame is the whole state of
 * its queue: a missed frame is made good by the next. Instants are milliseconds since the epoch; durations milliseconds.
 */
const instant = z.int();
const duration = z.int();

export const ABSTENTIONS = ['CLOSED', 'NO_AGENTS', 'TOO_FEW_DATA', 'SHOCK', 'SOURCE_SILENT'] as const;
export type AbstentionReason = (typeof ABSTENTIONS)[number];

export const estimateSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('band'),
    lowMs: duration,
    p50Ms: duration,
    highMs: duration,
    predictor: z.string(),
    at: instant,
  }),
  z.object({ kind: z.literal('abstention'), reason: z.enum(ABSTENTIONS), at: instant }),
]);
export type Estimate = z.infer<typeof estimateSchema>;

export const openingSchema = z.object({
  state: z.enum(['open', 'closed']),
  /** When this state ends by the calendar or by the event that set it; null if unknown. */
  until: instant.nullable(),
  /** Who says so: the calendar or an `acd.queue.opened/closed` event. */
  by: z.enum(['calendar', 'event']),
});
export type Opening = z.infer<typeof openingSchema>;

/** Figures of the business day so far, by arrival, from `queue_intervals`: the same rows that reports read. */
export const todaySchema = z.object({
  from: instant,
  offered: z.int(),
  answered: z.int(),
  abandoned: z.int(),
  shortAbandoned: z.int(),
  flowedOut: z.int(),
  callbackTaken: z.int(),
  dropped: z.int(),
  closedOut: z.int(),
  stillWaiting: z.int(),
  /** Answered within the queue's threshold. */
  answeredWithin: z.int(),
  /** Share 0..1 answered within the threshold, of offered without short abandons; null while there is nothing to divide by.
   *  A contact still waiting counts as missed from the moment it passes the threshold. */
  serviceLevel: z.number().nullable(),
  thresholdMs: duration,
  /** Average speed of answer; null before the first answer. */
  asaMs: z.number().nullable(),
  /** Average handle time; null before the first completed one. */
  ahtMs: z.number().nullable(),
  longestWaitMs: duration.nullable(),
  /** `id@version` of the metrics above. */
  metrics: z.array(z.string()),
});
export type Today = z.infer<typeof todaySchema>;

export const agentCountsSchema = z.object({
  available: z.int(),
  offered: z.int(),
  busy: z.int(),
  wrap_up: z.int(),
  away: z.int(),
});
export type AgentCounts = z.infer<typeof agentCountsSchema>;

export const noticeSchema = z.object({
  id: z.string(),
  severity: z.enum(NOTICE_SEVERITIES),
  text: z.record(z.string(), z.string()),
  /** When it ends by itself; null: when it is cleared. */
  until: instant.nullable(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** A notice as supervisors see it: who posted it, or changed it last, and when. */
export const postedNoticeSchema = noticeSchema.extend({ postedAt: instant, by: z.string() });
export type PostedNotice = z.infer<typeof postedNoticeSchema>;

/** Far more contacts arrive than usual at this hour of the week: how many times as many, and since when. */
export const surgeSchema = z.object({ ratio: z.number(), since: instant });
export type Surge = z.infer<typeof surgeSchema>;

export const sourceHealthSchema = z.object({
  /** `live`: events arrive. `quiet`: only heartbeats. `silent`: nothing at all for longer than allowed. */
  state: z.enum(['live', 'quiet', 'silent']),
  lastEventAt: instant.nullable(),
  /** When anything arrived last, heartbeats too, by the log's clock: since then a silent source is silent. */
  lastHeardAt: instant.nullable(),
  /** Arrival at the log minus event time of the latest event. */
  lagMs: duration.nullable(),
});
export type SourceHealth = z.infer<typeof sourceHealthSchema>;

/** Whether what was shown at the end of every interval is what reports say now, but for what is on record. */
export const historySchema = z.object({
  /** Published figures for whose change there is no explanation, and since when; it must never come to that. */
  differences: z.int(),
  since: instant.nullable(),
  /** When they were compared last. */
  checkedAt: instant,
  /** Quarters of an hour of the business day that late events have corrected. */
  correctedToday: z.int(),
});
export type FrameHistory = z.infer<typeof historySchema>;
/** Promises of a call back that are open, each counted once. */
export const callbackCountsSchema = z.object({
  open: z.int(),
  /** Of these: due within the queue's `dueSoonMinutes`. */
  dueSoon: z.int(),
  /** Of these: due, and not kept. */
  overdue: z.int(),
  /** When the next one that is not overdue is due. */
  nextDueAt: instant.nullable(),
});
export type CallbackCounts = z.infer<typeof callbackCountsSchema>;

/** How many more agents would bring a queue to its target, and what that was worked out from. */
export const staffingSchema = z.object({
  /** Further agents from now on; 0 when those there will do. */
  more: z.int().min(0),
  /** When contacts that arrive are served to target again; null when they are at once. */
  by: instant.nullable(),
  from: z.object({
    arrivalsPerHour: z.number(),
    /** Conversation, hold and wrap-up. */
    handleMs: z.number(),
    /** Mean time until who waits hangs up; null where nobody does. */
    patienceMs: z.number().nullable(),
    /** Agents there for this queue; of those who serve others too as large a part as the queue is of their work. */
    agents: z.int(),
    waiting: z.int(),
  }),
  /** When it was worked out. */
  at: instant,
});
export type Staffing = z.infer<typeof staffingSchema>;

/**
 * How often what contacts were told when they joined has come true today: of all who were told a band and are answered
 * since (waited a second or an hour), how many waited within it.
 */
export const estimateRecordSchema = z.object({
  right: z.int(),
  of: z.int(),
  population: z.literal('answered'),
  /** The business day's begin. */
  since: instant,
  /** Mean distance between the middle of the band and the wait; null of nobody. */
  maeMs: z.number().nullable(),
});
export type EstimateRecord = z.infer<typeof estimateRecordSchema>;

/** How much longer a contact that waits already will wait, in milliseconds from the frame's `at`. */
export const remainingSchema = z.object({ lowMs: duration, p50Ms: duration, highMs: duration });
export type Remaining = z.infer<typeof remainingSchema>;

/** What those who wait can be told by where they stand. */
export const waitingLineSchema = z.object({
  /** Whoever joined then or later has a position, since the first to come is served first; whoever joined before has been
   *  passed over. Null where some go before others by priority. */
  orderedFrom: instant.nullable(),
  /** What is left of the wait by position, ascending, for some positions and the last; empty where nobody waits or
   *  nothing can be told. */
  ladder: z.array(remainingSchema.extend({ position: z.int() })),
});
export type WaitingLine = z.infer<typeof waitingLineSchema>;

export const queueFrameSchema = z.object({
  tenant: z.string(),
  site: z.string(),
  queue: z.string(),
  /** Ascends with every frame of this queue; of two frames the higher one counts. */
  version: z.int(),
  /** When the processor made the frame. */
  at: instant,
  /** Log offset up to which events are in this frame. */
  offset: z.int(),
  /** Without suspected ones. */
  waiting: z.int(),
  /** The contacts that have waited longest, oldest first; at most 5. */
  oldest: z.array(
    z.object({
      contact: z.string(),
      leg: z.string(),
      queuedAt: instant,
      priority: z.int(),
      /** 1 for the next; null where later ones go before, by priority or because they have been seen to. */
      position: z.int().nullable(),
      /** Null without an estimate. Without a position it ends with what is left to the last. */
      remaining: remainingSchema.nullable(),
    }),
  ),
  /** Null where the past is looked at. */
  line: waitingLineSchema.nullable(),
  /** Contacts that their source has probably forgotten: not among those waiting, nor in any wait above. */
  suspected: z.int(),
  /** The suspected that nothing was heard of for longest; at most 5. */
  suspects: z.array(
    z.object({
      contact: z.string(),
      leg: z.string(),
      believed: z.enum(['waiting', 'in_conversation']),
      reason: z.enum(SUSPICIONS),
      lastHeardAt: instant,
      suspectedAt: instant,
    }),
  ),
  /** Null when no agent event has ever been seen on this site: not the same as nobody there. */
  agents: agentCountsSchema.nullable(),
  opening: openingSchema,
  /** Still waiting though the queue is closed. */
  afterClosing: z.int(),
  notices: z.array(postedNoticeSchema),
  surge: surgeSchema.nullable(),
  estimate: estimateSchema,
  /** Null before it is read, and where the past is looked at. */
  estimateRecord: estimateRecordSchema.nullable(),
  today: todaySchema.nullable(),
  source: sourceHealthSchema,
  /** Absent where promises are not known: looking back. */
  callbacks: callbackCountsSchema.optional(),
  /** The history store is behind: since when, or null when it keeps up. Live figures go on. */
  storeBehindSince: instant.nullable(),
  /** Null before the first comparison, and where the past is looked at. */
  history: historySchema.nullable(),
  /** Absent or null where no figure would be honest, and where the past is looked at. */
  staffing: staffingSchema.nullable().optional(),
});
export type QueueFrame = z.infer<typeof queueFrameSchema>;

/** A frame of the past. Its estimate is null: it was of its moment, and is not worked out again. */
export const replayedFrameSchema = queueFrameSchema.extend({ estimate: estimateSchema.nullable() });
export type ReplayedFrame = z.infer<typeof replayedFrameSchema>;

/** What a figure of a queue was then, and what it is for the same instant by what is known now; `field` as in a frame. */
export interface FrameDifference {
  readonly queue: string;
  /** Such as `waiting`, `agents.busy`, `today.answered`. */
  readonly field: string;
  readonly then: number | string | null;
  readonly now: number | string | null;
}

/** One site at an instant of the past. */
export interface ReplayedSite {
  readonly site: string;
  /** Which position of the log its wallboards showed, and since when; null if nothing was shown yet. */
  readonly shown: {
    readonly since: number;
    readonly generation: number;
    readonly offset: number;
    /** Offset up to which the figures of the day counted; null before they were read. */
    readonly figuresOffset: number | null;
  } | null;
  /** What the wallboard showed then; null where nothing was shown, or not asked for. */
  readonly then: readonly ReplayedFrame[] | null;
  /** The same instant by today's knowledge; null if not asked for. */
  readonly now: readonly ReplayedFrame[] | null;
  /** What differs between the two; null unless both are there. */
  readonly differences: readonly FrameDifference[] | null;
}

/** `GET /v1/wallboard?at=`, and every line of `GET /v1/wallboard/playback`. */
export interface ReplayedWallboard {
  readonly tenant: string;
  readonly at: number;
  readonly sites: readonly ReplayedSite[];
}

/** What a wallboard needs to know about a queue besides its frames; from the configuration. */
export interface QueueInfo {
  readonly queue: string;
  readonly site: string;
  /** Display name by language tag. */
  readonly name: Readonly<Record<string, string>>;
  readonly public: boolean;
  readonly thresholdMs: number;
  /** Share 0..1 to be answered within the threshold. */
  readonly target: number;
  readonly timeZone: string;
}

/** `/wallboard` namespace: first message after subscribing, and the answer to `snapshot`. */
export interface WallboardSnapshot {
  readonly tenant: string;
  readonly tenantName: string;
  /** The server's clock, for the browser to correct its own. */
  readonly serverTime: number;
  readonly queues: readonly QueueInfo[];
  readonly frames: readonly QueueFrame[];
}

/** Sent every 2 s: whoever sees a version here that it does not have asks for a snapshot. */
export interface Pulse {
  readonly serverTime: number;
  /** Frame version by queue id. */
  readonly versions: Readonly<Record<string, number>>;
  /** Null while frames arrive from the processor; otherwise since when they do not. */
  readonly processorSilentSince: number | null;
}

/**
 * The public document of one queue: the same bytes for everybody, over the socket and at
 * `GET /public/v1/:tenant/queues/:queue.json`. No agent data, no caller data, no small counts.
 */
export interface PublicQueue {
  readonly tenant: string;
  readonly queue: string;
  readonly name: Readonly<Record<string, string>>;
  readonly opening: Opening;
  /** Opening hours of the next 7 days, in the queue's zone, for display. */
  readonly hours: readonly { readonly date: string; readonly spans: readonly (readonly [string, string])[] }[];
  readonly timeZone: string;
  /** Rounded for people: whole minutes, steps of 5 above 15. */
  readonly wait:
    | { readonly kind: 'band'; readonly lowMinutes: number; readonly highMinutes: number }
    | { readonly kind: 'none'; readonly reason: AbstentionReason };
  readonly bestTime: BestTime;
  /** Whether a call back can be asked for now, unless as many as can be kept are promised already. */
  readonly callbackOffered: boolean;
  /** Of ten who were told a wait today, how many waited as told, rounded; null unless enough have been answered. */
  readonly rightOf10: number | null;
  readonly notices: readonly Notice[];
  /** "As of": when the figure was computed, milliseconds since the epoch. */
  readonly asOf: number;
  readonly source: SourceHealth['state'];
}

/** `/public` namespace and `GET /public/v1/:tenant/queues.json`. */
export interface PublicTenant {
  readonly tenant: string;
  readonly name: string;
  readonly queues: readonly PublicQueue[];
}

/** Messages of the `/wallboard` namespace, gateway to browser. */
export interface WallboardServerEvents {
  snapshot: (snapshot: WallboardSnapshot) => void;
  frame: (frame: QueueFrame) => void;
  pulse: (pulse: Pulse) => void;
}
/** Browser to gateway. The tenant is the token's; there is no way to name another. */
export interface WallboardClientEvents {
  snapshot: () => void;
}
/** Messages of the `/public` namespace: `subscribe` to one queue, or to every public queue of a tenant. */
export interface PublicServerEvents {
  queue: (queue: PublicQueue) => void;
  problem: (problem: { readonly status: number; readonly title: string }) => void;
  /** The watch is kept: as long as the connection, or until it is fulfilled. */
  watching: (watch: WatchUnder) => void;
  /** The wait is under what was asked for; said once, and the watch is over. */
  under: (fulfilled: WatchFulfilled) => void;
}
export interface PublicClientEvents {
  subscribe: (to: { readonly tenant: string; readonly queue?: string }) => void;
  /** Tell me once when the wait is at most so many minutes. Another watch of the same queue takes its place. */
  watch: (watch: WatchUnder) => void;
  unwatch: (queue: { readonly tenant: string; readonly queue: string }) => void;
}

export interface WatchUnder {
  readonly tenant: string;
  readonly queue: string;
  readonly underMinutes: number;
}
export interface WatchFulfilled extends WatchUnder {
  readonly document: PublicQueue;
}
