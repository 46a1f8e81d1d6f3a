import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundedBand } from './rounding.js';

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
