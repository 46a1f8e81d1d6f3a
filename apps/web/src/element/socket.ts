import { decode, encodeConnect, encodeEvent, PONG } from './framing.js';

const NAMESPACE = '/public';

export interface SocketHandlers {
  /** The namespace took us in: subscribe now. */
  readonly connected: () => void;
  readonly event: (name: string, payload: unknown) => void;
  /** The namespace said no, with the server's reason; the connection is closed. */
  readonly refused: (reason: string) => void;
  /** The connection ended, or never came about, other than by `close`. */
  readonly lost: () => void;
}

export interface PublicSocket {
  readonly send: (name: string, payload: unknown) => void;
  readonly close: () => void;
}

/** What of a browser's WebSocket is used here. */
export type WebSocketLike = Pick<WebSocket, 'onmessage' | 'onclose' | 'onerror' | 'send' | 'close'>;

export type OpenWebSocket = (url: string) => WebSocketLike;

/** How long a server may take from the first byte to taking us in. */
const HANDSHAKE_MS = 15_000;

/** `https://wait.example.org/base/` becomes the WebSocket address of its Socket.IO server. */
export const socketAddress = (server: string): string =>
  `${server.replace(/^http/, 'ws').replace(/\/$/, '')}/socket.io/?EIO=4&transport=websocket`;

/**
 * One connection to the `/public` namespace; it does not reconnect by itself. A server that misses its own heartbeat is
 * taken for lost: a half-open connection would otherwise show an old figure for minutes.
 *
 * @param server origin and path of the gateway
 */
export const openPublicSocket = (server: string, open: OpenWebSocket, handlers: SocketHandlers): PublicSocket => {
  let done = false;
  let patienceMs = HANDSHAKE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const webSocket = open(socketAddress(server));

  const finish = (report?: () => void): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    webSocket.onmessage = webSocket.onclose = null;
    webSocket.close();
    report?.();
  };
  const expectMore = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => finish(handlers.lost), patienceMs);
  };

  webSocket.onclose = () => finish(handlers.lost);
  // An error is always followed by a close; the handler keeps it from being reported as unhandled.
  webSocket.onerror = () => undefined;
  webSocket.onmessage = (message: MessageEvent<unknown>) => {
    const { data } = message;
    const packet = decode(typeof data === 'string' ? data : '', NAMESPACE);
    if (packet.kind === 'open') patienceMs = packet.pingIntervalMs + packet.pingTimeoutMs;
    expectMore();
    switch (packet.kind) {
      case 'open':
        return webSocket.send(encodeConnect(NAMESPACE));
      case 'ping':
        return webSocket.send(PONG);
      case 'connected':
        return handlers.connected();
      case 'event':
        return handlers.event(packet.name, packet.payload);
      case 'refused':
        return finish(() => handlers.refused(packet.message));
      case 'closed':
        return finish(handlers.lost);
      case 'unreadable':
        return undefined;
    }
  };
  expectMore();

  return {
    send: (name, payload) => {
      if (!done) webSocket.send(encodeEvent(NAMESPACE, name, payload));
    },
    close: () => finish(),
  };
};
