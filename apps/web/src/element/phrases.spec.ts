import type { PublicQueue } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { bestTimePhrase, freshness, hoursRows, needsZone, openingPhrase, waitPhrase } from './phrases.js';
import { NOW, publicQueue } from './public-queue.testing.js';
import { publicWords } from './words.js';

const english = publicWords(['en-GB']);
const french = publicWords(['fr-BE']);
const wait = (lowMinutes: number, highMinutes: number): PublicQueue =>
  publicQueue({ wait: { kind: 'band', lowMinutes, highMinutes } });
const opening = (state: 'open' | 'closed', until: string | null): PublicQueue =>
  publicQueue({ opening: { state, until: until === null ? null : Date.parse(until), by: 'calendar' } });

describe('the best time to call', () => {
  const stretch = (from: string, to: string) => ({
    from: Date.parse(from),
    to: Date.parse(to),
    lowMinutes: 1,
    highMinutes: 3,
  });
  const today = stretch('2026-03-02T16:00:00+01:00', '2026-03-02T18:00:00+01:00');
  const thursday = stretch('2026-03-05T09:00:00+01:00', '2026-03-05T10:00:00+01:00');
  it.each([
    [{ today, week: thursday }, 'Usually shorter today, 16:00 to 18:00'],
    [{ today: null, week: thursday }, 'Usually shorter Thursday, 09:00 to 10:00'],
    [{ today: null, week: null }, null],
    [{ today: stretch('2026-03-02T13:00:00+01:00', '2026-03-02T18:00:00+01:00'), week: null }, null],
  ])('%#: %s', (bestTime, expected) => {
    const told = bestTimePhrase(publicQueue({ bestTime }), english, NOW);
    expect(told).toEqual(expected === null ? null : { when: expected, wait: 'About 1 to 3 minutes' });
  });

  it('is not asked of a gateway that does not tell it', () => {
    const { bestTime: _, ...older } = publicQueue();
    expect(bestTimePhrase(older as PublicQueue, english, NOW)).toBeNull();
  });
});

describe('the wait in words', () => {
  it.each([
    [wait(8, 12), 'About 8 to 12 minutes'],
    [wait(3, 3), 'About 3 minutes'],
    [wait(1, 1), 'About 1 minute'],
    [wait(0, 2), 'Less than 2 minutes'],
    [wait(0, 0), 'Less than 1 minute'],
    [publicQueue({ wait: { kind: 'none', reason: 'NO_AGENTS' } }), 'Nobody is answering at the moment'],
    [publicQueue({ wait: { kind: 'none', reason: 'SHOCK' } }), 'The wait is changing too fast to estimate'],
    [publicQueue({ wait: { kind: 'none', reason: 'TOO_FEW_DATA' } }), 'Too quiet to estimate the wait'],
    [publicQueue({ wait: { kind: 'none', reason: 'SOURCE_SILENT' } }), 'No figures are coming in at the moment'],
  ])('%#: %s', (queue, expected) => {
    expect(waitPhrase(queue, english, NOW)).toBe(expected);
  });

  it('speaks the reader’s language', () => {
    expect(waitPhrase(wait(8, 12), french, NOW)).toBe('Environ 8 à 12 minutes');
  });
});

describe('open or closed', () => {
  it.each([
    [opening('open', '2026-03-02T20:00:00+01:00'), 'Open until 20:00'],
    [opening('open', '2026-03-05T20:00:00+01:00'), 'Open'],
    [opening('open', null), 'Open'],
    [opening('closed', '2026-03-03T08:00:00+01:00'), 'Closed'],
  ])('%#: %s', (queue, expected) => {
    expect(openingPhrase(queue, english, NOW)).toBe(expected);
  });

  it.each([
    [null, 'Closed at the moment'],
    ['2026-03-02T14:00:00+01:00', 'Closed at the moment'],
    ['2026-03-02T16:00:00+01:00', 'Opens today at 16:00'],
    ['2026-03-03T08:00:00+01:00', 'Opens tomorrow at 08:00'],
    ['2026-03-06T08:00:00+01:00', 'Opens Friday at 08:00'],
    ['2026-03-16T08:00:00+01:00', 'Opens 16 March at 08:00'],
  ])('says when it opens in place of a wait: %s, %s', (until, expected) => {
    const queue = publicQueue({ ...opening('closed', until), wait: { kind: 'none', reason: 'CLOSED' } });
    expect(waitPhrase(queue, english, NOW)).toBe(expected);
  });

  it('counts days in the queue’s zone: late on Monday in Brussels, Tuesday is tomorrow', () => {
    const late = Date.parse('2026-03-02T23:30:00+01:00');
    const queue = publicQueue({
      ...opening('closed', '2026-03-03T08:00:00+01:00'),
      wait: { kind: 'none', reason: 'CLOSED' },
    });
    expect(waitPhrase(queue, english, late)).toBe('Opens tomorrow at 08:00');
  });
});

describe('the age of the figure', () => {
  const at = (age: number, lostFor: number | null = null, pausedFor: number | null = null) =>
    freshness(publicQueue({ asOf: NOW - age }), english, NOW, {
      lostSince: lostFor === null ? null : NOW - lostFor,
      pausedAt: pausedFor === null ? null : NOW - pausedFor,
      ownZone: 'America/New_York',
    });

  it('is told with the time', () => {
    const { stale, text } = at(4_000);
    expect(stale).toBe(false);
    expect(text).toBe('As of 08:05:06, 4s ago');
  });

  it('greys the figure after a minute, and says since when', () => {
    expect(at(60_000).stale).toBe(false);
    expect(at(60_001).stale).toBe(true);
    expect(at(60_001).text).toMatch(/^No newer figure since \d\d:04:09. This may be out of date.$/);
  });

  it('says at once that the connection dropped, and greys the figure a minute later', () => {
    expect(at(20_000, 2_000).text).toMatch(/^No connection since \d\d:05:08.$/);
    expect(at(20_000, 2_000).stale).toBe(false);
    // The figure was confirmed until the connection dropped.
    expect(at(75_000, 60_000).stale).toBe(false);
    expect(at(75_000, 60_001).stale).toBe(true);
    expect(at(75_000, 60_001).text).toMatch(/This may be out of date.$/);
  });

  it('greys at once what was old already when the connection dropped', () => {
    expect(at(300_000, 1_000).stale).toBe(true);
  });

  it('does not tick while it is paused, and is told to be old after a minute', () => {
    expect(at(20_000, null, 10_000)).toEqual({
      stale: false,
      text: expect.stringMatching(/^Paused since \d\d:05:00.$/) as string,
    });
    expect(at(70_000, null, 65_000).stale).toBe(true);
  });

  it('greys the figure of a silent source', () => {
    const silent = publicQueue({ source: 'silent' });
    expect(freshness(silent, english, NOW, { lostSince: null, pausedAt: null, ownZone: null }).stale).toBe(true);
  });
});

describe('opening hours', () => {
  it('lists each day, today marked, closed and all-day in words', () => {
    const queue = publicQueue({
      hours: [
        {
          date: '2026-03-02',
          spans: [
            ['08:00', '12:00'],
            ['13:00', '20:00'],
          ],
        },
        { date: '2026-03-03', spans: [] },
        { date: '2026-03-04', spans: [['00:00', '24:00']] },
      ],
    });
    expect(hoursRows(queue, english, NOW)).toEqual([
      { day: 'Monday', spans: '08:00–12:00, 13:00–20:00', today: true },
      { day: 'Tuesday', spans: 'closed', today: false },
      { day: 'Wednesday', spans: 'all day', today: false },
    ]);
  });

  it('names the zone only to somebody whose clock shows another time', () => {
    expect(needsZone(NOW, 'Europe/Brussels', 'Europe/Paris')).toBe(false);
    expect(needsZone(NOW, 'Europe/Brussels', 'America/New_York')).toBe(true);
  });
});
