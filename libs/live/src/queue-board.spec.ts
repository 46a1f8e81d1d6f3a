import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, parseEvent, queueId, type AcdEvent } from '@queuecast/events';
import { Catalog, settingsSchema } from '@queuecast/settings';
import { QueueBoard } from './queue-board.js';

const NOON = instant(Date.parse('2026-03-02T12:00:00Z'));
const SALES = queueId('sales');
const weekday = ['08:00-20:00'];
const hours = { mon: weekday, tue: weekday, wed: weekday, thu: weekday, fri: weekday, sat: [], sun: [] };
const settings = new Catalog(settingsSchema.parse({ tenants: [{ id: 't', queues: [{ id: 'sales', hours }] }] })).queue(
  't',
  'sales',
);

const event = (type: string, minutes: number, data: object): AcdEvent => {
  const parsed = parseEvent(
    {
      specversion: '1.0',
      id: `${type}${minutes}`,
      source: 's',
      type,
      time: new Date(NOON + minutes * 60_000).toISOString(),
      tenant: 't',
      site: 'm',
      data,
    },
    instant(NOON + 86_400_000),
  );
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return parsed.event;
};
const at = (minutes: number) => instant(NOON + minutes * 60_000);
const iso = (minutes: number) => new Date(at(minutes)).toISOString();

describe('opening', () => {
  it('is the calendar as long as no event says otherwise', () => {
    const board = new QueueBoard();
    expect(board.openingOf(SALES, settings, at(0))).toEqual({
      state: 'open',
      until: Date.parse('2026-03-02T20:00:00Z'),
      by: 'calendar',
    });
    expect(board.openingOf(SALES, settings, at(9 * 60))).toMatchObject({ state: 'closed', by: 'calendar' });
  });

  it('closed by an event stays closed until the time it names', () => {
    const board = new QueueBoard();
    board.apply(event('acd.queue.closed', 0, { queue: 'sales', until: iso(60) }));
    expect(board.openingOf(SALES, settings, at(30))).toEqual({ state: 'closed', until: at(60), by: 'event' });
    expect(board.openingOf(SALES, settings, at(61))).toMatchObject({ state: 'open', by: 'calendar' });
  });

  it('closed by an event that names no time stays closed until the calendar changes', () => {
    const board = new QueueBoard();
    board.apply(event('acd.queue.closed', 0, { queue: 'sales' }));
    expect(board.openingOf(SALES, settings, at(7 * 60))).toMatchObject({ state: 'closed', by: 'event' });
    expect(board.openingOf(SALES, settings, at(21 * 60))).toMatchObject({ state: 'open', by: 'calendar' });
  });

  it('is told since when, by the calendar or by an event, whichever is later', () => {
    const board = new QueueBoard();
    const openedAt = (minutes: number) => board.openedAt(SALES, settings, at(minutes));
    expect([openedAt(0), openedAt(9 * 60)]).toEqual([Date.parse('2026-03-02T08:00:00Z'), null]);
    board.apply(event('acd.queue.closed', 0, { queue: 'sales', until: iso(60) }));
    expect([openedAt(30), openedAt(61)]).toEqual([null, at(60)]);
    board.apply(event('acd.queue.opened', 45, { queue: 'sales' }));
    expect([openedAt(50), openedAt(8 * 60 - 1)]).toEqual([at(45), at(45)]);
    expect(openedAt(21 * 60)).toBe(Date.parse('2026-03-03T08:00:00Z'));
  });
});

describe('what is told of an opening', () => {
  const opening = (type: string, data: object, minute: number) => {
    const board = new QueueBoard();
    board.apply(event(type, 0, { queue: 'sales', ...data }));
    return board.openingOf(SALES, settings, at(minute));
  };
  const tomorrowAtEight = at(20 * 60);

  it('is when it really opens, though it was closed until after closing time, or for the rest of the day', () => {
    const closed = { state: 'closed', until: tomorrowAtEight, by: 'event' };
    expect(opening('acd.queue.closed', { until: iso(9 * 60) }, 1)).toEqual(closed);
    expect(opening('acd.queue.closed', {}, 1)).toEqual(closed);
    expect(opening('acd.queue.closed', { until: iso(9 * 60) }, 9 * 60 + 1)).toEqual({ ...closed, by: 'calendar' });
  });

  it('is when it really closes, though it was opened until a time at which it is open anyway', () => {
    expect(opening('acd.queue.opened', { until: iso(60) }, 1)).toEqual({ state: 'open', until: at(480), by: 'event' });
    expect(opening('acd.queue.opened', { until: iso(600) }, 1)).toEqual({ state: 'open', until: at(600), by: 'event' });
  });
});

describe('notices', () => {
  it('stand in the order of their gravity, then the newest first, and name their source if nobody posted them', () => {
    const board = new QueueBoard();
    const post = (notice: string, minute: number, severity: string) =>
      board.apply(event('acd.queue.notice_posted', minute, { queue: 'sales', notice, text: { en: notice }, severity }));
    post('known', 1, 'info');
    post('fault', 2, 'critical');
    post('busy', 3, 'warning');
    post('news', 4, 'info');
    const shown = board.noticesOf(SALES, at(5));
    expect(shown.map(({ id }) => id)).toEqual(['fault', 'busy', 'news', 'known']);
    expect(shown[0]).toMatchObject({ by: 's', postedAt: at(2) });
  });
});

describe('what is announced does not depend on the order in which it came', () => {
  const events = [
    event('acd.queue.closed', 1, { queue: 'sales' }),
    event('acd.queue.opened', 2, { queue: 'sales' }),
    event('acd.queue.closed', 3, { queue: 'sales', until: iso(400) }),
    event('acd.queue.notice_posted', 1, { queue: 'sales', notice: 'a', text: { en: 'old' } }),
    event('acd.queue.notice_posted', 4, {
      queue: 'sales',
      notice: 'a',
      text: { en: 'new' },
      severity: 'warning',
      by: 'ann',
    }),
    event('acd.queue.notice_posted', 1, { queue: 'sales', notice: 'b', text: { en: 'gone' } }),
    event('acd.queue.notice_cleared', 2, { queue: 'sales', notice: 'b' }),
    event('acd.queue.notice_posted', 1, { queue: 'sales', notice: 'c', text: { en: 'over' }, until: iso(20) }),
  ];

  it('under any permutation and duplication', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (order) => {
        const board = new QueueBoard();
        for (const one of order) board.apply(one);
        expect(board.openingOf(SALES, settings, at(30))).toEqual({ state: 'closed', until: at(400), by: 'event' });
        expect(board.noticesOf(SALES, at(30))).toEqual([
          { id: 'a', severity: 'warning', text: { en: 'new' }, until: null, postedAt: at(4), by: 'ann' },
        ]);
        expect(board.noticesOf(SALES, at(10)).map(({ id }) => id)).toEqual(['a', 'c']);
      }),
    );
  });
});
