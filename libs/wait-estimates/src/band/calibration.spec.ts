import { describe, expect, it } from 'vitest';
import { Chance } from '../learner/chance.js';
import { LEVEL_COUNT } from '../learner/quantile-network.js';
import { Calibration, isTellable, LONGEST_TOLD_S, type Told } from './calibration.js';

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

interface Play {
  readonly contacts: number;
  readonly scale: number;
  /** What the learner tells, as a multiple of what is right. */
  readonly bias?: number;
  /** How many more have joined by the time that a wait is over. */
  readonly delay?: number;
}

const play = (calibration: Calibration, chance: Chance, { contacts, scale, bias = 1, delay = 0 }: Play) => {
  const [all, queued, unqueued, longer] = [new Tally(), new Tally(), new Tally(), new Tally()];
  const widths: number[] = [];
  const waiting: { readonly told: Told; readonly wait: number }[] = [];
  for (let n = 0; n < contacts; n += 1) {
    const { found, wait } = traffic(chance, scale);
    const told = calibration.band(narrow(found * bias), QUEUE);
    if (!(told.low <= told.middle && told.middle <= told.high)) throw new Error(`no band: ${JSON.stringify(told)}`);
    const hit = wait >= told.low && wait <= told.high;
    all.add(hit);
    longer.add(wait > told.high);
    (wait > 1 ? queued : unqueued).add(hit);
    if (wait > 1) widths.push(told.high - told.low);
    waiting.push({ told, wait });
    if (waiting.length > delay) {
      const over = waiting.shift()!;
      calibration.answered(over.told, QUEUE, over.wait);
    }
  }
  for (const { told, wait } of waiting) calibration.answered(told, QUEUE, wait);
  return {
    all: all.share,
    queued: queued.share,
    unqueued: unqueued.share,
    longer: longer.share,
    width: widths.reduce((a, b) => a + b) / widths.length,
  };
};

/** Plays whatever is wrong, then goes on as before: by blocks, how it holds and what the band costs. */
const recovery = (wrong: Partial<Play> & { readonly contacts: number }, delay: number) => {
  const [calibration, chance] = [new Calibration(), new Chance(9)];
  play(calibration, chance, { contacts: 3_000, scale: 60, delay });
  const before = play(calibration, chance, { contacts: 2_000, scale: 60, delay });
  const during = play(calibration, chance, { scale: 60, delay, ...wrong });
  const block = { contacts: 300, scale: 60, delay };
  const after = Array.from({ length: 8 }, () => play(calibration, chance, block));
  return { before, during, after };
};

describe('a calibrated band', () => {
  it.each([1, 2, 3])('holds four fifths of all, of those who queued and of those who did not (seed %i)', (seed) => {
    const calibration = new Calibration();
    const chance = new Chance(seed);
    play(calibration, chance, { contacts: 2_000, scale: 60 });
    const { all, queued, unqueued } = play(calibration, chance, { contacts: 5_000, scale: 60 });
    for (const share of [all, queued, unqueued]) expect(Math.abs(share - 0.8)).toBeLessThan(0.03);
  });

  it.each([1 / 3, 3])(
    'holds them again within 400 contacts once what is told is %f times what it should be',
    (bias) => {
      const calibration = new Calibration();
      const chance = new Chance(7);
      const before = play(calibration, chance, { contacts: 3_000, scale: 60 });
      expect(play(calibration, chance, { contacts: 60, scale: 60, bias }).queued).toBeLessThan(0.7);
      play(calibration, chance, { contacts: 340, scale: 60, bias });
      const { all, queued, width } = play(calibration, chance, { contacts: 2_000, scale: 60, bias });
      for (const share of [all, queued]) expect(Math.abs(share - 0.8)).toBeLessThan(0.08);
      expect(width).toBeLessThan(2 * before.width);
    },
  );

  describe.each([0, 100])('with %i more who have joined by the time that a wait is over', (delay) => {
    it.each([
      ['four times too long', 4, 300],
      ['four times too long, and long so', 4, 3_000],
      ['four times too short', 1 / 4, 300],
      ['four times too short, and long so', 1 / 4, 3_000],
    ])('is back, and no wider than it must be, once it is no longer told %s', (_what, bias, contacts) => {
      const { before, after } = recovery({ bias, contacts }, delay);
      for (const { all, width } of after) {
        expect(all).toBeGreaterThan(0.6);
        expect(width).toBeLessThan(3 * before.width);
      }
      const last = after.slice(4).map(({ all }) => all);
      expect(Math.abs(last.reduce((a, b) => a + b) / last.length - 0.8)).toBeLessThan(0.08);
    });
  });

  it('is none the worse for a long time in which nobody waited and nothing could be missed', () => {
    const busyAfter = (calm: number) => {
      const [calibration, chance] = [new Calibration(), new Chance(5)];
      for (let n = 0; n < calm; n += 1) {
        const told = calibration.band(
          narrow(0).map((log) => log - 0.05),
          QUEUE,
        );
        calibration.answered(told, QUEUE, 0);
      }
      return play(calibration, chance, { contacts: 600, scale: 60 });
    };
    const [fresh, calm] = [busyAfter(0), busyAfter(5_000)];
    expect(Math.abs(calm.queued - fresh.queued)).toBeLessThan(0.05);
    expect(calm.width).toBeLessThan(1.5 * fresh.width);
  });

  it.each([20, 60])(
    'holds four fifths of the waits there would have been if people hang up, after %i s on average',
    (mean) => {
      const [calibration, chance] = [new Calibration(), new Chance(3)];
      const tallies = { all: new Tally(), below: new Tally(), above: new Tally() };
      for (let n = 0; n < 12_000; n += 1) {
        const found = 40 * (0.5 + chance.next());
        const [wait, patience] = [found * Math.exp(0.6 * chance.normal()), -mean * Math.log(1 - chance.next())];
        const told = calibration.band(narrow(found), QUEUE);
        if (n > 3_000) {
          tallies.all.add(wait >= told.low && wait <= told.high);
          tallies.below.add(wait < told.low);
          tallies.above.add(wait > told.high);
        }
        if (patience < wait) calibration.left(told, QUEUE, patience);
        else calibration.answered(told, QUEUE, wait);
      }
      expect(Math.abs(tallies.all.share - 0.8)).toBeLessThan(0.03);
      for (const { share } of [tallies.below, tallies.above]) expect(Math.abs(share - 0.1)).toBeLessThan(0.04);
    },
  );

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
    const clueless = (middle: number) => Float64Array.from({ length: LEVEL_COUNT }, (_, n) => middle + 2 * (n - 3));
    const wrong = (middle: number): Told => {
      const calibration = new Calibration();
      for (let n = 0; n < 500; n += 1)
        calibration.answered(calibration.band(clueless(middle), QUEUE), QUEUE, 10 * LONGEST_TOLD_S);
      return calibration.band(clueless(middle), QUEUE);
    };
    const minutes = wrong(Math.log1p(300));
    expect(minutes.low).toBeLessThanOrEqual(minutes.middle);
    expect(minutes.high).toBeCloseTo(8 * 360);
    const { high } = wrong(Math.log1p(7_200));
    expect(high).toBe(LONGEST_TOLD_S);
    expect([high, NaN, high - 1].map((end) => isTellable({ high: end }))).toEqual([false, false, true]);
  });

  it('refuses another number of quantiles than the learner has', () => {
    expect(() => new Calibration().band(new Float64Array(3), QUEUE)).toThrow('3 quantiles where 7 are wanted');
  });
});
