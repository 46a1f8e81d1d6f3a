import { describe, expect, it } from 'vitest';
import { ZoneClock } from '../local-time.js';
import { Demand } from './demand.js';
import { seconds, type Surge } from './model.js';
import { voiceQueue } from './queues.js';
import { Random } from './random.js';

const HOUR = 3_600_000;
const MONDAY = Date.parse('2026-03-02T00:00:00+01:00');
const zone = new ZoneClock('Europe/Brussels');

const queue = voiceQueue({
  id: 'calls',
  entryPoint: '100',
  arrivalsPerDay: 12_000,
  talk: seconds(60, 1),
  dayCurve: Array.from({ length: 24 }, (_, hour) => (hour >= 9 && hour < 17 ? 3 : 1)),
  weekCurve: [1, 1, 1, 1, 1, 0, 0],
});

const arrivals = (from: number, to: number, surges: readonly Surge[] = []): number[] => {
  const demand = new Demand(queue, surges, zone, new Random('demand'));
  const times: number[] = [];
  for (let at = demand.nextAfter(from, to); at !== null; at = demand.nextAfter(at, to)) times.push(at);
  return times;
};

/** Within four standard deviations of what a Poisson process with this mean gives. */
const expectAbout = (count: number, mean: number) => expect(Math.abs(count - mean)).toBeLessThan(4 * Math.sqrt(mean));

describe('arrivals', () => {
  it('are as many as the model says, and follow the curve of the local day', () => {
    const times = arrivals(MONDAY, MONDAY + 24 * HOUR);
    expectAbout(times.length, 12_000);
    const busy = times.filter((at) => at >= MONDAY + 9 * HOUR && at < MONDAY + 17 * HOUR).length;
    expectAbout(busy, (12_000 * 24) / 40);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it('do not come on days of weight zero, and go on after them', () => {
    const saturday = MONDAY + 5 * 24 * HOUR;
    expect(arrivals(saturday, saturday + 48 * HOUR)).toEqual([]);
    expect(arrivals(saturday, saturday + 50 * HOUR).length).toBeGreaterThan(0);
  });

  it('move with the clocks: the day that begins summer time has its peak an hour earlier in UTC', () => {
    const sundayNoon = Date.parse('2026-03-29T12:00:00Z');
    const demand = new Demand({ ...queue, weekCurve: [1, 1, 1, 1, 1, 1, 1] }, [], zone, new Random('x'));
    const rate = (iso: string) => demand.rateAt(Date.parse(iso));
    expect(rate('2026-03-28T07:30:00Z')).toBeLessThan(rate('2026-03-28T08:30:00Z'));
    expect(rate('2026-03-30T06:30:00Z')).toBeLessThan(rate('2026-03-30T07:30:00Z'));
    expect(demand.rateAt(sundayNoon)).toBe(rate('2026-03-30T12:00:00Z'));
  });

  it('multiply during a surge, rising and falling', () => {
    const from = MONDAY + 10 * HOUR;
    const surge = { queues: ['calls'], from, riseMs: HOUR / 2, holdMs: HOUR, fallMs: HOUR / 2, factor: 50 };
    const demand = new Demand(queue, [surge], zone, new Random('x'));
    const calm = demand.rateAt(from - 1);
    const times = [-1, HOUR / 4, HOUR / 2, HOUR, (7 * HOUR) / 4, 2 * HOUR];
    const factors = times.map((since) => Number((demand.rateAt(from + since) / calm).toFixed(9)));
    expect(factors).toEqual([1, 25.5, 50, 50, 25.5, 1]);
    expectAbout(arrivals(from + HOUR / 2, from + (3 * HOUR) / 2, [surge]).length, calm * HOUR * 50);
  });
});
