import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen } from './calendar.js';
import { hoursAhead, type QueueCalendarDays } from './hours-ahead.js';

const at = (iso: string) => instant(Date.parse(iso));
const weekday = ['08:30-12:00', '13:00-18:00'];
const brussels: QueueCalendarDays = {
  timeZone: 'Europe/Brussels',
  businessDayStart: '00:00',
  hours: 'always',
  holidays: [],
};
const office: QueueCalendarDays = {
  ...brussels,
  hours: { mon: weekday, tue: weekday, wed: weekday, thu: weekday, fri: weekday, sat: [], sun: [] },
};
const iso = (value: number) => new Date(value).toISOString().slice(0, 16);

describe('hours ahead', () => {
  it('begin with the running hour and end with the last business day', () => {
    const ahead = hoursAhead(brussels, at('2026-03-02T10:20:00Z'), 2);
    expect([iso(ahead[0]!.from), iso(ahead.at(-1)!.to), ahead.length]).toEqual([
      '2026-03-02T10:00',
      '2026-03-03T23:00',
      13 + 24,
    ]);
    expect(ahead[0]).toMatchObject({ date: '2026-03-02', weekday: 0, hour: 11, open: true });
    expect(ahead.at(-1)).toMatchObject({ date: '2026-03-03', weekday: 1, hour: 23 });
  });

  it.each([
    ['2026-03-29', 23, [1, 3]],
    ['2026-10-25', 25, [2, 2]],
    ['2026-06-07', 24, [2, 3]],
  ])('are as many as %s has: %i', (date, count, [third, fourth]) => {
    const night = Date.parse(`${date}T00:00:00Z`) - (date === '2026-03-29' ? 3_600_000 : 7_200_000);
    const ahead = hoursAhead(brussels, instant(night), 1);
    expect(ahead).toHaveLength(count);
    expect(new Set(ahead.map((hour) => hour.date))).toEqual(new Set([date]));
    const clock = ahead.map(({ hour }) => hour);
    const start = date === '2026-03-29' ? 1 : 2;
    expect([clock[start], clock[start + 1]]).toEqual([third, fourth]);
  });

  it('are cut where the queue opens and closes, and closed on holidays', () => {
    const ahead = hoursAhead({ ...office, holidays: ['2026-03-03'] }, at('2026-03-02T07:10:00Z'), 2);
    const open = ahead.filter((hour) => hour.open);
    expect([iso(open[0]!.from), iso(open[0]!.to), open[0]!.hour]).toEqual(['2026-03-02T07:30', '2026-03-02T08:00', 8]);
    expect(open.filter(({ date }) => date === '2026-03-03')).toEqual([]);
    expect(open.at(-1)!.hour).toBe(17);
    expect(open.some(({ hour }) => hour === 12)).toBe(false);
  });

  it('belong to the business day that they are in', () => {
    const ahead = hoursAhead({ ...brussels, businessDayStart: '04:00' }, at('2026-03-03T01:30:00Z'), 1);
    expect(ahead.map(({ date, weekday: day, hour }) => [date, day, hour])).toEqual([
      ['2026-03-02', 0, 2],
      ['2026-03-02', 0, 3],
    ]);
  });

  it('abut, stay within an hour, and are open when the calendar is, in every zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Brussels', 'America/St_Johns', 'Asia/Kolkata', 'Australia/Lord_Howe');
    const starts = fc.constantFrom('00:00', '04:00', '05:30');
    fc.assert(
      fc.property(
        zones,
        starts,
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
        (timeZone, businessDayStart, now) => {
          const ahead = hoursAhead({ ...office, timeZone, businessDayStart }, instant(now), 7);
          expect(ahead[0]!.from).toBeLessThanOrEqual(now);
          expect(ahead[0]!.to).toBeGreaterThan(now - 3_600_000);
          for (const [n, hour] of ahead.entries()) {
            if (n > 0) expect(hour.from).toBe(ahead[n - 1]!.to);
            expect(hour.to).toBeGreaterThan(hour.from);
            expect(hour.to - hour.from).toBeLessThanOrEqual(3_600_000);
            const state = isOpen(office.hours, [], timeZone, hour.from).state;
            expect(hour.open).toBe(state === 'open');
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
