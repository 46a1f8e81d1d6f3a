import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rightOf10, roundedBand, shownBand, type ShownBand } from './display.js';

const minutes = (value: number): number => value * 60_000;
const band = (low: number, high: number) => {
  const { lowMinutes, highMinutes } = roundedBand(minutes(low), minutes(high));
  return [lowMinutes, highMinutes];
};

it('tells whole minutes up to 15, and steps of five above', () => {
  expect(band(7.6, 12.1)).toEqual([7, 13]);
  expect(band(8, 12)).toEqual([8, 12]);
  expect(band(14.2, 15)).toEqual([14, 15]);
  expect(band(14.2, 15.1)).toEqual([14, 20]);
  expect(band(15.5, 21)).toEqual([15, 25]);
  expect(band(37, 44)).toEqual([35, 45]);
});

it('says at least "up to one minute"', () => {
  expect(band(0, 0)).toEqual([0, 1]);
  expect(band(0.2, 0.4)).toEqual([0, 1]);
  expect(band(-1, 0)).toEqual([0, 1]);
});

it('holds whatever the exact band holds, and is never needlessly wide', () => {
  const duration = fc.integer({ min: 0, max: minutes(600) });
  fc.assert(
    fc.property(duration, duration, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const { lowMinutes, highMinutes } = roundedBand(low, high);
      expect(minutes(lowMinutes)).toBeLessThanOrEqual(low);
      expect(minutes(highMinutes)).toBeGreaterThanOrEqual(high);
      expect(low - minutes(lowMinutes)).toBeLessThan(minutes(lowMinutes < 15 ? 1 : 5));
      expect(minutes(highMinutes) - high).toBeLessThanOrEqual(minutes(highMinutes <= 15 ? 1 : 5));
      if (highMinutes > 15) expect(highMinutes % 5).toBe(0);
    }),
  );
});

const exact = (low: number, middle: number, high: number) => ({
  lowMs: minutes(low),
  p50Ms: minutes(middle),
  highMs: minutes(high),
});

it('keeps what is shown while it holds: for a quarter of a minute, and for a minute if the change is slight', () => {
  const first = shownBand(null, exact(8, 10, 12), 0);
  expect(first).toEqual({ lowMinutes: 8, highMinutes: 12, since: 0, asOf: 0 });
  expect(shownBand(first, exact(6, 9, 11), 10_000)).toEqual({ ...first, asOf: 10_000 });
  expect(shownBand(first, exact(6, 9, 11), 15_000)).toMatchObject({ lowMinutes: 6, highMinutes: 11, since: 15_000 });
  expect(shownBand(first, exact(7, 9, 11), 59_000)).toEqual({ ...first, asOf: 59_000 });
  expect(shownBand(first, exact(7, 9, 11), 60_000)).toMatchObject({ lowMinutes: 7, highMinutes: 11, since: 60_000 });
});

it('tells at once of a wait that no longer lies in what is shown', () => {
  const first = shownBand(null, exact(8, 10, 12), 0);
  expect(shownBand(first, exact(11, 14, 18), 1)).toMatchObject({ lowMinutes: 11, highMinutes: 20, since: 1 });
  expect(shownBand(first, exact(0, 1, 2), 1)).toMatchObject({ lowMinutes: 0, highMinutes: 2, since: 1 });
});

it('holds the middle of the wait, whatever comes', () => {
  const time = fc.integer({ min: 0, max: minutes(120) });
  fc.assert(
    fc.property(fc.array(fc.tuple(time, time, time, fc.integer({ min: 0, max: 90_000 }))), (many) => {
      let [shown, now]: [ShownBand | null, number] = [null, 0];
      for (const [a, b, c, pause] of many) {
        now += pause;
        const [lowMs = 0, p50Ms = 0, highMs = 0] = [a, b, c].sort((one, other) => one - other);
        shown = shownBand(shown, { lowMs, p50Ms, highMs }, now);
        expect(minutes(shown.lowMinutes)).toBeLessThanOrEqual(p50Ms);
        expect(minutes(shown.highMinutes)).toBeGreaterThanOrEqual(p50Ms);
        expect(shown.since).toBeLessThanOrEqual(shown.asOf);
      }
    }),
  );
});

it('says how often it was right of enough only', () => {
  expect(rightOf10({ right: 19, of: 19 })).toBeNull();
  expect(rightOf10({ right: 16, of: 20 })).toBe(8);
  expect(rightOf10({ right: 97, of: 100 })).toBe(10);
});
