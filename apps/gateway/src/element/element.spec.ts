import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningGateway } from '../gateway.testing.js';
import { ElementScript } from './element-script.js';
import { snippetOf, type Snippet } from './snippet.js';

const SCRIPT = 'customElements.define("queue-wait", class extends HTMLElement {});';
const integrityOf = (text: string): string => `sha384-${createHash('sha384').update(text).digest('base64')}`;

let base: string;
let gateway: RunningGateway;
const build = async (script: string): Promise<string> => {
  const web = await mkdtemp(join(base, 'web-'));
  await mkdir(join(web, 'element'));
  await writeFile(join(web, 'element', 'queue-wait.js'), script);
  return web;
};

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'queuecast-element-'));
  gateway = await RunningGateway.start({ webDirectory: await build(SCRIPT), publicUrl: 'https://wait.example.org/' });
});
afterAll(async () => {
  await gateway.stop();
  await rm(base, { recursive: true, force: true });
});

const snippet = async (query = ''): Promise<Snippet> =>
  (await (await gateway.get(`/element/snippet.json${query}`)).json()) as Snippet;

describe('the script', () => {
  it('is served to every website under the name of its content for ever, as the snippet pins it', async () => {
    const { src, integrity } = await snippet();
    expect(integrity).toBe(integrityOf(SCRIPT));
    expect(src).toMatch(/^https:\/\/wait\.example\.org\/element\/[0-9a-f]{16}\/queue-wait\.js$/);
    const response = await gateway.get(new URL(src).pathname, { Origin: 'https://shop.example' });
    expect(await response.text()).toBe(SCRIPT);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    });
    const etag = response.headers.get('etag') ?? '';
    expect((await gateway.get('/element/queue-wait.js', { 'If-None-Match': etag })).status).toBe(304);
  });

  it('is also there as the latest, for those who do not pin it, and unpacked for those who want that', async () => {
    const response = await gateway.get('/element/queue-wait.js', { 'Accept-Encoding': 'identity' });
    expect(response.headers.get('cache-control')).toBe('public, max-age=300, stale-while-revalidate=86400');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.text()).toBe(SCRIPT);
  });

  it.each(['0123456789abcdef', '..%2f..%2fsecret', 'x'])('is not there under another name: %s', async (name) => {
    const response = await gateway.get(`/element/${name}/queue-wait.js`);
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('/element/snippet') as string });
  });

  it('stays where a website has pinned it when the gateway is updated, unless its file is not what it was', async () => {
    const data = join(base, 'data');
    const warnings: string[] = [];
    const open = async (script: string) => new ElementScript(await build(script), data, (text) => warnings.push(text));
    const { version, integrity } = (await open('"first"')).current()!;
    const updated = await open('"second"');
    expect(updated.current()!.version).not.toBe(version);
    expect(updated.version(version)).toMatchObject({ integrity, bytes: Buffer.from('"first"') });
    await writeFile(join(data, 'element', `${version}.js`), '"tampered with"');
    expect((await open('"third"')).version(version)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('is served though it cannot be kept, with a word about that', async () => {
    const warnings: string[] = [];
    await writeFile(join(base, 'file'), '');
    const script = new ElementScript(await build(SCRIPT), join(base, 'file'), (text) => warnings.push(text));
    expect(script.current()?.integrity).toBe(integrityOf(SCRIPT));
    expect(warnings).toEqual([expect.stringContaining('make dataDir writable')]);
  });
});

describe('the snippet', () => {
  it('is one script tag with its hash, the element, and a link for those without scripts', async () => {
    const response = await gateway.get('/element/snippet?tenant=acme&queue=support&variant=big&lang=fr');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const { src, integrity } = await snippet();
    expect(await response.text()).toBe(
      `<script src="${src}" integrity="${integrity}" crossorigin="anonymous" defer></script>\n` +
        '<queue-wait tenant="acme" queue="support" variant="big" lang="fr"></queue-wait>\n' +
        '<noscript><a href="https://wait.example.org/t/acme?lang=fr">Assistance</a></noscript>\n',
    );
  });

  it('names the first public queue if none is asked for, and no queue that is not public', async () => {
    expect((await snippet()).html).toContain('<queue-wait tenant="acme" queue="support">');
    for (const query of ['?queue=board', '?tenant=globex', '?tenant=nobody'])
      expect((await gateway.get(`/element/snippet${query}`)).status).toBe(404);
  });

  it.each(['variant=huge', 'lang=%22%3E', 'theme=sepia', 'colour=red'])('says what is wrong with %s', async (query) => {
    const response = await gateway.get(`/element/snippet?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.any(String) as string }] });
  });

  it('cannot be broken out of', () => {
    const { html } = snippetOf({
      server: 'https://a"b',
      version: 'v',
      integrity: 'sha384-x',
      tenant: '"><script>',
      queue: "'&",
      attributes: {},
      linkText: '<b>',
    });
    expect(html.match(/<(?!\/)[a-z-]+/g)).toEqual(['<script', '<queue-wait', '<noscript', '<a']);
  });
});
