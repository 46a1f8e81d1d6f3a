import { describe, expect, it } from 'vitest';
import { ServerClock } from './clock.js';

describe('the server’s clock', () => {
  it('is the browser’s own until something was learnt', () => {
    expect(new ServerClock(() => 1000).now()).toBe(1000);
  });

  it('is what the least delayed of the last samples says', () => {
    let now = 10_000;
    const clock = new ServerClock(() => now);
    clock.learn(12_000);
    clock.learn(11_500);
    expect(clock.now()).toBe(12_000);
    now = 20_000;
    expect(clock.now()).toBe(22_000);
  });

  it('corrects a browser that is ahead', () => {
    const clock = new ServerClock(() => 10_000);
    clock.learn(4_000);
    expect(clock.now()).toBe(4_000);
  });

  it('forgets old samples, so that drift is followed', () => {
    const clock = new ServerClock(() => 10_000);
    clock.learn(15_000);
    for (let pulse = 0; pulse < 30; pulse += 1) clock.learn(14_000);
    expect(clock.now()).toBe(14_000);
  });

  it('learns from an old document only that the browser is behind it', () => {
    const clock = new ServerClock(() => 10_000);
    clock.atLeast(4_000);
    expect(clock.now()).toBe(10_000);
    clock.atLeast(13_000);
    expect(clock.now()).toBe(13_000);
  });
});
