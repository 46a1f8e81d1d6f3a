import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { EVENT_TYPES, eventData, MAX_ID_LENGTH, plainText, subjectOf, type EventData, type EventType } from './data.js';
import type { EventId, Instant, SiteId, TenantId } from './ids.js';
import { quickReader, surely } from './quick.js';

/** Tenant and site become log keys and topic names: a short, plain alphabet. */
const slug = (name: string) =>
  z
    .string({ error: `${name} must be a string` })
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      `${name} must have 1 to 64 letters, digits, dots, dashes or underscores, and begin with a letter or digit`,
    );

/** The CloudEvents 1.0 envelope in structured JSON, with Queuecast's two extension attributes. */
export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0', { error: 'specversion must be "1.0"' }),
  id: plainText('id', MAX_ID_LENGTH).meta({
    description: 'Unique per source; a repeated (source, id) is a duplicate.',
  }),
  source: plainText('source', 512).meta({ description: 'The ACD instance that speaks, as a URI reference.' }),
  type: plainText('type', MAX_ID_LENGTH).meta({
    description: 'One of the types of this contract; unknown types are archived.',
  }),
  time: z.iso
    .datetime({ offset: true, error: 'time must be RFC 3339 with a zone, for instance 2026-03-01T09:30:00.000Z' })
    .meta({ description: "When it happened, by the ACD's clock." }),
  subject: plainText('subject', MAX_ID_LENGTH)
    .optional()
    .meta({ description: 'Contact id, or agent id for acd.agent.*.' }),
  tenant: slug('tenant').meta({ description: 'Whose event this is.' }),
  site: slug('site').meta({
    description: 'Everything of one site is totally ordered: its queues and agents together.',
  }),
  datacontenttype: z.string().max(MAX_ID_LENGTH).optional(),
  dataschema: z.string().max(2048).optional(),
  data: z.unknown().optional(),
});

/** A CloudEvent as a sender writes it. */
export type CloudEvent = z.input<typeof envelopeSchema>;

interface EventBase {
  readonly id: EventId;
  readonly source: string;
  readonly at: Instant;
  readonly tenant: TenantId;
  readonly site: SiteId;
  /** Contact id, agent id or ''. */
  readonly subject: string;
}

export type AcdEventOf<Type extends EventType> = EventBase & { readonly type: Type; readonly data: EventData<Type> };

/** A validated event of the contract, discriminated by `type`. */
export type AcdEvent = { [Type in EventType]: AcdEventOf<Type> }[EventType];

/** A valid CloudEvent for this tenant and site whose type the contract does not know: archived, never folded. */
export type ForeignEvent = EventBase & { readonly type: string; readonly data: unknown; readonly foreign: true };

export interface FieldIssue {
  /** Path of the offending field, for instance `data.leg`; empty for the event as a whole. */
  readonly field: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

export type ParsedEvent =
  | { readonly kind: 'event'; readonly event: AcdEvent }
  | { readonly kind: 'foreign'; readonly event: ForeignEvent }
  | { readonly kind: 'invalid'; readonly issues: readonly FieldIssue[] };

export interface EnvelopeLimits {
  /** Largest structured-JSON event, in bytes. */
  readonly maxEventBytes: number;
  /** How far ahead of the receiver's clock `time` may be, in milliseconds. */
  readonly maxFutureSkewMs: number;
}

export const DEFAULT_LIMITS: EnvelopeLimits = { maxEventBytes: 65_536, maxFutureSkewMs: 300_000 };

const invalid = (field: string, message: string): Extract<ParsedEvent, { kind: 'invalid' }> => ({
  kind: 'invalid',
  issues: [{ field, message }],
});

const issuesOf = (error: z.ZodError, prefix: string): FieldIssue[] =>
  error.issues.map((issue) => ({
    field: [prefix, ...issue.path.map(String)].filter(Boolean).join('.'),
    message: issue.message,
  }));

type Envelope = z.output<typeof envelopeSchema>;

const { shape } = envelopeSchema;
const isId = surely(shape.id);
const isSource = surely(shape.source);
const isType = surely(shape.type);
const isTime = surely(shape.time);
const isSubject = surely(shape.subject);
const isTenant = surely(shape.tenant);
const isSite = surely(shape.site);
const isContentType = surely(shape.datacontenttype);
const isDataSchema = surely(shape.dataschema);

const isSurelyEnvelope = (value: Partial<Record<keyof Envelope, unknown>>): value is Envelope =>
  value.specversion === '1.0' &&
  isId(value.id) &&
  isSource(value.source) &&
  isType(value.type) &&
  isTime(value.time) &&
  isSubject(value.subject) &&
  isTenant(value.tenant) &&
  isSite(value.site) &&
  isContentType(value.datacontenttype) &&
  isDataSchema(value.dataschema);

interface KnownType {
  /** One string for all events of the type: whoever compares types compares pointers. */
  readonly type: EventType;
  readonly subject: ReturnType<typeof subjectOf>;
  readonly readQuickly: ReturnType<typeof quickReader>;
}

const knownTypes: ReadonlyMap<string, KnownType> = new Map(
  EVENT_TYPES.map((type) => [type, { type, subject: subjectOf(type), readQuickly: quickReader(eventData[type]) }]),
);

/**
 * Validates one decoded CloudEvent.
 *
 * @param value the decoded JSON value
 * @param receivedAt the receiver's clock: when the collector or the log took the event
 * @returns the typed event, a foreign event (unknown type), or every issue found with the field it concerns
 */
export const parseEvent = (
  value: unknown,
  receivedAt: Instant,
  limits: EnvelopeLimits = DEFAULT_LIMITS,
): ParsedEvent => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('', 'an event must be a JSON object: one CloudEvent 1.0 in structured mode');
  if (!isSurelyEnvelope(value)) {
    const envelope = envelopeSchema.safeParse(value);
    if (!envelope.success) return { kind: 'invalid', issues: issuesOf(envelope.error, '') };
    return parseBody(envelope.data, receivedAt, limits);
  }
  return parseBody(value, receivedAt, limits);
};

const parseBody = (envelope: Envelope, receivedAt: Instant, limits: EnvelopeLimits): ParsedEvent => {
  const { id, source, type, time, subject, tenant, site, data } = envelope;
  const at = Date.parse(time);
  if (at < 0) return invalid('time', "time is before 1970: set the ACD's clock");
  if (at - receivedAt > limits.maxFutureSkewMs)
    return invalid(
      'time',
      `time is ${Math.round((at - receivedAt) / 1000)} s ahead of this server's clock (at most ${limits.maxFutureSkewMs / 1000} s): set the ACD's clock`,
    );
  const base: EventBase = {
    id: id as EventId,
    source,
    at: at as Instant,
    tenant: tenant as TenantId,
    site: site as SiteId,
    subject: subject ?? '',
  };
  const known = knownTypes.get(type);
  if (!known) return { kind: 'foreign', event: { ...base, type, data, foreign: true } };
  if (known.subject !== 'none' && !base.subject)
    return invalid('subject', `subject must be the ${known.subject} id for ${type}`);
  if (data === undefined && envelope['data_base64'] !== undefined)
    return invalid('data_base64', `data_base64 is not read: send the data of ${type} as JSON in data`);
  const quick = known.readQuickly(data ?? {});
  if (quick) return { kind: 'event', event: eventOf(base, known.type, quick) };
  const parsed = eventData[known.type].safeParse(data ?? {});
  if (!parsed.success) return { kind: 'invalid', issues: issuesOf(parsed.error, 'data') };
  return { kind: 'event', event: eventOf(base, known.type, parsed.data) };
};

/** Field by field: a spread would cost as much as the checks. */
const eventOf = ({ id, source, at, tenant, site, subject }: EventBase, type: EventType, data: unknown): AcdEvent =>
  ({ id, source, at, tenant, site, subject, type, data }) as AcdEvent;

/** An event with the text that it was decoded from. */
export type DecodedEvent =
  (Exclude<ParsedEvent, { kind: 'invalid' }> & { readonly body: string }) | Extract<ParsedEvent, { kind: 'invalid' }>;

/**
 * Decodes and validates one event from its bytes, as read from the log or a request.
 *
 * @returns as {@link parseEvent}; bytes that are too many, or not JSON, are `invalid` with the reason
 */
export const decodeEvent = (
  bytes: Uint8Array,
  receivedAt: Instant,
  limits: EnvelopeLimits = DEFAULT_LIMITS,
): DecodedEvent => {
  if (bytes.byteLength > limits.maxEventBytes)
    return invalid('', `the event has ${bytes.byteLength} bytes (at most ${limits.maxEventBytes}): shorten its data`);
  // Decoding would replace the bytes at fault, and two ids that differ there would become one.
  if (!isUtf8(bytes)) return invalid('', 'the event is not UTF-8: send JSON in UTF-8');
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return invalid('', `the event is not JSON: ${(error as Error).message}`);
  }
  const parsed = parseEvent(value, receivedAt, limits);
  switch (parsed.kind) {
    case 'event':
      return { kind: 'event', event: parsed.event, body };
    case 'foreign':
      return { kind: 'foreign', event: parsed.event, body };
    case 'invalid':
      return parsed;
  }
};

/** The log key of an event: everything that happens on one site is totally ordered. */
export const partitionKey = (event: { readonly tenant: string; readonly site: string }): string =>
  `${event.tenant}/${event.site}`;

/** Whether `key` is the event's {@link partitionKey}; without making one. */
export const isPartitionKeyOf = (
  key: string | null,
  { tenant, site }: { readonly tenant: string; readonly site: string },
): boolean =>
  key !== null &&
  key.length === tenant.length + 1 + site.length &&
  key.startsWith(tenant) &&
  key.charCodeAt(tenant.length) === 0x2f &&
  key.endsWith(site);
