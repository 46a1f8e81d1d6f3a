import { describe, expect, it } from 'vitest';
import { FadingAverage, FadingSum } from '../signals/decay.js';
import { ShockWatch, type HeadOfLine, type Upset } from './shock.js';

const CALM: Upset = {
  present: 12,
  presentAverage: 12,
  presentUsual: 12,
  left120: 0,
  left3600: 0,
  arrivals60: 2,
  waiting: 1,
  head: null,
};
const NOON = 43_200;
const LOAD = { arrivals60: 2, waiting: 1 };

/** Agents that are there, with their averages, looked at every five seconds. */
class Staff {
  private readonly average = new FadingAverage(300);
  private readonly usual = new FadingAverage(3600);
  private readonly left120 = new FadingSum(120);
  private readonly left3600 = new FadingSum(3600);
  private present: number;
  now = NOON;

  constructor(
    present: number,
    private readonly watch: ShockWatch,
  ) {
    this.present = present;
    this.lasts(36_000);
  }

  become(present: number): this {
    if (present < this.present)
      for (const sum of [this.left120, this.left3600]) sum.add(this.now, this.present - present);
    this.present = present;
    return this;
  }

  /** @returns when of the looks in between the queue was in shock */
  lasts(seconds: number): number[] {
    const shocked: number[] = [];
    for (const end = this.now + seconds; this.now < end; this.now += 5) {
      for (const average of [this.average, this.usual]) average.lasted(this.now, this.present);
      const upset = {
        ...CALM,
        present: this.present,
        presentAverage: this.average.value(this.now, this.present),
        presentUsual: this.usual.value(this.now, this.present),
        left120: this.left120.value(this.now),
        left3600: this.left3600.value(this.now),
      };
      if (this.watch.look(upset, this.now)) shocked.push(this.now);
    }
    return shocked;
  }
}

/** Somebody at the head who was told 40 s at most, when a contact was answered every 6 s. */
const head = (waited: number, answers: number): HeadOfLine => ({ waited, told: 40, answers, expected: waited / 6 });

describe('a shock', () => {
  it('is when agents leave en masse, at once', () => {
    const watch = new ShockWatch();
    const staff = new Staff(16, watch);
    const left = staff.now;
    expect(staff.become(4).lasts(60)[0]).toBe(left);
  });

  it('is no handover: the next shift comes, and five minutes later the last one goes', () => {
    const watch = new ShockWatch();
    const staff = new Staff(16, watch);
    expect(staff.become(24).lasts(60)).toEqual([]);
    expect(staff.become(32).lasts(300)).toEqual([]);
    expect(staff.become(16).lasts(3600)).toEqual([]);
  });

  it('is when they leave one by one as their conversations end, before one in ten has gone', () => {
    const watch = new ShockWatch();
    const staff = new Staff(40, watch);
    const shocked: number[] = [];
    for (let left = 1; left <= 10; left += 1) if (staff.become(40 - left).lasts(15).length > 0) shocked.push(left);
    expect(shocked).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  it('is no coming and going of breaks', () => {
    const staff = new Staff(40, new ShockWatch());
    for (const present of [39, 38, 37, 38, 40, 39, 37, 36]) expect(staff.become(present).lasts(120)).toEqual([]);
  });

  it('is when those who left come back en masse', () => {
    const watch = new ShockWatch();
    const staff = new Staff(4, watch);
    expect(staff.become(16).lasts(5)).not.toEqual([]);
  });

  it('is when the line stops: the head waits far longer than told and hardly anybody is answered', () => {
    expect(new ShockWatch().look({ ...CALM, head: head(111, 6) }, NOON)).toBe(true);
  });

  it('is not that one contact waits for long while others are answered as fast as before', () => {
    expect(new ShockWatch().look({ ...CALM, head: head(400, 60) }, NOON)).toBe(false);
    // Nor that nobody is answered for as long as happens where one is answered in a while.
    expect(new ShockWatch().look({ ...CALM, head: { ...head(111, 0), expected: 3 } }, NOON)).toBe(false);
  });

  it('is when it is far fuller than anybody ever found it whose wait was told right', () => {
    const watch = new ShockWatch();
    watch.answered(NOON - 100, { arrivals60: 14, waiting: 16 }, true, NOON);
    watch.answered(NOON - 100, { arrivals60: 60, waiting: 90 }, false, NOON);
    expect(watch.look({ ...CALM, arrivals60: 20, waiting: 23 }, NOON)).toBe(false);
    expect(watch.look({ ...CALM, arrivals60: 22 }, NOON)).toBe(true);
    expect(new ShockWatch().look({ ...CALM, waiting: 25 }, NOON)).toBe(true);
  });
});

describe('a flood', () => {
  it('is one although the first of it are answered in time', () => {
    const watch = new ShockWatch();
    watch.answered(NOON - 7_200, { arrivals60: 12, waiting: 3 }, true, NOON - 7_200);
    let noticed = Infinity;
    for (let second = 0; second < 300 && noticed === Infinity; second += 5) {
      const load = { arrivals60: 12 + second / 5, waiting: 0 };
      watch.answered(NOON + second, load, true, NOON + second);
      if (watch.look({ ...CALM, ...load }, NOON + second)) noticed = load.arrivals60;
    }
    expect(noticed).toBeLessThan(1.5 * 12 * Math.exp(60 / 900) + 1);
  });

  it('is none that grows over hours as it can be coped with', () => {
    const watch = new ShockWatch();
    watch.answered(NOON - 7_200, { arrivals60: 12, waiting: 3 }, true, NOON - 7_200);
    for (let minute = 0; minute < 120; minute += 1) {
      const load = { arrivals60: 12 * 1.02 ** minute, waiting: 0 };
      watch.answered(NOON + 60 * minute, load, true, NOON + 60 * minute);
      expect(watch.look({ ...CALM, ...load }, NOON + 60 * minute)).toBe(false);
    }
  });
});

describe('after a shock there is an estimate again', () => {
  const struck = (): { watch: ShockWatch; staff: Staff } => {
    const watch = new ShockWatch();
    const staff = new Staff(16, watch);
    staff.become(8).lasts(60);
    return { watch, staff };
  };

  it('once five who joined since, and none before, waited as told', () => {
    const { watch, staff } = struck();
    for (let n = 0; n < 9; n += 1) watch.answered(NOON - 600, LOAD, true, staff.now);
    for (let n = 0; n < 4; n += 1) watch.answered(staff.now, LOAD, true, staff.now + 20);
    expect(staff.lasts(5)).not.toEqual([]);
    watch.answered(staff.now, LOAD, true, staff.now + 20);
    // Also while there are still fewer agents than on the average.
    expect(staff.lasts(900)).toEqual([]);
  });

  it('not while they wait longer than told, however many do', () => {
    const { watch, staff } = struck();
    for (let n = 0; n < 60; n += 1) watch.answered(staff.now, LOAD, n % 5 < 2, staff.now + 20);
    expect(staff.lasts(5)).not.toEqual([]);
    for (let n = 0; n < 12; n += 1) watch.answered(staff.now, LOAD, true, staff.now + 20);
    expect(staff.lasts(5)).toEqual([]);
  });

  it('and no longer when that turns out to have been luck', () => {
    const { watch, staff } = struck();
    for (let n = 0; n < 5; n += 1) watch.answered(staff.now, LOAD, true, staff.now + 20);
    expect(staff.lasts(5)).toEqual([]);
    for (let n = 0; n < 6; n += 1) watch.answered(staff.now, LOAD, false, staff.now + 20);
    expect(staff.lasts(5)).not.toEqual([]);
  });

  it('not once more have left since, however right it was until then', () => {
    const { watch, staff } = struck();
    const proven = () => {
      for (let n = 0; n < 9; n += 1) watch.answered(staff.now, LOAD, true, staff.now + 20);
      return staff.lasts(5).length === 0;
    };
    expect(proven()).toBe(true);
    expect(staff.become(6).lasts(5)).not.toEqual([]);
    expect(proven()).toBe(true);
  });

  it('not while somebody waits at the head longer than he was told', () => {
    const watch = new ShockWatch();
    const upset = { ...CALM, head: head(111, 6) };
    watch.look(upset, NOON);
    for (let n = 0; n < 9; n += 1) watch.answered(NOON, LOAD, true, NOON + 30);
    expect(watch.look({ ...CALM, head: head(60, 40) }, NOON + 30)).toBe(true);
    expect(watch.look({ ...CALM, head: head(10, 40) }, NOON + 30)).toBe(false);
  });

  it('or after a quarter of an hour in which nobody was answered and nothing was out of the ordinary', () => {
    const watch = new ShockWatch();
    watch.look({ ...CALM, waiting: 30 }, NOON);
    expect(watch.look(CALM, NOON + 899)).toBe(true);
    expect(watch.look(CALM, NOON + 901)).toBe(false);
  });
});
