import type {
  AgentId,
  AgentState,
  Channel,
  ContactId,
  Direction,
  Instant,
  LeaveReason,
  LegId,
  Party,
  QueueId,
  SiteId,
  TenantId,
} from '@queuecast/events';

/**
 * A mark says that something happened, when, and which log record said so. Marks are all the fold remembers; every fact
 * is derived from them, and merging two sets of marks is commutative, associative and idempotent. That is why order and
 * duplication of events do not matter.
 */
export interface Mark {
  readonly at: Instant;
  /** Version (log position) of the event; of two equal marks the lower one. */
  readonly v: number;
  /** The event came after its time was already settled; counted as a correction. */
  readonly late?: true;
}

export interface StartedMark extends Mark {
  readonly channel: Channel;
  readonly direction: Direction;
  readonly entryPoint?: string;
  readonly callerKey?: string;
}
export interface MenuMark extends Mark {
  readonly choice?: string;
}
export interface EndedMark extends Mark {
  readonly by: Party;
  readonly reason?: string;
}
export interface QueuedMark extends Mark {
  readonly queue: QueueId;
  readonly priority: number;
  readonly skills: readonly string[];
  readonly internal: boolean;
}
export interface AgentMark extends Mark {
  readonly agent: AgentId;
}
export interface DeclinedMark extends AgentMark {
  readonly reason: 'no_answer' | 'rejected';
}
export interface TransferredMark extends Mark {
  readonly mode: 'blind' | 'consulted';
  readonly toQueue?: QueueId;
  readonly toAgent?: AgentId;
}
export interface LeftMark extends Mark {
  readonly reason: LeaveReason;
}
export interface WrappedUpMark extends AgentMark {
  readonly disposition?: string;
  readonly resolved?: boolean;
}
export interface StateMark extends Mark {
  readonly state: AgentState;
  readonly reason?: string;
  readonly queues: readonly QueueId[];
}

/** Everything known of one join of one queue. */
export interface LegMarks {
  readonly leg: LegId;
  /** Version of the leg's first event in log order, and that event's time: they fix where the row is stored. */
  readonly first: number;
  readonly anchor: Instant;
  readonly queued?: QueuedMark;
  readonly offered: readonly AgentMark[];
  readonly declined: readonly DeclinedMark[];
  readonly answered?: AgentMark;
  readonly held: readonly AgentMark[];
  readonly resumed: readonly AgentMark[];
  readonly transferred?: TransferredMark;
  readonly left?: LeftMark;
  readonly wrappedUp?: WrappedUpMark;
}

/** Everything known of one contact: the customer's journey over all its legs. */
export interface ContactMarks {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly contact: ContactId;
  /** Source of the contact's events; the lowest if several speak of it. */
  readonly source: string;
  readonly started?: StartedMark;
  readonly menuCompleted?: MenuMark;
  readonly ended?: EndedMark;
  /** By leg id, ascending. */
  readonly legs: readonly LegMarks[];
}

const payload = (mark: Mark): string => {
  const entries = Object.entries(mark).filter(([key]) => key !== 'v' && key !== 'late');
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Ascending by time, then by content: a total order on marks of one kind that ignores how they came. */
const compareMarks = (a: Mark, b: Mark): number => {
  if (a.at !== b.at) return a.at - b.at;
  const left = payload(a);
  const right = payload(b);
  return left === right ? 0 : left < right ? -1 : 1;
};

const sameMark = <M extends Mark>(a: M, b: M): M => {
  const lower = a.v <= b.v ? a : b;
  if (!lower.late || (a.late && b.late)) return lower;
  const { late: _, ...onTime } = lower;
  return onTime as M;
};

/** Of two marks of one kind the earlier; of two equal ones the one with the lower version, late only if both are. */
export const mergeMark = <M extends Mark>(a: M | undefined, b: M | undefined): M | undefined => {
  if (!a || a === b) return b;
  if (!b) return a;
  const order = compareMarks(a, b);
  return order === 0 ? sameMark(a, b) : order < 0 ? a : b;
};

/** The union of two sets of marks, in order. */
export const mergeMarkSets = <M extends Mark>(a: readonly M[], b: readonly M[]): readonly M[] => {
  if (b.length === 0 || a === b) return a;
  if (a.length === 0) return b;
  const merged: M[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i] as M;
    const y = b[j] as M;
    const order = compareMarks(x, y);
    if (order === 0) {
      merged.push(sameMark(x, y));
      i += 1;
      j += 1;
    } else if (order < 0) {
      merged.push(x);
      i += 1;
    } else {
      merged.push(y);
      j += 1;
    }
  }
  return [...merged, ...a.slice(i), ...b.slice(j)];
};

const SINGLE_MARKS = ['queued', 'answered', 'transferred', 'left', 'wrappedUp'] as const;
const MARK_SETS = ['offered', 'declined', 'held', 'resumed'] as const;
const CONTACT_MARKS = ['started', 'menuCompleted', 'ended'] as const;

/** Merges the marks of one name from `b` into `into`, a copy of `a`; absent marks stay absent. */
const mergeInto = <K extends string>(
  into: { [key in K]?: Mark | undefined },
  b: { readonly [key in K]?: Mark | undefined },
  names: readonly K[],
) => {
  for (const name of names) {
    const other = b[name];
    if (other) into[name] = mergeMark(into[name], other);
  }
};

export const mergeLegs = (a: LegMarks, b: LegMarks): LegMarks => {
  const merged = { ...a };
  if (b.first < a.first) Object.assign(merged, { first: b.first, anchor: b.anchor });
  mergeInto(merged, b, SINGLE_MARKS);
  merged.offered = mergeMarkSets(a.offered, b.offered);
  merged.declined = mergeMarkSets(a.declined, b.declined);
  merged.held = mergeMarkSets(a.held, b.held);
  merged.resumed = mergeMarkSets(a.resumed, b.resumed);
  return merged;
};

const mergeLegLists = (a: readonly LegMarks[], b: readonly LegMarks[]): readonly LegMarks[] => {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const merged = [...a];
  for (const leg of b) {
    const index = merged.findIndex((known) => known.leg >= leg.leg);
    const known = merged[index];
    if (known?.leg === leg.leg) merged[index] = mergeLegs(known, leg);
    else merged.splice(index < 0 ? merged.length : index, 0, leg);
  }
  return merged;
};

/** The marks of one contact known in two places, as one: commutative, associative, idempotent. */
export const mergeContacts = (a: ContactMarks, b: ContactMarks): ContactMarks => {
  const merged = { ...a, legs: mergeLegLists(a.legs, b.legs) };
  if (b.source < a.source) merged.source = b.source;
  mergeInto(merged, b, CONTACT_MARKS);
  return merged;
};

const pick = (from: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (name in from ? [[name, (from as Record<string, unknown>)[name]]] : [])));

/** The marks as JSON that is equal for equal marks, whatever the order in which they came. */
export const canonicalMarks = (contact: ContactMarks): string =>
  JSON.stringify({
    ...pick(contact, ['tenant', 'site', 'contact', 'source', ...CONTACT_MARKS]),
    legs: contact.legs.map((leg) => pick(leg, ['leg', 'first', 'anchor', ...SINGLE_MARKS, ...MARK_SETS])),
  });

/** Calls `visit` with every mark of a leg. */
export const eachMarkOfLeg = (leg: LegMarks, visit: (mark: Mark) => void): void => {
  for (const name of SINGLE_MARKS) {
    const mark = leg[name];
    if (mark) visit(mark);
  }
  for (const name of MARK_SETS) for (const mark of leg[name]) visit(mark);
};

/** Calls `visit` with every mark of the contact itself, without its legs. */
export const eachMarkOfContact = (contact: ContactMarks, visit: (mark: Mark) => void): void => {
  for (const name of CONTACT_MARKS) {
    const mark = contact[name];
    if (mark) visit(mark);
  }
};
