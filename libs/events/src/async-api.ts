import { EVENT_TYPES } from './data.js';
import { dataJsonSchema, envelopeJsonSchema, EVENT_MEANINGS, eventJsonSchema, type JsonSchema } from './json-schema.js';

/** One message of a socket.io namespace. */
export interface SocketMessage {
  readonly name: string;
  readonly summary: string;
  readonly payload: JsonSchema;
}

/** A socket.io namespace: what the gateway sends to browsers, and what it takes from them. */
export interface SocketNamespace {
  readonly name: string;
  readonly description: string;
  readonly sends: readonly SocketMessage[];
  readonly receives: readonly SocketMessage[];
}

export interface AsyncApiOptions {
  /** Version of the product that the document describes. */
  readonly version: string;
  /** Topics are `<prefix>.events` and so on. */
  readonly topicPrefix: string;
  readonly namespaces: readonly SocketNamespace[];
  /** What is posted to programs of a tenant. */
  readonly webhooks: readonly Webhook[];
}

/** A kind of programs of a tenant that messages are posted to, and the messages. */
export interface Webhook {
  readonly name: string;
  readonly description: string;
  readonly sends: readonly SocketMessage[];
}

/** Keys in the document's components may hold letters, digits, dot, dash and underscore. */
const messageKey = (of: { readonly name: string }, message: SocketMessage): string => `${of.name}.${message.name}`;

/** A record that could not be read, as it is written to the dead-letter topic. */
const deadLetterSchema: JsonSchema = {
  type: 'object',
  description: 'A record that is not an event of the contract, with the reason and the original bytes.',
  properties: {
    reason: { type: 'string', description: 'Stable word for the kind of refusal.' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
    log: { type: 'string', description: 'Topic that the record stood in.' },
    partition: { type: 'integer' },
    offset: { type: 'integer' },
    key: { type: ['string', 'null'] },
    appendedAt: { type: 'string', format: 'date-time' },
    value: { type: ['string', 'null'], contentEncoding: 'base64' },
  },
  required: ['reason', 'issues', 'log', 'partition', 'offset', 'key', 'appendedAt', 'value'],
};

const refTo = (path: string) => ({ $ref: `#/${path}` });

const eventChannels = (prefix: string) => {
  const messages = Object.fromEntries(EVENT_TYPES.map((type) => [type, refTo(`components/messages/${type}`)]));
  return {
    events: {
      address: `${prefix}.events`,
      description:
        'The ordered log. The key is tenant/site: everything of one site is in one partition, in order. Other programs ' +
        'may write here too; what is not an event of the contract goes to the dead letters.',
      servers: [refTo('servers/kafka')],
      messages,
    },
    intake: {
      address: '/v1/events',
      description: 'POST one event, a JSON array of events, or one event per line (application/x-ndjson).',
      servers: [refTo('servers/collector')],
      messages,
    },
    deadLetters: {
      address: `${prefix}.dead-letters`,
      description: 'Records of the log that could not be read.',
      servers: [refTo('servers/kafka')],
      messages: { deadLetter: refTo('components/messages/deadLetter') },
    },
  };
};

const socketChannel = (namespace: SocketNamespace) => ({
  address: `/${namespace.name}`,
  title: `socket.io namespace /${namespace.name}`,
  description: namespace.description,
  servers: [refTo('servers/gateway')],
  messages: Object.fromEntries(
    [...namespace.sends, ...namespace.receives].map((message) => [
      message.name,
      refTo(`components/messages/${messageKey(namespace, message)}`),
    ]),
  ),
});

const SIGNED =
  'A POST, signed as Standard Webhooks 1.0 has it (https://www.standardwebhooks.com): headers webhook-id, webhook-timestamp ' +
  'and webhook-signature. Anything but 2xx is a failure.';

const webhookChannel = (webhook: Webhook) => ({
  address: null,
  title: webhook.name,
  description: `${webhook.description} ${SIGNED}`,
  messages: Object.fromEntries(
    webhook.sends.map((message) => [message.name, refTo(`components/messages/${messageKey(webhook, message)}`)]),
  ),
});

const operation = (action: 'send' | 'receive', channel: string, messages: readonly string[]) => ({
  action,
  channel: refTo(`channels/${channel}`),
  messages: messages.map((name) => refTo(`channels/${channel}/messages/${name}`)),
});

/**
 * The AsyncAPI 3.0 document: the events that Queuecast takes over Kafka and HTTP, what its sockets send, and what it posts.
 *
 * @returns a plain object, ready to be written as YAML or JSON; `send` and `receive` are seen from Queuecast
 */
export const asyncApiDocument = ({ version, topicPrefix, namespaces, webhooks }: AsyncApiOptions): JsonSchema => {
  const messages = [
    ...namespaces.map((namespace) => ({ of: namespace, messages: [...namespace.sends, ...namespace.receives] })),
    ...webhooks.map((webhook) => ({ of: webhook, messages: webhook.sends })),
  ].flatMap(({ of, messages: own }) => own.map((message) => ({ key: messageKey(of, message), message })));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Queuecast',
      version,
      description: 'Contact-centre events in; live wallboards, public waits and history that agree, out.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      kafka: { host: 'localhost:9092', protocol: 'kafka' },
      collector: { host: 'localhost:8080', protocol: 'http' },
      gateway: { host: 'localhost:8080', protocol: 'ws', description: 'socket.io 4' },
    },
    channels: {
      ...eventChannels(topicPrefix),
      ...Object.fromEntries(namespaces.map((namespace) => [namespace.name, socketChannel(namespace)])),
      ...Object.fromEntries(webhooks.map((webhook) => [webhook.name, webhookChannel(webhook)])),
    },
    operations: {
      readEvents: operation('receive', 'events', EVENT_TYPES),
      takeEvents: operation('receive', 'intake', EVENT_TYPES),
      keepDeadLetters: operation('send', 'deadLetters', ['deadLetter']),
      ...Object.fromEntries(
        namespaces.flatMap((namespace) => {
          const names = (messages: readonly SocketMessage[]) => messages.map((message) => message.name);
          return [
            [`${namespace.name}Sends`, operation('send', namespace.name, names(namespace.sends))],
            [`${namespace.name}Receives`, operation('receive', namespace.name, names(namespace.receives))],
          ];
        }),
      ),
      ...Object.fromEntries(
        webhooks.map(({ name, sends }) => [
          `${name}Sends`,
          operation(
            'send',
            name,
            sends.map((message) => message.name),
          ),
        ]),
      ),
    },
    components: {
      messages: {
        ...Object.fromEntries(
          EVENT_TYPES.map((type) => [
            type,
            { name: type, summary: EVENT_MEANINGS[type], payload: refTo(`components/schemas/${type}`) },
          ]),
        ),
        deadLetter: {
          name: 'deadLetter',
          contentType: 'application/json',
          payload: refTo('components/schemas/deadLetter'),
        },
        ...Object.fromEntries(
          messages.map(({ key, message }) => [
            key,
            {
              name: message.name,
              summary: message.summary,
              contentType: 'application/json',
              payload: message.payload,
            },
          ]),
        ),
      },
      schemas: {
        envelope: envelopeJsonSchema(),
        deadLetter: deadLetterSchema,
        ...Object.fromEntries(
          EVENT_TYPES.map((type) => [
            type,
            eventJsonSchema(type, refTo('components/schemas/envelope'), dataJsonSchema(type)),
          ]),
        ),
      },
    },
  };
};
