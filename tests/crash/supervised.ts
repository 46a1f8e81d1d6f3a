import { setTimeout as sleep } from 'node:timers/promises';
import { Program, type ProgramOptions } from './program.js';

const RESTART_MS = 100;

/** A program that is started again whenever it ends, as an orchestrator does it, until it is stopped. */
export class Supervised {
  /** What it printed at the end of every life that ended by itself. */
  readonly endings: string[] = [];
  private program: Program;
  private wanted = true;
  private killed = false;
  private startAgain: (() => void) | null = null;
  private held: Promise<void> | null = null;
  private readonly running: Promise<void>;

  constructor(private readonly options: ProgramOptions) {
    this.program = new Program(options);
    this.running = this.run();
  }

  /** Resolves when it is up, in this life or a later one. */
  async up(): Promise<void> {
    for (;;) {
      const { program } = this;
      if ((await program.announced) !== null) return;
      await program.exited;
      if (!this.wanted) throw new Error(`${this.options.program} did not come up:\n${program.printed}`);
      await sleep(RESTART_MS);
    }
  }

  /** What the present life printed. */
  get printed(): string {
    return this.program.printed;
  }

  /** SIGKILL now, without waiting: usable in the turn in which something was seen. */
  kill(): void {
    this.killed = true;
    this.program.signal('SIGKILL');
  }

  /** Asks for a graceful end; the next life begins at once. */
  leave(): void {
    this.killed = true;
    this.program.signal('SIGTERM');
  }

  /** It stands still for a while: what it owned is given away, and then it goes on as if nothing had happened. */
  async freeze(milliseconds: number): Promise<void> {
    const { program } = this;
    program.signal('SIGSTOP');
    await sleep(milliseconds);
    program.signal('SIGCONT');
  }

  /** No next life begins before {@link release}. */
  hold(): void {
    this.held ??= new Promise((resolve) => {
      this.startAgain = resolve;
    });
  }

  release(): void {
    this.startAgain?.();
    this.held = null;
    this.startAgain = null;
  }

  /** Resolves when it has ended for good. @throws Error if it does not end as asked */
  async stop(): Promise<void> {
    this.wanted = false;
    this.release();
    const { program } = this;
    if (program.gone) return;
    await program.stop();
    await this.running;
  }

  /** Ends it for good at this instant. */
  async end(): Promise<void> {
    this.wanted = false;
    this.release();
    this.program.signal('SIGKILL');
    await this.running;
  }

  private async run(): Promise<void> {
    for (;;) {
      await this.program.exited;
      if (!this.killed && this.wanted) this.endings.push(this.program.printed);
      this.killed = false;
      await sleep(RESTART_MS);
      await this.held;
      if (!this.wanted) return;
      this.program = new Program(this.options);
    }
  }
}
