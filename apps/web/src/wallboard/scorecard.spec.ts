import { expect, it } from 'vitest';
import { scoresOf } from './scorecard.js';

it('puts the estimate that contacts are told first, the others by what they were worth', () => {
  const row = (predictor: string, population: 'answered' | 'queued', mae: number | null, scored = 30) => ({
    predictor,
    population,
    values: { estimates_scored: scored, estimate_mae: mae, estimate_bias: -1_000 },
  });
  const scores = scoresOf([
    row('hol', 'answered', 40_000),
    row('les', 'answered', 30_000),
    row('ql', 'answered', null, 0),
    row('served', 'answered', 35_000),
    row('served', 'queued', 50_000, 12),
  ]);
  expect(scores.map(({ predictor }) => predictor)).toEqual(['served', 'les', 'hol']);
  expect(scores[0]).toEqual({
    predictor: 'served',
    scored: 30,
    mae: 35_000,
    maeQueued: 50_000,
    bias: -1_000,
    coverage: null,
    longer: null,
  });
});
