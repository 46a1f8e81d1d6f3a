import {
  cancelledMessageSchema,
  codeMessageSchema,
  promiseMessageSchema,
  type PromiseMessage,
} from '@queuecast/callbacks';
import {
  asyncApiDocument,
  contractJsonSchema,
  dataJsonSchema,
  DEFAULT_LIMITS,
  envelopeJsonSchema,
  EVENT_MEANINGS,
  EVENT_TYPES,
  subjectOf,
  type EventType,
  type JsonSchema,
  type SocketMessage,
} from '@queuecast/events';
import {
  problemSchema,
  publicQueueSchema,
  pulseSchema,
  queueFrameSchema,
  subscribeSchema,
  fulfilledSchema,
  unwatchSchema,
  waitUnderSchema,
  watchSchema,
  wallboardSnapshotSchema,
  type PublicClientEvents,
  type PublicServerEvents,
  type WallboardServerEvents,
} from '@queuecast/live';
import { settingsSchema } from '@queuecast/settings';
import { stringify } from 'yaml';
import { z } from 'zod';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const typeText = (schema: JsonSchema): string => {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.items) {
    const { properties } = schema.items;
    return `list of ${properties ? `{ ${Object.keys(properties).join(', ')} }` : typeText(schema.items)}`;
  }
  if (schema['format'] === 'date-time') return 'time';
  if (schema['additionalProperties'] && !schema.properties) return 'texts';
  return schema.type === undefined ? 'anything' : String(schema.type);
};

const fieldTable = (schema: JsonSchema): string[] => {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return ['No data.'];
  return [
    '| field | type | | meaning |',
    '|---|---|---|---|',
    ...fields.map(([name, field]) => {
      const absent =
        field.default === undefined
          ? schema.required?.includes(name)
            ? 'required'
            : 'optional'
          : `default \`${JSON.stringify(field.default)}\``;
      return `| \`${name}\` | ${cell(typeText(field))} | ${absent} | ${cell(field.description ?? '')} |`;
    }),
  ];
};

const typeSection = (type: EventType): string[] => {
  const subject = subjectOf(type);
  return [
    `### ${type}`,
    '',
    `${EVENT_MEANINGS[type]}${subject === 'none' ? '' : ` \`subject\`: the ${subject} id.`}`,
    '',
    ...fieldTable(dataJsonSchema(type)),
    '',
  ];
};

/** `docs/reference/events.md`: the event contract for people. */
export const eventsPage = (): string =>
  [
    '# Events',
    '',
    'Every event is a [CloudEvent 1.0](https://cloudevents.io) in structured JSON. The same contract as JSON Schema:',
    '[events.schema.json](events.schema.json); with channels and the socket messages, as AsyncAPI: [asyncapi.yaml](asyncapi.yaml).',
    '',
    'An event whose type is not listed here is archived and otherwise ignored. One that does not fit the contract is refused',
    'with the field and the reason; read from the log, it goes to the dead letters with its original bytes. A repeated',
    '(`source`, `id`) is a duplicate and changes nothing, and events may come late and in any order.',
    '',
    '## Envelope',
    '',
    ...fieldTable(envelopeJsonSchema()),
    '',
    `An event has at most ${DEFAULT_LIMITS.maxEventBytes} bytes, and its \`time\` is at most ${DEFAULT_LIMITS.maxFutureSkewMs / 1000} s ahead of the receiver's clock;`,
    'both limits are [settings](configuration.md).',
    '',
    '```json',
    JSON.stringify(
      {
        specversion: '1.0',
        id: 'b2c4-0007',
        source: 'pbx/brussels-1',
        type: 'acd.contact.queued',
        time: '2026-03-01T09:30:00.000Z',
        subject: 'call-4711',
        tenant: 'acme',
        site: 'main',
        data: { queue: 'sales', leg: '1', priority: 10, skills: ['fr'] },
      },
      null,
      2,
    ),
    '```',
    '',
    '## Types',
    '',
    ...EVENT_TYPES.flatMap(typeSection),
  ].join('\n');

const output = (schema: z.ZodType): JsonSchema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  return rest as JsonSchema;
};

const promiseMessage = (type: PromiseMessage['type']): JsonSchema =>
  output(promiseMessageSchema.extend({ type: z.literal(type) }));

/** `docs/reference/events.schema.json`. */
export const eventsSchemaFile = (): string => `${JSON.stringify(contractJsonSchema(), null, 2)}\n`;

type Messages<Names extends PropertyKey> = Readonly<Record<Names, Omit<SocketMessage, 'name'>>>;

const named = (messages: Messages<string>): SocketMessage[] =>
  Object.entries(messages).map(([name, message]) => ({ name, ...message }));

/** What each namespace sends and takes: the sockets are typed by the same names, so that none can be missing. */
const wallboardSends: Messages<keyof WallboardServerEvents> = {
  snapshot: { summary: 'Everything, on connecting and on request.', payload: output(wallboardSnapshotSchema) },
  frame: { summary: 'The whole state of one queue; may be skipped.', payload: output(queueFrameSchema) },
  pulse: { summary: 'Every 2 s: the versions there are.', payload: output(pulseSchema) },
};
const publicSends: Messages<keyof PublicServerEvents> = {
  queue: { summary: 'The public document of one queue, at once and on change.', payload: output(publicQueueSchema) },
  problem: { summary: 'Why there is nothing to see.', payload: output(problemSchema) },
  watching: { summary: 'The watch is kept, for as long as the connection.', payload: output(watchSchema) },
  under: {
    summary: 'The wait is at most what a watch asked for. Once; the watch is over.',
    payload: output(fulfilledSchema),
  },
};
const publicReceives: Messages<keyof PublicClientEvents> = {
  subscribe: { summary: 'To one public queue, or all of a tenant.', payload: output(subscribeSchema) },
  watch: {
    summary: 'Tell me once when the wait is at most so many minutes. At most 20 queues.',
    payload: output(watchSchema),
  },
  unwatch: { summary: 'No longer.', payload: output(unwatchSchema) },
};

/** `docs/reference/asyncapi.yaml`. */
export const asyncApiFile = (version: string): string =>
  stringify(
    asyncApiDocument({
      version,
      topicPrefix: settingsSchema.parse({}).kafka.topicPrefix,
      namespaces: [
        {
          name: 'wallboard',
          description:
            'Supervisors. Needs the session cookie `queuecast_session` or `auth.token`; everything is of the tenant that the token names.',
          sends: named(wallboardSends),
          receives: [
            {
              name: 'requestSnapshot',
              summary: 'Asks for a snapshot: emit `snapshot` without data.',
              payload: { type: 'null' },
            },
          ],
        },
        {
          name: 'public',
          description: 'Anonymous and read-only; queues marked public only.',
          sends: named(publicSends),
          receives: named(publicReceives),
        },
      ],
      webhooks: [
        {
          name: 'dialer',
          description: 'The program of a tenant that makes promised calls (`callbacks.webhook`).',
          sends: named({
            'callback.promised': { summary: 'A call is promised.', payload: promiseMessage('callback.promised') },
            'callback.moved': {
              summary: 'It is promised for another time.',
              payload: promiseMessage('callback.moved'),
            },
            'callback.cancelled': { summary: 'It is called off.', payload: output(cancelledMessageSchema) },
          }),
        },
        {
          name: 'codeSender',
          description:
            "The program of a tenant that sends codes to visitors' numbers (`callbacks.codes`). Once, without repeating.",
          sends: named({ 'callback.code': { summary: 'Send this code.', payload: output(codeMessageSchema) } }),
        },
        {
          name: 'waitWatcher',
          description: 'The URL of a watch (`POST /v1/watches`).',
          sends: named({
            'queue.wait_under': {
              summary: 'The wait is at most so many minutes. Once.',
              payload: output(waitUnderSchema),
            },
          }),
        },
      ],
    }),
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
