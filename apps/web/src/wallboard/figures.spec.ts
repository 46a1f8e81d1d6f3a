import { describe, expect, it } from 'vitest';
import { percent, stopwatch, wallTime, weekdayTime } from './figures.js';

describe('figures', () => {
  it.each([
    [-5, '0:00'],
    [0, '0:00'],
    [999, '0:00'],
    [272_000, '4:32'],
    [3_599_999, '59:59'],
    [3_872_000, '1:04:32'],
    [360_000_000, '100:00:00'],
  ])('%d ms on a stopwatch is %s', (milliseconds, expected) => {
    expect(stopwatch(milliseconds)).toBe(expected);
  });

  it('never rounds a share up to a target that it has not met', () => {
    expect(percent(0.7999, 'en')).toBe('79%');
    expect(percent(0.8, 'en')).toBe('80%');
    expect(percent(0.29, 'en')).toBe('29%');
    expect(percent(1, 'fr')).toMatch(/^100\s%$/);
  });

  it('writes times on 24 hours in any locale', () => {
    const at = Date.parse('2026-03-02T23:05:10Z');
    expect(wallTime(at, 'en-US', 'UTC')).toBe('23:05:10');
    expect(wallTime(at, 'en-US', 'Europe/Brussels')).toBe('00:05:10');
    expect(weekdayTime(at, 'en', 'Europe/Brussels')).toBe('Tue 00:05');
  });
});
