import { describe, expect, it } from 'vitest';
import { SiteSignals } from './site-signals.js';

const NOON = 43_200;

describe('the signals of a site', () => {
  it('see whoever is reinstated where he stood: before those who joined later', () => {
    const signals = new SiteSignals();
    const [claims, sales] = [signals.numberOf('claims'), signals.numberOf('sales')];
    for (const [n, queue] of [claims, claims, sales, claims].entries()) signals.joined(`c${n}`, queue, NOON + 10 * n);
    signals.suspected('c0', claims);
    signals.suspected('c1', claims);
    expect(signals.read(claims, NOON + 100)).toMatchObject({ waiting: 1, headWait: 70, siteHeadWait: 80 });
    signals.reinstated('c1', claims);
    expect(signals.read(claims, NOON + 100)).toMatchObject({ waiting: 2, headWait: 90, siteHeadWait: 90 });
    signals.reinstated('c0', claims);
    expect(signals.read(claims, NOON + 100)).toMatchObject({ waiting: 3, headWait: 100, siteHeadWait: 100 });
    signals.answered('c0', claims, null, NOON + 100, 100);
    expect(signals.read(claims, NOON + 100)).toMatchObject({ waiting: 2, headWait: 90, siteWaiting: 3 });
  });

  it('take for a pool the queues whose agents a queue shares', () => {
    const signals = new SiteSignals();
    const [claims, sales, chat] = ['claims', 'sales', 'chat'].map((queue) => signals.numberOf(queue));
    for (let n = 0; n < 300; n += 1) {
      const queue = [claims!, sales!, chat!][n % 3]!;
      signals.joined(`c${n}`, queue, NOON + n);
      signals.answered(`c${n}`, queue, queue === chat ? 'writer' : 'talker', NOON + n, 0);
    }
    expect(new Set(signals.poolOf(claims!))).toEqual(new Set([claims, sales]));
    expect(signals.poolOf(chat!)).toEqual([chat]);
  });
});
