import { isOpen, type OpeningHours } from '@queuecast/contact-center';
import { instant } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueAt, type QueueTimes } from './due.js';

const timeZone = 'Europe/Brussels';
const weekdays: OpeningHours = {
  mon: ['08:00-12:00', '13:00-18:00'],
  tue: ['08:00-18:00'],
  wed: ['08:00-18:00'],
  thu: ['08:00-18:00'],
  fri: ['08:00-16:00'],
  sat: [],
  sun: [],
};
const office: QueueTimes = { hours: weekdays, holidays: ['2026-04-06', '2026-05-01'], timeZone };
const due = (rule: Parameters<typeof dueAt>[0], at: string, times = office): string | null => {
  const instantDue = dueAt(rule, times, instant(Date.parse(at)));
  return instantDue === null ? null : new Date(instantDue).toISOString();
};

describe('when a promise is due', () => {
  it('be-24h: 24 hours later, over a change of the clock too', () => {
    expect(due({ profile: 'be-24h' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T12:00:00.000Z');
  });

  it('be-charter: at the end of the next working day of the queue', () => {
    // A Tuesday in winter, a Friday, a Saturday; then before Easter Monday, and before the first of May.
    expect(due({ profile: 'be-charter' }, '2026-03-03T10:00:00+01:00')).toBe('2026-03-04T17:00:00.000Z');
    expect(due({ profile: 'be-charter' }, '2026-03-06T10:00:00+01:00')).toBe('2026-03-09T17:00:00.000Z');
    expect(due({ profile: 'be-charter' }, '2026-03-07T23:30:00+01:00')).toBe('2026-03-09T17:00:00.000Z');
    expect(due({ profile: 'be-charter' }, '2026-04-03T17:30:00+02:00')).toBe('2026-04-07T16:00:00.000Z');
    expect(due({ profile: 'be-charter' }, '2026-04-30T10:00:00+02:00')).toBe('2026-05-04T16:00:00.000Z');
  });

  it('be-charter: by the local date, and by the local clock after it changed', () => {
    // 23:30 UTC on Monday is Tuesday in Brussels.
    expect(due({ profile: 'be-charter' }, '2026-03-02T23:30:00Z')).toBe('2026-03-04T17:00:00.000Z');
    // Friday before the clock goes forward, Friday before it goes back.
    expect(due({ profile: 'be-charter' }, '2026-03-27T12:00:00Z')).toBe('2026-03-30T16:00:00.000Z');
    expect(due({ profile: 'be-charter' }, '2026-10-23T12:00:00Z')).toBe('2026-10-26T17:00:00.000Z');
  });

  it('be-charter: at midnight where the queue never closes', () => {
    const always: QueueTimes = { hours: 'always', holidays: [], timeZone };
    expect(due({ profile: 'be-charter' }, '2026-03-02T10:00:00+01:00', always)).toBe('2026-03-03T23:00:00.000Z');
    // The day on which the clock goes forward ends after 23 hours.
    expect(due({ profile: 'be-charter' }, '2026-03-28T10:00:00+01:00', always)).toBe('2026-03-29T22:00:00.000Z');
  });

  it('custom: hours, or the end of the nth working day', () => {
    expect(due({ profile: 'custom', hours: 4 }, '2026-03-02T10:00:00Z')).toBe('2026-03-02T14:00:00.000Z');
    expect(due({ profile: 'custom', workingDays: 3 }, '2026-04-02T10:00:00Z')).toBe('2026-04-08T16:00:00.000Z');
  });

  it('cannot be told where the queue never works', () => {
    const never: QueueTimes = {
      hours: { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] },
      holidays: [],
      timeZone,
    };
    expect(due({ profile: 'be-charter' }, '2026-03-02T10:00:00Z', never)).toBeNull();
  });

  it('is after the promise, and the queue is open right before and closed right after', () => {
    const hour = fc.integer({ min: 0, max: 22 });
    const day = fc.option(hour.chain((from) => fc.integer({ min: from + 1, max: 23 }).map((to) => [from, to])));
    const two = (n: number): string => String(n).padStart(2, '0');
    fc.assert(
      fc.property(
        fc.tuple(day, day, day, day, day, day, day),
        fc.constantFrom('Europe/Brussels', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
        fc.integer({ min: 1, max: 5 }),
        (days, zone, at, workingDays) => {
          const spans = days.map((span) => (span ? [`${two(span[0]!)}:00-${two(span[1]!)}:00`] : []));
          const [mon = [], tue = [], wed = [], thu = [], fri = [], sat = [], sun = []] = spans;
          const hours: OpeningHours = { mon, tue, wed, thu, fri, sat, sun };
          const times: QueueTimes = { hours, holidays: [], timeZone: zone };
          const found = dueAt({ profile: 'custom', workingDays }, times, instant(at));
          if (days.every((span) => span === null)) return expect(found).toBeNull();
          expect(found).toBeGreaterThan(at);
          const { state, until } = isOpen(hours, [], zone, instant(found! - 1));
          // Lord Howe's clock may skip half an hour of the last one; the end is where the span ends all the same.
          expect(state === 'closed' || until === found).toBe(true);
          expect(isOpen(hours, [], zone, found!).state).toBe('closed');
        },
      ),
    );
  });
});
