import { describe, expect, it } from 'vitest';
import { Briefly } from './briefly.js';

describe('shared readings', () => {
  it('are made once for all who ask within the moment, and anew after it', async () => {
    let [now, made] = [1_000, 0];
    const briefly = new Briefly<number>(() => now);
    const read = () => briefly.read('queue', 500, () => Promise.resolve((made += 1)));
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    now += 499;
    expect(await read()).toBe(1);
    now += 1;
    expect(await read()).toBe(2);
    // A clock that steps back must not keep them for long.
    now -= 10_000;
    expect(await read()).toBe(3);
  });

  it('are not kept when they fail, and no more of them than allowed', async () => {
    const briefly = new Briefly<string>(() => 0, 2);
    await expect(briefly.read('a', 500, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await briefly.read('a', 500, () => Promise.resolve('again'))).toBe('again');
    for (const key of ['b', 'c']) await briefly.read(key, 500, () => Promise.resolve(key));
    expect(await briefly.read('a', 500, () => Promise.resolve('anew'))).toBe('anew');
    expect(await briefly.read('c', 500, () => Promise.resolve('not asked'))).toBe('c');
  });

  it('reads anew what was not good for others, and what is not so any more', async () => {
    const readings = new Briefly<number>(() => 0);
    let count = 0;
    const read = (isKept?: (value: number) => boolean) =>
      readings.read('a', 1000, () => Promise.resolve((count += 1)), isKept);
    expect([await read((value) => value > 1), await read((value) => value > 1), await read()]).toEqual([1, 2, 2]);
    readings.forget('a');
    expect(await read()).toBe(3);
  });
});
