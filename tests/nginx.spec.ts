import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PublicQueue } from '@queuecast/live';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { band, frame } from '../apps/gateway/src/frame.testing.js';
import { bundlePages } from '../apps/web/bundles.js';
import { next, RunningGateway } from '../apps/gateway/src/gateway.testing.js';
import { freePort } from './support/free-port.js';

const configuration = readFileSync(resolve(import.meta.dirname, '../deploy/nginx/queuecast.conf'), 'utf8');
const DOCUMENT = '/public/v1/acme/queues/support.json';

const replaced = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`the example has no "${from}" any more`);
  return text.replace(from, to);
};

const frameAt = (low: number, high: number) => {
  const at = Date.now();
  return frame({ version: at, at, estimate: band(low, (low + high) / 2, high, at) });
};

describe.skipIf(process.env['QUEUECAST_SKIP_NGINX'])('nginx, as deploy/nginx sets it up, in front of a gateway', () => {
  const directory = mkdtempSync(join(tmpdir(), 'queuecast-nginx-'));
  let gateway: RunningGateway;
  let nginx: ChildProcess;
  let origin: string;

  beforeAll(async () => {
    const pages = join(directory, 'pages');
    mkdirSync(join(pages, 'server'), { recursive: true });
    writeFileSync(join(pages, 'server', 'page.mjs'), await bundlePages());
    copyFileSync('apps/web/page.html', join(pages, 'page.html'));
    gateway = await RunningGateway.start({ webDirectory: pages });
    gateway.bus.publish([frameAt(8, 12)]);
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const included = [
      ['/var/cache/nginx/queuecast', join(directory, 'cache')],
      ['server 127.0.0.1:8080;', `server 127.0.0.1:${gateway.port};`],
      ['listen 80;', `listen 127.0.0.1:${port};`],
    ].reduce((text, [from = '', to = '']) => replaced(text, from, to), configuration);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${join(directory, name)};`)
      .join(' ');
    const file = join(directory, 'nginx.conf');
    writeFileSync(
      file,
      `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${join(directory, 'pid')};
      error_log ${join(directory, 'error.log')}; events {} http { access_log off; ${temporary} ${included} }`,
    );
    const checked = spawnSync('nginx', ['-t', '-c', file], { encoding: 'utf8' });
    if (checked.status !== 0) throw new Error(checked.stderr);
    nginx = spawn('nginx', ['-c', file], { stdio: 'inherit' });
    await vi.waitUntil(async () => (await fetch(`${origin}/favicon.svg`).catch(() => null)) !== null, {
      timeout: 60_000,
    });
  });
  afterAll(async () => {
    if (nginx) {
      nginx.kill('SIGTERM');
      await once(nginx, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps public documents, with their tags', async () => {
    // It is kept for five seconds: two requests between which they passed are made again.
    const twice = async () => {
      const first = await fetch(`${origin}${DOCUMENT}`);
      const second = await fetch(`${origin}${DOCUMENT}?of=no-consequence`);
      const isSame = (await second.text()) === (await first.text());
      return { status: first.status, cache: second.headers.get('x-cache'), isSame };
    };
    await expect.poll(twice).toEqual({ status: 200, cache: 'HIT', isSame: true });
    const etag = (await fetch(`${origin}${DOCUMENT}`)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const known = await fetch(`${origin}${DOCUMENT}`, { headers: { 'If-None-Match': etag } });
    expect(known.status).toBe(304);
  });

  it('keeps a public page for each language, and none with a form on it', async () => {
    const page = async (language: string, query = '') => {
      const response = await fetch(`${origin}/t/acme${query}`, { headers: { 'Accept-Language': language } });
      return { cache: response.headers.get('x-cache'), title: /<title>(.*)<\/title>/.exec(await response.text())?.[1] };
    };
    expect(await page('nl')).toEqual({ cache: 'MISS', title: 'Wachttijden bij Acme Telecom' });
    expect((await page('fr')).title).toBe('Temps d’attente chez Acme Telecom');
    await expect.poll(() => page('nl')).toEqual({ cache: 'HIT', title: 'Wachttijden bij Acme Telecom' });
    expect((await page('nl', '?lang=de')).title).toBe('Wartezeiten bei Acme Telecom');
    for (let n = 0; n < 2; n += 1) expect((await page('nl', '?queue=support')).cache).toBe('MISS');
  });

  it('lets sockets through, with what changes', async () => {
    const socket = io(`${origin}/public`, { transports: ['websocket'], forceNew: true });
    await next(socket, 'connect');
    gateway.bus.publish([frameAt(8, 12)]);
    const first = next<PublicQueue>(socket, 'queue');
    socket.emit('subscribe', { tenant: 'acme', queue: 'support' });
    expect((await first).wait).toMatchObject({ kind: 'band' });
    const waits: PublicQueue['wait'][] = [];
    socket.on('queue', ({ wait }: PublicQueue) => waits.push(wait));
    gateway.bus.publish([frameAt(40, 55)]);
    await expect.poll(() => waits).toContainEqual({ kind: 'band', lowMinutes: 40, highMinutes: 55 });
    socket.close();
  });

  it('keeps nothing that belongs to somebody, and passes on who asks', async () => {
    const token = await gateway.token('acme');
    const path = '/v1/reports/intervals?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z';
    const own = await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    expect(own.status).toBe(200);
    expect((await fetch(`${origin}${path}`)).status).toBe(401);
  });

  it('shows the operators’ pages to nobody', async () => {
    for (const page of ['metrics', 'ready', 'health'])
      for (const path of [page, page.toUpperCase(), `${page}/`, `/${page}`, `./${page}`, `${page}?x`, `%6d/../${page}`])
        expect((await fetch(`${origin}/${path}`)).status, path).toBe(404);
  });

  it('goes on with the last document while the gateway is away', async () => {
    await gateway.stop();
    const path = `${origin}${DOCUMENT}`;
    // Past max-age: whatever comes now was asked of a gateway that does not answer.
    await expect.poll(async () => (await fetch(path)).headers.get('x-cache'), { interval: 500 }).not.toBe('HIT');
    const stale = await fetch(path);
    expect(stale.status).toBe(200);
    expect(['STALE', 'UPDATING']).toContain(stale.headers.get('x-cache'));
    expect((await fetch(`${origin}/v1/tokens`, { method: 'POST' })).status).toBe(502);
  });
});
