import type { AcdEvent, ContactId, Instant, LegId } from '@queuecast/events';
import type { ContactMarks, LegMarks, Mark } from './marks.js';
import { mergeContacts } from './marks.js';

const emptyLeg = (leg: LegId, mark: Mark): LegMarks => ({
  leg,
  first: mark.v,
  anchor: mark.at,
  offered: [],
  declined: [],
  held: [],
  resumed: [],
});

/** What one event adds to its leg, or undefined when the event is not about a leg. */
const legMarksOf = (event: AcdEvent, mark: Mark): LegMarks | undefined => {
  switch (event.type) {
    case 'acd.contact.queued': {
      const { leg, queue, priority, skills, internal } = event.data;
      return { ...emptyLeg(leg, mark), queued: { ...mark, queue, priority, skills, internal } };
    }
    case 'acd.contact.offered':
      return { ...emptyLeg(event.data.leg, mark), offered: [{ ...mark, agent: event.data.agent }] };
    case 'acd.contact.declined':
      return {
        ...emptyLeg(event.data.leg, mark),
        declined: [{ ...mark, agent: event.data.agent, reason: event.data.reason }],
      };
    case 'acd.contact.answered':
      return { ...emptyLeg(event.data.leg, mark), answered: { ...mark, agent: event.data.agent } };
    case 'acd.contact.held':
      return { ...emptyLeg(event.data.leg, mark), held: [{ ...mark, agent: event.data.agent }] };
    case 'acd.contact.resumed':
      return { ...emptyLeg(event.data.leg, mark), resumed: [{ ...mark, agent: event.data.agent }] };
    case 'acd.contact.transferred': {
      const { leg, mode, toQueue, toAgent } = event.data;
      return {
        ...emptyLeg(leg, mark),
        transferred: { ...mark, mode, ...(toQueue && { toQueue }), ...(toAgent && { toAgent }) },
      };
    }
    case 'acd.contact.left_queue':
      return { ...emptyLeg(event.data.leg, mark), left: { ...mark, reason: event.data.reason } };
    case 'acd.contact.wrapped_up': {
      const { leg, agent, disposition, resolved } = event.data;
      return {
        ...emptyLeg(leg, mark),
        wrappedUp: {
          ...mark,
          agent,
          ...(disposition !== undefined && { disposition }),
          ...(resolved !== undefined && { resolved }),
        },
      };
    }
    default:
      return undefined;
  }
};

const contactMarksOf = (
  event: AcdEvent,
  mark: Mark,
): Pick<ContactMarks, 'started' | 'menuCompleted' | 'ended'> | undefined => {
  switch (event.type) {
    case 'acd.contact.started': {
      const { channel, direction, entryPoint, callerKey } = event.data;
      return {
        started: {
          ...mark,
          channel,
          direction,
          ...(entryPoint !== undefined && { entryPoint }),
          ...(callerKey !== undefined && { callerKey }),
        },
      };
    }
    case 'acd.contact.menu_completed': {
      const { choice } = event.data;
      return { menuCompleted: { ...mark, ...(choice !== undefined && { choice }) } };
    }
    case 'acd.contact.ended': {
      const { by, reason } = event.data;
      return { ended: { ...mark, by, ...(reason !== undefined && { reason }) } };
    }
    default:
      return undefined;
  }
};

/** The contact id an event is about, or undefined when it concerns an agent, a queue or the source. */
export const contactOf = (event: AcdEvent): ContactId | undefined =>
  event.type.startsWith('acd.contact.') ? (event.subject as ContactId) : undefined;

/** The leg an event is about, or undefined when it concerns its contact as a whole. */
export const legOf = (event: AcdEvent): LegId | undefined =>
  contactOf(event) && 'leg' in event.data ? (event.data.leg as LegId) : undefined;

/**
 * What one event says, as the marks of its contact; folding is merging these. Undefined for events that are not about
 * a contact.
 *
 * @param version the event's position in the log
 * @param late whether its time was settled already when it came
 */
export const marksFrom = (event: AcdEvent, version: number, late: boolean): ContactMarks | undefined => {
  const contact = contactOf(event);
  if (!contact) return undefined;
  const mark: Mark = { at: event.at, v: version, ...(late && { late }) };
  const leg = legMarksOf(event, mark);
  return {
    tenant: event.tenant,
    site: event.site,
    contact,
    source: event.source,
    ...contactMarksOf(event, mark),
    legs: leg ? [leg] : [],
  };
};

/** One event merged into what is known of its contact. */
export const foldContact = (known: ContactMarks | undefined, news: ContactMarks): ContactMarks =>
  known ? mergeContacts(known, news) : news;

/** The mark that a restart of the source puts on a contact it forgot. */
export const deadAt = (contact: ContactMarks, at: Instant, version: number): ContactMarks => ({
  tenant: contact.tenant,
  site: contact.site,
  contact: contact.contact,
  source: contact.source,
  ended: { at, v: version, by: 'system', reason: 'source restarted' },
  legs: [],
});
