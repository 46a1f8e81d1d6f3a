import { parseArgs } from 'node:util';
import { machineLines } from './machine.js';
import { clientMethods, type Arrivals, type ClientMethods, type Opened, type OpenRequest } from './public/clients.js';
import { bareMethods, DOCUMENT_PATH, productMethods, type ServerMethods } from './public/server.js';
import { serve, Worker } from './public/worker.js';
import { quantile } from './statistics.js';
import { grouped, table } from './table.js';

const CLIENT_PROCESSES = 2;
const HTTP_SECONDS = 5;
/** Each leaves the band that was told before, so that it is sent at once. */
const MINUTES = [8, 30, 60, 90] as const;
/** Descriptors that a process needs besides its sockets. */
const SPARE_DESCRIPTORS = 500;
/** What an idle server may use in a second. */
const IDLE_CPU_SECONDS = 0.05;
const NANOSECONDS = 1e6;
const KIB = 1024;

type Server = Worker<ServerMethods>;
const module = new URL(import.meta.url);

/** What one subject gave, as cells of the table. */
interface Column {
  readonly [row: string]: string;
}

const millisecondsAfter = (from: bigint, arrivals: readonly Arrivals[]): { seen: number[]; lost: number } => {
  const all = arrivals.flatMap((each) => [...each]);
  const seen = all.filter((at) => at > 0n).map((at) => Number(at - from) / NANOSECONDS);
  return { seen, lost: all.length - seen.length };
};

const quantiles = (values: readonly number[]): string =>
  [0.5, 0.95, 0.99].map((share) => quantile(values, share).toFixed(0)).join(' / ');

class Subject {
  readonly cells: Record<string, string> = {};

  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly clients: readonly Worker<ClientMethods>[],
    private readonly sockets: number,
    private readonly subscribe: boolean,
  ) {}

  /** @param document what a bare server is to serve; null for the product */
  static async start(server: Server, sockets: number, document: string | null): Promise<Subject> {
    const port = await server.call('start', document);
    const clients = Array.from({ length: CLIENT_PROCESSES }, () => Worker.start<ClientMethods>(module, 'clients'));
    return new Subject(server, port, clients, sockets, document === null);
  }

  async hold(): Promise<void> {
    const before = await this.usage();
    const began = process.hrtime.bigint();
    const opened = await this.all('open');
    const after = await this.usage();
    const { seen } = millisecondsAfter(
      began,
      opened.map(({ arrivals }) => arrivals),
    );
    this.cells['sockets held'] = grouped(seen.length);
    this.cells['memory per socket, KiB'] = ((after.residentBytes - before.residentBytes) / seen.length / KIB).toFixed(
      1,
    );
    this.cells['connects per CPU second'] = grouped(seen.length / after.cpuSeconds);
  }

  async deliver(changes: number): Promise<void> {
    await this.change(0);
    await this.usage();
    const latencies: number[] = [];
    let lost = 0;
    for (let n = 1; n <= changes; n += 1) {
      const result = await this.change(n);
      latencies.push(...result.seen);
      lost += result.lost;
    }
    const { cpuSeconds } = await this.usage();
    this.cells['one change to all, ms p50 / p95 / p99'] = quantiles(latencies);
    this.cells['deliveries per CPU second'] = grouped(latencies.length / cpuSeconds);
    this.cells['not delivered'] = grouped(lost);
  }

  async storm(): Promise<void> {
    await this.usage();
    const began = process.hrtime.bigint();
    const storms = await this.all('storm');
    const { seen } = millisecondsAfter(
      began,
      storms.map(({ arrivals }) => arrivals),
    );
    const { cpuSeconds, residentBytes } = await this.usage();
    this.cells['reconnect storm, ms p50 / p95 / p99'] = quantiles(seen);
    this.cells['storm: CPU seconds'] = cpuSeconds.toFixed(1);
    this.cells['storm: resident after, MiB'] = (residentBytes / KIB / KIB).toFixed(0);
    this.cells['storm: attempts beyond the first'] = grouped(storms.reduce((total, { retries }) => total + retries, 0));
  }

  async requests(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.call('close')));
    await this.settled();
    // Fresh: without news for a minute the document would say so in the midst of this.
    await this.server.call('change', MINUTES[0]);
    const { etag } = await this.document();
    for (const [status, tag] of [
      ['200', null],
      ['304', etag],
    ] as const) {
      const [client] = this.clients;
      if (!client) continue;
      const asked = { port: this.port, seconds: HTTP_SECONDS, etag: tag };
      // Compiled code and warm connections first.
      await client.call('requests', { ...asked, seconds: 1 });
      await this.usage();
      const answers = await client.call('requests', asked);
      const { cpuSeconds } = await this.usage();
      this.cells[`JSON requests per second, ${status}`] = grouped(answers / HTTP_SECONDS);
      this.cells[`JSON requests per CPU second, ${status}`] = grouped(answers / cpuSeconds);
    }
  }

  async document(): Promise<{ readonly body: string; readonly etag: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${DOCUMENT_PATH}`);
    return { body: await response.text(), etag: response.headers.get('etag') ?? '' };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.clients, this.server].map((worker) => worker.stop()));
  }

  private async change(n: number): Promise<{ seen: number[]; lost: number }> {
    const arrivals = this.clients.map((client) => client.call('arrivals'));
    // The question must be at the clients before the change is.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const published = await this.server.call('change', MINUTES[n % MINUTES.length] ?? 0);
    return millisecondsAfter(published, await Promise.all(arrivals));
  }

  /** Waits until the server is done with what went before: thousands of sockets that were closed. */
  private async settled(): Promise<void> {
    do {
      await this.usage();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    } while ((await this.usage()).cpuSeconds > IDLE_CPU_SECONDS);
  }

  private usage(): Promise<{ cpuSeconds: number; residentBytes: number }> {
    return this.server.call('usage');
  }

  private all(method: 'open' | 'storm'): Promise<Opened[]> {
    const requests = this.share();
    return Promise.all(this.clients.map((client, n) => client.call(method, requests[n] as OpenRequest)));
  }

  private share(): OpenRequest[] {
    const { port, subscribe, sockets } = this;
    return this.clients.map((_, n) => ({
      port,
      subscribe,
      sockets: Math.floor((sockets * (n + 1)) / CLIENT_PROCESSES) - Math.floor((sockets * n) / CLIENT_PROCESSES),
    }));
  }
}

const measure = async (server: Server, sockets: number, changes: number, document: string | null) => {
  const subject = await Subject.start(server, sockets, document);
  try {
    await subject.hold();
    await subject.deliver(changes);
    const served = await subject.document();
    await subject.storm();
    await subject.requests();
    return { cells: subject.cells as Column, document: served.body };
  } finally {
    await subject.stop();
  }
};

/** How many sockets one process may hold here. */
const holdable = (): number => {
  const report = process.report.getReport() as unknown as {
    readonly userLimits: { readonly open_files: { readonly soft: number | string } };
  };
  const { soft } = report.userLimits.open_files;
  return typeof soft === 'number' ? soft - SPARE_DESCRIPTORS : Infinity;
};

const bench = async (asked: number, changes: number): Promise<void> => {
  console.log('Public waits from one gateway process, beside a bare ws broadcast and a bare node:http server.\n');
  console.log(machineLines().join('\n'));
  const sockets = Math.min(asked, holdable());
  console.log(
    `Setup    ${grouped(sockets)} sockets from ${CLIENT_PROCESSES} client processes on these cores, ${changes} changes; HTTP over 64 connections for ${HTTP_SECONDS} s`,
  );
  if (sockets < asked) console.log(`         ${grouped(asked)} were asked for: raise ulimit -n`);
  const product = await measure(Worker.start<ServerMethods>(module, 'product'), sockets, changes, null);
  console.log(`         the document has ${grouped(Buffer.byteLength(product.document))} bytes\n`);
  const bare = await measure(Worker.start<ServerMethods>(module, 'bare'), sockets, changes, product.document);
  const rows = Object.entries(product.cells).map(([name, cell]) => [name, cell, bare.cells[name] ?? '']);
  console.log(table(['', 'Queuecast', 'bare'], rows));
};

const [role] = process.argv.slice(2);
if (process.send && role === 'product') serve(productMethods());
else if (process.send && role === 'bare') serve(bareMethods());
else if (process.send && role === 'clients') serve(clientMethods());
else {
  const { values } = parseArgs({
    options: { sockets: { type: 'string', default: '20000' }, changes: { type: 'string', default: '10' } },
  });
  await bench(Number(values.sockets), Number(values.changes));
  process.exit(0);
}
