import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EngineSessions, type SessionSetup } from './engine-sessions.js';
import { freePort } from './free-port.js';

/**
 * What goes wrong with a request. `reset`: before anything is done. `reset-after`: all is done, the answer is lost.
 * `half-insert`: half of the rows arrive and are written, then the connection breaks. `error-500`: a proxy's page.
 * `exception`: the engine is out of memory. `stall`: no answer, ever. `slow`: the right answer, late.
 */
export const FAULTS = ['reset', 'reset-after', 'half-insert', 'error-500', 'exception', 'stall', 'slow'] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Requests that it hits; 1 if absent. */
  readonly count?: number;
  /** Hits only statements that contain this. */
  readonly statement?: string;
  /** Requests that match and are let through before. */
  readonly skip?: number;
  /** For `slow`: milliseconds. */
  readonly delayMs?: number;
}

/** URL parameters that are not engine settings, or that only the HTTP server of ClickHouse knows. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'session_id',
  'role',
  'user',
  'password',
  'compress',
  'decompress',
  'enable_http_compression',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
]);

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
};

/** The parts of a multipart body: how the client sends parameters that do not fit the URL. */
const partsOf = async (request: IncomingMessage, body: Buffer): Promise<Map<string, string>> => {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return new Map();
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  return new Map([...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
};

interface Statement {
  readonly sql: string;
  readonly setup: SessionSetup;
  readonly format: string;
}

/** The first half of an INSERT's rows; the statement itself stays whole. */
const halved = (sql: string): string => {
  const [head = '', ...rows] = sql.split('\n');
  return [head, ...rows.slice(0, Math.ceil(rows.length / 2))].join('\n');
};

const isInsertOfRows = (sql: string): boolean => /^\s*INSERT INTO [^\n]* FORMAT \w+\n./s.test(sql);

/** A small HTTP front, in ClickHouse's manner, to the engine in this process; breaks on request. For tests only. */
export class ClickHouseHttpFront {
  readonly #sessions: EngineSessions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #faults: { fault: Fault; skip: number; left: number }[] = [];
  #port = 0;

  private constructor(directory: string) {
    this.#sessions = new EngineSessions(directory);
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
  }

  /** Starts on 127.0.0.1, at a free port unless one is given. The directory is this process's from now on. */
  static async start(options: { readonly directory: string; readonly port?: number }): Promise<ClickHouseHttpFront> {
    const front = new ClickHouseHttpFront(options.directory);
    front.#port = options.port ?? (await freePort());
    await front.accept();
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on, the next requests that match fail so. Faults queue up; the first that matches hits. */
  inject(fault: Fault): void {
    this.#faults.push({ fault, skip: fault.skip ?? 0, left: fault.count ?? 1 });
  }

  /** Forgets the faults that have not hit. */
  heal(): void {
    this.#faults = [];
  }

  /** Faults that have not hit yet. */
  get pending(): number {
    return this.#faults.reduce((sum, { left }) => sum + left, 0);
  }

  /** Refuses connections and breaks those there are, until {@link accept}. */
  async refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async accept(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse();
    await this.#sessions.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/ping') {
      if (!(await this.#breaks('', request, response))) response.end('Ok.\n');
      return;
    }
    if (url.pathname === '/faults') {
      this.inject(JSON.parse((await bodyOf(request)).toString()) as Fault);
      response.end();
      return;
    }
    const statement = await this.#statementOf(url, request);
    const fault = await this.#breaks(statement.sql, request, response);
    if (fault === 'half-insert') await this.#sessions.run(statement.setup, halved(statement.sql), statement.format);
    if (fault === 'reset-after') await this.#sessions.run(statement.setup, statement.sql, statement.format);
    if (fault === 'half-insert' || fault === 'reset-after') request.socket.resetAndDestroy();
    if (fault) return;
    const queryId = url.searchParams.get('query_id') ?? '';
    try {
      const result = await this.#sessions.run(statement.setup, statement.sql, statement.format);
      const zipped =
        url.searchParams.get('enable_http_compression') === '1' &&
        String(request.headers['accept-encoding']).includes('gzip');
      response.writeHead(200, {
        'X-ClickHouse-Query-Id': queryId,
        'X-ClickHouse-Format': statement.format,
        'X-ClickHouse-Timezone': 'UTC',
        'X-ClickHouse-Summary': '{"read_rows":"0","read_bytes":"0","written_rows":"0","written_bytes":"0"}',
        ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      });
      response.end(zipped ? gzipSync(result) : result);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = /Code: (\d+)/.exec(message)?.[1] ?? '1001';
      // As the server answers: not found for unknown tables and the like, otherwise 500.
      response.writeHead(['46', '47', '60', '81'].includes(code) ? 404 : 500, {
        'X-ClickHouse-Query-Id': queryId,
        'X-ClickHouse-Exception-Code': code,
      });
      response.end(message);
    }
  }

  async #statementOf(url: URL, request: IncomingMessage): Promise<Statement> {
    const body = await bodyOf(request);
    const parts = await partsOf(request, body);
    const all = new Map([...url.searchParams, ...parts]);
    const text = parts.size > 0 ? '' : body.toString();
    const query = all.get('query');
    const parameters = [...all].filter(([name]) => name.startsWith('param_'));
    return {
      sql: query === undefined ? text : text === '' ? query : `${query}\n${text}`,
      setup: {
        settings: new Map([...all].filter(([name]) => !NOT_SETTINGS.has(name) && !name.startsWith('param_'))),
        parameters: new Map(parameters.map(([name, value]) => [name.slice('param_'.length), value])),
        database: all.get('database') ?? null,
      },
      format: all.get('default_format') ?? 'TabSeparated',
    };
  }

  /** Applies the fault that this request meets: null for none, or one that leaves the request to be served. */
  async #breaks(sql: string, request: IncomingMessage, response: ServerResponse): Promise<FaultKind | null> {
    const hit = this.#faults.find(
      ({ fault }) =>
        (fault.statement === undefined || sql.includes(fault.statement)) &&
        (fault.kind !== 'half-insert' || isInsertOfRows(sql)),
    );
    if (!hit) return null;
    if (hit.skip > 0) {
      hit.skip -= 1;
      return null;
    }
    hit.left -= 1;
    if (hit.left === 0) this.#faults = this.#faults.filter((other) => other !== hit);
    switch (hit.fault.kind) {
      case 'reset':
        request.socket.resetAndDestroy();
        break;
      case 'error-500':
        response.writeHead(500, { 'Content-Type': 'text/html' }).end('<html>Internal Server Error</html>');
        break;
      case 'exception':
        response.writeHead(500, { 'X-ClickHouse-Exception-Code': '241' });
        response.end('Code: 241. DB::Exception: Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED)');
        break;
      case 'slow':
        await sleep(hit.fault.delayMs ?? 50);
        return null;
      case 'stall':
      case 'reset-after':
      case 'half-insert':
        break;
    }
    return hit.fault.kind;
  }
}

/** As a program: `--dir D --port P`; prints its URL when it is ready, and stops at SIGTERM. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { dir: { type: 'string' }, port: { type: 'string' } } });
  if (values.dir === undefined) throw new Error('--dir: name the data directory');
  const front = await ClickHouseHttpFront.start({
    directory: values.dir,
    ...(values.port && { port: Number(values.port) }),
  });
  process.stdout.write(`${front.url}\n`);
  const stop = (): void => void front.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
