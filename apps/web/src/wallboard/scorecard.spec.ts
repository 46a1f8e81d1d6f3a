import { expect, it } from 'vitest';
import { scoresOf } from './scorecard.js';

const NINE = '2026-03-02T08:00:00.000Z';
const TEN = '2026-03-02T09:00:00.000Z';
const row = (predictor: string, population: 'answered' | 'queued', mae: number | null, scored = 30, start = NINE) => ({
  start,
  predictor,
  population,
  values: { estimates_scored: scored, estimate_mae: mae, estimate_bias: -1_000, estimate_loss_p50: mae && mae / 2 },
});

it('puts the estimate that contacts are told first, the others by what they were worth', () => {
  const scores = scoresOf([
    row('hol', 'answered', 40_000),
    row('les', 'answered', 30_000),
    row('ql', 'answered', null, 0),
    row('served', 'answered', 35_000),
    { ...row('served', 'queued', 50_000, 12), values: { estimate_mae: 50_000, estimate_coverage: 0.78 } },
  ]);
  expect(scores.map(({ predictor }) => predictor)).toEqual(['served', 'les', 'hol']);
  expect(scores[0]).toEqual({
    predictor: 'served',
    start: Date.parse(NINE),
    scored: 30,
    mae: 35_000,
    maeQueued: 50_000,
    rmse: null,
    bias: -1_000,
    losses: [null, 17_500, null],
    coverage: null,
    coverageQueued: 0.78,
    longer: null,
  });
});

it('keeps the hours apart, in their order', () => {
  const scores = scoresOf([
    row('served', 'answered', 20_000, 9, TEN),
    row('served', 'answered', 10_000, 5),
    row('served', 'queued', 80_000, 2, TEN),
  ]);
  expect(scores.map(({ start, scored, maeQueued }) => [start, scored, maeQueued])).toEqual([
    [Date.parse(NINE), 5, null],
    [Date.parse(TEN), 9, 80_000],
  ]);
});
