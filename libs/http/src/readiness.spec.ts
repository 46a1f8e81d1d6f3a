import { expect, it, vi } from 'vitest';
import { Readiness } from './readiness.js';

it('is ready when every part is up', async () => {
  const readiness = new Readiness();
  expect(await readiness.report()).toEqual({ ready: true, parts: {} });
  readiness.add('log', () => ({ state: 'up' }));
  readiness.add('store', async () => ({ state: 'away', reason: 'refused' }));
  expect(await readiness.report()).toEqual({
    ready: false,
    parts: { log: { state: 'up' }, store: { state: 'away', reason: 'refused' } },
  });
});

it('takes a check that throws or hangs for a part that is away', async () => {
  vi.useFakeTimers();
  try {
    const readiness = new Readiness();
    readiness.add('throws', () => Promise.reject(new Error('no route to host')));
    readiness.add('hangs', () => new Promise(() => {}));
    const report = readiness.report();
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await report).parts).toEqual({
      throws: { state: 'away', reason: 'no route to host' },
      hangs: { state: 'away', reason: 'no answer within 2000 ms' },
    });
  } finally {
    vi.useRealTimers();
  }
});
