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

/** Lets the answer come in, then moves the clock on. */
const answered = async (count: number): Promise<void> => {
  await vi.waitUntil(() => asked.length >= count, { interval: 1 });
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
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
  await answered(1);
  await vi.waitUntil(() => documents.length === 1, { interval: 1 });
  for (const [count, pauseMs] of [
    [2, 5_000],
    [3, 5_000],
  ] as const) {
    await vi.waitUntil(() => vi.getTimerCount() > 0, { interval: 1 });
    await vi.advanceTimersByTimeAsync(pauseMs);
    await answered(count);
  }
  await vi.waitUntil(() => failed === 1, { interval: 1 });
  await vi.waitUntil(() => vi.getTimerCount() > 0, { interval: 1 });
  await vi.advanceTimersByTimeAsync(9_999);
  expect(asked).toEqual([undefined, '"one"', '"one"']);
  await vi.advanceTimersByTimeAsync(1);
  await answered(4);
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
