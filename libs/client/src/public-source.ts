import type { PublicClientEvents, PublicQueue, PublicServerEvents, PublicTenant } from '@queuecast/live';
import { io, type Socket } from 'socket.io-client';
import type { ConnectionState } from './connection.js';
import type { Source } from './following.js';
import { poll } from './poll.js';

/** A server that asked us to poll is asked for a socket again after this long. */
const SOCKET_AGAIN_MS = 600_000;
/** Where sockets do not get through, polling begins after so many tries. */
const TRIES_BEFORE_POLLING = 2;

/** There is no such public queue or tenant; a private one looks the same. */
export class UnknownQueueError extends Error {
  override readonly name = 'UnknownQueueError';
}

export interface PublicSubject {
  readonly tenant: string;
  /** Every public queue of the tenant if absent. */
  readonly queue?: string;
}

/** Where the cacheable document is. */
export const documentUrl = (server: string, { tenant, queue }: PublicSubject): string => {
  const path = queue === undefined ? 'queues.json' : `queues/${encodeURIComponent(queue)}.json`;
  return new URL(`public/v1/${encodeURIComponent(tenant)}/${path}`, server).href;
};

/**
 * Public documents over a socket; by polling the cacheable ones when the server says "poll instead" or sockets fail.
 *
 * @param server origin (and path, with a slash at its end) of the gateway
 * @param told called when the way in which figures arrive is another
 */
export const publicSource =
  (server: string, subject: PublicSubject, told: (state: ConnectionState) => void): Source<PublicQueue> =>
  ({ update, fail }) => {
    const socket: Socket<PublicServerEvents, PublicClientEvents> = io(new URL('public', server).href, {
      path: new URL('socket.io', server).pathname,
      transports: ['websocket'],
      reconnectionDelayMax: 60_000,
      forceNew: true,
    });
    let stopPolling: (() => void) | null = null;
    let again: ReturnType<typeof setTimeout> | undefined;
    let tries = 0;

    const unknown = (): void =>
      fail(new UnknownQueueError(`there is no public queue "${subject.queue ?? '*'}" of tenant "${subject.tenant}"`));
    const startPolling = (): void => {
      told('polling');
      stopPolling ??= poll<PublicQueue | PublicTenant>(documentUrl(server, subject), {
        document: (document) => {
          for (const queue of 'queues' in document ? document.queues : [document]) update(queue);
          if (stopPolling) told('polling');
        },
        unknown,
        failed: () => told('lost'),
      });
    };

    socket.on('connect', () => {
      tries = 0;
      stopPolling?.();
      stopPolling = null;
      told('live');
      socket.emit('subscribe', subject);
    });
    socket.on('queue', update);
    socket.on('problem', ({ status, title }) => {
      if (status === 404) unknown();
      else fail(new Error(title));
    });
    socket.on('disconnect', (reason) => {
      told('lost');
      // socket.io does not come back by itself from a connection that the server ended.
      if (reason === 'io server disconnect') again = setTimeout(() => socket.connect(), 5_000);
    });
    socket.on('connect_error', () => {
      tries += 1;
      if (!socket.active) {
        startPolling();
        again = setTimeout(() => socket.connect(), SOCKET_AGAIN_MS);
      } else if (tries >= TRIES_BEFORE_POLLING) startPolling();
      else if (!stopPolling) told('lost');
    });
    return () => {
      clearTimeout(again);
      stopPolling?.();
      stopPolling = null;
      socket.close();
    };
  };
