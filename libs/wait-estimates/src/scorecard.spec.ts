import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addToScore, figuresOf, mergedScore, NO_SCORE, Scorecard, type Forecast } from './scorecard.js';

const scoreOf = (waits: readonly number[], forecast: Forecast) => {
  const score = { ...NO_SCORE };
  for (const wait of waits) addToScore(score, forecast, wait);
  return score;
};

describe('a score', () => {
  it('says what a plain computation says', () => {
    const figures = figuresOf(scoreOf([10, 50, 130, 200], { low: 20, middle: 60, high: 120 }));
    expect(figures).toMatchObject({ count: 4, bias: (50 + 10 - 70 - 140) / 4, mae: 270 / 4, coverage: 0.25 });
    expect(figures.rmse).toBeCloseTo(Math.sqrt((2500 + 100 + 4900 + 19600) / 4), 9);
    expect(figures).toMatchObject({ longerShare: 0.5, meanWidth: 100, within30Share: 0.25, over60Share: 0.5 });
    // One below: 0.9 s for each second too high; the others 0.1 for each too low.
    expect(figures.loss10).toBeCloseTo((0.9 * 10 + 0.1 * (30 + 110 + 180)) / 4, 9);
    expect(figures.loss50).toBeCloseTo(270 / 8, 9);
    expect(figures.loss90).toBeCloseTo((0.1 * (110 + 70) + 0.9 * (10 + 80)) / 4, 9);
  });

  it('has no figures of nothing, and no coverage of a rule that tells no band', () => {
    expect(figuresOf(NO_SCORE)).toMatchObject({ count: 0, mae: null, rmse: null, coverage: null });
    expect(figuresOf(scoreOf([5], { middle: 5 }))).toMatchObject({ mae: 0, coverage: null, meanWidth: null });
  });

  it('merges to the score of both', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 900 }));
    fc.assert(
      fc.property(waits, waits, (some, others) => {
        const forecast = { low: 10, middle: 60, high: 300 };
        const merged = mergedScore(scoreOf(some, forecast), scoreOf(others, forecast));
        const whole = scoreOf([...some, ...others], forecast);
        for (const [field, sum] of Object.entries(whole))
          expect(merged[field as keyof typeof whole]).toBeCloseTo(sum, 6);
      }),
    );
  });
});

describe('a scorecard', () => {
  it('keeps queue, hour, estimator and population apart, and what is drained merges', () => {
    const [card, other] = [new Scorecard(), new Scorecard()];
    card.add('claims', 7_300, 1, { served: { low: 0, middle: 1, high: 3 }, les: { middle: 9 }, hol: null });
    card.add('claims', 7_400, 40, { served: { low: 10, middle: 30, high: 60 }, les: { middle: 9 }, hol: null });
    card.add('claims', 10_900, 2, { served: { low: 0, middle: 1, high: 3 } });
    const lines = card.drain();
    expect(lines.map(({ hour, predictor, population, score }) => [hour, predictor, population, score.count])).toEqual([
      [7_200, 'served', 'answered', 2],
      [7_200, 'les', 'answered', 2],
      [7_200, 'served', 'queued', 1],
      [7_200, 'les', 'queued', 1],
      [10_800, 'served', 'answered', 1],
      [10_800, 'served', 'queued', 1],
    ]);
    expect(card.peek()).toEqual([]);
    other.merge(lines);
    other.merge(lines);
    expect(other.peek().map(({ score }) => score.count)).toEqual([4, 4, 2, 2, 2, 2]);
    expect(lines[0]?.score.count).toBe(2);
  });

  it('keeps two days of what nobody drains', () => {
    const card = new Scorecard();
    for (let hour = 0; hour < 100; hour += 1) card.add('claims', hour * 3_600, 0, { les: { middle: 1 } });
    expect(card.peek().map(({ hour }) => hour / 3_600)).toEqual(Array.from({ length: 49 }, (_, n) => 51 + n));
  });
});
