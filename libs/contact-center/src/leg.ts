import { elapsed, milliseconds, type Instant, type Milliseconds } from '@queuecast/events';
import type { LegFact, LegOutcome } from './facts.js';
import { marksOfContact, marksOfLeg, type AgentMark, type ContactMarks, type LegMarks, type Mark } from './marks.js';

interface EndOfWait {
  readonly at: Instant;
  readonly outcome: Exclude<LegOutcome, 'waiting'>;
}

/** The earliest of what can end a wait; of simultaneous ones an answer counts first, then what the queue itself said. */
const endOfWait = (leg: LegMarks, contact: ContactMarks): EndOfWait | null => {
  const { answered, left, transferred } = leg;
  const { ended } = contact;
  const ends: EndOfWait[] = [];
  if (answered) ends.push({ at: answered.at, outcome: 'answered' });
  if (left) ends.push({ at: left.at, outcome: left.reason });
  if (transferred) ends.push({ at: transferred.at, outcome: 'flowed_out' });
  if (ended) ends.push({ at: ended.at, outcome: ended.by === 'customer' ? 'abandoned' : 'dropped_by_system' });
  return ends.reduce<EndOfWait | null>((earliest, end) => (earliest && earliest.at <= end.at ? earliest : end), null);
};

const latest = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** When the conversation with this leg's agent ended: released by transfer or by the contact's end; null while it goes on. */
const endOfTalk = (leg: LegMarks, contact: ContactMarks, answeredAt: Instant): Instant | null => {
  const ends = [leg.transferred?.at, contact.ended?.at].filter((at) => at !== undefined);
  if (ends.length === 0) return null;
  return latest(
    ends.reduce((a, b) => (a < b ? a : b)),
    answeredAt,
  );
};

/** Time on hold between answer and end: every hold lasts until the next resume, or to the end. */
const holdTime = (leg: LegMarks, from: Instant, to: Instant): Milliseconds => {
  const changes = [
    ...leg.held.map((mark) => ({ at: mark.at, held: true })),
    ...leg.resumed.map((mark) => ({ at: mark.at, held: false })),
  ].sort((a, b) => a.at - b.at || Number(a.held) - Number(b.held));
  let total = 0;
  let heldSince: number | null = null;
  for (const change of changes) {
    if (change.held) heldSince ??= change.at;
    else if (heldSince !== null) {
      total += Math.max(0, Math.min(change.at, to) - Math.max(heldSince, from));
      heldSince = null;
    }
  }
  if (heldSince !== null) total += Math.max(0, to - Math.max(heldSince, from));
  return milliseconds(total);
};

/** Ring time of the offer that was answered; null when the source does not send offers. */
const ringTime = (leg: LegMarks, answered: AgentMark): Milliseconds | null => {
  const offer = leg.offered.findLast((mark) => mark.agent === answered.agent && mark.at <= answered.at);
  return offer ? elapsed(offer.at, answered.at) : null;
};

const atLeastZero = (duration: number): Milliseconds => milliseconds(Math.max(0, duration));

const highestVersion = (marks: readonly Mark[]): number =>
  marks.reduce((highest, mark) => Math.max(highest, mark.v), 0);

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
  const end = endOfWait(leg, contact);
  const answered = end?.outcome === 'answered' && answer ? answer : null;
  const endedAt = answered ? endOfTalk(leg, contact, answered.at) : (end?.at ?? null);
  const holdMs = answered && endedAt !== null ? holdTime(leg, answered.at, endedAt) : null;
  const marks = [...marksOfLeg(leg), ...marksOfContact(contact)];
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
    waitMs: end ? atLeastZero(elapsed(queued.at, end.at)) : null,
    ringMs: answered ? ringTime(leg, answered) : null,
    talkMs: answered && endedAt !== null ? atLeastZero(elapsed(answered.at, endedAt) - (holdMs ?? 0)) : null,
    holdMs,
    wrapMs: answered && wrappedUp && endedAt !== null ? atLeastZero(elapsed(endedAt, wrappedUp.at)) : null,
    offers: leg.offered.length,
    declines: leg.declined.length,
    transferredToQueue: transferred?.toQueue ?? null,
    transferredToAgent: transferred?.toAgent ?? null,
    endedBy: ended?.by ?? null,
    disposition: wrappedUp?.disposition ?? null,
    resolved: wrappedUp?.resolved ?? null,
    corrections: marks.filter((mark) => mark.late).length,
    version: highestVersion(marks),
  };
};

/** Nothing more is expected of the contact: it ended, or every leg it had did. */
export const isClosed = (contact: ContactMarks): boolean =>
  contact.ended !== undefined ||
  (contact.legs.length > 0 &&
    contact.legs.every((leg) => leg.queued && (leg.left !== undefined || leg.transferred !== undefined)));
