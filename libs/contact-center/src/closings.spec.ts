import type { Instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import type { OpeningHours } from './calendar.js';
import { closingsBetween } from './closings.js';

const at = (iso: string): Instant => Date.parse(iso) as Instant;
const OFFICE: OpeningHours = {
  mon: ['09:00-12:00', '13:00-17:00'],
  tue: ['09:00-17:00'],
  wed: [],
  thu: [],
  fri: [],
  sat: [],
  sun: [],
};

describe('closings', () => {
  it('are what lies between the hours, holidays whole, cut at the range', () => {
    const closings = closingsBetween(
      OFFICE,
      ['2026-03-03'],
      'Europe/Brussels',
      at('2026-03-02T09:00:00Z'),
      at('2026-03-09T09:00:00Z'),
    );
    expect(closings.map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()])).toEqual([
      ['2026-03-02T11:00:00.000Z', '2026-03-02T12:00:00.000Z'],
      ['2026-03-02T16:00:00.000Z', '2026-03-09T08:00:00.000Z'],
    ]);
  });

  it('are none of a queue that is always open, and everything of one that never is', () => {
    const range = [at('2026-03-02T09:00:00Z'), at('2026-06-02T09:00:00Z')] as const;
    expect(closingsBetween('always', [], 'UTC', ...range)).toEqual([]);
    const never: OpeningHours = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
    expect(closingsBetween(never, [], 'UTC', ...range)).toEqual([{ from: range[0], to: range[1] }]);
  });

  it('last an hour less in the night that loses one', () => {
    const night = { ...OFFICE, sat: ['09:00-22:00'], sun: ['06:00-12:00'] };
    const closings = closingsBetween(
      night,
      [],
      'Europe/Brussels',
      at('2026-03-28T12:00:00Z'),
      at('2026-03-29T08:00:00Z'),
    );
    expect(closings.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([7]);
  });
});
