import type { QueueFrame, WallboardClientEvents, WallboardServerEvents } from '@queuecast/live';
import { io, type Socket } from 'socket.io-client';
import type { ConnectionState } from './connection.js';
import type { Source } from './following.js';

/** A frame may still be on its way when the pulse that names it arrives. */
const GAP_PATIENCE_MS = 1_000;
const SNAPSHOT_EVERY_MS = 3_000;

/** The token is not, or not any more, that of a session. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
}

/**
 * The frames of a tenant's queues, as its wallboards get them. The server skips frames for a slow reader and says with
 * every pulse which versions there are; when one is missing here, a snapshot is asked for.
 *
 * @param token of `POST /v1/tokens`
 */
export const wallboardSource =
  (server: string, token: string, told: (state: ConnectionState) => void): Source<QueueFrame> =>
  ({ update, fail }) => {
    const socket: Socket<WallboardServerEvents, WallboardClientEvents> = io(new URL('wallboard', server).href, {
      path: new URL('socket.io', server).pathname,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelayMax: 10_000,
      forceNew: true,
      auth: { token },
    });
    const versions = new Map<string, number>();
    let named: Readonly<Record<string, number>> = {};
    let gap: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;

    const take = (frame: QueueFrame): void => {
      if (frame.version <= (versions.get(frame.queue) ?? -1)) return;
      versions.set(frame.queue, frame.version);
      update(frame);
    };
    const lacking = (): boolean =>
      Object.entries(named).some(([queue, version]) => version > (versions.get(queue) ?? -1));
    const look = (): void => {
      gap = undefined;
      if (!lacking()) return;
      socket.emit('snapshot');
      gap = setTimeout(look, SNAPSHOT_EVERY_MS);
    };

    socket.on('connect', () => told('live'));
    socket.on('snapshot', ({ frames }) => frames.forEach(take));
    socket.on('frame', take);
    socket.on('pulse', (pulse) => {
      named = pulse.versions;
      if (lacking()) gap ??= setTimeout(look, GAP_PATIENCE_MS);
    });
    socket.on('disconnect', (reason) => {
      told('lost');
      if (reason === 'io server disconnect') again = setTimeout(() => socket.connect(), 5_000);
    });
    socket.on('connect_error', (error) => {
      if (!socket.active && error.message === 'sign in')
        return fail(new SignedOutError('the token is not valid (any more): get a new one from POST /v1/tokens'));
      if (!socket.active) return fail(new Error(`the gateway refused the connection: ${error.message}`));
      return told('lost');
    });
    return () => {
      clearTimeout(gap);
      clearTimeout(again);
      socket.close();
    };
  };
