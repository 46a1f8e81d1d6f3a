import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutesOf, midnightOf, weekdayOf, ZoneClock } from './local-time.js';

const wall = (text: string) => Date.parse(`${text}Z`);
const iso = (instants: readonly number[]) => instants.map((instant) => new Date(instant).toISOString());
const amsterdam = new ZoneClock('Europe/Amsterdam');

describe('wall times', () => {
  it('become instants by the offset of their day', () => {
    expect(iso(amsterdam.instantsOf(wall('2014-03-03T08:00:10')))).toEqual(['2014-03-03T07:00:10.000Z']);
    expect(iso(amsterdam.instantsOf(wall('2014-07-03T08:00:10')))).toEqual(['2014-07-03T06:00:10.000Z']);
  });

  it('do not exist in the hour that spring skips', () => {
    expect(amsterdam.instantsOf(wall('2014-03-30T02:30:00'))).toEqual([]);
    expect(iso(amsterdam.instantsOf(wall('2014-03-30T01:59:59')))).toEqual(['2014-03-30T00:59:59.000Z']);
    expect(iso(amsterdam.instantsOf(wall('2014-03-30T03:00:00')))).toEqual(['2014-03-30T01:00:00.000Z']);
    expect(iso([amsterdam.instantOf(wall('2014-03-30T02:30:00'))])).toEqual(['2014-03-30T01:30:00.000Z']);
  });

  it('are shown twice in the hour that autumn repeats', () => {
    expect(iso(amsterdam.instantsOf(wall('2014-10-26T02:30:00')))).toEqual([
      '2014-10-26T00:30:00.000Z',
      '2014-10-26T01:30:00.000Z',
    ]);
  });

  it('come back from every instant, in zones with changes of an hour, of half an hour, and of a day', () => {
    for (const zone of ['Europe/Amsterdam', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC']) {
      const clock = new ZoneClock(zone);
      fc.assert(
        fc.property(fc.integer({ min: wall('2009-01-01T00:00:00'), max: wall('2030-01-01T00:00:00') }), (at) => {
          expect(clock.instantsOf(clock.wallTime(at))).toContain(at);
        }),
        { numRuns: 300 },
      );
    }
  });

  it('are refused for a zone that does not exist', () => {
    expect(() => new ZoneClock('Europe/Atlantis')).toThrow(/"Europe\/Atlantis" is not an IANA time zone/);
  });
});

it('days of the week begin with Monday', () => {
  expect(weekdayOf(wall('2026-03-02T10:00:00'))).toBe(0);
  expect(weekdayOf(wall('2026-03-01T23:59:59'))).toBe(6);
  expect(midnightOf(wall('2026-03-02T10:00:00'))).toBe(wall('2026-03-02T00:00:00'));
});

it('clock times are read up to 24:00 and refused beyond', () => {
  expect(['00:00', '08:30', '24:00'].map(minutesOf)).toEqual([0, 510, 1440]);
  for (const text of ['8:30', '24:01', 'noon', '']) expect(() => minutesOf(text)).toThrow(/must read like 08:30/);
});
