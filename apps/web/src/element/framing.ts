/**
 * The text framing of Engine.IO 4 and Socket.IO 5 over a WebSocket, as far as a client that listens needs it.
 * An Engine.IO packet is a digit and its payload; `4` carries a Socket.IO packet: a digit, the namespace with a comma,
 * and JSON. See the Engine.IO and Socket.IO protocol documents at socket.io. The official client is 13 KB gzipped and
 * serves transports and binary attachments that this element never meets.
 */
export type Packet =
  | { readonly kind: 'open'; readonly pingIntervalMs: number; readonly pingTimeoutMs: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown }
  | { readonly kind: 'unreadable' };

export const PONG = '3';

/** Asks to join a namespace, for instance `/public`. */
export const encodeConnect = (namespace: string): string => `40${namespace},`;

export const encodeEvent = (namespace: string, name: string, payload: unknown): string =>
  `42${namespace},${JSON.stringify([name, payload])}`;

const UNREADABLE: Packet = { kind: 'unreadable' };

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const decodeMessage = (message: string, namespace: string): Packet => {
  const prefix = `${namespace},`;
  const rest = message.slice(1);
  if (!rest.startsWith(prefix)) return UNREADABLE;
  const body = rest.slice(prefix.length);
  switch (message[0]) {
    case '0':
      return { kind: 'connected' };
    case '1':
      return { kind: 'closed' };
    case '2': {
      // An event that asks for an acknowledgement has its number before the array.
      const value = parse(body.replace(/^\d+/, ''));
      return Array.isArray(value) && typeof value[0] === 'string'
        ? { kind: 'event', name: value[0], payload: value[1] as unknown }
        : UNREADABLE;
    }
    case '4': {
      const message = field(parse(body), 'message');
      return { kind: 'refused', message: typeof message === 'string' ? message : 'refused' };
    }
    default:
      return UNREADABLE;
  }
};

/** Decodes one WebSocket message; what belongs to another namespace or cannot be read is `unreadable`. */
export const decode = (text: string, namespace: string): Packet => {
  switch (text[0]) {
    case '0': {
      const handshake = parse(text.slice(1));
      const pingIntervalMs = field(handshake, 'pingInterval');
      const pingTimeoutMs = field(handshake, 'pingTimeout');
      return typeof pingIntervalMs === 'number' && typeof pingTimeoutMs === 'number'
        ? { kind: 'open', pingIntervalMs, pingTimeoutMs }
        : UNREADABLE;
    }
    case '1':
      return { kind: 'closed' };
    case '2':
      return { kind: 'ping' };
    case '4':
      return decodeMessage(text.slice(1), namespace);
    default:
      return UNREADABLE;
  }
};
