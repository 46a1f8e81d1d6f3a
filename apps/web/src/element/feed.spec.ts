import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PublicQueue } from '@queuecast/live';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { Feed } from './feed.js';
import { NOW, publicQueue } from './public-queue.testing.js';

/** A gateway as far as the element sees it: a real Socket.IO server beside the JSON documents. */
class Gateway {
  readonly subscriptions: unknown[] = [];
  readonly requests: string[] = [];
  readonly documents = new Map<string, PublicQueue>();
  readonly http: HttpServer;
  readonly io: Server;
  refuseWith: string | null = null;

  constructor() {
    this.http = createServer((request, response) => {
      const url = request.url ?? '';
      if (url.startsWith('/public/')) this.requests.push(url);
      const document = this.documents.get(url.replace(/^.*\/(.+)\.json$/, '$1'));
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? {}));
    });
    this.io = new Server(this.http);
    const namespace = this.io.of('/public');
    namespace.use((_, next) => (this.refuseWith === null ? next() : next(new Error(this.refuseWith))));
    namespace.on('connection', (socket) => {
      socket.on('subscribe', (to: unknown) => this.subscriptions.push(to));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.http.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }
}

let gateway: Gateway;
let server: string;
let stops: (() => void)[];
const page = Object.assign(new EventTarget(), { hidden: false });

const follow = (feed: Feed, queue: string) => {
  const heard = vi.fn();
  stops.push(feed.follow(queue, heard));
  return heard;
};

beforeEach(async () => {
  gateway = new Gateway();
  server = await gateway.listen();
  stops = [];
  vi.stubGlobal('document', page);
  vi.stubGlobal('WebSocket', WebSocket);
});

afterEach(async () => {
  for (const stop of stops) stop();
  await gateway.io.close();
  vi.unstubAllGlobals();
});

describe('following a queue', () => {
  it('starts from what a server wrote into the page, and lets nothing older take its place', async () => {
    gateway.documents.set('support', publicQueue({ asOf: NOW - 60_000, rightOf10: 1 }));
    const feed = new Feed(server, 'acme');
    const heard = follow(feed, 'support');
    const queue = publicQueue({ rightOf10: 9 });
    feed.handOver(JSON.stringify({ serverTime: NOW, queue }));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(feed.state('support').queue).toEqual(queue);
    await expect.poll(() => gateway.requests).toHaveLength(1);
    await expect.poll(() => gateway.subscriptions).toHaveLength(1);
    feed.handOver(JSON.stringify({ serverTime: NOW, queue: { not: 'a document' } }));
    expect(feed.state('support').queue).toEqual(queue);
    gateway.io.of('/public').emit('queue', publicQueue({ asOf: NOW + 1, rightOf10: 5 }));
    await expect.poll(() => feed.state('support').queue?.rightOf10).toBe(5);
  });

  it('shows the cacheable document first, then what the socket brings', async () => {
    gateway.documents.set('support', publicQueue());
    const feed = new Feed(server, 'acme');
    const heard = follow(feed, 'support');
    await expect.poll(() => feed.state('support').queue?.asOf).toBe(NOW - 4_000);
    await expect.poll(() => gateway.subscriptions).toEqual([{ tenant: 'acme', queue: 'support' }]);
    const newer = publicQueue({ asOf: NOW, wait: { kind: 'none', reason: 'SHOCK' } });
    gateway.io.of('/public').emit('queue', newer);
    await expect.poll(() => feed.state('support')).toEqual({ queue: newer, unknown: false, lostSince: null });
    expect(heard).toHaveBeenCalled();
  });

  it('never lets an older document replace a newer one', async () => {
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    await expect.poll(() => gateway.subscriptions).toHaveLength(1);
    gateway.io.of('/public').emit('queue', publicQueue({ asOf: NOW }));
    gateway.io.of('/public').emit('queue', publicQueue({ asOf: NOW - 30_000 }));
    gateway.io.of('/public').emit('queue', publicQueue({ queue: 'other', asOf: NOW + 1 }));
    gateway.io.of('/public').emit('queue', { queue: 'support', garbage: true });
    gateway.io.of('/public').emit('queue', publicQueue({ asOf: NOW + 1, source: 'quiet' }));
    await expect.poll(() => feed.state('support').queue?.source).toBe('quiet');
    expect(feed.state('other').queue).toBeNull();
  });

  it('shares one connection among the elements of a page', async () => {
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    follow(feed, 'support');
    follow(feed, 'sales');
    await expect.poll(() => gateway.subscriptions).toHaveLength(2);
    expect((await gateway.io.of('/public').fetchSockets()).length).toBe(1);
  });

  it('follows the whole tenant when a page has many queues', async () => {
    const feed = new Feed(server, 'acme');
    for (let queue = 0; queue < 25; queue += 1) follow(feed, `queue-${queue}`);
    await expect.poll(() => gateway.subscriptions).toEqual([{ tenant: 'acme' }]);
  });

  it('says when there is no such public queue', async () => {
    const feed = new Feed(server, 'acme');
    follow(feed, 'nothing');
    await expect.poll(() => feed.state('nothing')).toMatchObject({ queue: null, unknown: true });
  });

  it('closes the connection when nobody follows any more', async () => {
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    await expect.poll(() => gateway.subscriptions).toHaveLength(1);
    stops.splice(0).forEach((stop) => stop());
    await expect.poll(() => gateway.io.of('/public').fetchSockets()).toHaveLength(0);
  });
});

describe('when the way to the server is not clear', () => {
  it('polls when told to, and does not call that a lost connection', async () => {
    gateway.refuseWith = 'poll instead';
    gateway.documents.set('support', publicQueue());
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    // One document at first sight, a second one by polling.
    await expect.poll(() => gateway.requests.length).toBeGreaterThanOrEqual(2);
    await expect.poll(() => feed.state('support')).toMatchObject({ unknown: false, lostSince: null });
    expect(gateway.subscriptions).toEqual([]);
  });

  it('says since when the connection is lost, keeps the last figure, and comes back by itself', async () => {
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    await expect.poll(() => gateway.subscriptions).toHaveLength(1);
    gateway.io.of('/public').emit('queue', publicQueue({ asOf: NOW }));
    await expect.poll(() => feed.state('support').queue).not.toBeNull();
    gateway.io.of('/public').disconnectSockets(true);
    await expect.poll(() => feed.state('support').lostSince).not.toBeNull();
    expect(feed.state('support').queue?.asOf).toBe(NOW);
    await expect.poll(() => gateway.subscriptions).toHaveLength(2);
    await expect.poll(() => feed.state('support').lostSince).toBeNull();
  });

  it('does not connect from a tab that nobody looks at', async () => {
    page.hidden = true;
    const feed = new Feed(server, 'acme');
    follow(feed, 'support');
    await expect.poll(() => feed.state('support').unknown).toBe(true);
    expect(gateway.subscriptions).toEqual([]);
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    await expect.poll(() => gateway.subscriptions).toHaveLength(1);
  });
});
