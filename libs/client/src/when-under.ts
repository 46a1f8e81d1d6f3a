import type { PublicClientEvents, PublicQueue, PublicServerEvents } from '@queuecast/live';
import { io, type Socket } from 'socket.io-client';
import { poll } from './poll.js';
import { documentUrl, UnknownQueueError } from './public-source.js';

/** After a connection that the server ended; and after one that it refused, having sockets enough: until then we poll. */
const ENDED_AGAIN_MS = 5_000;
const REFUSED_AGAIN_MS = 600_000;

export interface WatchOptions {
  readonly tenant: string;
  readonly queue: string;
  /** 1 to 240: the upper bound of the wait counts. */
  readonly underMinutes: number;
  /** Ends the watch; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * The document of a queue as soon as its wait is at most so many minutes, now or later. The server watches; whenever the
 * connection has been lost it is asked again, so that nothing is missed but what came and went meanwhile. While the server
 * has sockets enough the document is polled.
 *
 * @param server origin (and path, with a slash at its end) of the gateway
 */
export const whenUnder = (
  server: string,
  { tenant, queue, underMinutes, signal }: WatchOptions,
): Promise<PublicQueue> =>
  new Promise((resolve, reject) => {
    const socket: Socket<PublicServerEvents, PublicClientEvents> = io(new URL('public', server).href, {
      path: new URL('socket.io', server).pathname,
      transports: ['websocket'],
      reconnectionDelayMax: 60_000,
      forceNew: true,
      autoConnect: false,
    });
    let again: ReturnType<typeof setTimeout> | undefined;
    const comeBack = (ms: number): void => {
      again = setTimeout(() => socket.connect(), ms);
    };
    let stopPolling: (() => void) | null = null;
    const finish = (end: () => void): void => {
      clearTimeout(again);
      stopPolling?.();
      signal?.removeEventListener('abort', abort);
      socket.close();
      end();
    };
    const abort = (): void => finish(() => reject(signal?.reason as Error));
    const unknown = (): void =>
      finish(() => reject(new UnknownQueueError(`there is no public queue "${queue}" of tenant "${tenant}"`)));
    const startPolling = (): void => {
      stopPolling ??= poll<PublicQueue>(documentUrl(server, { tenant, queue }), {
        document: (document) => {
          const { wait } = document;
          if (wait.kind === 'band' && wait.highMinutes <= underMinutes) finish(() => resolve(document));
        },
        unknown,
        failed: () => undefined,
      });
    };
    socket.on('connect', () => {
      stopPolling?.();
      stopPolling = null;
      socket.emit('watch', { tenant, queue, underMinutes });
    });
    socket.on('under', ({ document }) => finish(() => resolve(document)));
    socket.on('problem', ({ status, title }) => {
      if (status === 404) unknown();
      else finish(() => reject(new Error(title)));
    });
    // socket.io does not come back by itself from a connection that the server ended or refused.
    socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') comeBack(ENDED_AGAIN_MS);
    });
    socket.on('connect_error', () => {
      if (socket.active) return;
      startPolling();
      comeBack(REFUSED_AGAIN_MS);
    });
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    socket.connect();
  });
