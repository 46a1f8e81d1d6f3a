import { describe, expect, it } from 'vitest';
import { Chance } from '../learner/chance.js';
import { LEVEL_COUNT } from '../learner/quantile-network.js';
import { Calibration, isTellable, LONGEST_TOLD_S } from './calibration.js';

const QUEUE = 0;
/** Quantiles of a learner that thinks a wait of about `middle` seconds likely, too narrowly. */
const narrow = (middle: number): Float64Array =>
  Float64Array.from({ length: LEVEL_COUNT }, (_, level) => Math.log1p(middle) + (level - 3) * 0.1);

/** Whole seconds waited where one in two finds nobody waiting; the others wait about `scale` seconds, or twice, or half. */
const traffic = (chance: Chance, scale: number): { readonly found: number; readonly wait: number } => {
  if (chance.next() < 0.5) return { found: 0.8, wait: chance.next() < 0.08 ? 1 + chance.below(12) : chance.below(2) };
  const found = scale * (0.5 + chance.next());
  return { found, wait: Math.round(found * Math.exp(0.6 * chance.normal())) };
};

class Tally {
  hits = 0;
  count = 0;

  add(hit: boolean): void {
    this.count += 1;
    if (hit) this.hits += 1;
  }

  get share(): number {
    return this.hits / this.count;
  }
}

const play = (calibration: Calibration, chance: Chance, contacts: number, scale: number, bias = 1) => {
  const [all, queued, unqueued, width] = [new Tally(), new Tally(), new Tally(), [] as number[]];
  for (let n = 0; n < contacts; n += 1) {
    const { found, wait } = traffic(chance, scale);
    const told = calibration.band(narrow(found * bias), QUEUE);
    expect(told.low).toBeLessThanOrEqual(told.middle);
    expect(told.middle).toBeLessThanOrEqual(told.high);
    const hit = wait >= told.low && wait <= told.high;
    all.add(hit);
    (wait > 1 ? queued : unqueued).add(hit);
    width.push(told.high - told.low);
    calibration.answered(told, QUEUE, wait);
  }
  return {
    all: all.share,
    queued: queued.share,
    unqueued: unqueued.share,
    width: width.reduce((a, b) => a + b) / contacts,
  };
};

describe('a calibrated band', () => {
  it.each([1, 2, 3])('holds four fifths of all, of those who queued and of those who did not (seed %i)', (seed) => {
    const calibration = new Calibration();
    const chance = new Chance(seed);
    play(calibration, chance, 2_000, 60);
    const { all, queued, unqueued } = play(calibration, chance, 5_000, 60);
    for (const share of [all, queued, unqueued]) expect(Math.abs(share - 0.8)).toBeLessThan(0.03);
  });

  it('holds them again within 200 contacts after waits have tripled and nothing told of it', () => {
    const calibration = new Calibration();
    const chance = new Chance(7);
    play(calibration, chance, 3_000, 60);
    const hit = play(calibration, chance, 60, 60, 1 / 3);
    expect(hit.queued).toBeLessThan(0.7);
    play(calibration, chance, 200, 60, 1 / 3);
    const { all, queued } = play(calibration, chance, 2_000, 60, 1 / 3);
    // Out with a miss and in with a hit, by four to one: too wide for a while rather than too narrow.
    for (const share of [all, queued]) {
      expect(share).toBeGreaterThan(0.77);
      expect(share).toBeLessThan(0.88);
    }
  });

  it('holds them in each of two queues of which one waits much longer than is told', () => {
    const calibration = new Calibration();
    const chance = new Chance(11);
    const hits = [new Tally(), new Tally()];
    for (let n = 0; n < 6_000; n += 1) {
      const queue = n % 2;
      const { found, wait } = traffic(chance, 45);
      const waited = queue === 1 && wait > 1 ? wait * 2 : wait;
      const told = calibration.band(narrow(found), queue);
      if (n > 2_000 && waited > 1) hits[queue]!.add(waited >= told.low && waited <= told.high);
      calibration.answered(told, queue, waited);
    }
    for (const { share } of hits) expect(Math.abs(share - 0.8)).toBeLessThan(0.03);
  });

  it('tells nobody of ages, however far apart the quantiles lie and however often it was wrong', () => {
    const calibration = new Calibration();
    const clueless = Float64Array.from({ length: LEVEL_COUNT }, (_, level) => -3 + 2 * level);
    for (let n = 0; n < 500; n += 1)
      calibration.answered(calibration.band(clueless, QUEUE), QUEUE, 10 * LONGEST_TOLD_S);
    const { low, middle, high } = calibration.band(clueless, QUEUE);
    expect(high).toBe(LONGEST_TOLD_S);
    expect([high, NaN, high - 1].map((end) => isTellable({ high: end }))).toEqual([false, false, true]);
    expect(low).toBeLessThanOrEqual(middle);
  });

  it('refuses another number of quantiles than the learner has', () => {
    expect(() => new Calibration().band(new Float64Array(3), QUEUE)).toThrow('3 quantiles where 7 are wanted');
  });
});
