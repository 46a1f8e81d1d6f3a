import { instant } from '@queuecast/events';
import type { QueueFrame } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { frame } from '../frame.testing.js';
import { STALE_MS } from '../public/public-queue.js';
import type { Place, PlaceLink } from './places.js';
import { ToldPlaces } from './told-places.js';

const MINUTE = 60_000;
const START = Date.parse('2026-03-03T10:00:00Z');
const linkOf = (contact: string): PlaceLink => ({
  of: 'place',
  tenant: 'acme',
  site: 'main',
  queue: 'support',
  contact,
  leg: '1',
  until: START + 60 * MINUTE,
});
const place = (position: number, queuedAt = START - MINUTE): Place => ({
  queuedAt: instant(queuedAt),
  priority: 0,
  position,
  waiting: 6,
});
const rung = (position: number, low: number, middle: number, high: number) => ({
  position,
  lowMs: low * MINUTE,
  p50Ms: middle * MINUTE,
  highMs: high * MINUTE,
});
const LADDER = [rung(1, 0, 1, 2), rung(3, 2, 4, 6), rung(6, 5, 8, 12)];
const framed = (at: number, line: QueueFrame['line'] = { orderedFrom: 0, ladder: LADDER }): QueueFrame =>
  frame({ at, line });

const desk = () => {
  const clock = { now: START };
  return { clock, places: new ToldPlaces(() => clock.now) };
};

describe('a caller who waits is told', () => {
  it('his position, and what is left by the ladder of his queue, rounded, as of its frame', () => {
    const { places } = desk();
    const asOf = new Date(START).toISOString();
    const told = (position: number) => places.next(linkOf(`c${position}`), place(position), framed(START));
    expect(told(1)).toEqual({ position: 1, remaining: { lowMinutes: 0, highMinutes: 2, asOf } });
    // Half way between the rungs 1 and 3.
    expect(told(2)).toEqual({ position: 2, remaining: { lowMinutes: 1, highMinutes: 4, asOf } });
    expect(told(6)).toEqual({ position: 6, remaining: { lowMinutes: 5, highMinutes: 12, asOf } });
  });

  it('no position where he has been passed over or others go before by priority, but the wait until the last is served', () => {
    const { places } = desk();
    for (const orderedFrom of [START, null])
      expect(places.next(linkOf(`${orderedFrom}`), place(3), framed(START, { orderedFrom, ladder: LADDER }))).toEqual({
        position: null,
        remaining: { lowMinutes: 2, highMinutes: 12, asOf: new Date(START).toISOString() },
      });
  });

  it('nothing by a frame that is too old, since the processor may be dead; nor where nothing can be told', () => {
    const { clock, places } = desk();
    const nothing = { position: null, remaining: null };
    expect(places.next(linkOf('c'), place(1), undefined)).toEqual(nothing);
    expect(places.next(linkOf('c'), place(1), framed(START, null))).toEqual(nothing);
    clock.now = START + STALE_MS;
    // The minute since is over.
    expect(places.next(linkOf('c'), place(6), framed(START)).remaining).toEqual({
      lowMinutes: 4,
      highMinutes: 11,
      asOf: new Date(START).toISOString(),
    });
    clock.now += 1;
    expect(places.next(linkOf('c'), place(6), framed(START))).toEqual(nothing);
    expect(places.next(linkOf('c'), place(1), framed(clock.now, { orderedFrom: 0, ladder: [] }))).toEqual({
      position: 1,
      remaining: null,
    });
  });

  it('of no jump: a longer wait is told step by step, also after nothing could be told', () => {
    const { clock, places } = desk();
    const high = (ladder: readonly ReturnType<typeof rung>[], contact = 'c') =>
      places.next(linkOf(contact), place(1), framed(clock.now, { orderedFrom: 0, ladder: [...ladder] })).remaining
        ?.highMinutes;
    expect(high([rung(1, 1, 2, 3)])).toBe(3);
    clock.now += MINUTE / 2;
    expect(high([])).toBeUndefined();
    clock.now += MINUTE / 2;
    const longer = [rung(1, 20, 30, 40)];
    expect(high(longer)).toBe(4);
    // Nothing was promised to another one.
    expect(high(longer, 'other')).toBe(40);
    for (let minutes = 0; minutes < 10; minutes += 1) {
      clock.now += MINUTE;
      high(longer);
    }
    expect(high(longer)).toBe(40);
  });

  it('what he was told, for as long as it holds: a figure does not flicker', () => {
    const { clock, places } = desk();
    const told = (low: number, middle: number, high: number) =>
      places.next(linkOf('c'), place(1), framed(clock.now, { orderedFrom: 0, ladder: [rung(1, low, middle, high)] }));
    expect(told(4, 6, 8).remaining).toMatchObject({ lowMinutes: 4, highMinutes: 8 });
    clock.now += 5_000;
    expect(told(3.9, 5.9, 8.05).remaining).toMatchObject({
      lowMinutes: 4,
      highMinutes: 8,
      asOf: new Date(clock.now).toISOString(),
    });
  });

  it('anew when too many look: memory is bounded', () => {
    const places = new ToldPlaces(() => START, 2);
    const highOf = (contact: string, minutes: number) =>
      places.next(linkOf(contact), place(1), framed(START, { orderedFrom: 0, ladder: [rung(1, 0, 1, minutes)] }))
        .remaining?.highMinutes;
    for (const contact of ['a', 'b', 'c']) expect(highOf(contact, 2)).toBe(2);
    expect([highOf('c', 9), highOf('a', 9)]).toEqual([2, 9]);
  });
});
