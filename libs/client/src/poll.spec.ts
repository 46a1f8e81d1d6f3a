import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { poll } from './poll.js';

let server: Server;
let answers: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }[];
let asked: (string | undefined)[];
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers['if-none-match']);
    const { status, body, headers } = answers.shift() ?? { status: 304 };
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

/** Waits without moving the clock, as Vitest's own ways of waiting do while it is a fake one. */
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

it('asks again with the entity tag, and less and less often while the server fails', async () => {
  answers = [{ status: 200, body: '{"n":1}', headers: { etag: '"one"' } }, { status: 304 }, { status: 503 }];
  const documents: unknown[] = [];
  let failed = 0;
  const stop = poll(
    url(),
    { document: (document) => documents.push(document), unknown: () => undefined, failed: () => (failed += 1) },
    () => 0,
  );
  await until(() => documents.length === 1);
  for (const [count, pauseMs] of [
    [2, 5_000],
    [3, 5_000],
  ] as const) {
    await until(() => vi.getTimerCount() > 0);
    await vi.advanceTimersByTimeAsync(pauseMs);
    await until(() => asked.length === count);
  }
  await until(() => failed === 1);
  await until(() => vi.getTimerCount() > 0);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(asked).toEqual([undefined, '"one"', '"one"']);
  await vi.advanceTimersByTimeAsync(1);
  await until(() => asked.length === 4);
  expect(documents).toEqual([{ n: 1 }]);
  stop();
});

it('ends when there is no such thing', async () => {
  answers = [{ status: 404 }];
  const unknown = new Promise<void>((resolve) =>
    poll(url(), { document: () => undefined, unknown: resolve, failed: () => undefined }),
  );
  await unknown;
  expect(vi.getTimerCount()).toBe(0);
});
