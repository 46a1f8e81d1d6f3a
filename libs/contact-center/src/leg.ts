import { elapsed, milliseconds, type Instant, type Milliseconds } from '@queuecast/events';
import type { LegFact, LegOutcome, TimeSpan } from './facts.js';
import {
  eachMarkOfContact,
  eachMarkOfLeg,
  type AgentMark,
  type ContactMarks,
  type GoneMark,
  type LegMarks,
  type Mark,
} from './marks.js';

interface EndOfWait {
  readonly at: Instant;
  readonly outcome: Exclude<LegOutcome, 'waiting'>;
}

/**
 * How a contact was given up, if nothing speaks against it: an end that its source told, a later sign of life, or
 * somebody who vouched for it. It is the weakest of all ends.
 */
const givenUp = (contact: ContactMarks): GoneMark | null => {
  const { presumedGone: gone, reinstated, ended, started, menuCompleted } = contact;
  if (!gone || ended) return null;
  if (reinstated && reinstated.at >= gone.at) return null;
  let isHeardOf = (started?.at ?? 0) > gone.at || (menuCompleted?.at ?? 0) > gone.at;
  const visit = ({ at }: Mark): void => {
    isHeardOf ||= at > gone.at;
  };
  for (const leg of contact.legs) eachMarkOfLeg(leg, visit);
  return isHeardOf ? null : gone;
};

/** Whether the agent who answered did what only somebody in conversation can: hold, resume, wrap up. */
const hasTalked = ({ wrappedUp, held, resumed }: LegMarks, { agent }: AgentMark): boolean => {
  const isHis = (mark: AgentMark): boolean => mark.agent === agent;
  return (wrappedUp !== undefined && isHis(wrappedUp)) || held.some(isHis) || resumed.some(isHis);
};

/**
 * The earliest of what can end a wait; of simultaneous ones an answer counts first, then what the queue itself said. Only
 * when there is none of these, that it was given up.
 *
 * An end told for before the answer is one of two things. The customer hung up as the agent picked up: then nobody spoke,
 * and it counts. Or the source's clock stepped back in the conversation: then its agent held, resumed or wrapped up, and the
 * answer counts. The order in the log does not tell them apart, because events of two parts of a source overtake each other.
 */
const endOfWait = (leg: LegMarks, contact: ContactMarks, gone: GoneMark | null): EndOfWait | null => {
  const { answered, left, transferred } = leg;
  const { ended } = contact;
  let end: EndOfWait | null = null;
  if (answered) end = { at: answered.at, outcome: 'answered' };
  if (left && (!end || left.at < end.at)) end = { at: left.at, outcome: left.reason };
  if (transferred && (!end || transferred.at < end.at)) end = { at: transferred.at, outcome: 'flowed_out' };
  if (ended && (!end || ended.at < end.at))
    end = { at: ended.at, outcome: ended.by === 'customer' ? 'abandoned' : 'dropped_by_system' };
  if (answered && end?.outcome !== 'answered' && hasTalked(leg, answered))
    end = { at: answered.at, outcome: 'answered' };
  if (!end && gone) end = { at: gone.at, outcome: 'unknown' };
  return end;
};

/** What the clock of a customer's first answer runs from: the last choice in the menu before joining a queue, else joining the first one. */
const clockStart = ({ legs, menuCompleted }: ContactMarks): Instant => {
  let joined = Infinity;
  for (const { queued } of legs) if (queued && !queued.internal) joined = Math.min(joined, queued.at);
  return (menuCompleted && menuCompleted.at <= joined ? menuCompleted.at : joined) as Instant;
};

/**
 * The leg by which the customer's wait was decided, over all the queues it went through: the first that was answered.
 * Where none was, the one that ended last, once the customer waits in no queue.
 */
const decidingLeg = (contact: ContactMarks, gone: GoneMark | null): LegMarks | null => {
  let answer: { leg: LegMarks; at: Instant } | null = null;
  let last: { leg: LegMarks; at: Instant; queuedAt: Instant } | null = null;
  let isWaiting = false;
  for (const leg of contact.legs) {
    if (!leg.queued || leg.queued.internal) continue;
    const end = endOfWait(leg, contact, gone);
    if (!end) isWaiting = true;
    else if (end.outcome === 'answered') {
      if (!answer || end.at < answer.at) answer = { leg, at: end.at };
    } else if (!last || end.at > last.at || (end.at === last.at && leg.queued.at >= last.queuedAt))
      last = { leg, at: end.at, queuedAt: leg.queued.at };
  }
  return answer?.leg ?? (isWaiting ? null : (last?.leg ?? null));
};

const latest = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** When the conversation with this leg's agent ended: released by transfer or by the contact's end; null while it goes on. */
const endOfTalk = (leg: LegMarks, contact: ContactMarks, answeredAt: Instant): Instant | null => {
  const released = leg.transferred?.at;
  const ended = contact.ended?.at;
  if (released === undefined && ended === undefined) return null;
  return latest(Math.min(released ?? Infinity, ended ?? Infinity) as Instant, answeredAt);
};

const NONE: readonly never[] = [];
const timesOf = (marks: readonly Mark[]): readonly Instant[] => (marks.length === 0 ? NONE : marks.map(({ at }) => at));

/** The holds between answer and end: every one lasts until the next resume, or to the end. */
const holdsOf = (leg: LegMarks, from: Instant, to: Instant): readonly TimeSpan[] => {
  if (leg.held.length === 0) return NONE;
  const changes = [
    ...leg.held.map((mark) => ({ at: mark.at, held: true })),
    ...leg.resumed.map((mark) => ({ at: mark.at, held: false })),
  ].sort((a, b) => a.at - b.at || Number(a.held) - Number(b.held));
  const holds: TimeSpan[] = [];
  const add = (since: Instant, until: Instant): void => {
    const span = { from: latest(since, from), to: until < to ? until : to };
    if (span.to > span.from) holds.push(span);
  };
  let heldSince: Instant | null = null;
  for (const change of changes) {
    if (change.held) heldSince ??= change.at;
    else if (heldSince !== null) {
      add(heldSince, change.at);
      heldSince = null;
    }
  }
  if (heldSince !== null) add(heldSince, to);
  return holds;
};

/** The leg by whose transfer the contact came into this queue: the latest one before it joined. */
const transferInto = (leg: LegMarks, contact: ContactMarks): LegMarks | undefined => {
  const { queued } = leg;
  if (!queued) return undefined;
  let found: LegMarks | undefined;
  for (const other of contact.legs) {
    const { transferred } = other;
    if (other === leg || transferred?.toQueue !== queued.queue || transferred.at > queued.at) continue;
    if (!found?.transferred || transferred.at > found.transferred.at) found = other;
  }
  return found;
};

/** Ring time of the offer that was answered; null when the source does not send offers. */
const ringTime = (leg: LegMarks, answered: AgentMark): Milliseconds | null => {
  const offer = leg.offered.findLast((mark) => mark.agent === answered.agent && mark.at <= answered.at);
  return offer ? elapsed(offer.at, answered.at) : null;
};

const atLeastZero = (duration: number): Milliseconds => milliseconds(Math.max(0, duration));

/** The latest log position among the marks a leg rests on, and how many of its own came late. */
const provenance = (leg: LegMarks, contact: ContactMarks): { version: number; corrections: number } => {
  let version = 0;
  let corrections = 0;
  const visit = (mark: Mark): void => {
    if (mark.v > version) version = mark.v;
    if (mark.late) corrections += 1;
  };
  eachMarkOfLeg(leg, visit);
  eachMarkOfContact(contact, visit);
  // Where it came from and whether it decided the wait rests on the others. A correction of another leg is not one of this
  // leg, but its row must win all the same.
  for (const other of contact.legs)
    if (other !== leg) eachMarkOfLeg(other, ({ v }) => (version = Math.max(version, v)));
  return { version, corrections };
};

/**
 * The fact derived from a leg's marks and those of its contact. Durations are milliseconds and never negative, also
 * where a source's clock stepped back.
 *
 * @returns null as long as no `queued` event told which queue the leg is in
 */
export const deriveLeg = (contact: ContactMarks, leg: LegMarks): LegFact | null => {
  const { queued, answered: answer, wrappedUp, transferred } = leg;
  if (!queued) return null;
  const { started, menuCompleted, ended } = contact;
  const gone = givenUp(contact);
  const end = endOfWait(leg, contact, gone);
  const answered = end?.outcome === 'answered' && answer ? answer : null;
  const decides = end !== null && decidingLeg(contact, gone) === leg;
  const endedAt = answered ? endOfTalk(leg, contact, answered.at) : (end?.at ?? null);
  const cameBy = transferInto(leg, contact);
  const { version, corrections } = provenance(leg, contact);
  const holds = answered && endedAt !== null ? holdsOf(leg, answered.at, endedAt) : NONE;
  const held = holds.reduce((total, hold) => total + (hold.to - hold.from), 0);
  const holdMs = answered && endedAt !== null ? milliseconds(held) : null;
  return {
    tenant: contact.tenant,
    site: contact.site,
    queue: queued.queue,
    contact: contact.contact,
    leg: leg.leg,
    anchor: leg.anchor,
    channel: started?.channel ?? null,
    direction: started?.direction ?? null,
    callerKey: started?.callerKey ?? null,
    priority: queued.priority,
    internal: queued.internal,
    startedAt: started?.at ?? null,
    menuCompletedAt: menuCompleted?.at ?? null,
    queuedAt: queued.at,
    firstOfferedAt: leg.offered[0]?.at ?? null,
    answeredAt: answered?.at ?? null,
    leftQueueAt: end?.at ?? null,
    endedAt,
    wrappedUpAt: wrappedUp?.at ?? null,
    outcome: end?.outcome ?? 'waiting',
    agent: answered?.agent ?? null,
    waitMs: end && end.outcome !== 'unknown' ? atLeastZero(elapsed(queued.at, end.at)) : null,
    decidedAfterMs: decides ? atLeastZero(elapsed(clockStart(contact), end.at)) : null,
    ringMs: answered ? ringTime(leg, answered) : null,
    talkMs: answered && endedAt !== null ? atLeastZero(elapsed(answered.at, endedAt) - (holdMs ?? 0)) : null,
    holdMs,
    wrapMs: answered && wrappedUp && endedAt !== null ? atLeastZero(elapsed(endedAt, wrappedUp.at)) : null,
    offers: leg.offered.length,
    declines: leg.declined.length,
    offerTimes: timesOf(leg.offered),
    declineTimes: timesOf(leg.declined),
    holds,
    transferredFromQueue: cameBy?.queued?.queue ?? null,
    transferredToQueue: transferred?.toQueue ?? null,
    transferredToAgent: transferred?.toAgent ?? null,
    endedBy: ended?.by ?? (gone ? 'unknown' : null),
    disposition: wrappedUp?.disposition ?? null,
    resolved: wrappedUp?.resolved ?? null,
    corrections,
    version,
  };
};

/** Nothing more is expected of the contact: it ended, it was given up, or every leg it had ended. */
export const isClosed = (contact: ContactMarks): boolean =>
  contact.ended !== undefined ||
  givenUp(contact) !== null ||
  (contact.legs.length > 0 &&
    contact.legs.every((leg) => leg.queued && (leg.left !== undefined || leg.transferred !== undefined)));
