import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudEvent } from '@queuecast/events';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpSender, SendError, type HttpSenderOptions } from './http-sender.js';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  readonly body: string;
}
type Answer = (response: ServerResponse, events: number) => void;

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => (server ? server.close(() => done()) : done())));

/** A server that gives each answer once, and the last one for ever. */
const serve = async (...answers: Answer[]): Promise<{ url: string; received: Received[] }> => {
  const received: Received[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const answer = answers[Math.min(received.length, answers.length - 1)];
      received.push({ headers: request.headers, url: request.url ?? '', body });
      answer?.(response, body.trim().split('\n').length);
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
};

const json =
  (status: number, body: (events: number) => unknown, headers: Record<string, string> = {}): Answer =>
  (response, events) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body(events)));
const accepted = json(202, (events) => ({ accepted: events, rejected: 0, results: [] }));
const reset: Answer = (response) => response.destroy();

const events = (count: number): CloudEvent[] =>
  Array.from({ length: count }, (_, number) => ({
    specversion: '1.0',
    id: `e${number}`,
    source: 'test',
    type: 'acd.source.heartbeat',
    time: '2026-03-02T08:00:00.000Z',
    tenant: 'demo',
    site: 'main',
    data: {},
  }));

const senderTo = (url: string, options: Partial<HttpSenderOptions> = {}) =>
  createHttpSender({ url, key: 'secret', backoffMs: 1, ...options });

describe('the HTTP sender', () => {
  it('posts NDJSON with the key', async () => {
    const { url, received } = await serve(accepted);
    expect(await senderTo(url)(events(3))).toEqual({ accepted: 3, rejected: [] });
    expect(received).toHaveLength(1);
    expect(received[0]?.url).toBe('/v1/events');
    expect(received[0]?.headers['content-type']).toBe('application/x-ndjson');
    expect(received[0]?.headers.authorization).toBe('Bearer secret');
    expect(
      (received[0]?.body ?? '')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(events(3));
  });

  it('sends nothing for no events', async () => {
    const { url, received } = await serve(accepted);
    expect(await senderTo(url)([])).toEqual({ accepted: 0, rejected: [] });
    expect(received).toEqual([]);
  });

  it('tries again after a reset, a 500 and a 503, and waits as long as Retry-After asks', async () => {
    const away = json(503, () => ({ title: 'the log is away' }), { 'retry-after': '1' });
    const broken = json(500, () => ({}));
    const { url, received } = await serve(reset, broken, away, accepted);
    const waits: number[] = [];
    const send = senderTo(url, { onRetry: (_reason, wait) => waits.push(wait) });
    expect((await send(events(2))).accepted).toBe(2);
    expect(received).toHaveLength(4);
    expect(waits).toEqual([1, 2, 1000]);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it('gives up after the attempts it has, and says what was wrong', async () => {
    const { url, received } = await serve(json(503, () => ({ detail: 'the log is away' }), { 'retry-after': '0' }));
    await expect(senderTo(url, { attempts: 3 })(events(1))).rejects.toThrow(
      /answered 503 .*the log is away.*3 attempts/,
    );
    expect(received).toHaveLength(3);
  });

  it('gives what was refused, event by event', async () => {
    const results = [
      { index: 1, id: 'e1', status: 'rejected', issues: [{ field: 'data.leg', message: 'leg must not be empty' }] },
    ];
    const { url } = await serve(json(207, () => ({ accepted: 1, rejected: 1, results })));
    expect(await senderTo(url)(events(2))).toEqual({
      accepted: 1,
      rejected: [{ id: 'e1', reason: 'data.leg: leg must not be empty' }],
    });
  });

  it('takes a 400 with results as refusals, and any other 4xx as an error with the remedy', async () => {
    const results = [{ index: 0, id: null, status: 'rejected', issues: [{ field: '', message: 'not JSON' }] }];
    const refused = await serve(json(400, () => ({ status: 400, accepted: 0, rejected: 1, results })));
    expect(await senderTo(refused.url)(events(1))).toEqual({
      accepted: 0,
      rejected: [{ id: 'e0', reason: 'not JSON' }],
    });
    server?.close();
    const denied = await serve(json(401, () => ({ title: 'Unauthorized' })));
    await expect(senderTo(denied.url)(events(1))).rejects.toThrow(/answered 401 .*check --key/);
    expect(denied.received).toHaveLength(1);
  });

  it('does not take somebody else for a collector', async () => {
    const { url } = await serve((response) => response.end('<html>hello</html>'));
    await expect(senderTo(url)(events(1))).rejects.toThrow(/not that of a Queuecast collector/);
    server?.close();
    const short = await serve(json(202, () => ({ accepted: 1, rejected: 0 })));
    await expect(senderTo(short.url)(events(2))).rejects.toThrow(/accounts for 1 of the 2 events/);
  });

  it('stops trying when it is interrupted', async () => {
    const abort = new AbortController();
    const { url } = await serve(json(503, () => ({}), { 'retry-after': '3600' }));
    const send = senderTo(url, { signal: abort.signal, onRetry: () => abort.abort() });
    await expect(send(events(1))).rejects.toThrow(SendError);
  });
});
