import {
  deriveCallback,
  dueOf,
  endOf,
  isWithin,
  type CallbackEnd,
  type CallbackRow,
  type CallbackWish,
} from './callback-row.js';
import type { Mark } from '@queuecast/contact-center';
import type { CallbackMarks, PromisedMark } from './marks.js';

/**
 * What promises have in common of which one call is made: number and queue. Null for those that stand alone whatever there
 * is beside them: promises of an ACD, which calls by their ids, and those without a number.
 */
export const callerGroupOf = ({ site, promised }: CallbackMarks): string | null =>
  !promised || promised.callerKey === '' || promised.origin === 'acd'
    ? null
    : JSON.stringify([site, promised.queue, promised.callerKey]);

/**
 * The rows of promises: of those of one number and queue one stands at a time, whichever gateways made them.
 *
 * The one that came first in the log stands; what comes while it is open is its shadow. Called off, the eldest of its
 * shadows stands in for it. Fallen due and not kept, it stands in the way of no other. A call that reached the number keeps
 * all that was promised to it before. The time of a call is the newest that anybody asked for: each was told one, and
 * what is wanted now is better known from a newer wish than from an older one.
 *
 * The order is that of the log, so that what comes later never takes the place of what the dialer may have heard of. Whether
 * something was over before a wish is judged by both log and time: with a clock that is wrong there is a call too many rather
 * than one too few.
 *
 * @param all with every promise of each number and queue that is among them
 */
export const deriveCallbacks = (all: Iterable<CallbackMarks>): CallbackRow[] => {
  const rows: CallbackRow[] = [];
  const groups = new Map<string, CallbackMarks[]>();
  for (const marks of all) {
    const key = callerGroupOf(marks);
    const group = key === null ? undefined : groups.get(key);
    if (group) group.push(marks);
    else if (key !== null) groups.set(key, [marks]);
    else {
      const row = deriveCallback(marks);
      if (row) rows.push(row);
    }
  }
  for (const group of groups.values()) rows.push(...deriveGroup(group));
  return rows;
};

/** A promise among those of its number. */
interface Member {
  readonly marks: CallbackMarks;
  readonly promised: PromisedMark;
  readonly end: CallbackEnd;
  /** Whose shadow it is. */
  carrier: Member | null;
  /** Those that were its shadows, at whatever time. */
  shadows: Member[];
}

/** Whether something that is told by a mark was after a promise was made. */
const isAfter = (told: Mark, promised: PromisedMark): boolean => told.at >= promised.at && told.v > promised.v;

/** How a promise ended: by its own marks, or by a call to its number, whichever was first. */
const endAmong = (marks: CallbackMarks, promised: PromisedMark, calls: readonly Mark[]): CallbackEnd => {
  const own = endOf(marks);
  const call = calls.find((each) => isAfter(each, promised));
  return call && (own.at === null || call.at < own.at) ? { state: 'kept', at: call.at, v: call.v } : own;
};

const membersOf = (group: readonly CallbackMarks[]): Member[] => {
  const calls = group.flatMap(({ lastKept, kept }) => lastKept ?? kept ?? []).sort((a, b) => a.at - b.at || a.v - b.v);
  return group
    .flatMap((marks): Member[] => {
      const { promised } = marks;
      return promised ? [{ marks, promised, end: endAmong(marks, promised, calls), carrier: null, shadows: [] }] : [];
    })
    .sort((a, b) => a.promised.v - b.promised.v || a.promised.at - b.promised.at || (a.marks.id < b.marks.id ? -1 : 1));
};

/** The time that one asks of another, by what was promised to it and how it was moved. */
const wishesOf = ({ promised, marks, end }: Member): CallbackWish[] => {
  const { subject: contact, leg, origin, place } = promised;
  const handed = place ? { contact, leg, origin, place } : undefined;
  const moves = marks.moved.filter(({ at }) => end.at === null || at <= end.at);
  return [{ ...promised, handed }, ...moves].map((wish) => ({ ...wish, byAnother: true }));
};

const standingOf = ({ end, carrier, shadows }: Member) => ({
  end,
  duplicateOf: carrier?.marks.id ?? '',
  wishes: shadows.flatMap(wishesOf),
});

const isOverBefore = ({ at, v }: CallbackEnd, promised: PromisedMark): boolean =>
  at !== null && !isAfter({ at, v }, promised);
const isOpenAfter = ({ end }: Member, at: number): boolean => end.at === null || end.at > at;

const deriveGroup = (group: readonly CallbackMarks[]): CallbackRow[] => {
  const members = membersOf(group);
  // Both change in what is called below, which the compiler does not see.
  let carrier = null as Member | null;
  let shadows: Member[] = [];
  const overdue: Member[] = [];
  const stand = (next: Member | null, left: Member[]): void => {
    [carrier, shadows] = [next, left];
    if (next) next.carrier = null;
    for (const shadow of left) shadow.carrier = next;
  };
  /** Goes on to who stands after whatever was over before `next` came; at all, without. */
  const settle = (next?: PromisedMark): void => {
    while (carrier !== null && carrier.end.at !== null && (!next || isOverBefore(carrier.end, next))) {
      const { at } = carrier.end;
      const left = shadows.filter((shadow) => isOpenAfter(shadow, at));
      let heir = overdue.pop();
      while (heir && !isOpenAfter(heir, at)) heir = overdue.pop();
      if (!heir) {
        heir = left.shift();
        if (heir) heir.shadows = [...left];
      }
      stand(heir ?? null, left);
    }
  };
  for (const member of members) {
    settle(member.promised);
    const standing = carrier;
    const { at } = member.promised;
    if (!standing) stand(member, []);
    else if (dueOf(standing.marks, standingOf(standing), at, at).dueAt < at) {
      overdue.push(standing);
      stand(member, shadows);
    } else {
      standing.shadows.push(member);
      stand(standing, [...shadows, member]);
    }
  }
  settle();
  const rows = new Map<string, CallbackRow>();
  for (const member of members) if (member.carrier === null) rows.set(member.marks.id, rowOf(member, undefined)!);
  const all = members.map((member) => rows.get(member.marks.id) ?? rowOf(member, rows.get(member.carrier!.marks.id))!);
  // One version for all: whatever is told of one may change what follows for another, and a version must never go back.
  const version = all.reduce((highest, row) => Math.max(highest, row.version), 0);
  return all.map((row) => ({ ...row, version }));
};

/**
 * A shadow shows the time that it was told as long as the call comes within it, and the tries since: nothing of what was
 * before. Once somebody has asked for another time later, it shows that.
 */
const rowOf = (member: Member, call: CallbackRow | undefined): CallbackRow | undefined => {
  const row = deriveCallback(member.marks, { ...standingOf(member), ...(call && { wishes: [] }) });
  if (!row || !call) return row;
  const tries = member.carrier!.marks.attempted.filter(({ at }) => at >= row.promisedAt);
  return {
    ...row,
    ...(!isWithin(call, row) && { dueAt: call.dueAt, window: call.window }),
    attempts: tries.length,
    lastAttemptAt: tries.at(-1)?.at ?? null,
  };
};
