import { z } from 'zod';
import { eventData, EVENT_TYPES, subjectOf, type EventType } from './data.js';
import { envelopeSchema } from './envelope.js';

/** A JSON Schema document or a part of one. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly [keyword: string]: unknown;
}

/** Who or what an event of each type is about, and when it is sent. */
export const EVENT_MEANINGS: { readonly [Type in EventType]: string } = {
  'acd.contact.started': 'A customer (or a call to one) arrives at the contact centre.',
  'acd.contact.menu_completed': 'The last choice in the menu is made: where the legal clock of waiting starts.',
  'acd.contact.queued': 'The contact joins a queue; a leg begins.',
  'acd.contact.offered': 'The leg rings at an agent.',
  'acd.contact.declined': 'The agent does not take the offer; the leg goes on waiting.',
  'acd.contact.answered': 'The agent (or desk) takes the leg: waiting ends.',
  'acd.contact.held': 'The conversation is put on hold.',
  'acd.contact.resumed': 'The conversation goes on.',
  'acd.contact.transferred': 'The leg is handed to another queue or agent, and ends.',
  'acd.contact.left_queue': 'The leg leaves its queue without an answer.',
  'acd.contact.ended': 'The contact is over: every leg of it has ended.',
  'acd.contact.wrapped_up': 'The agent finishes the work that follows a conversation.',
  'acd.contact.suspected': 'Queuecast suspects that its source forgot the contact; no figure of history changes.',
  'acd.contact.reinstated': 'Somebody knows that a suspected contact is real.',
  'acd.contact.presumed_gone':
    'The contact is closed as unknown: its source forgot it. Whatever the source says instead, then or later, counts.',
  'acd.agent.state_changed': 'The agent enters a state, which lasts until the next such event.',
  'acd.callback.promised': 'The customer is promised a call back.',
  'acd.callback.moved': 'The customer chose another time for the promised call.',
  'acd.callback.attempted': 'The promised call is tried.',
  'acd.callback.kept': 'The promised call reached the customer.',
  'acd.callback.cancelled': 'The promise is withdrawn.',
  'acd.callback.delivery_attempted': 'The promise, as it stands, is about to be sent to the dialer.',
  'acd.callback.delivered': 'The dialer has confirmed the promise as it stands.',
  'acd.queue.notice_posted': 'A text for those who wait is put up, or replaced.',
  'acd.queue.notice_cleared': 'The text is taken down.',
  'acd.queue.opened': 'The queue opens, whatever the calendar says.',
  'acd.queue.closed': 'The queue closes, whatever the calendar says.',
  'acd.queue.watch_set': 'Somebody wants to be told once when the wait is under so many minutes.',
  'acd.queue.watch_cleared': 'Nobody wants to be told any more.',
  'acd.queue.watch_attempted': 'The wait is short enough, and the receiver is about to be told.',
  'acd.queue.watch_delivered': 'The receiver has confirmed: the watch is over.',
  'acd.survey.answered': 'The customer scores the contact.',
  'acd.source.heartbeat': 'The source is alive though nothing happens.',
  'acd.source.gap': 'Events between two instants were lost.',
  'acd.source.restarted':
    'The source restarted. Contacts that it has not spoken of since are suspected to be gone at once, whether they wait or talk: nobody counts them as waiting. They are closed as `unknown` at the end of their business day, unless the source, or somebody, speaks of them.',
  'acd.source.snapshot':
    "The source's own list of who waits, in all its queues, and who is signed in, to reconcile with. Contacts of the source that wait by what was told before, and are not listed, are suspected to be gone; its agents that are not listed are signed out at that instant, until they are heard of later.",
};

const schemaOf = (schema: z.ZodType): JsonSchema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest as JsonSchema;
};

/** The JSON Schema of an event type's `data`, as a sender writes it. */
export const dataJsonSchema = (type: EventType): JsonSchema => ({
  ...schemaOf(eventData[type]),
  description: EVENT_MEANINGS[type],
});

/** The JSON Schema of the envelope: what all events share. Other attributes are allowed, as CloudEvents has it. */
export const envelopeJsonSchema = (): JsonSchema => ({
  ...schemaOf(envelopeSchema),
  description: 'CloudEvents 1.0, structured JSON, with the extension attributes tenant and site.',
});

/** The JSON Schema of one event of a type, envelope included, referring to `envelope` and `data`. */
export const eventJsonSchema = (type: EventType, envelope: JsonSchema, data: JsonSchema): JsonSchema => {
  const needsData = (dataJsonSchema(type).required ?? []).length > 0;
  const needsSubject = subjectOf(type) !== 'none';
  return {
    title: type,
    description: EVENT_MEANINGS[type],
    allOf: [envelope],
    type: 'object',
    properties: { type: { const: type }, data },
    required: ['type', ...(needsSubject ? ['subject'] : []), ...(needsData ? ['data'] : [])],
  };
};

/**
 * The whole contract as one JSON Schema (draft 2020-12): `$defs` holds the envelope and one schema per event type, and an
 * event fits exactly one of them. Rules between fields (a survey's score against its scale) are in the prose only.
 */
export const contractJsonSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Queuecast events',
  description: 'Every event of the contract, as CloudEvents 1.0 in structured JSON.',
  oneOf: EVENT_TYPES.map((type) => ({ $ref: `#/$defs/${type}` })),
  $defs: {
    envelope: envelopeJsonSchema(),
    ...Object.fromEntries(
      EVENT_TYPES.map((type) => [type, eventJsonSchema(type, { $ref: '#/$defs/envelope' }, dataJsonSchema(type))]),
    ),
  },
});
