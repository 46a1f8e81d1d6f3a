import { createHash } from 'node:crypto';
import type { CloudEvent, EventType } from '@queuecast/events';
import type { EventInput } from '../centre/stage.js';
import type { Call } from './calls.js';

/** Where imported events belong. */
export interface ImportedSite {
  readonly tenant: string;
  readonly site: string;
  /** Name of the recording, from its mapping. */
  readonly recording: string;
}

/** An event of a recording, with its time as a number for sorting. */
export interface RecordedEvent {
  readonly at: number;
  readonly event: CloudEvent;
}

/** An event with an id made from what it says, so that a second import gives the same one. */
export const recordedEvent = <Type extends EventType>(
  { tenant, site, recording }: ImportedSite,
  id: string,
  at: number,
  type: Type,
  subject: string,
  data: EventInput<Type>,
): RecordedEvent => ({
  at,
  event: {
    specversion: '1.0',
    id,
    source: `urn:queuecast:recording:${recording}`,
    type,
    time: new Date(at).toISOString(),
    subject,
    tenant,
    site,
    data,
  },
});

/** Id of the contact that a row tells of, from the row itself and how many equal rows came before it. */
const contactIdOf = (recording: string, { identity }: Call, occurrence: number): string => {
  const hash = createHash('sha256').update(identity).update('\u001e').update(String(occurrence)).digest('hex');
  return `${recording}-${hash.slice(0, 24)}`;
};

/**
 * The events that a call left behind, in the order in which they happened: started and queued when it was received; then
 * answered, transferred and ended, or left the queue (abandoned) and ended. A call without a hangup never ends.
 *
 * @param occurrence 1 for the first row with this content, 2 for the second, and so on
 */
export const eventsOfCall = (site: ImportedSite, call: Call, occurrence: number): RecordedEvent[] => {
  const contact = contactIdOf(site.recording, call, occurrence);
  const leg = `${contact}.1`;
  const { received, answered, agent, transfer, consult, hangup } = call;
  const say = <Type extends EventType>(at: number, type: Type, data: EventInput<Type>): RecordedEvent =>
    recordedEvent(site, `${contact}.${type.slice('acd.contact.'.length)}`, at, type, contact, data);
  const events = [
    say(received, 'acd.contact.started', { channel: call.channel, direction: 'inbound' }),
    say(received, 'acd.contact.queued', { queue: call.queue, leg }),
  ];
  if (answered !== null && agent !== null) {
    events.push(say(answered, 'acd.contact.answered', { leg, agent }));
    if (transfer !== null)
      events.push(say(transfer, 'acd.contact.transferred', { leg, mode: consult === null ? 'blind' : 'consulted' }));
  } else if (hangup !== null) events.push(say(hangup, 'acd.contact.left_queue', { leg, reason: 'abandoned' }));
  if (hangup !== null) events.push(say(hangup, 'acd.contact.ended', { by: 'customer' }));
  return events;
};
