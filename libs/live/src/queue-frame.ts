import type { LiveSite, Suspicions, WaitingContact, WaitingList } from '@queuecast/contact-center';
import { instant, type Instant, type QueueId } from '@queuecast/events';
import type {
  CallbackCounts,
  Estimate,
  EstimateRecord,
  FrameHistory,
  Opening,
  QueueFrame,
  Remaining,
  SourceHealth,
  Staffing,
  Surge,
  Today,
  WaitingLine,
} from './frames.js';
import type { QueueBoard, QueueHours } from './queue-board.js';
import type { SourceWatch } from './source-watch.js';

const OLDEST_SHOWN = 5;
const SUSPECTS_SHOWN = 5;
const NO_PLACE: Place = { position: null, remaining: null };

/** What the registry says of a queue's business day, from the intervals. */
export interface DayFigures extends Omit<Today, 'thresholdMs' | 'metrics'> {
  /** `id@version` of the definitions that they are by. */
  readonly metrics: readonly string[];
  /** What the service level is of. */
  readonly decided: number;
  /** The whole second as of which it tells who waits beyond the threshold. */
  readonly asOf: Instant;
}

/** Who waits in a queue, and who of them the longest. */
export interface WaitingOrder {
  readonly queue: QueueId;
  readonly waiting: number;
  /** Oldest first. */
  readonly oldest: readonly WaitingContact[];
  /** All who wait have the same priority. */
  readonly isOnePriority: boolean;
  /** How many wait that have a higher priority. */
  readonly above: (priority: number) => number;
}

/** Where those stand who wait, and for how long: the oldest, in their order, and whoever it is by position. */
export interface Places {
  readonly oldest: readonly Place[];
  readonly line: WaitingLine | null;
}

/** Where a waiting contact stands, and for how long. */
export interface Place {
  readonly position: number | null;
  readonly remaining: Remaining | null;
}

/** What a frame is built from: a site as it is known, live or as it was; then perhaps without an estimate. */
export interface FramedSite<Estimated extends Estimate | null = Estimate> {
  readonly key: { readonly tenant: string; readonly site: string };
  readonly fold: { readonly live: LiveSite; readonly suspicions: Pick<Suspicions, 'of'> };
  readonly board: Pick<QueueBoard, 'openingOf' | 'noticesOf'>;
  readonly source: Pick<SourceWatch, 'health'>;
  readonly estimates: {
    readonly estimate: (queue: QueueId, opening: Opening, source: SourceHealth, now: Instant) => Estimated;
    /** How much longer those who wait will wait, by the estimate of now. */
    readonly remaining: (order: WaitingOrder, estimate: Estimated, now: Instant) => Places;
  };
  /** Absent where promises are not known. */
  readonly callbacks?: { readonly counts: (queue: QueueId, now: Instant, soonMs: number) => CallbackCounts };
  /** Absent where the past is looked at. */
  readonly staffing?: {
    readonly staffing: (
      queue: QueueId,
      settings: FrameSettings,
      moment: {
        readonly waiting: number;
        readonly opening: Opening;
        readonly source: SourceHealth;
        readonly now: Instant;
      },
    ) => Staffing | null;
  };
  /** Absent where nobody watches for surges. */
  readonly surges?: { readonly surgeOf: (queue: QueueId, now: Instant) => Surge | null };
  readonly today: ReadonlyMap<QueueId, DayFigures>;
  /** Log offset up to which events are folded. */
  readonly offset: number;
}

/** What a frame needs of a queue's settings. */
export interface FrameSettings extends QueueHours {
  readonly thresholdSeconds: number;
  readonly callbacks: { readonly dueSoonMinutes: number };
  /** Share 0..1 to be answered within the threshold. */
  readonly target: number;
}

/**
 * The registry's service level, moved on to this moment: whoever still waits counts as missed from the moment he passes
 * the threshold, and not at all before.
 *
 * @param passed how many have passed it since the figures were read
 */
export const liveServiceLevel = (
  { serviceLevel, decided }: Pick<DayFigures, 'serviceLevel' | 'decided'>,
  passed: number,
): number | null => (passed === 0 ? serviceLevel : ((serviceLevel ?? 0) * decided) / (decided + passed));

const wholeSecond = (at: Instant): number => Math.floor(at / 1000) * 1000;

/**
 * Who joined this business day and has passed the threshold since the figures were read: to the second, as the registry
 * has it. Those carried over from the day before are in no figure of today.
 */
const passedSince = ({ from, asOf }: DayFigures, waiting: WaitingList, thresholdMs: number, now: Instant): number =>
  waiting.countJoined(
    instant(Math.max(from, wholeSecond(asOf) - thresholdMs)),
    instant(wholeSecond(now) - thresholdMs),
  );

const today = (figures: DayFigures, passed: number, thresholdMs: number): Today => ({
  from: figures.from,
  offered: figures.offered,
  answered: figures.answered,
  abandoned: figures.abandoned,
  shortAbandoned: figures.shortAbandoned,
  flowedOut: figures.flowedOut,
  callbackTaken: figures.callbackTaken,
  dropped: figures.dropped,
  closedOut: figures.closedOut,
  stillWaiting: figures.stillWaiting,
  answeredWithin: figures.answeredWithin,
  serviceLevel: liveServiceLevel(figures, passed),
  thresholdMs,
  asaMs: figures.asaMs,
  ahtMs: figures.ahtMs,
  longestWaitMs: figures.longestWaitMs,
  metrics: [...figures.metrics],
});

export interface FrameContext {
  readonly now: Instant;
  readonly version: number;
  readonly dayStart: Instant;
  readonly storeBehindSince: Instant | null;
  /** Null if absent, both. */
  readonly history?: FrameHistory | null;
  readonly estimateRecord?: EstimateRecord | null;
}

/** The whole live state of one queue, as gateways and browsers get it. */
export const buildFrame = <Estimated extends Estimate | null>(
  site: FramedSite<Estimated>,
  queue: QueueId,
  settings: FrameSettings,
  context: FrameContext,
): Omit<QueueFrame, 'estimate'> & { readonly estimate: Estimated } => {
  const { now } = context;
  const { live } = site.fold;
  const { waiting, agents } = live.queue(queue);
  const suspects = site.fold.suspicions.of(queue);
  const opening = site.board.openingOf(queue, settings, now);
  const source = site.source.health(now);
  const thresholdMs = settings.thresholdSeconds * 1000;
  const window = site.today.get(queue);
  const estimate = site.estimates.estimate(queue, opening, source, now);
  const oldest = waiting.oldest(OLDEST_SHOWN);
  const order: WaitingOrder = {
    queue,
    waiting: waiting.count,
    oldest,
    isOnePriority: waiting.isOnePriority,
    above: (priority) => waiting.above(priority),
  };
  const places = site.estimates.remaining(order, estimate, now);
  return {
    tenant: site.key.tenant,
    site: site.key.site,
    queue,
    version: context.version,
    at: now,
    offset: site.offset,
    waiting: waiting.count,
    oldest: oldest.map((contact, n) => ({ ...contact, ...(places.oldest[n] ?? NO_PLACE) })),
    line: places.line,
    suspected: suspects.length,
    suspects: suspects.slice(0, SUSPECTS_SHOWN).map(({ contact, leg, believed, reason, lastHeardAt, suspectedAt }) => ({
      contact,
      leg,
      believed,
      reason,
      lastHeardAt,
      suspectedAt,
    })),
    agents: live.agentsKnown ? { ...agents } : null,
    opening,
    afterClosing: opening.state === 'closed' ? waiting.count : 0,
    notices: site.board.noticesOf(queue, now),
    surge: site.surges?.surgeOf(queue, now) ?? null,
    estimate,
    estimateRecord: context.estimateRecord ?? null,
    // Yesterday's figures are not today's: a day that has just begun has none until they are read.
    today:
      window?.from === context.dayStart
        ? today(window, passedSince(window, waiting, thresholdMs, now), thresholdMs)
        : null,
    source,
    ...(site.callbacks && { callbacks: site.callbacks.counts(queue, now, settings.callbacks.dueSoonMinutes * 60_000) }),
    storeBehindSince: context.storeBehindSince,
    history: context.history ?? null,
    staffing: site.staffing?.staffing(queue, settings, { waiting: waiting.count, opening, source, now }) ?? null,
  };
};
