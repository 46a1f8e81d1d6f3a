import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import { telecomCentre, townCentre } from '../../apps/simulator/src/demo/centres.js';
import { createHttpSender, demoTenants, pace, Simulation } from '../../apps/simulator/src/index.js';
import { machineLines } from './machine.js';
import { startProduct, type Product } from './product.js';
import { inScratch } from './scratch.js';
import { median, slope } from './statistics.js';
import { grouped, table } from './table.js';

const MINUTE = 60_000;
const MIB = 2 ** 20;
const SAMPLE_EVERY_MS = 2_000;
const PUBLIC_SOCKETS = 50;
const WALLBOARDS = 5;
const STRETCH_MINUTES = 10;

interface Sample {
  /** Simulated minutes since the start. */
  readonly minute: number;
  /** Resident, and of it what is not backed by files (LMDB's pages are), MiB. */
  readonly resident: number;
  readonly anonymous: number;
}

const statusOf = (pid: number, field: string): number => {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1] ?? Number.NaN) * 1024) / MIB;
};

/** Plays one demonstration centre into the product: `minutes` of simulated time that end now, `speed` times as fast. */
const play = async (
  product: Product,
  tenant: string,
  site: string,
  options: { start: number; end: number; speed: number },
): Promise<number> => {
  const { start, end, speed } = options;
  const model = tenant === 'lumina-telecom' ? telecomCentre(start) : townCentre();
  const simulation = new Simulation({
    scenario: 'demo',
    model,
    seed: `memory/${tenant}`,
    start,
    end,
    tenant,
    site,
    restarted: true,
    books: false,
  });
  const signal = new AbortController().signal;
  const send = createHttpSender({ url: product.origin, key: product.keys.get(tenant) ?? '', signal });
  let sent = 0;
  for await (const events of pace(simulation, { speed, batch: 500, now: Date.now, signal }))
    sent += (await send(events)).accepted;
  return sent;
};

const openSockets = (product: Product): Socket[] => {
  const options = { transports: ['websocket'], forceNew: true };
  const boards = Array.from({ length: WALLBOARDS }, () =>
    io(`${product.origin}/wallboard`, { ...options, auth: { token: product.token } }),
  );
  const visitors = Array.from({ length: PUBLIC_SOCKETS }, () => {
    const socket = io(`${product.origin}/public`, options);
    socket.on('connect', () => socket.emit('subscribe', { tenant: 'lumina-telecom' }));
    return socket;
  });
  return [...boards, ...visitors];
};

const bench = async (minutes: number, speed: number): Promise<void> => {
  console.log(
    `The demonstration's centres, ${minutes} simulated minutes at ${speed} times real pace, with ${WALLBOARDS} wallboards and ${PUBLIC_SOCKETS} public sockets.\n`,
  );
  console.log(machineLines().join('\n'));
  const { samples, sent } = await inScratch(async (directory) => {
    const product = await startProduct(directory, demoTenants);
    const sockets = openSockets(product);
    const end = Date.now();
    const start = end - minutes * MINUTE;
    const began = Date.now();
    const taken: Sample[] = [];
    const sample = (): void => {
      const { pid } = product.process;
      taken.push({
        minute: ((Date.now() - began) * speed) / MINUTE,
        resident: statusOf(pid, 'VmRSS'),
        anonymous: statusOf(pid, 'RssAnon'),
      });
    };
    const timer = setInterval(sample, SAMPLE_EVERY_MS);
    const sites = [
      ['lumina-telecom', 'bruxelles'],
      ['ville-de-liege', 'hotel-de-ville'],
    ] as const;
    const counts = await Promise.all(sites.map(([tenant, site]) => play(product, tenant, site, { start, end, speed })));
    sample();
    clearInterval(timer);
    for (const socket of sockets) socket.close();
    await product.process.stop();
    return { samples: taken, sent: counts.reduce((sum, count) => sum + count, 0) };
  });
  console.log(`Events   ${grouped(sent)} sent and taken\n`);
  const rows: string[][] = [];
  for (let from = 0; from < minutes; from += STRETCH_MINUTES) {
    const stretch = samples.filter(({ minute }) => minute >= from && minute < from + STRETCH_MINUTES);
    if (stretch.length === 0) continue;
    const cells = (of: (one: Sample) => number): string[] => {
      const values = stretch.map(of);
      return [Math.min(...values), median(values), Math.max(...values)].map((value) => value.toFixed(0));
    };
    rows.push([
      `${from} to ${from + STRETCH_MINUTES} min`,
      ...cells(({ resident }) => resident),
      ...cells(({ anonymous }) => anonymous),
    ]);
  }
  console.log(table(['simulated', 'resident min', 'median', 'max MiB', 'anonymous min', 'median', 'max MiB'], rows));
  const later = samples.filter(({ minute }) => minute >= minutes / 2);
  const growth = slope(later.map(({ minute, resident }) => ({ x: minute / 60, y: resident })));
  console.log(
    `\nPeak ${Math.max(...samples.map(({ resident }) => resident)).toFixed(0)} MiB resident; over the second half ${growth.toFixed(1)} MiB per simulated hour.`,
  );
};

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, speed: { type: 'string', default: '20' } },
});
await bench(Number(values.minutes), Number(values.speed));
