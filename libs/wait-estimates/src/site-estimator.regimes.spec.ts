import { instant, queueId } from '@queuecast/events';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Band } from './band/calibration.js';
import { SiteEstimator } from './site-estimator.js';
import { playedQueue, type Played } from './site-estimator.testing.js';

const MONDAY = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const claims = queueId('claims');

interface Judged {
  /** Hours since the start. */
  readonly hour: number;
  readonly told: Band;
  /** Seconds that it would wait if it did not hang up. */
  readonly wait: number;
  readonly answered: boolean;
}

/** What was told to everyone who joined the queue of 20 agents who take three minutes each. */
const judged = (played: Omit<Played, 'start' | 'agents' | 'queues'>): Judged[] => {
  const estimator = new SiteEstimator(1);
  const [told, hungUp] = [new Map<object, { hour: number; band: Band; wait: number }>(), new Set<object>()];
  for (const event of playedQueue({ start: MONDAY, agents: 20, queues: [claims], ...played })) {
    const [at, { queue }] = [instant(event.at), event];
    if (event.kind === 'joins') {
      const [hour, wait] = [(event.at - MONDAY) / HOUR, event.virtualMs / 1000];
      told.set(event.stay, { hour, band: estimator.joined(event.stay, queue, at), wait });
    }
    if (event.kind === 'answered') estimator.answered(event.stay, queue, event.agent, at, event.waitMs);
    if (event.kind === 'hangs up') {
      hungUp.add(event.stay);
      estimator.abandoned(event.stay, queue, at, event.waitMs);
    }
    if (event.kind === 'ends') estimator.released(queue, event.agent, at, event.handleMs);
  }
  return [...told].map(([stay, { hour, band, wait }]) => ({ hour, told: band, wait, answered: !hungUp.has(stay) }));
};

const share = (of: readonly Judged[], is: (each: Judged) => boolean): number => of.filter(is).length / of.length;
const inside = ({ told, wait }: Judged): boolean => wait >= told.low && wait <= told.high;
const longer = ({ told, wait }: Judged): boolean => wait > told.high;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe('the band of the virtual wait (M/M/20+M, load 1.6, patience 60 s)', () => {
  it('holds four fifths of what all would wait, of whom nearly four in ten hang up, and of those answered', () => {
    const overload = { seed: 4, contacts: 16_000, patienceMs: 60_000, loadAt: () => 1.6 };
    const scored = judged(overload).slice(6_000);
    const [answered, left] = [scored.filter((each) => each.answered), scored.filter((each) => !each.answered)];
    expect(left.length / scored.length).toBeGreaterThan(0.35);
    expect(Math.abs(share(scored, inside) - 0.8)).toBeLessThan(0.02);
    expect(Math.abs(share(scored, longer) - 0.1)).toBeLessThan(0.02);
    for (const population of [answered, left]) expect(Math.abs(share(population, inside) - 0.8)).toBeLessThan(0.04);
  });
});

describe('the band on a day on which the line grows to an hour, and is gone again', () => {
  // Calm, then a tenth more work than can be done and nobody hangs up, then half. Then waits are over an hour late known.
  const loadAt = (ms: number): number => (ms < 24 * HOUR ? 0.4 : ms < 34 * HOUR ? 1.1 : 0.5);
  let all: readonly Judged[] = [];
  beforeAll(() => {
    all = judged({ seed: 3, contacts: 10_500, patienceMs: Infinity, loadAt });
  });
  const between = (from: number, to: number): Judged[] => all.filter(({ hour }) => hour >= from && hour < to);

  it('holds most waits, of up to an hour and a half, without telling of ages', () => {
    const busy = between(24, 34);
    expect(Math.max(...busy.map(({ wait }) => wait))).toBeGreaterThan(3600);
    expect(share(busy, inside)).toBeGreaterThan(0.7);
    expect(share(busy, longer)).toBeLessThan(0.1);
    for (const { told } of busy) expect(told.high).toBeLessThanOrEqual(2 * told.middle + 1200);
    expect(median(busy.map(({ told }) => told.high - told.low))).toBeLessThan(
      0.5 * median(busy.map(({ wait }) => wait)),
    );
  });

  it('is as narrow and as right as before, two hours after the line is gone', () => {
    const calm = between(36, 48);
    expect(Math.abs(share(calm, inside) - 0.8)).toBeLessThan(0.07);
    expect(median(calm.map(({ told }) => told.high - told.low))).toBeLessThan(5);
  });
});
