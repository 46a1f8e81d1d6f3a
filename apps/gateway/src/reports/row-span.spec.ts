import { instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { spanOfRow } from './row-span.js';

const at = (iso: string) => instant(Date.parse(iso));
type Grain = Parameters<typeof spanOfRow>[1]['grain'];
const span = (
  start: string,
  grain: Grain,
  timeZone: string,
  from = '2026-01-01T00:00:00Z',
  to = '2027-01-01T00:00:00Z',
) => {
  const asked = { grain, timeZone, from: at(from), to: at(to) };
  const found = spanOfRow(at(start), asked, []);
  return [new Date(found.from).toISOString().slice(0, 16), new Date(found.to).toISOString().slice(0, 16)];
};

describe('what a row covers', () => {
  it('is a day of 23, 24 or 25 hours', () => {
    expect(span('2026-03-28T23:00:00Z', 'day', 'Europe/Brussels')).toEqual(['2026-03-28T23:00', '2026-03-29T22:00']);
    expect(span('2026-10-24T22:00:00Z', 'day', 'Europe/Brussels')).toEqual(['2026-10-24T22:00', '2026-10-25T23:00']);
    expect(span('2026-03-01T18:30:00Z', 'day', 'Asia/Kolkata')).toEqual(['2026-03-01T18:30', '2026-03-02T18:30']);
  });

  it('is an hour of the clock, also where that shows one twice', () => {
    expect(span('2026-10-25T00:00:00Z', 'hour', 'Europe/Brussels')).toEqual(['2026-10-25T00:00', '2026-10-25T01:00']);
    expect(span('2026-10-25T01:00:00Z', 'hour', 'Europe/Brussels')).toEqual(['2026-10-25T01:00', '2026-10-25T02:00']);
    expect(span('2026-03-02T04:30:00Z', 'hour', 'Asia/Kolkata')).toEqual(['2026-03-02T04:30', '2026-03-02T05:30']);
  });

  it('is half an hour where the clock jumps by as much', () => {
    // On Lord Howe the clock goes from 02:00 to 02:30 at 15:30 UTC; the row is labelled by 02:00 of the new clock.
    expect(span('2026-10-03T14:30:00Z', 'hour', 'Australia/Lord_Howe')).toEqual([
      '2026-10-03T14:30',
      '2026-10-03T15:30',
    ]);
    expect(span('2026-10-03T15:00:00Z', 'hour', 'Australia/Lord_Howe')).toEqual([
      '2026-10-03T15:30',
      '2026-10-03T16:00',
    ]);
  });

  it('ends with the range, in whole minutes', () => {
    const range = ['2026-03-02T09:50:30Z', '2026-03-02T10:10:30Z'] as const;
    expect(span('2026-03-02T09:00:00Z', 'hour', 'UTC', ...range)).toEqual(['2026-03-02T09:50', '2026-03-02T10:00']);
    expect(span('2026-03-02T10:00:00Z', 'hour', 'UTC', ...range)).toEqual(['2026-03-02T10:00', '2026-03-02T10:11']);
    expect(span(range[0], 'total', 'UTC', ...range)).toEqual(['2026-03-02T09:50', '2026-03-02T10:11']);
  });
});
