import type { WallboardClientEvents, WallboardServerEvents } from '@queuecast/live';
import { io, type Socket } from 'socket.io-client';
import type { Board } from './board.js';

/** A frame may still be on its way when the pulse that names it arrives. */
const GAP_PATIENCE_MS = 1_000;
const SNAPSHOT_EVERY_MS = 3_000;
const REORDER_MS = 5_000;

/** Feeds the board from the gateway's `/wallboard` namespace, with the session cookie. Returns the way to stop. */
export const connect = (board: Board): (() => void) => {
  const socket: Socket<WallboardServerEvents, WallboardClientEvents> = io('/wallboard', {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelayMax: 10_000,
  });
  let gap: ReturnType<typeof setTimeout> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let latestVersions: Record<string, number> = {};

  const askAgain = (): void => {
    gap = undefined;
    const lacking = board.lacking({ serverTime: 0, versions: latestVersions, processorSilentSince: null });
    if (lacking.length === 0 || performance.now() - askedAt < SNAPSHOT_EVERY_MS) return;
    askedAt = performance.now();
    socket.emit('snapshot');
  };

  socket.on('snapshot', (snapshot) => board.takeSnapshot(snapshot));
  socket.on('frame', (frame) => board.takeFrame(frame));
  socket.on('pulse', (pulse) => {
    board.takePulse(pulse);
    latestVersions = { ...pulse.versions };
    if (board.lacking(pulse).length > 0) gap ??= setTimeout(askAgain, GAP_PATIENCE_MS);
  });
  socket.on('disconnect', (reason) => {
    board.lose();
    // The server closed the session on purpose; socket.io does not come back by itself then.
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), REORDER_MS);
  });
  socket.on('connect_error', (error) => {
    if (error.message === 'sign in') {
      board.phase.value = { kind: 'signIn' };
      return;
    }
    board.lose();
    // Inactive: the namespace refused, and will again until something changes.
    if (!socket.active && board.phase.value.kind !== 'ready')
      board.phase.value = { kind: 'refused', reason: error.message };
    if (!socket.active) setTimeout(() => socket.connect(), REORDER_MS);
  });

  // The link may have been opened in another tab meanwhile.
  const lookAgain = (): void => {
    if (!document.hidden && board.phase.peek().kind === 'signIn') socket.connect();
  };
  document.addEventListener('visibilitychange', lookAgain);
  const second = setInterval(() => board.tick(), 1000);
  const order = setInterval(() => board.reorder(), REORDER_MS);
  return () => {
    document.removeEventListener('visibilitychange', lookAgain);
    clearInterval(second);
    clearInterval(order);
    clearTimeout(gap);
    socket.close();
  };
};
