import { instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import type { TimedEvent } from '../centre/stage.js';
import { pace, type PaceOptions } from './pace.js';

const event = (at: number): TimedEvent => ({
  at: instant(at),
  event: { specversion: '1.0', id: String(at), source: 's', type: 't', time: '', tenant: 't', site: 's', data: {} },
});

/** A clock that moves only by sleeping. */
const virtualClock = (start: number) => {
  let time = start;
  return {
    now: () => time,
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
  };
};

const paced = async (times: readonly number[], options: Partial<PaceOptions>) => {
  const now = options.now ?? Date.now;
  const batches: { readonly ids: number[]; readonly at: number }[] = [];
  for await (const batch of pace(times.map(event), { speed: 'max', batch: 1000, now, ...options }))
    batches.push({ ids: batch.map(({ id }) => Number(id)), at: now() });
  return batches;
};

describe('pace', () => {
  it('groups at full speed, and keeps the order', async () => {
    expect((await paced([1, 2, 3, 4, 5], { batch: 2 })).map(({ ids }) => ids)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('gives every event when it is due, divided by the speed', async () => {
    const clock = virtualClock(5_000_000);
    const batches = await paced([0, 1000, 1000, 2000, 600_000], { speed: 20, ...clock });
    expect(batches.map(({ ids, at }) => [ids, at - 5_000_000])).toEqual([
      [[0], 0],
      [[1000, 1000], 50],
      [[2000], 100],
      [[600_000], 30_000],
    ]);
  });

  it('gives what is past at once, and says when it has caught up', async () => {
    const clock = virtualClock(10_000);
    const caughtUpAt: number[] = [];
    const options = {
      ...clock,
      speed: 1,
      origin: { real: 0, simulated: 0 },
      onCaughtUp: () => caughtUpAt.push(clock.now()),
    };
    const batches = await paced([5000, 9990, 10_040], options);
    expect(batches).toEqual([
      { ids: [5000, 9990], at: 10_000 },
      { ids: [10_040], at: 10_040 },
    ]);
    expect(caughtUpAt).toEqual([10_000]);
  });

  it('ends when it is aborted, also in the middle of a long wait', async () => {
    const abort = new AbortController();
    const running = paced([0, 86_400_000], { speed: 1, signal: abort.signal });
    setTimeout(() => abort.abort(), 10);
    expect((await running).map(({ ids }) => ids)).toEqual([[0]]);
  });
});
