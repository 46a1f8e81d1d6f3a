import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The example website, as its author would start it: a process of its own, at another origin than the gateway. */
export class Stranger {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  /** @throws Error with what it printed, if it ends instead of starting */
  static async start(gateway: string, ...more: readonly string[]): Promise<Stranger> {
    const program = 'docs/examples/website/serve.mjs';
    const child = spawn(process.execPath, [program, '--gateway', gateway, '--port', '0', ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    let printed = '';
    const origin = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
          const address = /is up: (\S+)/.exec(printed)?.[1];
          if (address) resolve(address);
        });
      child.once('close', () => reject(new Error(`the website did not start:\n${printed}`)));
    });
    return new Stranger(child, origin);
  }

  async stop(): Promise<void> {
    this.child.kill();
    await once(this.child, 'close');
  }
}
