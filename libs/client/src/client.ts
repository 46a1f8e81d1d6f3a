import type { PublicQueue, QueueFrame } from '@queuecast/live';
import type { ConnectionState } from './connection.js';
import { Following } from './following.js';
import { publicSource, type PublicSubject } from './public-source.js';
import { wallboardSource } from './wallboard-source.js';
import { whenUnder, type WatchOptions } from './when-under.js';

export interface ClientOptions {
  /** Origin of the gateway, with the path it is served under, if any: `https://waits.example.org`. */
  readonly server: string | URL;
  /** Called when the way in which figures arrive is another. A figure's own `asOf` or `at` tells how old it is. */
  readonly onConnection?: (state: ConnectionState) => void;
}

/**
 * Follows queues from a browser or from Node. Reconnects by itself and polls where sockets do not get through.
 *
 *     const client = new QueuecastClient({ server: 'https://waits.example.org' });
 *     for await (const { wait } of client.queue('acme', 'claims')) console.log(wait);
 */
export class QueuecastClient {
  readonly #server: string;
  readonly #told: (state: ConnectionState) => void;

  /** @throws TypeError when `server` is no URL */
  constructor({ server, onConnection = () => undefined }: ClientOptions) {
    const url = new URL(server);
    this.#server = url.href.endsWith('/') ? url.href : `${url.href}/`;
    let state: ConnectionState | null = null;
    this.#told = (next) => {
      if (next === state) return;
      state = next;
      onConnection(next);
    };
  }

  /** The public document of one queue, now and whenever it changes. Fails with UnknownQueueError. */
  queue(tenant: string, queue: string): Following<PublicQueue> {
    return this.#public({ tenant, queue });
  }

  /** The public documents of every public queue of a tenant. Fails with UnknownQueueError if it has none. */
  queues(tenant: string): Following<PublicQueue> {
    return this.#public({ tenant });
  }

  /**
   * The public document of a queue as soon as its wait is at most so many minutes. The server tells it once; a lost
   * connection is made good. Fails with UnknownQueueError, or with the reason of `signal`.
   */
  whenUnder(watch: WatchOptions): Promise<PublicQueue> {
    return whenUnder(this.#server, watch);
  }

  /**
   * The frames of all queues of a tenant, as its wallboards show them.
   *
   * @param token from `POST /v1/tokens`; it names the tenant. Fails with SignedOutError when it is not valid
   */
  wallboard(token: string): Following<QueueFrame> {
    return new Following(wallboardSource(this.#server, token, this.#told), ({ queue }) => queue);
  }

  #public(subject: PublicSubject): Following<PublicQueue> {
    return new Following(publicSource(this.#server, subject, this.#told), ({ queue }) => queue);
  }
}
