import {
  isOwnSource,
  type AgentId,
  type AgentState,
  type Channel,
  type ContactId,
  type Direction,
  type Instant,
  type LeaveReason,
  type LegId,
  type Party,
  type QueueId,
  type SiteId,
  type Suspicion,
  type TenantId,
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
export interface GoneMark extends Mark {
  readonly reason: Suspicion | 'confirmed';
  readonly by: string;
}
export interface QueuedMark extends Mark {
  readonly queue: QueueId;
  readonly priority: number;
  readonly skills: readonly string[];
  readonly internal: boolean;
  /** Inferred from a snapshot, which says neither priority nor skills: what `queued` said counts before it. */
  readonly inferred?: true;
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
  /** Whose word it is. */
  readonly source: string;
}

/**
 * Everything known of one join of one queue. Marks that are absent are there as undefined: objects of one shape are read
 * several times as fast, and every event reads them.
 */
export interface LegMarks {
  readonly leg: LegId;
  /** Version of the leg's first event in log order, and that event's time: they fix where the row is stored. */
  readonly first: number;
  readonly anchor: Instant;
  readonly queued: QueuedMark | undefined;
  readonly answered: AgentMark | undefined;
  readonly transferred: TransferredMark | undefined;
  readonly left: LeftMark | undefined;
  readonly wrappedUp: WrappedUpMark | undefined;
  readonly offered: readonly AgentMark[];
  readonly declined: readonly DeclinedMark[];
  readonly held: readonly AgentMark[];
  readonly resumed: readonly AgentMark[];
}

/** Everything known of one contact: the customer's journey over all its legs. */
export interface ContactMarks {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly contact: ContactId;
  /** Source of the contact's events; the lowest if several speak of it. */
  readonly source: string;
  readonly started: StartedMark | undefined;
  readonly menuCompleted: MenuMark | undefined;
  readonly ended: EndedMark | undefined;
  /** The latest time that it was given up, and the latest that somebody vouched for it. */
  readonly presumedGone: GoneMark | undefined;
  readonly reinstated: Mark | undefined;
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
  if (!b || a === b) return a;
  if (!a) return b;
  const order = compareMarks(a, b);
  return order === 0 ? sameMark(a, b) : order < 0 ? a : b;
};

/** Of two marks of joining a queue the one that was told, then the earlier. */
const mergeQueued = (a: QueuedMark | undefined, b: QueuedMark | undefined): QueuedMark | undefined => {
  if (a && b && a.inferred !== b.inferred) return a.inferred ? b : a;
  return mergeMark(a, b);
};

/** Of two marks of one kind the later: what was decided last. */
const mergeLatest = <M extends Mark>(a: M | undefined, b: M | undefined): M | undefined => {
  if (!b || a === b) return a;
  if (!a) return b;
  const order = compareMarks(a, b);
  return order === 0 ? sameMark(a, b) : order > 0 ? a : b;
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

export const mergeLegs = (a: LegMarks, b: LegMarks): LegMarks => {
  const { first, anchor } = b.first < a.first ? b : a;
  return {
    leg: a.leg,
    first,
    anchor,
    queued: mergeQueued(a.queued, b.queued),
    answered: mergeMark(a.answered, b.answered),
    transferred: mergeMark(a.transferred, b.transferred),
    left: mergeMark(a.left, b.left),
    wrappedUp: mergeMark(a.wrappedUp, b.wrappedUp),
    offered: mergeMarkSets(a.offered, b.offered),
    declined: mergeMarkSets(a.declined, b.declined),
    held: mergeMarkSets(a.held, b.held),
    resumed: mergeMarkSets(a.resumed, b.resumed),
  };
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

/** What Queuecast says of a contact does not make it the contact's source. */
const mergeSource = (a: string, b: string): string => {
  if (isOwnSource(a) !== isOwnSource(b)) return isOwnSource(a) ? b : a;
  return b < a ? b : a;
};

/** The marks of one contact known in two places, as one: commutative, associative, idempotent. */
export const mergeContacts = (a: ContactMarks, b: ContactMarks): ContactMarks => ({
  tenant: a.tenant,
  site: a.site,
  contact: a.contact,
  source: mergeSource(a.source, b.source),
  started: mergeMark(a.started, b.started),
  menuCompleted: mergeMark(a.menuCompleted, b.menuCompleted),
  ended: mergeMark(a.ended, b.ended),
  presumedGone: mergeLatest(a.presumedGone, b.presumedGone),
  reinstated: mergeLatest(a.reinstated, b.reinstated),
  legs: mergeLegLists(a.legs, b.legs),
});

const orderedLeg = (leg: LegMarks): LegMarks => ({
  leg: leg.leg,
  first: leg.first,
  anchor: leg.anchor,
  queued: leg.queued,
  answered: leg.answered,
  transferred: leg.transferred,
  left: leg.left,
  wrappedUp: leg.wrappedUp,
  offered: leg.offered,
  declined: leg.declined,
  held: leg.held,
  resumed: leg.resumed,
});

/** The marks as JSON that is equal for equal marks, whatever the order in which they came. */
export const canonicalMarks = (contact: ContactMarks): string => {
  const ordered: ContactMarks = {
    tenant: contact.tenant,
    site: contact.site,
    contact: contact.contact,
    source: contact.source,
    started: contact.started,
    menuCompleted: contact.menuCompleted,
    ended: contact.ended,
    presumedGone: contact.presumedGone,
    reinstated: contact.reinstated,
    legs: contact.legs.map(orderedLeg),
  };
  return JSON.stringify(ordered);
};

const visitAll = (marks: readonly Mark[], visit: (mark: Mark) => void): void => {
  for (const mark of marks) visit(mark);
};

/** Calls `visit` with every mark of a leg. */
export const eachMarkOfLeg = (leg: LegMarks, visit: (mark: Mark) => void): void => {
  if (leg.queued) visit(leg.queued);
  if (leg.answered) visit(leg.answered);
  if (leg.transferred) visit(leg.transferred);
  if (leg.left) visit(leg.left);
  if (leg.wrappedUp) visit(leg.wrappedUp);
  visitAll(leg.offered, visit);
  visitAll(leg.declined, visit);
  visitAll(leg.held, visit);
  visitAll(leg.resumed, visit);
};

/** Calls `visit` with every mark of the contact itself, without its legs. */
export const eachMarkOfContact = (contact: ContactMarks, visit: (mark: Mark) => void): void => {
  if (contact.started) visit(contact.started);
  if (contact.menuCompleted) visit(contact.menuCompleted);
  if (contact.ended) visit(contact.ended);
  if (contact.presumedGone) visit(contact.presumedGone);
  if (contact.reinstated) visit(contact.reinstated);
};
