import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CloudEvent } from '@queuecast/events';
import type { settingsSchema } from '@queuecast/settings';
import type { z } from 'zod';
import { freePort } from './free-port.js';

export type SettingsInput = z.input<typeof settingsSchema>;

export interface StartOptions {
  /** The same free one at every start if absent; 0: another. */
  readonly port?: number;
  /** After the name of the program, for instance `--no-demo`. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What `POST /v1/events` answered. */
export interface SendAnswer {
  readonly status: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Links to places in line, for a tenant that wants them. */
  readonly places?: readonly { readonly contact: string; readonly queue: string; readonly path: string }[];
  readonly results: readonly {
    readonly index: number;
    readonly id: string | null;
    readonly status: 'accepted' | 'rejected';
    readonly issues?: readonly { readonly field: string; readonly message: string }[];
  }[];
}

const START_MS = 120_000;
const STOP_MS = 120_000;
/** The last line of what a start prints. */
const ANNOUNCED = 'Wallboard links work once';

/** `dist` of the checkout, or a build elsewhere. */
const buildDirectory = (): string => resolve(process.env['QUEUECAST_TEST_BUILD'] ?? 'dist');

/** A directory with settings and data of its own, in which the built product is started, ended and started again. */
export class ServerHome {
  readonly dataDirectory: string;
  private readonly servers: RunningServer[] = [];

  private constructor(
    readonly directory: string,
    private readonly port: number,
  ) {
    this.dataDirectory = join(directory, 'data');
  }

  /** @param settings content of `queuecast.yaml`; without it the product runs as for a newcomer */
  static async create(settings?: SettingsInput): Promise<ServerHome> {
    const home = new ServerHome(await mkdtemp(join(tmpdir(), 'queuecast-server-')), await freePort());
    if (settings) await home.configure(settings);
    return home;
  }

  /** Writes the settings for the next start; facts are flushed without rest. */
  async configure({ processor, ...others }: SettingsInput): Promise<void> {
    // Whoever waits for facts here waits for nothing else.
    const settings = { ...others, processor: { longestRestSeconds: 0, ...processor } };
    // JSON is YAML.
    await writeFile(join(this.directory, 'queuecast.yaml'), JSON.stringify(settings, null, 2));
  }

  /** Starts the product and resolves when it has said that it is up. @throws Error with what it printed, if it ends */
  async start(options: StartOptions = {}): Promise<RunningServer> {
    const server = await RunningServer.start(this.directory, { port: this.port, ...options });
    this.servers.push(server);
    return server;
  }

  /** Kills what still runs and removes the directory. */
  async remove(): Promise<void> {
    for (const server of this.servers) await server.kill();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** One life of the product as a process of its own. */
export class RunningServer {
  /** Sign-in links as printed, by the tenant's display name. Each works once. */
  readonly links: ReadonlyMap<string, string>;
  readonly origin: string;

  private constructor(
    private readonly child: ChildProcess,
    private readonly output: Output,
    private readonly exited: Promise<number | NodeJS.Signals>,
  ) {
    this.origin = /Queuecast is up: (\S+)/.exec(output.text)?.[1] ?? '';
    this.links = new Map(
      [...output.text.matchAll(/Wallboard +(\S+\/login\?ticket=\S+) +(.+)/g)].map(([, link = '', name = '']) => [
        name.trim(),
        link,
      ]),
    );
  }

  static async start(directory: string, options: StartOptions & { readonly port: number }): Promise<RunningServer> {
    const program = join(buildDirectory(), 'apps/queuecast/src/main.js');
    if (!existsSync(program)) throw new Error(`${program} is not there: run npm run build first`);
    const { QUEUECAST_CONFIG: _, QUEUECAST_SECRET: __, ...inherited } = process.env;
    const child = spawn(process.execPath, [program, ...(options.arguments ?? [])], {
      cwd: directory,
      env: {
        ...inherited,
        QUEUECAST_PORT: String(options.port),
        QUEUECAST_HOST: '127.0.0.1',
        QUEUECAST_DATA_DIR: join(directory, 'data'),
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    const exited = once(child, 'close').then(([code, signal]) => {
      process.off('exit', kill);
      return (signal ?? code) as number | NodeJS.Signals;
    });
    const output = new Output(child);
    const end = await within(START_MS, 'the server did not say that it is up', output, [
      output.has(ANNOUNCED).then(() => null),
      exited,
    ]);
    if (end !== null) throw new Error(`the server ended with ${end} at its start:\n${output.text}`);
    return new RunningServer(child, output, exited);
  }

  /** Everything printed so far. */
  get printed(): string {
    return this.output.text;
  }

  /** The API key of the demonstration, from the file that the start names. */
  async printedApiKey(): Promise<string> {
    const file = /API key +in (.+?), for /.exec(this.output.text)?.[1];
    if (!file) throw new Error(`no API key was printed:\n${this.output.text}`);
    return (await readFile(file, 'utf8')).trim();
  }

  /** @throws Error if none was printed for this tenant */
  link(tenantName: string): string {
    const link = this.links.get(tenantName);
    if (!link) throw new Error(`no link was printed for ${tenantName}:\n${this.output.text}`);
    return link;
  }

  /** The public page as printed. @throws Error if none was printed for this tenant */
  publicPage(tenantName: string): string {
    const page = [...this.output.text.matchAll(/Public page +(\S+) +(.+)/g)].find(([, , name]) => name === tenantName);
    if (!page?.[1]) throw new Error(`no public page was printed for ${tenantName}:\n${this.output.text}`);
    return page[1];
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.origin}${path}`, { redirect: 'manual', ...init });
  }

  /** Sends events as one batch, in order. Throws what `fetch` throws when the connection breaks. */
  async send(key: string, events: readonly CloudEvent[]): Promise<SendAnswer> {
    const response = await this.fetch('/v1/events', {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
    return { ...((await response.json()) as Omit<SendAnswer, 'status'>), status: response.status };
  }

  /** Asks for a graceful end and resolves to the exit code, or the signal that ended it. */
  async terminate(): Promise<number | NodeJS.Signals> {
    this.signal('SIGTERM');
    return within(STOP_MS, 'the server did not end after SIGTERM', this.output, [this.exited]);
  }

  /** Sends a signal without waiting for what follows. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves to the exit code, or the signal that ended the process. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  /** Ends the process at this instant, as a power cut would. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }
}

/** What a process prints, and a way to wait for a line of it. */
class Output {
  text = '';
  private readonly waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk;
        for (const look of this.waiting) look();
      });
  }

  has(what: string): Promise<void> {
    return new Promise((found) => {
      const look = (): void => {
        if (!this.text.includes(what)) return;
        this.waiting.delete(look);
        found();
      };
      this.waiting.add(look);
      look();
    });
  }
}

const within = async <Result>(
  milliseconds: number,
  failure: string,
  output: Output,
  outcomes: readonly Promise<Result>[],
): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${failure} within ${milliseconds / 1000} s:\n${output.text}`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([...outcomes, late]);
  } finally {
    clearTimeout(timer);
  }
};
