import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dist = resolve(process.env['QUEUECAST_TEST_BUILD'] ?? 'dist');
const START_MS = 120_000;

/** A built program of the project as a process of its own. */
export class RoleProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What it said once it was up: the first capture of the pattern, or the whole match. */
    readonly announced: string,
    private readonly exited: Promise<unknown>,
  ) {}

  /**
   * @param program path below `dist`, for instance `apps/processor/src/main.js`
   * @param up what it prints when it is up
   * @throws Error with everything printed, if it ends before or says nothing for a minute
   */
  static async start(
    program: string,
    up: RegExp,
    options: {
      readonly arguments?: readonly string[];
      readonly environment?: Readonly<Record<string, string>>;
      readonly directory?: string;
    } = {},
  ): Promise<RoleProcess> {
    const path = join(dist, program);
    if (!existsSync(path)) throw new Error(`${path} is not there: run npm run build first`);
    const child = spawn(process.execPath, [path, ...(options.arguments ?? [])], {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    const exited = once(child, 'close').then(() => process.off('exit', kill));
    let printed = '';
    const announced = await new Promise<string>((resolveUp, reject) => {
      const fail = (): void => reject(new Error(`${program} did not start:\n${printed}`));
      const timer = setTimeout(fail, START_MS);
      const read = (chunk: Buffer): void => {
        printed += chunk.toString();
        const match = up.exec(printed);
        if (!match) return;
        clearTimeout(timer);
        resolveUp(match[1] ?? match[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('close', fail);
    });
    return new RoleProcess(child, announced, exited);
  }

  /** Runs a program to its end. @returns exit code and everything it printed */
  static async finish(
    program: string,
    args: readonly string[],
    directory: string,
  ): Promise<{ code: number | null; printed: string }> {
    const child = spawn(process.execPath, [join(dist, program), ...args], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, printed };
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }

  /** The value of a metric of a role that serves `/metrics` at the address it announced, summed over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.announced}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(name))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }
}
