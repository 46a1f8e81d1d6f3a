#!/usr/bin/env node
// A website of somebody else: static pages at another origin, under a strict content security policy, that show the wait
// of a queue with one script tag.
//   npm run demo:website -- [--gateway http://127.0.0.1:8080] [--port 8090] [--tenant acme] [--queue support]
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    gateway: { type: 'string', default: 'http://127.0.0.1:8080' },
    port: { type: 'string', default: '8090' },
    tenant: { type: 'string' },
    queue: { type: 'string' },
  },
});

/** Address and hash of the script, as an author of the page would have pasted them once. */
const snippet = async () => {
  const address = new URL('/element/snippet.json', values.gateway);
  for (const name of ['tenant', 'queue']) if (values[name]) address.searchParams.set(name, values[name]);
  const response = await fetch(address).catch((error) => {
    throw new Error(`there is no gateway at ${values.gateway} (${error.cause?.code ?? error.message}): run npm start`);
  });
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
  return response.json();
};

const here = (name) => readFile(new URL(name, import.meta.url), 'utf8');

const start = async () => {
  const { src, integrity, tenant, queue } = await snippet();
  const { origin } = new URL(src);
  const policy = [
    "default-src 'none'",
    `script-src ${src}`,
    "style-src 'self'",
    `connect-src ${origin} ${origin.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const values_ = { SRC: src, INTEGRITY: integrity, GATEWAY: origin, TENANT: tenant, QUEUE: queue };
  const page = (await here('index.html')).replace(/\{\{(\w+)\}\}/g, (_, name) => values_[name]);
  const files = new Map([
    ['/', ['text/html', page]],
    ['/style.css', ['text/css', await here('style.css')]],
  ]);
  const server = createServer(({ url }, response) => {
    const [type, body] = files.get(new URL(url, 'http://website').pathname) ?? [];
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (!type) return response.writeHead(204).end();
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body);
  });
  server.listen(Number(values.port), '127.0.0.1', () =>
    // By another name than the gateway's, so that it is another site and not only another port.
    console.log(`The website is up: http://localhost:${server.address().port}`),
  );
};

start().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
