import type { AcdEvent, AcdEventOf, ContactId, Instant, LegId } from '@queuecast/events';
import type { ContactMarks, EndedMark, GoneMark, LegMarks, Mark, MenuMark, StartedMark } from './marks.js';
import { mergeContacts } from './marks.js';

const NONE = [] as const;

const emptyLeg = (leg: LegId, mark: Mark): { -readonly [Name in keyof LegMarks]: LegMarks[Name] } => ({
  leg,
  first: mark.v,
  anchor: mark.at,
  queued: undefined,
  answered: undefined,
  transferred: undefined,
  left: undefined,
  wrappedUp: undefined,
  offered: NONE,
  declined: NONE,
  held: NONE,
  resumed: NONE,
});

/** What one event adds to its leg, or undefined when the event is not about a leg. */
const legMarksOf = (event: AcdEvent, mark: Mark): LegMarks | undefined => {
  switch (event.type) {
    case 'acd.contact.queued': {
      const { leg: id, queue, priority, skills, internal } = event.data;
      const leg = emptyLeg(id, mark);
      leg.queued = { ...mark, queue, priority, skills, internal };
      return leg;
    }
    case 'acd.contact.offered': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.offered = [{ ...mark, agent: event.data.agent }];
      return leg;
    }
    case 'acd.contact.declined': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.declined = [{ ...mark, agent: event.data.agent, reason: event.data.reason }];
      return leg;
    }
    case 'acd.contact.answered': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.answered = { ...mark, agent: event.data.agent };
      return leg;
    }
    case 'acd.contact.held': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.held = [{ ...mark, agent: event.data.agent }];
      return leg;
    }
    case 'acd.contact.resumed': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.resumed = [{ ...mark, agent: event.data.agent }];
      return leg;
    }
    case 'acd.contact.transferred': {
      const { leg: id, mode, toQueue, toAgent } = event.data;
      const leg = emptyLeg(id, mark);
      leg.transferred = { ...mark, mode, ...(toQueue && { toQueue }), ...(toAgent && { toAgent }) };
      return leg;
    }
    case 'acd.contact.left_queue': {
      const leg = emptyLeg(event.data.leg, mark);
      leg.left = { ...mark, reason: event.data.reason };
      return leg;
    }
    case 'acd.contact.wrapped_up': {
      const { leg: id, agent, disposition, resolved } = event.data;
      const leg = emptyLeg(id, mark);
      leg.wrappedUp = {
        ...mark,
        agent,
        ...(disposition !== undefined && { disposition }),
        ...(resolved !== undefined && { resolved }),
      };
      return leg;
    }
    default:
      return undefined;
  }
};

const startedOf = (event: AcdEvent, mark: Mark): StartedMark | undefined => {
  if (event.type !== 'acd.contact.started') return undefined;
  const { channel, direction, entryPoint, callerKey } = event.data;
  return {
    ...mark,
    channel,
    direction,
    ...(entryPoint !== undefined && { entryPoint }),
    ...(callerKey !== undefined && { callerKey }),
  };
};

const menuCompletedOf = (event: AcdEvent, mark: Mark): MenuMark | undefined => {
  if (event.type !== 'acd.contact.menu_completed') return undefined;
  const { choice } = event.data;
  return choice === undefined ? mark : { ...mark, choice };
};

const endedOf = (event: AcdEvent, mark: Mark): EndedMark | undefined => {
  if (event.type !== 'acd.contact.ended') return undefined;
  const { by, reason } = event.data;
  return reason === undefined ? { ...mark, by } : { ...mark, by, reason };
};

const goneOf = (event: AcdEvent, mark: Mark): GoneMark | undefined =>
  event.type === 'acd.contact.presumed_gone' ? { ...mark, reason: event.data.reason, by: event.data.by } : undefined;

/** The contact id an event is about, or undefined when it concerns an agent, a queue or the source. */
export const contactOf = (event: AcdEvent): ContactId | undefined =>
  event.type.startsWith('acd.contact.') ? (event.subject as ContactId) : undefined;

/** The leg an event is about, or undefined when it concerns its contact as a whole. */
export const legOf = (event: AcdEvent): LegId | undefined =>
  contactOf(event) && 'leg' in event.data ? event.data.leg : undefined;

/**
 * What one event says, as the marks of its contact; folding is merging these. Undefined for events that are not about
 * a contact, and for a suspicion, which says nothing of what happened.
 *
 * @param version the event's position in the log
 * @param late whether its time was settled already when it came
 */
export const marksFrom = (event: AcdEvent, version: number, late: boolean): ContactMarks | undefined => {
  const contact = contactOf(event);
  if (!contact || event.type === 'acd.contact.suspected') return undefined;
  const mark: Mark = late ? { at: event.at, v: version, late } : { at: event.at, v: version };
  const leg = legMarksOf(event, mark);
  return {
    tenant: event.tenant,
    site: event.site,
    contact,
    source: event.source,
    started: startedOf(event, mark),
    menuCompleted: menuCompletedOf(event, mark),
    ended: endedOf(event, mark),
    presumedGone: goneOf(event, mark),
    reinstated: event.type === 'acd.contact.reinstated' ? mark : undefined,
    legs: leg ? [leg] : NONE,
  };
};

/** A contact in the list of those who wait. */
export type ListedContact = AcdEventOf<'acd.source.snapshot'>['data']['waiting'][number];

/**
 * What a snapshot says of a contact that it lists: that it joined its queue, should nobody have told, and that its source
 * knows it still.
 *
 * @param version the snapshot's position in the log
 * @param late whether its time was settled already when it came
 */
export const marksOfListed = (
  { tenant, site, source, at }: AcdEvent,
  { contact, leg: id, queue, queuedAt }: ListedContact,
  version: number,
  late: boolean,
): ContactMarks => {
  const joined: Mark = { at: Date.parse(queuedAt) as Instant, v: version, ...(late && { late }) };
  const leg = emptyLeg(id, joined);
  leg.queued = { ...joined, queue, priority: 0, skills: [], internal: false, inferred: true };
  return {
    tenant,
    site,
    contact,
    source,
    started: undefined,
    menuCompleted: undefined,
    ended: undefined,
    presumedGone: undefined,
    reinstated: { at, v: version },
    legs: [leg],
  };
};

/** One event merged into what is known of its contact. */
export const foldContact = (known: ContactMarks | undefined, news: ContactMarks): ContactMarks =>
  known ? mergeContacts(known, news) : news;
