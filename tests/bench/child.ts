import { fork } from 'node:child_process';

/**
 * Runs this module again in a process of its own, with `request` for it, and gives what it answers: measurements must
 * not share a heap, compiled code or an engine. Rejects when the process ends without an answer.
 */
export const ask = <Answer>(module: URL, request: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const child = fork(module, [JSON.stringify(request)], {
      serialization: 'advanced',
      // As the product's own scripts set it: each statement of the engine holds a thread.
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    });
    let answer: { readonly value: Answer } | null = null;
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.on('message', (value) => (answer = { value: value as Answer }));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.removeListener('exit', kill);
      if (answer) resolve(answer.value);
      else reject(new Error(`a measurement ended without a result (${signal ?? code})`));
    });
  });

/** In the process started by {@link ask}: answers the request and ends. */
export const answer = async (work: (request: unknown) => Promise<object>): Promise<void> => {
  const result = await work(JSON.parse(process.argv[2] ?? ''));
  await new Promise<void>((resolve, reject) =>
    process.send?.(result, undefined, {}, (error: Error | null) => (error ? reject(error) : resolve())),
  );
  process.exit(0);
};

/** Whether this process was started by {@link ask}. */
export const isAsked = (): boolean => process.send !== undefined && process.argv.length > 2;
