import { mergeMark, mergeMarkSets, type Mark } from '@queuecast/contact-center';
import type {
  AcdEvent,
  CallbackOrigin,
  CallbackProfile,
  Channel,
  Instant,
  LegId,
  Party,
  QueueId,
  SiteId,
  TenantId,
} from '@queuecast/events';

/** A stretch of time in which a customer wants to be called. */
export interface CallWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/** The place in line that was given up for a promise. */
export interface PlaceInLine {
  readonly queuedAt: Instant;
  readonly priority: number;
  readonly position: number | null;
}

export interface PromisedMark extends Mark {
  /** The contact that it is about, or the id of the promise itself. */
  readonly subject: string;
  readonly queue: QueueId | '';
  readonly leg: LegId | '';
  readonly dueAt: Instant;
  readonly channel: Channel;
  readonly profile: CallbackProfile | '';
  readonly window: CallWindow | null;
  /** Sealed; '' where none was told, and once the promise is over. */
  readonly number: string;
  readonly callerKey: string;
  readonly language: string;
  readonly consent: { readonly language: string; readonly version: string } | null;
  readonly origin: CallbackOrigin;
  readonly place: PlaceInLine | null;
  readonly request: string;
}

export interface MovedMark extends Mark {
  readonly dueAt: Instant;
  readonly window: CallWindow | null;
}

export interface AttemptedMark extends Mark {
  readonly outcome: string;
}

export interface CancelledMark extends Mark {
  readonly by: Party;
  readonly reason: string;
}

export interface DeliveryAttemptedMark extends Mark {
  readonly delivery: string;
  readonly attempt: number;
  readonly retryAt: Instant;
}

export interface DeliveredMark extends Mark {
  readonly delivery: string;
}

/** What has been told of one promise. Merging two of these is commutative, associative and idempotent. */
export interface CallbackMarks {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly id: string;
  readonly promised: PromisedMark | undefined;
  readonly moved: readonly MovedMark[];
  readonly attempted: readonly AttemptedMark[];
  readonly kept: Mark | undefined;
  /** The latest call that reached the customer: it keeps whatever else was promised to his number before it. */
  readonly lastKept: Mark | undefined;
  readonly cancelled: CancelledMark | undefined;
  /** The latest attempt only: it carries how often was tried, and when to try again. */
  readonly deliveryAttempted: DeliveryAttemptedMark | undefined;
  readonly delivered: readonly DeliveredMark[];
}

const instantOf = (time: string): Instant => Date.parse(time) as Instant;
const windowOf = (span: { readonly from: string; readonly to: string } | undefined): CallWindow | null =>
  span ? { from: instantOf(span.from), to: instantOf(span.to) } : null;

/** The id of the promise that an event is about; undefined for any other event. */
export const callbackOf = (event: AcdEvent): string | undefined => {
  switch (event.type) {
    case 'acd.callback.promised':
    case 'acd.callback.moved':
    case 'acd.callback.attempted':
    case 'acd.callback.kept':
    case 'acd.callback.cancelled':
    case 'acd.callback.delivery_attempted':
    case 'acd.callback.delivered':
      return event.data.callback ?? event.subject;
    default:
      return undefined;
  }
};

/** A promise of which nothing is known yet. */
const noMarks = (tenant: TenantId, site: SiteId, id: string): CallbackMarks => ({
  tenant,
  site,
  id,
  promised: undefined,
  moved: [],
  attempted: [],
  kept: undefined,
  lastKept: undefined,
  cancelled: undefined,
  deliveryAttempted: undefined,
  delivered: [],
});

/**
 * What one event says of its promise; folding is merging these. Undefined for events about anything else.
 *
 * @param version the event's position in the log
 */
export const callbackMarksFrom = (event: AcdEvent, version: number): CallbackMarks | undefined => {
  const id = callbackOf(event);
  if (id === undefined) return undefined;
  const mark: Mark = { at: event.at, v: version };
  const none = noMarks(event.tenant, event.site, id);
  switch (event.type) {
    case 'acd.callback.promised': {
      const { data } = event;
      return {
        ...none,
        promised: {
          ...mark,
          subject: event.subject,
          queue: data.queue ?? '',
          leg: data.leg ?? '',
          dueAt: instantOf(data.dueAt),
          channel: data.channel,
          profile: data.profile ?? '',
          window: windowOf(data.window),
          number: data.number ?? '',
          callerKey: data.callerKey ?? '',
          language: data.language ?? '',
          consent: data.consent ? { language: data.consent.language, version: data.consent.version } : null,
          origin: data.origin,
          place: data.place
            ? {
                queuedAt: instantOf(data.place.queuedAt),
                priority: data.place.priority,
                position: data.place.position ?? null,
              }
            : null,
          request: data.request ?? '',
        },
      };
    }
    case 'acd.callback.moved':
      return {
        ...none,
        moved: [{ ...mark, dueAt: instantOf(event.data.dueAt), window: windowOf(event.data.window) }],
      };
    case 'acd.callback.attempted':
      return { ...none, attempted: [{ ...mark, outcome: event.data.outcome ?? '' }] };
    case 'acd.callback.kept':
      return { ...none, kept: mark, lastKept: mark };
    case 'acd.callback.cancelled':
      return { ...none, cancelled: { ...mark, by: event.data.by, reason: event.data.reason ?? '' } };
    case 'acd.callback.delivery_attempted': {
      const { delivery, attempt, retryAt } = event.data;
      return { ...none, deliveryAttempted: { ...mark, delivery, attempt, retryAt: instantOf(retryAt) } };
    }
    case 'acd.callback.delivered':
      return { ...none, delivered: [{ ...mark, delivery: event.data.delivery }] };
    default:
      return undefined;
  }
};

const latestOf = <M extends Mark>(a: M | undefined, b: M | undefined): M | undefined =>
  mergeMarkSets(a ? [a] : [], b ? [b] : []).at(-1);

/** The marks of one promise known in two places, as one. */
export const mergeCallbacks = (a: CallbackMarks, b: CallbackMarks): CallbackMarks => ({
  tenant: a.tenant,
  site: a.site,
  id: a.id,
  promised: mergePromised(a.promised, b.promised),
  moved: mergeMarkSets(a.moved, b.moved),
  attempted: mergeMarkSets(a.attempted, b.attempted),
  kept: mergeMark(a.kept, b.kept),
  lastKept: latestOf(a.lastKept, b.lastKept),
  cancelled: mergeMark(a.cancelled, b.cancelled),
  deliveryAttempted: latestOf(a.deliveryAttempted, b.deliveryAttempted),
  delivered: mergeMarkSets(a.delivered, b.delivered),
});

/** Facts forget the number once a promise is over: the same mark without it is the same mark. */
const mergePromised = (a: PromisedMark | undefined, b: PromisedMark | undefined): PromisedMark | undefined => {
  if (!a || !b || a.number === b.number || (a.number !== '' && b.number !== '')) return mergeMark(a, b);
  const number = a.number || b.number;
  return mergeMark({ ...a, number }, { ...b, number });
};

/** Calls `visit` with every mark. */
export const eachMarkOfCallback = (marks: CallbackMarks, visit: (mark: Mark) => void): void => {
  const single = [marks.promised, marks.kept, marks.lastKept, marks.cancelled, marks.deliveryAttempted];
  for (const mark of single) if (mark) visit(mark);
  for (const set of [marks.moved, marks.attempted, marks.delivered]) for (const mark of set) visit(mark);
};
