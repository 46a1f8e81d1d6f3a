import { describe, expect, it } from 'vitest';
import { FadingAverage } from '../signals/decay.js';
import { ShockWatch, type HeadOfLine, type Upset } from './shock.js';

const CALM: Upset = { present: 12, presentAverage: 12, presentUsual: 12, arrivals60: 2, waiting: 1, head: null };
const NOON = 43_200;
const LOAD = { arrivals60: 2, waiting: 1 };

/** Agents that are there, with their averages, looked at every five seconds. */
class Staff {
  private readonly average = new FadingAverage(300);
  private readonly usual = new FadingAverage(3600);
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
