import { ReportsBusyError } from '@queuecast/store';
import { expect, it } from 'vitest';
import { Turns } from './turns.js';

it('lets so many work at a time, the next in the order in which they came, and refuses what would wait too long', async () => {
  const turns = new Turns(2, 2);
  const done: (() => void)[] = [];
  const started: number[] = [];
  const work = (n: number) =>
    turns.run(async () => {
      started.push(n);
      await new Promise<void>((resolve) => done.push(resolve));
      if (n === 1) throw new Error('failed');
      return n;
    });
  const settled = Promise.allSettled([1, 2, 3, 4].map(work));
  expect(started).toEqual([1, 2]);
  await expect(work(5)).rejects.toThrow(ReportsBusyError);
  for (let n = 0; n < 4; n += 1) {
    done[n]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(started).toEqual([1, 2, 3, 4]);
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
});
