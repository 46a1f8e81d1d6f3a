import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { DOCUMENT_PATH, QUEUE, TENANT } from './server.js';

const CONNECT_AT_ONCE = 200;
/** Several addresses of this machine: the ports of one would not do for all sockets. */
const SOURCES = 8;
const MOST_TRIES = 20;
const GIVE_UP_MS = 60_000;
const GREETING = '0{';

export interface OpenRequest {
  readonly port: number;
  readonly sockets: number;
  /** Speak Engine.IO and subscribe, as a page does; the bare server sends without being asked. */
  readonly subscribe: boolean;
}

/** Nanoseconds of the monotonic clock, by socket. */
export type Arrivals = BigInt64Array;

export interface Opened {
  readonly arrivals: Arrivals;
  /** Attempts beyond the first of each. */
  readonly retries: number;
}

interface Visitor {
  readonly socket: WebSocket;
  document: (at: bigint) => void;
}

const visit = (request: OpenRequest, n: number): Promise<Visitor> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${request.port}/socket.io/?EIO=4&transport=websocket`, {
      localAddress: `127.0.0.${2 + (n % SOURCES)}`,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    const visitor: Visitor = { socket, document: () => undefined };
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data: Buffer) => {
      const kind = data.toString('latin1', 0, 2);
      if (kind === '42') return visitor.document(process.hrtime.bigint());
      if (kind === GREETING && request.subscribe) return socket.send('40/public,');
      if (kind === GREETING) return resolve(visitor);
      if (kind === '40') {
        visitor.document = () => resolve(visitor);
        return socket.send(`42/public,${JSON.stringify(['subscribe', { tenant: TENANT, queue: QUEUE }])}`);
      }
      if (data.length === 1) return socket.send('3');
      return reject(new Error(`unexpected: ${data.toString()}`));
    });
  });

/** As socket.io's client does when it was refused: again within a second, then two, then four. */
const visitAgain = async (request: OpenRequest, n: number): Promise<{ visitor: Visitor; tries: number }> => {
  for (let tries = 1; ; tries += 1)
    try {
      return { visitor: await visit(request, n), tries };
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000 * 2 ** Math.min(tries - 1, 2)));
    }
};

/** Holds sockets as visitors' browsers would, and times what comes. */
export const clientMethods = () => {
  let visitors: Visitor[] = [];
  const open = async (request: OpenRequest): Promise<Opened> => {
    const arrivals = new BigInt64Array(request.sockets);
    let next = 0;
    const line = async (): Promise<void> => {
      for (let n = next++; n < request.sockets; n = next++) {
        visitors.push(await visit(request, n));
        arrivals[n] = process.hrtime.bigint();
      }
    };
    await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, line));
    return { arrivals, retries: 0 };
  };
  return {
    open,
    /** Ends all connections without a word, and comes back at once: a network that was away. */
    storm: async (request: OpenRequest): Promise<Opened> => {
      for (const { socket } of visitors) {
        socket.removeAllListeners('error').on('error', () => undefined);
        socket.terminate();
      }
      visitors = [];
      const back = await Promise.all(
        Array.from({ length: request.sockets }, async (_, n) => {
          const arrived = await visitAgain(request, n);
          return { ...arrived, at: process.hrtime.bigint() };
        }),
      );
      visitors = back.map(({ visitor }) => visitor);
      return {
        arrivals: BigInt64Array.from(back.map(({ at }) => at)),
        retries: back.reduce((total, { tries }) => total + tries - 1, 0),
      };
    },
    /** When the next document arrived at each socket; 0 where none did in a minute. */
    arrivals: (): Promise<Arrivals> =>
      new Promise((resolve) => {
        const arrivals = new BigInt64Array(visitors.length);
        let missing = visitors.length;
        const done = setTimeout(() => resolve(arrivals), GIVE_UP_MS);
        visitors.forEach((visitor, n) => {
          visitor.document = (at) => {
            visitor.document = () => undefined;
            arrivals[n] = at;
            missing -= 1;
            if (missing > 0) return;
            clearTimeout(done);
            resolve(arrivals);
          };
        });
      }),
    close: () => {
      for (const { socket } of visitors) socket.terminate();
      visitors = [];
      return Promise.resolve();
    },
    requests: ({ port, seconds, etag }: { port: number; seconds: number; etag: string | null }) =>
      requestFor(port, seconds, etag),
  };
};
export type ClientMethods = ReturnType<typeof clientMethods>;

const CONNECTIONS = 64;

/** Asks for the document over keep-alive connections, one request at a time on each. @returns answers in all */
const requestFor = async (port: number, seconds: number, etag: string | null): Promise<number> => {
  const condition = etag === null ? '' : `If-None-Match: ${etag}\r\n`;
  const request = `GET ${DOCUMENT_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${condition}\r\n`;
  const expected = etag === null ? 'HTTP/1.1 200' : 'HTTP/1.1 304';
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  const connection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect(port, '127.0.0.1', () => socket.write(request));
      let unread = '';
      socket.once('error', reject);
      socket.on('data', (chunk) => {
        unread += chunk.toString('latin1');
        const head = unread.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(unread.slice(0, head))?.[1] ?? 0);
        if (unread.length < head + 4 + length) return;
        if (!unread.startsWith(expected)) return reject(new Error(`answered ${unread.slice(0, 60)}`));
        unread = unread.slice(head + 4 + length);
        answers += 1;
        if (performance.now() < until) return socket.write(request);
        socket.destroy();
        return resolve();
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answers;
};
