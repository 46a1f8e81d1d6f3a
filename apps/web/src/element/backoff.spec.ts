import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('backing off', () => {
  it('doubles up to the most, and starts again after a success', () => {
    const backoff = new Backoff(1_000, 5_000, () => 1);
    expect([backoff.fail(), backoff.fail(), backoff.fail(), backoff.fail()]).toEqual([1_000, 2_000, 4_000, 5_000]);
    expect(backoff.failures).toBe(4);
    backoff.succeed();
    expect(backoff.fail()).toBe(1_000);
  });

  it('never waits less than half, so that a crowd spreads without hammering', () => {
    expect(new Backoff(1_000, 5_000, () => 0).fail()).toBe(500);
  });
});
