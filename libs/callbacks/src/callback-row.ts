import type { CallbackOrigin, CallbackProfile, Channel, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import { dueDelivery } from './delivery.js';
import { eachMarkOfCallback, type CallbackMarks, type CallWindow, type MovedMark, type PlaceInLine } from './marks.js';

/** What has become of a promise. Whether an open one is overdue, or a kept one was late, is told by its times. */
export type CallbackState = 'open' | 'kept' | 'cancelled' | 'withdrawn';

/**
 * One promise: the row of `callbacks`, derived from its marks. `withdrawn` is a promise that the centre cancelled, not
 * the customer: it is broken.
 */
export interface CallbackRow {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly id: string;
  readonly queue: QueueId | '';
  /** The contact that it is about, or the id of the promise itself. */
  readonly contact: string;
  readonly leg: string;
  readonly state: CallbackState;
  readonly promisedAt: Instant;
  readonly dueAt: Instant;
  readonly window: CallWindow | null;
  readonly profile: CallbackProfile | '';
  readonly origin: CallbackOrigin;
  readonly channel: Channel;
  readonly language: string;
  readonly callerKey: string;
  readonly place: PlaceInLine | null;
  /**
   * The promise whose call is this one's too, ''. As long as that one stands this one is only its shadow: it shows whoever
   * asked again (or a stranger who tried) what a promise of his own would. One that is '' is counted, told to the dialer,
   * and takes up capacity; no other is. {@link deriveCallbacks} says which.
   */
  readonly duplicateOf: string;
  readonly request: string;
  /** When it was kept or cancelled; null while it is open. */
  readonly closedAt: Instant | null;
  readonly attempts: number;
  readonly lastAttemptAt: Instant | null;
  readonly moves: number;
  /** The last move that counted. */
  readonly movedAt: Instant | null;
  readonly deliveredAt: Instant | null;
  /** The dialer has not confirmed what it has to be told, or nobody has told it. */
  readonly pending: boolean;
  /** The marks as canonical JSON; without the number once the promise is over. */
  readonly marks: string;
  readonly version: number;
}

/** How a promise ended. */
export interface CallbackEnd {
  readonly state: CallbackState;
  /** Null while it is open. */
  readonly at: Instant | null;
  /** Version of the event that says so; 0 while it is open. */
  readonly v: number;
}

/** What a promise given up its place for hands over. */
export type Handed = Pick<CallbackRow, 'contact' | 'leg' | 'origin' | 'place'>;

/** A time that was asked for after a promise was made. */
export interface CallbackWish extends MovedMark {
  /** Told by another promise to the same number: it changes nothing that is as it wants it already. */
  readonly byAnother?: boolean;
  /** With it a place in line is handed over. */
  readonly handed?: Handed | undefined;
}

/** What others of the same number and queue make of a promise. */
export interface Standing {
  /** How it ended by its own marks, or with another. */
  readonly end: CallbackEnd;
  readonly duplicateOf: string;
  /** What was asked for after it by others, in any order. */
  readonly wishes: readonly CallbackWish[];
}

type Due = Pick<CallbackRow, 'dueAt' | 'window' | 'moves' | 'movedAt'> & { readonly handed: Handed | undefined };

/** Whether a call at a time is one within another, or at any time by then. */
export const isWithin = (
  { dueAt, window }: Pick<CallbackRow, 'dueAt' | 'window'>,
  asked: Pick<CallbackRow, 'dueAt' | 'window'>,
): boolean => dueAt <= asked.dueAt && (!asked.window || (window !== null && window.from >= asked.window.from));

/**
 * When a promise is due after every wish that counts: one made after it fell due, or was over, changes nothing.
 *
 * @param asOf wishes after it are not known yet
 */
export const dueOf = (
  { promised, moved }: Pick<CallbackMarks, 'promised' | 'moved'>,
  { end, wishes }: Pick<Standing, 'end' | 'wishes'>,
  otherwise: Instant,
  asOf = Infinity,
): Due => {
  let due: Due = {
    dueAt: promised?.dueAt ?? otherwise,
    window: promised?.window ?? null,
    moves: 0,
    movedAt: null,
    handed: undefined,
  };
  const all: readonly CallbackWish[] =
    wishes.length === 0 ? moved : [...moved, ...wishes].sort((a, b) => a.at - b.at || a.v - b.v);
  for (const { at, dueAt, window, byAnother, handed } of all) {
    if (at > asOf || at > due.dueAt || (end.at !== null && at > end.at)) continue;
    if (byAnother && !handed && isWithin(due, { dueAt, window })) continue;
    due = { dueAt, window, moves: due.moves + 1, movedAt: at, handed: handed ?? due.handed };
  }
  return due;
};

/** How a promise ended by its marks: what came first counts. */
export const endOf = ({ kept, cancelled }: CallbackMarks): CallbackEnd => {
  if (kept && (!cancelled || kept.at <= cancelled.at)) return { state: 'kept', at: kept.at, v: kept.v };
  if (!cancelled) return { state: 'open', at: null, v: 0 };
  return { state: cancelled.by === 'customer' ? 'cancelled' : 'withdrawn', at: cancelled.at, v: cancelled.v };
};

const canonical = (marks: CallbackMarks, isOver: boolean): string => {
  const { promised } = marks;
  return JSON.stringify({
    tenant: marks.tenant,
    site: marks.site,
    id: marks.id,
    promised: promised && isOver ? { ...promised, number: '' } : promised,
    moved: marks.moved,
    attempted: marks.attempted,
    kept: marks.kept,
    lastKept: marks.lastKept,
    cancelled: marks.cancelled,
    deliveryAttempted: marks.deliveryAttempted,
    delivered: marks.delivered,
  });
};

/**
 * The row that follows from the marks of a promise. Of one that has only been told to be kept, say, the row holds the
 * marks until the promise itself is told of: it has no queue before.
 *
 * @param standing what others of the same number make of it; it stands alone if absent
 * @returns undefined if nothing at all has been told of it
 */
export const deriveCallback = (
  marks: CallbackMarks,
  { end, duplicateOf, wishes }: Standing = { end: endOf(marks), duplicateOf: '', wishes: [] },
): CallbackRow | undefined => {
  const { promised } = marks;
  let [firstAt, version] = [Infinity, -Infinity];
  eachMarkOfCallback(marks, ({ at, v }) => {
    firstAt = Math.min(firstAt, at);
    version = Math.max(version, v);
  });
  if (firstAt === Infinity) return undefined;
  const { handed, ...due } = dueOf(marks, { end, wishes }, firstAt as Instant);
  const row = {
    tenant: marks.tenant,
    site: marks.site,
    id: marks.id,
    queue: promised?.queue ?? '',
    contact: promised?.subject ?? '',
    leg: promised?.leg ?? '',
    state: end.state,
    promisedAt: promised?.at ?? (firstAt as Instant),
    ...due,
    profile: promised?.profile ?? '',
    origin: promised?.origin ?? 'acd',
    channel: promised?.channel ?? 'voice',
    language: promised?.language ?? '',
    callerKey: promised?.callerKey ?? '',
    place: promised?.place ?? null,
    ...handed,
    duplicateOf,
    request: promised?.request ?? '',
    closedAt: end.at,
    attempts: marks.attempted.length,
    lastAttemptAt: marks.attempted.at(-1)?.at ?? null,
    deliveredAt: marks.delivered.at(-1)?.at ?? null,
    marks: canonical(marks, end.state !== 'open'),
    version,
  } as const;
  return { ...row, pending: dueDelivery(row, marks) !== null };
};
