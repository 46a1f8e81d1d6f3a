import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { WINDOWS, windowSpan, type WindowName } from './windows.js';

const HOUR = 3_600_000;
const at = (iso: string) => instant(Date.parse(iso));
const brussels = { timeZone: 'Europe/Brussels', businessDayStart: '00:00' };
const kolkata = { timeZone: 'Asia/Kolkata', businessDayStart: '00:00' };
const span = (name: WindowName, days: typeof brussels, when: string): [string, string] => {
  const { from, to } = windowSpan(name, days, at(when));
  return [new Date(from).toISOString().slice(0, 16), new Date(to).toISOString().slice(0, 16)];
};

describe('windows', () => {
  it('roll over whole minutes, the running one among them', () => {
    expect(windowSpan('last_15_minutes', brussels, at('2026-03-02T10:00:30Z'))).toEqual({
      from: at('2026-03-02T09:46:00Z'),
      to: at('2026-03-02T10:00:30Z'),
    });
    expect(span('last_60_minutes', kolkata, '2026-03-02T10:00:00Z')).toEqual(['2026-03-02T09:00', '2026-03-02T10:00']);
  });

  it('know days of 23 and of 25 hours', () => {
    expect(span('yesterday', brussels, '2026-03-30T10:00:00Z')).toEqual(['2026-03-28T23:00', '2026-03-29T22:00']);
    expect(span('yesterday', brussels, '2026-10-26T10:00:00Z')).toEqual(['2026-10-24T22:00', '2026-10-25T23:00']);
  });

  it('compare with the same time of the clock a week ago, over a change of the clock', () => {
    const monday = '2026-03-30T10:20:00Z';
    expect(span('today', brussels, monday)).toEqual(['2026-03-29T22:00', '2026-03-30T10:20']);
    expect(span('same_time_last_week', brussels, monday)).toEqual(['2026-03-22T23:00', '2026-03-23T11:20']);
    // On the day of the change itself today is an hour shorter than the day it is compared with.
    const sunday = '2026-03-29T10:20:00Z';
    const [now, before] = (['today', 'same_time_last_week'] as const).map((name) => {
      const { from, to } = windowSpan(name, brussels, at(sunday));
      return to - from;
    });
    expect(before! - now!).toBe(HOUR);
  });

  it('begin the week with the business day of Monday', () => {
    expect(span('week_to_date', brussels, '2026-04-01T10:00:00Z')).toEqual(['2026-03-29T22:00', '2026-04-01T10:00']);
    expect(span('week_to_date', brussels, '2026-03-29T10:00:00Z')).toEqual(['2026-03-22T23:00', '2026-03-29T10:00']);
    const late = { ...brussels, businessDayStart: '04:00' };
    expect(span('week_to_date', late, '2026-03-30T01:59:00Z')).toEqual(['2026-03-23T03:00', '2026-03-30T01:59']);
    expect(span('today', late, '2026-03-30T01:59:00Z')).toEqual(['2026-03-29T02:00', '2026-03-30T01:59']);
    expect(span('week_to_date', late, '2026-03-30T02:00:00Z')).toEqual(['2026-03-30T02:00', '2026-03-30T02:00']);
  });

  it('follow the zone of the queue, half hours too', () => {
    expect(span('today', kolkata, '2026-03-02T18:29:00Z')).toEqual(['2026-03-01T18:30', '2026-03-02T18:29']);
    expect(span('yesterday', kolkata, '2026-03-02T18:30:00Z')).toEqual(['2026-03-01T18:30', '2026-03-02T18:30']);
  });

  it('agree with a calendar in every zone, and never end after now', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Brussels', 'America/St_Johns', 'Asia/Kolkata', 'Australia/Lord_Howe');
    // Until 2011 St. John's put its clocks back at a minute past midnight: such a day begins twice.
    fc.assert(
      fc.property(zones, fc.integer({ min: Date.UTC(2012, 0), max: Date.UTC(2030, 0) }), (timeZone, when) => {
        const days = { timeZone, businessDayStart: '00:00' };
        const today = DateTime.fromMillis(when, { zone: timeZone }).startOf('day');
        const from = (name: WindowName): number => windowSpan(name, days, instant(when)).from;
        expect(from('today')).toBe(today.toMillis());
        expect(from('yesterday')).toBe(today.minus({ days: 1 }).startOf('day').toMillis());
        expect(from('week_to_date')).toBe(today.startOf('week').toMillis());
        expect(from('same_time_last_week')).toBe(today.minus({ days: 7 }).startOf('day').toMillis());
        for (const name of WINDOWS) {
          const window = windowSpan(name, days, instant(when));
          expect(window.to).toBeLessThanOrEqual(when);
          expect(window.from).toBeLessThanOrEqual(window.to);
        }
      }),
      { numRuns: 400 },
    );
  });
});
