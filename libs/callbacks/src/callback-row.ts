import type { CallbackOrigin, CallbackProfile, Channel, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import { dueDelivery } from './delivery.js';
import { eachMarkOfCallback, type CallbackMarks, type CallWindow, type PlaceInLine } from './marks.js';

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
   * The promise that the number had already, ''. As long as that one is open this one is only its shadow: it shows whoever
   * asked again (or a stranger who tried) what a promise of his own would, and is neither counted nor told to the
   * dialer. Once that is called off, this one stands in for it.
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

/** When a promise is due after every move that counted: one made after it fell due, or was over, changes nothing. */
const dueOf = (marks: CallbackMarks, closedAt: Instant | null, otherwise: Instant) => {
  const { promised, moved } = marks;
  let due: Pick<CallbackRow, 'dueAt' | 'window' | 'moves' | 'movedAt'> = {
    dueAt: promised?.dueAt ?? otherwise,
    window: promised?.window ?? null,
    moves: 0,
    movedAt: null,
  };
  for (const { at, dueAt, window } of moved)
    if (at <= due.dueAt && (closedAt === null || at <= closedAt))
      due = { dueAt, window, moves: due.moves + 1, movedAt: at };
  return due;
};

/** How a promise ended by its marks: what came first counts. */
const endOf = ({ kept, cancelled }: CallbackMarks): { readonly state: CallbackState; readonly at: Instant | null } => {
  if (kept && (!cancelled || kept.at <= cancelled.at)) return { state: 'kept', at: kept.at };
  if (!cancelled) return { state: 'open', at: null };
  return { state: cancelled.by === 'customer' ? 'cancelled' : 'withdrawn', at: cancelled.at };
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
    cancelled: marks.cancelled,
    deliveryAttempted: marks.deliveryAttempted,
    delivered: marks.delivered,
  });
};

/**
 * The row that follows from the marks of a promise. Of one that has only been told to be kept, say, the row holds the
 * marks until the promise itself is told of: it has no queue before.
 *
 * @returns undefined if nothing at all has been told of it
 */
export const deriveCallback = (marks: CallbackMarks): CallbackRow | undefined => {
  const { promised } = marks;
  let [firstAt, version] = [Infinity, -Infinity];
  eachMarkOfCallback(marks, ({ at, v }) => {
    firstAt = Math.min(firstAt, at);
    version = Math.max(version, v);
  });
  if (firstAt === Infinity) return undefined;
  const end = endOf(marks);
  const row = {
    tenant: marks.tenant,
    site: marks.site,
    id: marks.id,
    queue: promised?.queue ?? '',
    contact: promised?.subject ?? '',
    leg: promised?.leg ?? '',
    state: end.state,
    promisedAt: promised?.at ?? (firstAt as Instant),
    ...dueOf(marks, end.at, firstAt as Instant),
    profile: promised?.profile ?? '',
    origin: promised?.origin ?? 'acd',
    channel: promised?.channel ?? 'voice',
    language: promised?.language ?? '',
    callerKey: promised?.callerKey ?? '',
    place: promised?.place ?? null,
    duplicateOf: promised?.duplicateOf ?? '',
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
