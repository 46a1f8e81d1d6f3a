import { parseArgs } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import type { QueueFrame, WallboardSnapshot } from '../../libs/live/src/index.js';
import { answer, ask, isAsked } from './child.js';
import { runLoad, type LoadRequest, type LoadResult } from './load.js';
import { machineLines } from './machine.js';
import { startProduct, type Product } from './product.js';
import { inScratch } from './scratch.js';
import { quantile } from './statistics.js';
import { grouped, table } from './table.js';

const RATES = [200, 1_000, 5_000];
const LOADED_QUEUES = 500;
/** Each is touched less than four times a second, so that the frame limit per queue is not what is measured. */
const PROBE_QUEUES = 24;
const PROBE_EVERY_MS = 60;
const WARM_UP_SECONDS = 5;
const GIVE_UP_MS = 10_000;

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
const loaded = names('loaded', LOADED_QUEUES);
const probes = names('probe', PROBE_QUEUES);

/** The wallboard socket: whoever waits for a frame is told at the moment it arrives. */
class Board {
  private readonly waiting = new Map<
    string,
    { readonly condition: (frame: QueueFrame) => boolean; readonly seen: (at: number) => void }[]
  >();
  private constructor(private readonly socket: Socket) {
    socket.on('frame', (frame: QueueFrame) => this.take(frame, performance.now()));
  }

  static async open({ origin, token }: Product): Promise<Board> {
    const socket = io(`${origin}/wallboard`, { auth: { token }, transports: ['websocket'] });
    const snapshot = new Promise<WallboardSnapshot>((resolve, reject) => {
      socket.once('snapshot', resolve);
      socket.once('connect_error', reject);
    });
    const board = new Board(socket);
    await snapshot;
    return board;
  }

  /** When a frame of the queue first fulfils the condition; NaN if none does in ten seconds. */
  arrival(queue: string, condition: (frame: QueueFrame) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(Number.NaN), GIVE_UP_MS);
      const seen = (at: number): void => {
        clearTimeout(timer);
        resolve(at);
      };
      this.waiting.set(queue, [...(this.waiting.get(queue) ?? []), { condition, seen }]);
    });
  }

  close(): void {
    this.socket.close();
  }

  private take(frame: QueueFrame, at: number): void {
    const left = (this.waiting.get(frame.queue) ?? []).filter(({ condition, seen }) => {
      if (!condition(frame)) return true;
      seen(at);
      return false;
    });
    this.waiting.set(frame.queue, left);
  }
}

let serial = 0;
const event = (type: string, subject: string, data: object): object => ({
  specversion: '1.0',
  id: `bench-${(serial += 1)}`,
  source: 'bench',
  type,
  time: new Date().toISOString(),
  subject,
  tenant: 'bench',
  site: 'main',
  data,
});

/** Milliseconds from the collector's answer to the frame; 0 when the frame was there first. */
const measure = async (
  { origin, key }: Product,
  board: Board,
  queue: string,
  sent: object,
  condition: (frame: QueueFrame) => boolean,
): Promise<number> => {
  const arrival = board.arrival(queue, condition);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const reply = await fetch(`${origin}/v1/events`, { method: 'POST', headers, body: JSON.stringify(sent) });
  const answered = performance.now();
  await reply.arrayBuffer();
  return Math.max(0, (await arrival) - answered);
};

interface Figures {
  readonly quiet: readonly number[];
  readonly coalesced: readonly number[];
}

/** Probes until `until`: a contact joins a quiet queue and leaves it again; a notice is posted on a loaded one. */
const probe = async (product: Product, board: Board, until: number): Promise<Figures> => {
  const quiet: number[] = [];
  const coalesced: number[] = [];
  const running: Promise<unknown>[] = [];
  for (let n = 0; performance.now() < until; n += 1) {
    const queue = probes[n % PROBE_QUEUES] as string;
    const contact = `probe-${serial}`;
    const joins = event('acd.contact.queued', contact, { queue, leg: '1' });
    const one = measure(product, board, queue, joins, (frame) =>
      frame.oldest.some((waiting) => waiting.contact === contact),
    ).then((latency) => {
      quiet.push(latency);
      const leaves = event('acd.contact.left_queue', contact, { leg: '1', reason: 'abandoned' });
      return measure(product, board, queue, leaves, (frame) =>
        frame.oldest.every((waiting) => waiting.contact !== contact),
      );
    });
    running.push(one);
    if (n % 4 === 0) {
      const busy = loaded[(n * 7) % LOADED_QUEUES] as string;
      const notice = `n${serial}`;
      const posted = event('acd.queue.notice_posted', busy, {
        queue: busy,
        notice,
        text: { en: 'probe' },
        until: new Date(Date.now() + 3_000).toISOString(),
      });
      running.push(
        measure(product, board, busy, posted, (frame) => frame.notices.some(({ id }) => id === notice)).then(
          (latency) => coalesced.push(latency),
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  await Promise.all(running);
  return { quiet, coalesced };
};

const milliseconds = (values: readonly number[], share: number): string => quantile(values, share).toFixed(1);

const bench = async (seconds: number, rates: readonly number[]): Promise<void> => {
  console.log("From the collector's answer to the frame on a socket.io client of /wallboard.\n");
  console.log(machineLines().join('\n'));
  console.log(
    `Setup    the product (embedded), a load generator and this client on these cores; load over ${LOADED_QUEUES} queues;`,
  );
  console.log(
    `         quiet: a contact joins one of ${PROBE_QUEUES} queues that change less often than the frame limit of 4 a second;`,
  );
  console.log(
    '         loaded: a notice on a queue under load, so that waiting for the next frame of that queue is included.\n',
  );
  const rows = await inScratch(async (directory) => {
    const queues = [...loaded, ...probes].map((id) => ({ id }));
    const product = await startProduct(directory, [{ id: 'bench', queues }]);
    const board = await Board.open(product);
    const measured: string[][] = [];
    for (const rate of rates) {
      const request: LoadRequest = {
        url: product.origin,
        key: product.key,
        tenant: 'bench',
        eventsPerSecond: rate,
        seconds: seconds + WARM_UP_SECONDS,
        queues: loaded,
      };
      const load = ask<LoadResult>(new URL(import.meta.url), request);
      await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1000));
      const { quiet, coalesced } = await probe(product, board, performance.now() + (seconds - 1) * 1000);
      const { sent, seconds: took } = await load;
      const lost = [...quiet, ...coalesced].filter(Number.isNaN).length;
      const good = quiet.filter((latency) => !Number.isNaN(latency));
      const goodLoaded = coalesced.filter((latency) => !Number.isNaN(latency));
      measured.push([
        grouped(rate),
        grouped(sent / took),
        String(good.length),
        ...[0.5, 0.95, 0.99].map((share) => milliseconds(good, share)),
        ...[0.5, 0.95, 0.99].map((share) => milliseconds(goodLoaded, share)),
        String(lost),
      ]);
    }
    board.close();
    await product.process.stop();
    return measured;
  });
  const header = ['events/s', 'sent/s', 'probes', 'p50 ms', 'p95 ms', 'p99 ms', 'loaded p50', 'p95', 'p99', 'not seen'];
  console.log(table(header, rows));
};

if (isAsked()) await answer((request) => runLoad(request as LoadRequest));
else {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, rates: { type: 'string' } } });
  await bench(Number(values.seconds), values.rates ? values.rates.split(',').map(Number) : RATES);
}
