import type { Pulse, QueueFrame, WallboardSnapshot } from '@queuecast/live';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServerClock } from '../clock.js';
import { Board } from './board.js';
import { frame, NOW, queueInfo, today, waitingFor } from './frames.testing.js';

let now: number;
let board: Board;

const snapshot = (frames: readonly QueueFrame[]): WallboardSnapshot => ({
  tenant: 'acme',
  tenantName: 'Acme',
  serverTime: now,
  queues: ['support', 'sales'].map((queue) => queueInfo({ queue })),
  frames,
});
const pulse = (overrides: Partial<Pulse> = {}): Pulse => ({
  serverTime: now,
  versions: {},
  processorSilentSince: null,
  ...overrides,
});
const pass = (milliseconds: number): void => {
  now += milliseconds;
  board.tick();
};

beforeEach(() => {
  now = NOW;
  board = new Board(new ServerClock(() => now));
  board.takeSnapshot(snapshot([frame({ version: 5 }), frame({ queue: 'sales', version: 5 })]));
});

describe('the board', () => {
  it('keeps the newer of two frames, whichever comes last', () => {
    board.takeFrame(frame({ version: 7, waiting: 7 }));
    board.takeFrame(frame({ version: 6, waiting: 6 }));
    board.takeSnapshot(snapshot([frame({ version: 4, waiting: 4 })]));
    expect(board.frame('support').value?.waiting).toBe(7);
  });

  it('shows a queue that the configuration does not name as soon as it speaks', () => {
    board.takeFrame(frame({ queue: 'new', version: 1 }));
    expect(board.order.value).toContain('new');
    expect(board.infos.value.get('new')?.name).toEqual({ en: 'new' });
  });

  it('knows from a pulse which queues it lacks', () => {
    expect(board.lacking(pulse({ versions: { support: 5, sales: 6, other: 1 } }))).toEqual(['sales', 'other']);
  });

  it('sums up: who waits, the longest, and the queues under target', () => {
    board.takeFrame(frame({ version: 6, ...waitingFor(30_000, 20_000) }));
    board.takeFrame(frame({ queue: 'sales', version: 6, ...waitingFor(90_000), today: today({ serviceLevel: 0.5 }) }));
    pass(5_000);
    expect(board.summary.value).toEqual({
      waiting: 3,
      open: 2,
      underTarget: 1,
      longest: { queue: 'sales', milliseconds: 95_000 },
    });
  });

  it('brings what needs help to the front only when asked to reorder', () => {
    board.takeFrame(frame({ queue: 'sales', version: 6, ...waitingFor(200_000) }));
    expect(board.order.value).toEqual(['support', 'sales']);
    board.reorder();
    expect(board.order.value).toEqual(['sales', 'support']);
  });
});

describe('when the truth is out of reach', () => {
  it('counts a connection without pulses as lost, since the last word', () => {
    pass(7_000);
    expect(board.link.value.lostSince).toBeNull();
    pass(1);
    expect(board.link.value.lostSince).toBe(NOW);
    board.takePulse(pulse());
    expect(board.link.value.lostSince).toBeNull();
  });

  it('stops the clocks and the order', () => {
    board.takeFrame(frame({ version: 6, ...waitingFor(100_000) }));
    board.takeFrame(frame({ queue: 'sales', version: 6, ...waitingFor(140_000) }));
    board.lose();
    pass(60_000);
    board.reorder();
    expect(board.summary.value.longest).toEqual({ queue: 'sales', milliseconds: 140_000 });
    expect(board.order.value).toEqual(['support', 'sales']);
  });

  it('passes on that the processor is silent', () => {
    board.takePulse(pulse({ processorSilentSince: NOW - 9_000 }));
    expect(board.link.value).toEqual({ lostSince: null, processorSilentSince: NOW - 9_000 });
  });

  it('remembers the first moment of a loss', () => {
    board.lose();
    pass(30_000);
    board.lose();
    expect(board.link.value.lostSince).toBe(NOW);
  });
});
