import { instant } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { hoursBy } from './estimator-feed.js';

const NOON = Date.parse('2026-03-02T12:00:00Z');
const at = (minutes: number) => instant(NOON + minutes * 60_000);

describe('what an estimator knows of hours', () => {
  it('is for how long a queue has been open and will be, in seconds, as far as that is known', () => {
    const open = { state: 'open', until: at(30), by: 'calendar' } as const;
    expect(hoursBy(open, at(-10), at(0))).toEqual({ sinceOpening: 600, toClosing: 1800 });
    expect(hoursBy({ ...open, until: null }, at(-10), at(0))).toEqual({ sinceOpening: 600 });
    // An opening that was told before it ended says nothing of now.
    expect(hoursBy(open, null, at(31))).toEqual({});
    expect(hoursBy(null, null, at(0))).toEqual({});
  });
});
