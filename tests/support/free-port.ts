import { createServer } from 'node:net';

/** Below the ports that systems take for the near ends of connections: 32768 and up on Linux, 49152 and up on macOS. */
const [FROM, TO] = [10_000, 32_768];
/** Processes that run beside each other mostly differ by this, and so do the ports that they are given. */
const APART = 64;
const STEPS = Math.floor((TO - FROM) / APART);
let latest = Math.floor(Math.random() * STEPS);

/**
 * A port of 127.0.0.1 to be listened on in a moment, and again after the listener was killed. Not one that the system would
 * give: it gives the same to the next connection that anybody opens while nobody listens. Nor one that was given before,
 * on which nobody may listen yet.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    latest = (latest + 1) % STEPS;
    const port = FROM + (process.pid % APART) + APART * latest;
    if (await isFree(port)) return port;
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
