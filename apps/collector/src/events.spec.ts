import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { LogAwayError } from '@queuecast/event-log';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  event,
  KEY,
  OTHER_KEY,
  REPORTS_KEY,
  send,
  startCollector,
  type RunningCollector,
} from './collector.testing.js';

const NDJSON = { 'Content-Type': 'application/x-ndjson' };
let collector: RunningCollector;

const texts = async (): Promise<string[]> =>
  (await collector.stored()).map((record) => Buffer.from(record.value!).toString());

beforeAll(async () => {
  collector = await startCollector({ maxBatchEvents: 1000, maxBodyBytes: 1_000_000, maxEventBytes: 4096 });
});
afterAll(() => collector.stop());
afterEach(() => vi.restoreAllMocks());

describe('events are taken', () => {
  it('one by one, and only their own bytes are appended', async () => {
    const text = `{ "extra":1.50, ${JSON.stringify(event({ id: 'as-sent' })).slice(1)}`;
    const answer = await send(collector, `\n ${text}\n`, { 'Content-Type': 'application/cloudevents+json' });
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      accepted: 1,
      rejected: 0,
      results: [{ index: 0, id: 'as-sent', status: 'accepted' }],
    });
    const stored = await collector.stored();
    const own = stored.find((record) => Buffer.from(record.value!).toString() === text);
    expect(own?.key).toBe('acme/main');
  });

  it('as a batch, in the order given', async () => {
    const events = Array.from({ length: 500 }, (_, n) => event({ id: `batch-${n}`, data: { channel: 'chat' } }));
    const answer = await send(collector, JSON.stringify(events, null, 1), {
      'Content-Type': 'application/cloudevents-batch+json; charset=utf-8',
    });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 500, rejected: 0, results: [] } });
    const ids = (await texts()).map((text) => (JSON.parse(text) as { id: string }).id);
    expect(ids.filter((id) => id.startsWith('batch-'))).toEqual(events.map(({ id }) => id));
  });

  it('one per line, gzipped, with blank lines and Windows line ends', async () => {
    const lines = [event({ id: 'line-1' }), event({ id: 'line-2' })].map((each) => JSON.stringify(each));
    const answer = await send(collector, gzipSync(`\uFEFF${lines[0]}\r\n\r\n${lines[1]}\r\n`), {
      ...NDJSON,
      'Content-Encoding': 'gzip',
    });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected: 0 } });
    expect(await texts()).toEqual(expect.arrayContaining(lines));
  });

  it('with a type that the contract does not know: archived, and counted as foreign', async () => {
    const before = await collector.sample('queuecast_events_accepted_total{kind="foreign"}');
    const answer = await send(collector, JSON.stringify(event({ type: 'com.vendor.custom' })));
    expect(answer.status).toBe(202);
    expect(await collector.sample('queuecast_events_accepted_total{kind="foreign"}')).toBe(before + 1);
  });

  it('by the key in X-Api-Key too', async () => {
    const answer = await fetch(`${collector.url}/v1/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Api-Key': KEY },
      body: JSON.stringify(event()),
    });
    expect(answer.status).toBe(202);
  });
});

describe('events are refused one by one', () => {
  it.each([
    ['id', event({ id: 7 }), 'id'],
    ['a time without a zone', event({ time: '2026-01-01T00:00:00' }), 'time'],
    ['a time in the future', event({ time: '2100-01-01T00:00:00Z' }), 'time'],
    ['no site', event({ site: undefined }), 'site'],
    ['a channel that does not exist', event({ data: { channel: 'smoke' } }), 'data.channel'],
    ['no contact', event({ subject: undefined }), 'subject'],
    ['specversion', event({ specversion: '0.3' }), 'specversion'],
    ['an array', [1], ''],
    ['too many bytes', event({ data: { channel: 'voice', entryPoint: 'x'.repeat(5000) } }), ''],
  ])('%s: the field is named, and nothing is appended', async (_, bad, field) => {
    const append = vi.spyOn(collector.log, 'append');
    const answer = await send(collector, JSON.stringify(Array.isArray(bad) ? [bad] : bad));
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(answer.body).toMatchObject({ status: 400, title: 'Bad Request', accepted: 0, rejected: 1 });
    expect(answer.body.results?.[0]).toMatchObject({ index: 0, status: 'rejected' });
    expect(answer.body.results?.[0]?.issues?.map((issue) => issue.field)).toContain(field);
    expect(append).not.toHaveBeenCalled();
  });

  it('a line that is not JSON is named by its number, and the others are taken', async () => {
    const rejectedBefore = await collector.sample('queuecast_events_rejected_total{reason="malformed"}');
    const body = [
      JSON.stringify(event({ id: 'good-1' })),
      '{"specversion":"1.0",',
      '',
      JSON.stringify(event({ id: 'bad', site: '' })),
      JSON.stringify(event({ id: 'good-2' })),
    ].join('\n');
    const answer = await send(collector, body, NDJSON);
    expect(answer).toMatchObject({ status: 207, body: { accepted: 2, rejected: 2 } });
    expect(answer.body.results).toMatchObject([
      { index: 1, line: 2, id: null, status: 'rejected', issues: [{ field: '' }] },
      { index: 2, line: 4, id: 'bad', status: 'rejected', issues: [{ field: 'site' }] },
    ]);
    expect(await collector.sample('queuecast_events_rejected_total{reason="malformed"}')).toBe(rejectedBefore + 1);
  });

  it('text that is not UTF-8 is refused, not altered', async () => {
    const bytes = Buffer.from(JSON.stringify(event({ source: '/caf?' })));
    bytes[bytes.indexOf('?')] = 0xe9;
    const answer = await send(collector, Buffer.concat([bytes, Buffer.from(`\n${JSON.stringify(event())}`)]), NDJSON);
    expect(answer).toMatchObject({ status: 207, body: { accepted: 1, rejected: 1 } });
    expect(answer.body.results?.[0]?.issues?.[0]?.message).toContain('UTF-8');
  });

  it('an event of another tenant, and it is counted', async () => {
    const counter = 'queuecast_events_rejected_total{reason="other_tenant"}';
    const before = await collector.sample(counter);
    const answer = await send(collector, JSON.stringify([event({ tenant: 'globex' }), event()]));
    expect(answer).toMatchObject({ status: 207, body: { accepted: 1, rejected: 1 } });
    expect(answer.body.results?.[0]?.issues?.[0]?.field).toBe('tenant');
    expect(await collector.sample(counter)).toBe(before + 1);
    expect((await collector.stored()).map((record) => record.key)).not.toContain('globex/main');
  });
});

describe('requests are refused whole', () => {
  const problem = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const answer = await send(collector, body, headers);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body.status).toBe(answer.status);
    return answer;
  };

  it('without a key, with an unknown one, and with one that lacks the scope', async () => {
    const missing = await problem('{}', { Authorization: '' });
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toContain('Bearer');
    expect((await problem('{}', { Authorization: 'Bearer nobody' })).status).toBe(401);
    expect((await problem('{}', { Authorization: `Bearer ${REPORTS_KEY}` })).status).toBe(403);
    expect(await collector.sample('queuecast_refusals_total{where="events",reason="scope"}')).toBe(1);
  });

  it('with another content type or encoding, naming those that are taken', async () => {
    const type = await problem('<xml/>', { 'Content-Type': 'application/xml' });
    expect(type.status).toBe(415);
    expect(type.body.detail).toContain('application/x-ndjson');
    expect((await problem('x', { 'Content-Encoding': 'zstd' })).body.detail).toContain('gzip');
  });

  it('when they hold no event', async () => {
    for (const empty of ['', ' \n', '[]', '[ ]'])
      expect(await problem(empty)).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('no event') as string },
      });
  });

  it('when the array is broken: nothing of it is taken', async () => {
    const append = vi.spyOn(collector.log, 'append');
    const good = JSON.stringify(event());
    for (const broken of [`[${good},`, `[${good} ${good}]`, `[${good},]`, `[${good}]]`, `[${good}`, `[,]`])
      expect((await problem(broken)).status).toBe(400);
    expect(append).not.toHaveBeenCalled();
  });

  it('when they are too large, as sent, decompressed, or in events: the limit is named', async () => {
    const sent = await problem(' '.repeat(1_000_001));
    expect(sent).toMatchObject({ status: 413, body: { detail: expect.stringContaining('maxBodyBytes') as string } });
    const bomb = await problem(gzipSync(Buffer.alloc(50_000_000, ' ')), { 'Content-Encoding': 'gzip' });
    expect(bomb).toMatchObject({ status: 413, body: { detail: expect.stringContaining('1000000 bytes') as string } });
    const many = await problem(`[${Array.from({ length: 1001 }, () => '0').join(',')}]`);
    expect(many).toMatchObject({ status: 413, body: { detail: expect.stringContaining('maxBatchEvents') as string } });
  });

  it('when the body is not the gzip that it says it is', async () => {
    expect((await problem('plain', { 'Content-Encoding': 'gzip' })).status).toBe(400);
  });
});

describe('nothing is acknowledged that the log does not have', () => {
  it('answers 503 with Retry-After while the log is away', async () => {
    vi.spyOn(collector.log, 'append').mockRejectedValueOnce(new LogAwayError('disk full'));
    const accepted = await collector.sample('queuecast_events_accepted_total{kind="event"}');
    const answer = await send(collector, JSON.stringify([event(), event()]));
    expect(answer).toMatchObject({ status: 503, type: 'application/problem+json' });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await collector.sample('queuecast_events_accepted_total{kind="event"}')).toBe(accepted);
  });

  it('answers after the append, and what arrives meanwhile goes together in the next', async () => {
    const append = collector.log.append.bind(collector.log);
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const spy = vi.spyOn(collector.log, 'append').mockImplementationOnce(async (records) => {
      await held;
      return append(records);
    });
    let answered = 0;
    const sending = Array.from({ length: 20 }, (_, n) =>
      send(collector, JSON.stringify(event({ id: `held-${n}` }))).then((answer) => {
        answered++;
        return answer.status;
      }),
    );
    await expect.poll(() => collector.sample('queuecast_append_pending_bytes')).toBeGreaterThan(3000);
    expect(answered).toBe(0);
    release();
    expect(new Set(await Promise.all(sending))).toEqual(new Set([202]));
    expect(spy.mock.calls.length).toBeLessThan(20);
    expect((await texts()).filter((text) => text.includes('"held-'))).toHaveLength(20);
  });

  it('finishes what is in hand when it shuts down', async () => {
    const closing = await startCollector();
    const append = closing.log.append.bind(closing.log);
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((resolve) => {
      vi.spyOn(closing.log, 'append').mockImplementationOnce(async (records) => {
        resolve();
        await held;
        return append(records);
      });
    });
    const sending = send(closing, JSON.stringify(event({ id: 'last' })));
    await begun;
    const stopped = closing.app.close();
    release();
    expect((await sending).status).toBe(202);
    await stopped;
    expect(await closing.stored()).toHaveLength(1);
    await closing.stop();
  });
});

describe('no input stops it', () => {
  const answersStill = async () => expect((await send(collector, JSON.stringify(event()))).status).toBe(202);

  it('any bytes in any framing get an answer', async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc
        .array(fc.oneof(fc.json(), fc.constant(JSON.stringify(event())), fc.string()))
        .chain((parts) => fc.constantFrom(`[${parts.join(',')}]`, parts.join('\n')))
        .map((text) => new TextEncoder().encode(text)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('application/json', 'application/x-ndjson'), async (bytes, type) => {
        const answer = await send(collector, bytes, { 'Content-Type': type });
        expect([202, 207, 400]).toContain(answer.status);
        const { accepted = 0, rejected = 0, results } = answer.body;
        if (results && accepted + rejected > 1) expect(results).toHaveLength(rejected);
      }),
      { numRuns: 300 },
    );
    await answersStill();
  });

  it('any field of an event may be anything', async () => {
    const names = ['id', 'source', 'type', 'time', 'subject', 'tenant', 'site', 'data', 'specversion', '__proto__'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
        const text = JSON.stringify(event()).replace(/\}$/, `,${JSON.stringify(name)}:${JSON.stringify(value)}}`);
        const answer = await send(collector, text);
        expect([202, 400]).toContain(answer.status);
        if (answer.status === 400) expect(answer.body.results?.[0]?.issues?.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
    await answersStill();
  });

  it('a body that breaks off leaves nothing behind', async () => {
    const before = (await collector.stored()).length;
    const socket = connect(collector.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/x-ndjson\r\n` +
        `Content-Length: 5000\r\n\r\n${JSON.stringify(event())}\n`,
    );
    await expect.poll(() => collector.sample('queuecast_append_pending_bytes')).toBe(0);
    socket.destroy();
    await answersStill();
    expect((await collector.stored()).length).toBe(before + 1);
  });

  it('unknown addresses and methods are problem documents', async () => {
    for (const [path, method] of [
      ['/v1/events', 'GET'],
      ['/nowhere', 'GET'],
      ['/%', 'GET'],
    ] as const) {
      const response = await fetch(`${collector.url}${path}`, { method });
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }
  });
});

describe('operations', () => {
  it('says that it lives, that it is ready, and what it counts', async () => {
    expect((await fetch(`${collector.url}/health`)).status).toBe(200);
    const ready = await fetch(`${collector.url}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, parts: { log: { state: 'up' } } });
    const metrics = await fetch(`${collector.url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('queuecast_append_seconds_bucket');
  });

  it('is not ready while the log is away', async () => {
    vi.spyOn(collector.log, 'health').mockReturnValue({ state: 'away', reason: 'disk full', since: 0 as never });
    const ready = await fetch(`${collector.url}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, parts: { log: { state: 'away', reason: 'disk full' } } });
  });

  it('describes itself as OpenAPI', async () => {
    const response = await fetch(`${collector.url}/docs-json`);
    const document = (await response.json()) as { paths: Record<string, { post?: { requestBody?: unknown } }> };
    expect(document.paths['/v1/events']?.post?.requestBody).toBeDefined();
    const page = await fetch(`${collector.url}/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'unsafe-inline'");
    expect((await fetch(`${collector.url}/health`)).headers.get('content-security-policy')).toContain(
      "style-src 'self';",
    );
  });

  it('another tenant keeps its own keys', async () => {
    const answer = await send(collector, JSON.stringify(event({ tenant: 'globex' })), {
      Authorization: `Bearer ${OTHER_KEY}`,
    });
    expect(answer.status).toBe(202);
  });
});
