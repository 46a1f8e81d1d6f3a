import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress } from './webhook-target.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postWebhook } from './post-webhook.js';

let server: Server;
let port: number;
let connections = 0;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/moved') response.writeHead(307, { Location: '/elsewhere' });
    // A body without end.
    response.write('more ');
    const more = setInterval(() => response.write('and more '), 10);
    response.on('close', () => clearInterval(more));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const post = (path: string, more: object = {}): Promise<void> =>
  postWebhook({
    url: `http://localhost:${port}${path}`,
    headers: {},
    body: '{}',
    signal: AbortSignal.timeout(30_000),
    ...more,
  });

describe('posting a message', () => {
  it('connects to no address that a name must not lead to', async () => {
    await expect(post('/private', { mayReach: isPublicAddress })).rejects.toThrow('not a public address');
    expect([connections, asked]).toEqual([0, []]);
  });

  it('does not wait for the body of the answer', async () => {
    await post('/endless', { mayReach: () => true });
    expect(asked).toEqual(['/endless']);
  });

  it('follows no redirect', async () => {
    await expect(post('/moved')).rejects.toThrow('307');
    expect(asked).not.toContain('/elsewhere');
  });

  it('ends with its signal', async () => {
    await expect(post('/late', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});
