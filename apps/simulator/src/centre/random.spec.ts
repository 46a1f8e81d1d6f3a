import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.js';
import { Random } from './random.js';

const DRAWS = 40_000;
const draw = (sample: () => number) => {
  const values = Array.from({ length: DRAWS }, sample);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
  return { mean, deviation: Math.sqrt(variance), values };
};

describe('random numbers', () => {
  it('are the same for the same seed, and others for a fork', () => {
    const numbers = (random: Random) => Array.from({ length: 20 }, () => random.next());
    expect(numbers(new Random('a'))).toEqual(numbers(new Random('a')));
    expect(numbers(new Random('a'))).not.toEqual(numbers(new Random('b')));
    expect(numbers(new Random('a').fork('x'))).not.toEqual(numbers(new Random('a').fork('y')));
  });

  it('do not depend on how much another fork has drawn', () => {
    const parent = new Random('a');
    parent.next();
    expect(parent.fork('x').next()).toBe(new Random('a').fork('x').next());
  });

  it('are uniform on [0, 1)', () => {
    const { mean, deviation, values } = draw(
      (
        (random) => () =>
          random.next()
      )(new Random('uniform')),
    );
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(deviation).toBeCloseTo(Math.sqrt(1 / 12), 2);
  });

  it('have the mean and the spread asked for', () => {
    const random = new Random('moments');
    const lognormal = draw(() => random.lognormal(300, 0.8));
    expect(Math.abs(lognormal.mean / 300 - 1)).toBeLessThan(0.03);
    expect(Math.abs(lognormal.deviation / 240 - 1)).toBeLessThan(0.08);
    const exponential = draw(() => random.exponential(50));
    expect(Math.abs(exponential.mean / 50 - 1)).toBeLessThan(0.03);
    expect(Math.abs(exponential.deviation / 50 - 1)).toBeLessThan(0.05);
  });

  it('pick whole numbers with both ends, and refuse an empty list', () => {
    const random = new Random('ends');
    expect(new Set(Array.from({ length: 200 }, () => random.integer(3, 5)))).toEqual(new Set([3, 4, 5]));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});

describe('the agenda', () => {
  it('gives items by time, those of one time in the order they came, whatever is added meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
        const agenda = new Agenda<{ at: number; order: number }>();
        times.forEach((at, order) => agenda.add(at, { at, order }));
        const taken: { at: number; order: number }[] = [];
        for (let next = agenda.take(); next; next = agenda.take()) {
          taken.push(next);
          // What is added while others are taken finds its place too.
          if (next.order === 0) agenda.add(next.at, { at: next.at, order: times.length });
        }
        expect(taken).toEqual([...taken].sort((one, other) => one.at - other.at || one.order - other.order));
        expect(taken.length).toBe(times.length === 0 ? 0 : times.length + 1);
        expect(agenda.size).toBe(0);
      }),
    );
  });
});
