import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}
interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What a worker can be asked for, by method name. */
export type Methods = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

/** This program in a process of its own, asked for one thing after another. */
export class Worker<Served extends Methods> {
  private serial = 0;
  private readonly waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => {
      const { id, value, error } = message as Reply;
      const caller = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) caller?.resolve(value);
      else caller?.reject(new Error(error));
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a worker ended (${signal ?? code})`));
    });
    process.once('exit', () => child.kill('SIGKILL'));
  }

  static start<Served extends Methods>(module: URL, role: string): Worker<Served> {
    const environment = { ...process.env, UV_THREADPOOL_SIZE: '16' };
    return new Worker<Served>(fork(module, [role], { serialization: 'advanced', env: environment }));
  }

  call<Method extends keyof Served & string>(
    method: Method,
    ...[argument]: Parameters<Served[Method]>
  ): ReturnType<Served[Method]> {
    const id = (this.serial += 1);
    const answered = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.send({ id, method, argument } satisfies Call);
    return answered as ReturnType<Served[Method]>;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

/** In the worker: serves its methods until it is killed. */
export const serve = (methods: Methods): void => {
  process.on('message', (message) => {
    const { id, method, argument } = message as Call;
    const reply = (answer: Omit<Reply, 'id'>): void => void process.send?.({ id, ...answer });
    const asked = methods[method];
    if (!asked) return reply({ error: `no method ${method}` });
    asked(argument as never).then(
      (value) => reply({ value }),
      (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
};
