import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { isOpen, openSince, WEEKDAYS, weeklyHours, type OpeningHours } from './calendar.js';
import { startOfBusinessDay } from './windows.js';

const at = (iso: string) => instant(Date.parse(iso));
const iso = (value: number | null) => (value === null ? null : new Date(value).toISOString());
const office: OpeningHours = {
  mon: ['08:00-12:00', '13:00-18:00'],
  tue: ['08:00-18:00'],
  wed: ['08:00-18:00'],
  thu: ['08:00-18:00'],
  fri: ['08:00-17:00'],
  sat: [],
  sun: [],
};
const night: OpeningHours = { ...office, sat: ['20:00-24:00'], sun: ['00:00-06:00'] };

describe('isOpen', () => {
  it('follows the spans of the weekday in the zone of the queue', () => {
    const opening = (when: string) => {
      const { state, until } = isOpen(office, [], 'Europe/Brussels', at(when));
      return [state, iso(until)];
    };
    expect(opening('2026-03-02T06:59:59.999Z')).toEqual(['closed', '2026-03-02T07:00:00.000Z']);
    expect(opening('2026-03-02T07:00:00Z')).toEqual(['open', '2026-03-02T11:00:00.000Z']);
    expect(opening('2026-03-02T11:00:00Z')).toEqual(['closed', '2026-03-02T12:00:00.000Z']);
    expect(opening('2026-03-06T16:00:00Z')).toEqual(['closed', '2026-03-09T07:00:00.000Z']);
  });

  it('is closed on a holiday, and open again on the next working day', () => {
    const { state, until } = isOpen(office, ['2026-03-03'], 'Europe/Brussels', at('2026-03-03T10:00:00Z'));
    expect([state, iso(until)]).toEqual(['closed', '2026-03-04T07:00:00.000Z']);
  });

  it('knows when it opens after two weeks of holidays, over a change of the clock', () => {
    const fortnight = Array.from({ length: 14 }, (_, day) =>
      new Date(Date.UTC(2026, 9, 19 + day)).toISOString().slice(0, 10),
    );
    const { state, until } = isOpen(office, fortnight, 'Europe/Brussels', at('2026-10-19T08:00:00Z'));
    expect([state, iso(until)]).toEqual(['closed', '2026-11-02T07:00:00.000Z']);
    const before = isOpen(office, fortnight, 'Europe/Brussels', at('2026-10-16T15:00:00Z'));
    expect([before.state, iso(before.until)]).toEqual(['closed', '2026-11-02T07:00:00.000Z']);
  });

  it('joins spans that meet at midnight', () => {
    const { state, until } = isOpen(night, [], 'Europe/Paris', at('2026-03-07T21:00:00Z'));
    expect([state, iso(until)]).toEqual(['open', '2026-03-08T05:00:00.000Z']);
  });

  it('knows no end of always, except a holiday', () => {
    expect(isOpen('always', [], 'Asia/Kolkata', at('2026-03-07T21:00:00Z'))).toEqual({ state: 'open', until: null });
    const before = isOpen('always', ['2026-03-10'], 'Asia/Kolkata', at('2026-03-07T21:00:00Z'));
    expect([before.state, iso(before.until)]).toEqual(['open', '2026-03-09T18:30:00.000Z']);
    const during = isOpen('always', ['2026-03-10'], 'Asia/Kolkata', at('2026-03-10T00:00:00Z'));
    expect([during.state, iso(during.until)]).toEqual(['closed', '2026-03-10T18:30:00.000Z']);
  });

  it('knows no end of the closing of a queue that never opens', () => {
    const never: OpeningHours = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
    expect(isOpen(never, [], 'UTC', at('2026-03-07T21:00:00Z'))).toEqual({ state: 'closed', until: null });
  });

  it('opens at the jump where the clock skips the hour of opening, and at the first showing of an hour shown twice', () => {
    const early: OpeningHours = { ...office, sun: ['02:30-10:00'] };
    const spring = isOpen(early, [], 'Europe/Brussels', at('2026-03-29T00:00:00Z'));
    expect([spring.state, iso(spring.until)]).toEqual(['closed', '2026-03-29T01:00:00.000Z']);
    const autumn = isOpen(early, [], 'Europe/Brussels', at('2026-10-25T00:00:00Z'));
    expect([autumn.state, iso(autumn.until)]).toEqual(['closed', '2026-10-25T00:30:00.000Z']);
  });

  it('takes a date that the zone skipped as no time at all', () => {
    const fridays: OpeningHours = { ...office, mon: [], tue: [], wed: [], thu: [], fri: ['08:00-17:00'] };
    const { state, until } = isOpen(fridays, [], 'Pacific/Apia', at('2011-12-29T12:00:00Z'));
    expect([state, iso(until)]).toEqual(['closed', '2012-01-05T18:00:00.000Z']);
  });
});

describe('weeklyHours', () => {
  it('lists the next seven local dates, holidays empty, spans in order', () => {
    const hours: OpeningHours = { ...office, mon: ['13:00-18:00', '08:00-12:00'] };
    const week = weeklyHours(hours, ['2026-03-03'], 'Pacific/Auckland', at('2026-03-01T12:00:00Z'));
    expect(week.map((day) => day.date)).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
      '2026-03-05',
      '2026-03-06',
      '2026-03-07',
      '2026-03-08',
    ]);
    expect(week[0]!.spans).toEqual([
      ['08:00', '12:00'],
      ['13:00', '18:00'],
    ]);
    expect(week[1]!.spans).toEqual([]);
  });
});

describe('startOfBusinessDay', () => {
  it('cuts days of 23 and 25 hours', () => {
    const start = (when: string) => iso(startOfBusinessDay('Europe/Brussels', '00:00', at(when)));
    expect(start('2026-03-29T21:59:59Z')).toBe('2026-03-28T23:00:00.000Z');
    expect(start('2026-03-29T22:00:00Z')).toBe('2026-03-29T22:00:00.000Z');
    expect(start('2026-10-25T22:59:59Z')).toBe('2026-10-24T22:00:00.000Z');
  });

  it('starts late where midnight is skipped, and once where it is shown twice', () => {
    expect(iso(startOfBusinessDay('America/Havana', '00:00', at('2026-03-08T12:00:00Z')))).toBe(
      '2026-03-08T05:00:00.000Z',
    );
    expect(iso(startOfBusinessDay('America/Havana', '00:00', at('2026-11-01T05:30:00Z')))).toBe(
      '2026-11-01T04:00:00.000Z',
    );
  });

  it('belongs to the day before until the business day begins', () => {
    expect(iso(startOfBusinessDay('Asia/Kathmandu', '04:00', at('2026-03-01T22:14:59Z')))).toBe(
      '2026-02-28T22:15:00.000Z',
    );
    expect(iso(startOfBusinessDay('Asia/Kathmandu', '04:00', at('2026-03-01T22:15:00Z')))).toBe(
      '2026-03-01T22:15:00.000Z',
    );
  });
});

const zones = fc.constantFrom(
  'UTC',
  'Europe/Brussels',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
);
const instants = fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2030, 0) }).map(instant);
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const day = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 0, maxLength: 6 })
  .map((quarters) => quarters.sort((a, b) => a - b))
  .map((quarters) =>
    Array.from(
      { length: Math.floor(quarters.length / 2) },
      (_, i) => `${clock(quarters[2 * i]! * 15)}-${clock(quarters[2 * i + 1]! * 15)}`,
    ),
  );
const weeks: fc.Arbitrary<OpeningHours> = fc.oneof(
  fc.constant('always' as const),
  fc.record({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }),
);

/** What a clock on the wall and the list of spans say, without any arithmetic on instants. */
const byTheWall = (hours: OpeningHours, holidays: readonly string[], zone: string, when: number) => {
  const local = DateTime.fromMillis(when, { zone });
  if (holidays.includes(local.toISODate()!)) return 'closed';
  if (hours === 'always') return 'open';
  const now = local.toFormat('HH:mm');
  return hours[WEEKDAYS[local.weekday - 1]!].some((span) => span.slice(0, 5) <= now && now < span.slice(6))
    ? 'open'
    : 'closed';
};
const clockJumpsNear = (zone: string, when: number) =>
  DateTime.fromMillis(when - 26 * 3_600_000, { zone }).offset !==
  DateTime.fromMillis(when + 26 * 3_600_000, { zone }).offset;

describe('the calendar, whatever the zone, the hours and the instant', () => {
  const holidaysNear = (zone: string, when: number, ahead: number[]) =>
    ahead.map((days) => DateTime.fromMillis(when, { zone }).plus({ days }).toISODate()!);

  it('agrees with the clock on the wall', () => {
    fc.assert(
      fc.property(weeks, zones, instants, fc.array(fc.integer({ min: 0, max: 9 })), (hours, zone, when, ahead) => {
        fc.pre(!clockJumpsNear(zone, when));
        const holidays = holidaysNear(zone, when, ahead);
        expect(isOpen(hours, holidays, zone, when).state).toBe(byTheWall(hours, holidays, zone, when));
      }),
      { numRuns: 400 },
    );
  });

  it('holds its answer until `until`, and changes it then', () => {
    fc.assert(
      fc.property(weeks, zones, instants, fc.array(fc.integer({ min: 0, max: 9 })), (hours, zone, when, ahead) => {
        const holidays = holidaysNear(zone, when, ahead);
        const { state, until } = isOpen(hours, holidays, zone, when);
        if (until === null) return;
        expect(until).toBeGreaterThan(when);
        expect(isOpen(hours, holidays, zone, instant(until - 1))).toEqual({ state, until });
        expect(isOpen(hours, holidays, zone, instant(Math.floor((when + until) / 2))).state).toBe(state);
        expect(isOpen(hours, holidays, zone, until).state).toBe(state === 'open' ? 'closed' : 'open');
      }),
      { numRuns: 400 },
    );
  });

  it('tells since when it is open, as far back as the day before', () => {
    fc.assert(
      fc.property(weeks, zones, instants, fc.array(fc.integer({ min: -2, max: 2 })), (hours, zone, when, ahead) => {
        const holidays = holidaysNear(zone, when, ahead);
        const since = openSince(hours, holidays, zone, when);
        expect(since !== null).toBe(isOpen(hours, holidays, zone, when).state === 'open');
        if (since === null) return;
        expect(since).toBeLessThanOrEqual(when);
        expect(isOpen(hours, holidays, zone, since).state).toBe('open');
        const dayBefore = DateTime.fromMillis(when, { zone }).startOf('day').minus({ days: 1 }).toMillis();
        if (since > dayBefore) expect(isOpen(hours, holidays, zone, instant(since - 1)).state).toBe('closed');
      }),
      { numRuns: 400 },
    );
  });

  it('starts a business day at or before the instant, less than 49 hours ago, and the start is its own start', () => {
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 1439 }), instants, (zone, minutes, when) => {
        const start = startOfBusinessDay(zone, clock(minutes), when);
        expect(start).toBeLessThanOrEqual(when);
        expect(when - start).toBeLessThan(49 * 3_600_000);
        expect(startOfBusinessDay(zone, clock(minutes), start)).toBe(start);
        if (!clockJumpsNear(zone, start))
          expect(DateTime.fromMillis(start, { zone }).toFormat('HH:mm')).toBe(clock(minutes));
      }),
      { numRuns: 400 },
    );
  });
});
