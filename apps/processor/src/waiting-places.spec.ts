import { instant, queueId, type ContactId, type LegId } from '@queuecast/events';
import type { Estimate, WaitingOrder } from '@queuecast/live';
import type { Rung, SiteEstimator } from '@queuecast/wait-estimates';
import { describe, expect, it } from 'vitest';
import { WaitingPlaces } from './waiting-places.js';

const NOW = Date.parse('2026-03-03T10:00:00Z');
const queue = queueId('support');
const band: Estimate = { kind: 'band', lowMs: 0, p50Ms: 1, highMs: 2, predictor: 'learner', at: NOW };
const shock: Estimate = { kind: 'abstention', reason: 'SHOCK', at: NOW };
/** A minute for everybody ahead, half as much or twice as much. */
const rungs = (minutes: number): Rung[] =>
  [1, 2, 3, 4].map((position) => {
    const p50Ms = position * minutes * 60_000;
    return { position, lowMs: p50Ms / 2, p50Ms, highMs: 2 * p50Ms };
  });
const joined = (n: number): number => NOW - 300_000 + n * 60_000;
const orderOf = (...priorities: readonly number[]): WaitingOrder => ({
  queue,
  waiting: priorities.length,
  oldest: priorities.map((priority, n) => ({
    contact: `c${n}` as ContactId,
    leg: '1' as LegId,
    queuedAt: instant(joined(n)),
    priority,
  })),
  isOnePriority: new Set(priorities).size === 1,
  above: (priority) => priorities.filter((each) => each > priority).length,
});

const placesBy = (minutes: () => number) => {
  const asked: number[] = [];
  const ladder: SiteEstimator['ladder'] = (_queue, waiting) => {
    asked.push(waiting);
    return rungs(minutes());
  };
  return { asked, places: new WaitingPlaces(ladder) };
};

describe('those who wait', () => {
  it('have a position and a wait by it where the first to come is served first, and so has whoever asks by the ladder', () => {
    const { places } = placesBy(() => 1);
    const { oldest, line } = places.places(orderOf(0, 0, 0, 0), band, instant(NOW));
    expect(oldest.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    expect(oldest.map(({ remaining }) => remaining)).toEqual(
      rungs(1).map(({ lowMs, p50Ms, highMs }) => ({ lowMs, p50Ms, highMs })),
    );
    expect(line).toEqual({ orderedFrom: 0, ladder: rungs(1) });
  });

  it('have no position once they are passed over, but a wait, which may last until the last is served', () => {
    const { places } = placesBy(() => 1);
    places.answered({ queue, queuedAt: instant(joined(1)) });
    const { oldest, line } = places.places(orderOf(0, 0, 0, 0), band, instant(NOW));
    expect(oldest.map(({ position }) => position)).toEqual([null, 2, 3, 4]);
    expect(oldest[0]!.remaining).toEqual({ lowMs: 30_000, p50Ms: 60_000, highMs: 480_000 });
    expect(line?.orderedFrom).toBe(joined(1));
  });

  it('have no position among others of another priority, but a wait by their rank', () => {
    const { places } = placesBy(() => 1);
    const { oldest, line } = places.places(orderOf(0, 5, 0, 5), band, instant(NOW));
    expect(oldest.map(({ position }) => position)).toEqual([null, null, null, null]);
    expect(oldest.map(({ remaining }) => remaining?.p50Ms)).toEqual([180_000, 60_000, 240_000, 120_000]);
    expect(line?.orderedFrom).toBeNull();
  });

  it('are told nothing while there is no estimate, and then no more than what they had been told explains', () => {
    let minutes = 1;
    const { places, asked } = placesBy(() => minutes);
    const at = (seconds: number, estimate: Estimate = band) =>
      places.places(orderOf(0, 0, 0, 0), estimate, instant(NOW + 1000 * seconds));
    at(0);
    const during = at(10, shock);
    expect(during.oldest[0]).toEqual({ position: 1, remaining: null });
    expect(during.line).toEqual({ orderedFrom: 0, ladder: [] });
    minutes = 20;
    const [head] = at(20).oldest;
    expect(head!.remaining!.p50Ms).toBe(100_000);
    expect(at(20).line!.ladder[0]!.p50Ms).toBe(1_200_000);
    // Nobody waits, nobody asks.
    const before = asked.length;
    expect(places.places({ ...orderOf(), isOnePriority: true }, band, instant(NOW)).line).toEqual({
      orderedFrom: 0,
      ladder: [],
    });
    expect(asked.length).toBe(before);
  });
});
