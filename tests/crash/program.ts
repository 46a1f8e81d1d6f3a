import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const START_MS = 90_000;

export interface ProgramOptions {
  /** Path below the build, for instance `apps/queuecast/src/main.js`. */
  readonly program: string;
  readonly arguments?: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it prints when it is up. */
  readonly up: RegExp;
}

/** A built program as a process that may be ended at any instant, also before it is up. */
export class Program {
  printed = '';
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Resolves to the first capture of `up`, or to the whole match; to null if the process ends before. */
  readonly announced: Promise<string | null>;
  private readonly child: ChildProcess;
  #gone = false;
  #asked = false;

  constructor(private readonly options: ProgramOptions) {
    const path = join(resolve(process.env['QUEUECAST_TEST_BUILD'] ?? 'dist'), options.program);
    if (!existsSync(path)) throw new Error(`${path} is not there: run npm run build first`);
    const { QUEUECAST_CONFIG: _, QUEUECAST_SECRET: __, ...inherited } = process.env;
    this.child = spawn(process.execPath, [path, ...(options.arguments ?? [])], {
      cwd: options.directory,
      env: { ...inherited, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      this.#gone = true;
      process.off('exit', kill);
      return (signal ?? code) as number | NodeJS.Signals;
    });
    this.announced = new Promise((found) => {
      for (const stream of [this.child.stdout, this.child.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => {
          // A life of a day prints little; one that fails all the time must not fill memory.
          this.printed = (this.printed + chunk).slice(-100_000);
          const match = options.up.exec(this.printed);
          if (match) found(match[1] ?? match[0]);
        });
      void this.exited.then(() => found(null));
    });
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Resolves to what it announced. @throws Error with what it printed, if it ends by itself or says nothing */
  async up(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((done) => {
      timer = setTimeout(() => done(null), START_MS);
    });
    const announced = await Promise.race([this.announced, late]);
    clearTimeout(timer);
    if (announced === null) throw new Error(`${this.options.program} did not come up:\n${this.printed}`);
    return announced;
  }

  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGTERM') this.#asked = true;
    this.child.kill(signal);
  }

  /** Ends it at this instant, as a power cut would. @throws Error if it had ended by itself, unasked */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    const end = await this.exited;
    if (end !== 'SIGKILL' && !(this.#asked && end === 0))
      throw new Error(`${this.options.program} ended by itself with ${end}:\n${this.printed}`);
  }

  /** Asks for a graceful end. @throws Error if that is not how it ends */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const end = await this.exited;
    if (end !== 0) throw new Error(`${this.options.program} ended with ${end} after SIGTERM:\n${this.printed}`);
  }
}
