import { z } from 'zod';
import type { AgentId, ContactId, LegId, QueueId } from './ids.js';

/** Longest identifier accepted, in Unicode code points. */
export const MAX_ID_LENGTH = 256;

/**
 * Text of at most `maximum` characters without control characters or halves of surrogate pairs: CloudEvents forbids both,
 * and the second would not survive UTF-8, so that two ids could become one. One pattern instead of several checks:
 * identifiers are validated for every event read.
 */
export const plainText = (name: string, maximum: number) =>
  z
    .string({ error: `${name} must be a string` })
    .regex(
      new RegExp(`^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,${maximum}}$`, 'u'),
      `${name} must have 1 to ${maximum} characters, none of them control characters`,
    );

const identifier = (what: string) => plainText(what, MAX_ID_LENGTH);

/** Gives a schema its branded type; the brand exists in types only, so nothing happens at run time. */
const branded = <Id extends string>(schema: z.ZodString): z.ZodType<Id, string> =>
  schema as unknown as z.ZodType<Id, string>;

const queue = branded<QueueId>(identifier('queue').meta({ description: 'Queue id, unique in the tenant.' }));
const leg = branded<LegId>(
  identifier('leg').meta({ description: 'One join of one queue by this contact; unique within the contact.' }),
);
const agent = branded<AgentId>(identifier('agent').meta({ description: 'Agent (or desk) id, unique in the tenant.' }));
const contact = branded<ContactId>(identifier('contact'));

const rfc3339 = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with a zone, for instance 2026-03-01T09:30:00.000Z' })
  .meta({ description: 'RFC 3339 time with zone.' });

export const CHANNELS = ['voice', 'chat', 'email', 'message', 'social', 'callback', 'counter'] as const;
export type Channel = (typeof CHANNELS)[number];

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Why a leg left its queue without being answered. */
export const LEAVE_REASONS = [
  'abandoned',
  'overflowed',
  'timed_out',
  'callback_taken',
  'closed',
  'dropped_by_system',
  'no_show',
  'blocked',
] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];

export const AGENT_STATES = ['offline', 'available', 'offered', 'busy', 'wrap_up', 'away'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export const PARTIES = ['customer', 'agent', 'system'] as const;
export type Party = (typeof PARTIES)[number];

/** By which rule a promise of a call back falls due. */
export const CALLBACK_PROFILES = ['be-24h', 'be-charter', 'custom'] as const;
export type CallbackProfile = (typeof CALLBACK_PROFILES)[number];

/** Where a promise was asked for: the public page or element, in exchange for a place in line, at the ACD. */
export const CALLBACK_ORIGINS = ['web', 'place', 'acd'] as const;
export type CallbackOrigin = (typeof CALLBACK_ORIGINS)[number];

const callback = identifier('callback').optional().meta({ description: 'Id of the promise; the subject if absent.' });
const watch = identifier('watch').meta({ description: 'Id of the watch.' });
const span = z.object({ from: rfc3339, to: rfc3339 });
const languageTag = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag like fr or nl-BE');
const sealed = z
  .string()
  .regex(/^v1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,128}$/, 'number must be sealed, never plain')
  .meta({
    description: 'The number, sealed: `v1.<key id>.<nonce>.<AES-256-GCM ciphertext and tag>`, base64url.',
  });

/**
 * Why a contact that its source never ended is suspected to be gone. `overtaken`: later contacts of its queue and priority
 * were answered; `silent`: nothing heard of it for longer than contacts wait there, and overtaken; `agent_elsewhere`: the
 * agent it is believed to talk to does something else; `source_restarted`: nothing heard of it since its source restarted;
 * `absent_from_snapshot`: it waits by what was told, and its source listed who waits without it.
 */
export const SUSPICIONS = [
  'overtaken',
  'silent',
  'agent_elsewhere',
  'source_restarted',
  'absent_from_snapshot',
] as const;
export type Suspicion = (typeof SUSPICIONS)[number];

/** How grave a notice is. */
export const NOTICE_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type NoticeSeverity = (typeof NOTICE_SEVERITIES)[number];

const text = z.record(z.string().min(2).max(35), z.string().max(2000)).meta({ description: 'Text by language tag.' });
const shortText = z.string().max(MAX_ID_LENGTH);

/** The `data` of every event type of the contract, by CloudEvents `type`. */
export const eventData = {
  'acd.contact.started': z.object({
    channel: z.enum(CHANNELS),
    direction: z.enum(DIRECTIONS).default('inbound'),
    entryPoint: shortText.optional().meta({ description: 'Number dialled, web form, kiosk.' }),
    callerKey: shortText
      .optional()
      .meta({ description: "Keyed hash of the caller's address; never the number itself." }),
  }),
  'acd.contact.menu_completed': z.object({ choice: shortText.optional() }),
  'acd.contact.queued': z.object({
    queue,
    leg,
    priority: z.int().min(-1000).max(1000).default(0).meta({ description: 'Higher is served first.' }),
    skills: z.array(shortText).max(64).default([]),
    internal: z
      .boolean()
      .default(false)
      .meta({ description: "An agent's own consult call into the queue: not an offered customer." }),
  }),
  'acd.contact.offered': z.object({ leg, agent }),
  'acd.contact.declined': z.object({ leg, agent, reason: z.enum(['no_answer', 'rejected']) }),
  'acd.contact.answered': z.object({ leg, agent }),
  'acd.contact.held': z.object({ leg, agent }),
  'acd.contact.resumed': z.object({ leg, agent }),
  'acd.contact.transferred': z.object({
    leg,
    toQueue: queue.optional(),
    toAgent: agent.optional(),
    mode: z.enum(['blind', 'consulted']).default('blind'),
  }),
  'acd.contact.left_queue': z.object({ leg, reason: z.enum(LEAVE_REASONS) }),
  'acd.contact.ended': z.object({ by: z.enum(PARTIES), reason: shortText.optional() }),
  'acd.contact.wrapped_up': z.object({
    leg,
    agent,
    disposition: shortText.optional(),
    resolved: z.boolean().optional(),
  }),
  'acd.contact.suspected': z.object({
    leg,
    queue,
    reason: z.enum(SUSPICIONS),
    lastHeardAt: rfc3339.meta({ description: 'When its source last said anything of it.' }),
  }),
  'acd.contact.reinstated': z.object({ by: shortText.meta({ description: 'Who says so.' }) }),
  'acd.contact.presumed_gone': z.object({
    reason: z.enum([...SUSPICIONS, 'confirmed']).meta({ description: 'confirmed: somebody knows that it is gone.' }),
    lastHeardAt: rfc3339.optional(),
    by: shortText.default('queuecast'),
  }),
  'acd.agent.state_changed': z.object({
    state: z.enum(AGENT_STATES),
    reason: shortText.optional(),
    queues: z.array(queue).max(1000).default([]).meta({ description: 'Queues this agent serves while in this state.' }),
  }),
  'acd.callback.promised': z.object({
    callback,
    leg: leg.optional(),
    queue: queue.optional().meta({ description: 'The queue that made the promise; the one of the leg if absent.' }),
    dueAt: rfc3339,
    channel: z.enum(CHANNELS).default('voice'),
    profile: z.enum(CALLBACK_PROFILES).optional().meta({ description: 'By which rule `dueAt` was set.' }),
    window: span.optional().meta({ description: 'When the customer wants to be called; `dueAt` is its end.' }),
    number: sealed.optional(),
    callerKey: shortText.optional().meta({ description: 'Keyed hash of the number: links repeated contacts.' }),
    language: languageTag.optional().meta({ description: 'In which the customer asked.' }),
    consent: z
      .object({ language: languageTag, version: shortText })
      .optional()
      .meta({ description: 'Which text the customer agreed to.' }),
    origin: z.enum(CALLBACK_ORIGINS).default('acd').meta({ description: 'Where the customer asked for it.' }),
    place: z
      .object({ queuedAt: rfc3339, priority: z.int().min(-1000).max(1000), position: z.int().min(1).optional() })
      .optional()
      .meta({ description: 'The place in line that was given up for it: whoever calls back keeps to it.' }),
    request: shortText.optional().meta({ description: 'Keyed hash of the Idempotency-Key it was asked for with.' }),
  }),
  'acd.callback.moved': z.object({
    callback,
    dueAt: rfc3339,
    window: span.optional(),
  }),
  'acd.callback.attempted': z.object({
    callback,
    leg: leg.optional(),
    outcome: shortText.optional(),
    agent: agent.optional(),
  }),
  'acd.callback.kept': z.object({ callback, leg: leg.optional(), agent: agent.optional() }),
  'acd.callback.cancelled': z.object({
    callback,
    leg: leg.optional(),
    reason: shortText.optional(),
    by: z
      .enum(PARTIES)
      .default('customer')
      .meta({ description: 'A promise that the customer did not cancel himself counts as broken.' }),
  }),
  'acd.callback.delivery_attempted': z.object({
    callback,
    delivery: identifier('delivery').meta({
      description: 'Id of the message to the dialer; the same at every attempt.',
    }),
    attempt: z.int().min(1),
    retryAt: rfc3339.meta({ description: 'When it is tried again unless `delivered` has come by then.' }),
  }),
  'acd.callback.delivered': z.object({ callback, delivery: identifier('delivery') }),
  'acd.queue.notice_posted': z.object({
    queue,
    notice: identifier('notice'),
    text,
    severity: z.enum(NOTICE_SEVERITIES).default('info'),
    until: rfc3339.optional().meta({ description: 'When it ends by itself; if absent it stays until it is cleared.' }),
    by: shortText.optional().meta({ description: 'Who posted it; if absent its source did.' }),
  }),
  'acd.queue.notice_cleared': z.object({
    queue,
    notice: identifier('notice'),
    by: shortText.optional().meta({ description: 'Who cleared it; if absent its source did.' }),
  }),
  'acd.queue.opened': z.object({ queue, until: rfc3339.optional() }),
  'acd.queue.closed': z.object({ queue, reason: shortText.optional(), until: rfc3339.optional() }),
  'acd.queue.watch_set': z.object({
    watch,
    queue,
    underMinutes: z.int().min(1).max(240).meta({ description: 'Fulfilled by a band whose upper bound is no more.' }),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .meta({ description: 'Where to say so, once.' }),
    expiresAt: rfc3339,
  }),
  'acd.queue.watch_cleared': z.object({ watch }),
  'acd.queue.watch_attempted': z.object({
    watch,
    attempt: z.int().min(1),
    retryAt: rfc3339.meta({ description: 'When it is tried again unless `watch_delivered` has come by then.' }),
    wait: z
      .object({ lowMs: z.int().min(0), highMs: z.int().min(0), at: rfc3339 })
      .meta({ description: 'The band that fulfilled it, and when it was published.' }),
  }),
  'acd.queue.watch_delivered': z.object({ watch }),
  'acd.survey.answered': z
    .object({ score: z.number(), scale: z.number().positive(), leg: leg.optional() })
    .refine((survey) => survey.score <= survey.scale, { path: ['score'], error: 'score must not exceed scale' }),
  'acd.source.heartbeat': z.object({}),
  'acd.source.gap': z.object({ from: rfc3339, to: rfc3339 }),
  'acd.source.restarted': z.object({}),
  'acd.source.snapshot': z.object({
    waiting: z.array(z.object({ contact, leg, queue, queuedAt: rfc3339 })).max(100_000),
    agents: z.array(z.object({ agent, state: z.enum(AGENT_STATES), queues: z.array(queue).default([]) })).max(100_000),
  }),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<Type extends EventType> = z.output<(typeof eventData)[Type]>;

/** Every event type of the contract. */
export const EVENT_TYPES = Object.keys(eventData) as EventType[];

/** What the envelope's `subject` names for a type: a contact, an agent, or nothing in particular. */
export const subjectOf = (type: EventType): 'contact' | 'agent' | 'none' => {
  if (type.startsWith('acd.agent.')) return 'agent';
  if (type.startsWith('acd.queue.') || type.startsWith('acd.source.')) return 'none';
  return 'contact';
};

/** What Queuecast itself says of a contact, beside what its source says. */
const OWN_TYPES: ReadonlySet<string> = new Set<EventType>([
  'acd.contact.suspected',
  'acd.contact.reinstated',
  'acd.contact.presumed_gone',
]);

/** The sources that Queuecast speaks as. */
export const OWN_SOURCES = { processor: 'queuecast/processor', gateway: 'queuecast/gateway' } as const;

/** Whether events of this source are Queuecast's own. */
export const isOwnSource = (source: string): boolean =>
  source === OWN_SOURCES.processor || source === OWN_SOURCES.gateway;

/** Whether a type is Queuecast's own word about a contact: no sign of life of the source, and not told by its clock. */
export const isOwnType = (type: string): boolean => OWN_TYPES.has(type);
