import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { band, frame } from '../../../apps/gateway/src/frame.testing.js';
import { RunningGateway } from '../../../apps/gateway/src/gateway.testing.js';
import type { PublicQueue } from '../../../libs/live/src/index.js';

export const TENANT = 'acme';
export const QUEUE = 'support';
export const DOCUMENT_PATH = `/public/v1/${TENANT}/queues/${QUEUE}.json`;
const PREFIX = '42/public,';

/** What a server used since the last question. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

let cpuBefore = process.cpuUsage();

const usage = (): Promise<Usage> => {
  const { user, system } = process.cpuUsage(cpuBefore);
  cpuBefore = process.cpuUsage();
  globalThis.gc?.();
  return Promise.resolve({ cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage().rss });
};

/** The gateway as it is served, with one public queue; a change is a frame on the live bus. */
export const productMethods = () => {
  let gateway: RunningGateway;
  let version = Date.now();
  return {
    start: async (_document: string | null) => {
      gateway = await RunningGateway.start({ live: { maxPublicSockets: 1_000_000 } });
      return gateway.port;
    },
    /** @returns when the frame was published: nanoseconds of the monotonic clock that all processes share */
    change: (minutes: number) => {
      const at = Date.now();
      version += 1;
      const published = process.hrtime.bigint();
      gateway.bus.publish([frame({ version, at, estimate: band(minutes, minutes + 2, minutes + 5, at) })]);
      return Promise.resolve(published);
    },
    usage,
  };
};
export type ServerMethods = ReturnType<typeof productMethods>;

/** The floor: `ws` and `node:http` by themselves, sending and serving the same bytes. */
export const bareMethods = (): ServerMethods => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  let body = Buffer.alloc(0);
  let etag = '';
  const http = createServer((request, response) => {
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
    return response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  });
  http.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) =>
      client.send('0{"pingInterval":20000,"pingTimeout":20000}'),
    ),
  );
  return {
    start: async (document) => {
      body = Buffer.from(document ?? '');
      etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      http.listen(0, '127.0.0.1', 4096);
      await once(http, 'listening');
      return (http.address() as AddressInfo).port;
    },
    change: (minutes) => {
      const document = JSON.parse(body.toString()) as PublicQueue;
      const wait = { kind: 'band', lowMinutes: minutes, highMinutes: minutes + 5 };
      const message = `${PREFIX}${JSON.stringify(['queue', { ...document, wait }])}`;
      const published = process.hrtime.bigint();
      for (const client of sockets.clients) client.send(message);
      return Promise.resolve(published);
    },
    usage,
  };
};
