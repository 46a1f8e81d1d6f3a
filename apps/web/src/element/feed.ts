import type { PublicQueue } from '@queuecast/live';
import { Backoff } from './backoff.js';
import { ServerClock } from '../clock.js';
import { fetchQueue, isPublicQueue } from './document.js';
import { openPublicSocket, type PublicSocket } from './socket.js';

export interface QueueState {
  readonly queue: PublicQueue | null;
  /** The server knows no such public queue. */
  readonly unknown: boolean;
  /** Since when nothing can reach us, by the server's clock; null while connected, or polling with success. */
  readonly lostSince: number | null;
}

type Listener = () => void;

const POLL_MS = 5_000;
const POLL_SPREAD_MS = 5_000;
/** A tab in the background gives its connection back after this long. */
const HIDDEN_MS = 60_000;
/** After a refusal, or when WebSockets do not get through, polling goes on this long before the next try. */
const SOCKET_AGAIN_MS = 600_000;
/** So many connections in a row that fail make us poll beside trying. */
const FAILURES_BEFORE_POLLING = 2;
/** A page with more queues than this follows the whole tenant: the gateway takes 100 subscriptions, and few a second. */
const MOST_SUBSCRIPTIONS = 20;

/**
 * The public queues of one tenant on one server, shared by every element of a page: one document each for a first
 * figure that a cache can serve, then one socket for all; polling where the server asks for it or sockets fail.
 */
export class Feed {
  readonly clock = new ServerClock();
  readonly #server: string;
  readonly #tenant: string;
  readonly #followers = new Map<string, Set<Listener>>();
  readonly #states = new Map<string, Omit<QueueState, 'lostSince'>>();
  readonly #socketBackoff = new Backoff(1_000, 60_000);
  readonly #pollBackoff = new Backoff(POLL_MS, 300_000);
  #socket: PublicSocket | undefined;
  #connected = false;
  #wholeTenant = false;
  #polling = false;
  #lostSince: number | null = null;
  #socketTimer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string, tenant: string) {
    this.#server = server;
    this.#tenant = tenant;
  }

  /** Calls `listener` whenever the queue's state may have changed. Returns the way to stop. */
  follow(queue: string, listener: Listener): () => void {
    const first = this.#followers.size === 0;
    const listeners = this.#followers.get(queue) ?? new Set<Listener>();
    const fresh = listeners.size === 0;
    this.#followers.set(queue, listeners.add(listener));
    if (first) this.#start();
    else if (fresh && this.#connected) this.#subscribe(queue);
    if (fresh) void this.#ask(queue);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.#followers.delete(queue);
        this.#states.delete(queue);
      }
      if (this.#followers.size === 0) this.#stop();
    };
  }

  /**
   * Takes what a server has written into the page, so that what it has shown stays until there is something newer.
   *
   * @param json a public document, and what the server's clock read when the page was made: `{"serverTime", "queue"}`
   */
  handOver(json: string): void {
    if (json === '') return;
    const { serverTime, queue } = JSON.parse(json) as { readonly serverTime: number; readonly queue: unknown };
    this.clock.learn(serverTime);
    if (isPublicQueue(queue)) this.#take(queue);
  }

  state(queue: string): QueueState {
    return { ...(this.#states.get(queue) ?? { queue: null, unknown: false }), lostSince: this.#lostSince };
  }

  #start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    if (!document.hidden) this.#connect();
  }

  #stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#hiddenTimer);
    this.#disconnect();
    this.#stopPolling();
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      clearTimeout(this.#pollTimer);
      this.#hiddenTimer = setTimeout(() => this.#disconnect(), HIDDEN_MS);
      return;
    }
    if (this.#polling) void this.#poll();
    if (!this.#socket) this.#connect();
  };

  #disconnect(): void {
    clearTimeout(this.#socketTimer);
    this.#socket?.close();
    this.#socket = undefined;
    this.#connected = false;
  }

  #connect(): void {
    this.#disconnect();
    this.#socket = openPublicSocket(this.#server, (url) => new WebSocket(url), {
      connected: () => {
        this.#connected = true;
        this.#socketBackoff.succeed();
        this.#stopPolling();
        this.#reach();
        this.#wholeTenant = false;
        for (const queue of this.#followers.keys()) this.#subscribe(queue);
      },
      event: (name, payload) => {
        if (name === 'queue' && isPublicQueue(payload)) this.#take(payload);
        // A problem names no queue: the documents tell which one it is about.
        if (name === 'problem') for (const queue of this.#missing()) void this.#ask(queue);
      },
      refused: (reason) => {
        this.#socket = undefined;
        this.#connected = false;
        this.#startPolling();
        const again = reason === 'poll instead' ? SOCKET_AGAIN_MS : this.#socketBackoff.fail();
        this.#connectIn(again);
      },
      lost: () => {
        this.#socket = undefined;
        this.#connected = false;
        const again = this.#socketBackoff.fail();
        // Whoever polls already knows better than a socket that never came about.
        if (!this.#polling) this.#lose();
        if (this.#socketBackoff.failures >= FAILURES_BEFORE_POLLING) this.#startPolling();
        this.#connectIn(again);
      },
    });
  }

  #connectIn(milliseconds: number): void {
    this.#socketTimer = setTimeout(() => {
      if (!document.hidden) this.#connect();
    }, milliseconds);
  }

  #subscribe(queue: string): void {
    if (this.#wholeTenant) return;
    this.#wholeTenant = this.#followers.size > MOST_SUBSCRIPTIONS;
    this.#socket?.send('subscribe', { tenant: this.#tenant, ...(this.#wholeTenant ? {} : { queue }) });
  }

  #missing(): string[] {
    return [...this.#followers.keys()].filter((queue) => !this.#states.get(queue)?.queue);
  }

  #startPolling(): void {
    if (this.#polling) return;
    this.#polling = true;
    void this.#poll();
  }

  #stopPolling(): void {
    this.#polling = false;
    this.#pollBackoff.succeed();
    clearTimeout(this.#pollTimer);
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#pollTimer);
    const answers = await Promise.all([...this.#followers.keys()].map((queue) => this.#ask(queue)));
    if (!this.#polling || document.hidden) return;
    const waits = answers.filter((wait) => wait !== null);
    clearTimeout(this.#pollTimer);
    if (waits.length === 0) {
      this.#pollBackoff.succeed();
      this.#reach();
      this.#pollTimer = setTimeout(() => void this.#poll(), POLL_MS + Math.random() * POLL_SPREAD_MS);
    } else {
      this.#lose();
      this.#pollTimer = setTimeout(() => void this.#poll(), Math.max(this.#pollBackoff.fail(), ...waits));
    }
  }

  /** Fetches one document. Returns null on success, otherwise how long the server asks to be left alone (0: not said). */
  async #ask(queue: string): Promise<number | null> {
    const fetched = await fetchQueue(this.#server, this.#tenant, queue);
    if (fetched.kind === 'failed') {
      if (!this.#connected) this.#lose();
      return fetched.retryAfterMs ?? 0;
    }
    if (fetched.kind === 'unknown') {
      if (this.#followers.has(queue)) this.#states.set(queue, { queue: null, unknown: true });
      this.#notify(queue);
      return null;
    }
    if (fetched.serverTime !== null) this.clock.learn(fetched.serverTime);
    this.#take(fetched.queue);
    return null;
  }

  #take(queue: PublicQueue): void {
    if (queue.tenant !== this.#tenant || !this.#followers.has(queue.queue)) return;
    this.clock.atLeast(queue.asOf);
    const known = this.#states.get(queue.queue)?.queue;
    // A document from a cache may be older than what the socket has already brought.
    if (known && known.asOf > queue.asOf) return;
    this.#states.set(queue.queue, { queue, unknown: false });
    this.#notify(queue.queue);
  }

  #lose(): void {
    if (this.#lostSince !== null) return;
    this.#lostSince = this.clock.now();
    this.#notifyAll();
  }

  #reach(): void {
    if (this.#lostSince === null) return;
    this.#lostSince = null;
    this.#notifyAll();
  }

  #notify(queue: string): void {
    for (const listener of this.#followers.get(queue) ?? []) listener();
  }

  #notifyAll(): void {
    for (const queue of this.#followers.keys()) this.#notify(queue);
  }
}

const feeds = new Map<string, Feed>();

/** The feed of a tenant on a server; the same one for everybody on the page. */
export const feedOf = (server: string, tenant: string): Feed => {
  const key = `${server} ${tenant}`;
  const feed = feeds.get(key) ?? new Feed(server, tenant);
  feeds.set(key, feed);
  return feed;
};
