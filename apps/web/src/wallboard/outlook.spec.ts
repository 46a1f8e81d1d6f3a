import { describe, expect, it } from 'vitest';
import { minutesOf, outlookColumns, type OutlookHour } from './outlook.js';

const HOUR = 3_600_000;
const hour = (n: number, high: number | null): OutlookHour => ({
  from: n * HOUR,
  to: (n + 1) * HOUR,
  lowMs: high === null ? null : 0,
  p50Ms: high === null ? null : (high * 60_000) / 2,
  highMs: high === null ? null : high * 60_000,
  reason: high === null ? 'CLOSED' : null,
});

describe('the outlook on a chart', () => {
  it('steps from hour to hour, and is empty where there is no figure', () => {
    const [times, low, likely, high] = outlookColumns([hour(8, 4), hour(9, 10), hour(10, null)]);
    expect(times).toEqual([28_800, 32_399.999, 32_400, 35_999.999, 36_000, 39_599.999]);
    expect(low).toEqual([0, 0, 0, 0, null, null]);
    expect(likely).toEqual([2, 2, 5, 5, null, null]);
    expect(high).toEqual([4, 4, 10, 10, null, null]);
  });

  it('rounds outwards, so that the band holds what it says', () => {
    expect(minutesOf(119_000, 121_000)).toEqual({ low: 1, high: 3 });
    expect(minutesOf(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
