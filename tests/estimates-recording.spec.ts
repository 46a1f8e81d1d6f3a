import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOf, addToScore, NO_SCORE, QUEUED_ABOVE_S } from '@queuecast/wait-estimates';
import { describe, expect, it } from 'vitest';
import { readMapping } from '../apps/simulator/src/import/mapping.js';
import { replay, type Scored } from './bench/estimates-replay.js';

const file = join('..', 'shared', 'data', 'vanad-2014', '2014-03.csv.gz');
const absent = !existsSync(file);
const mapping = readMapping(join(import.meta.dirname, '../apps/simulator/maps/vanad-2014.yaml'));

const figures = (scored: readonly Scored[], estimator: string) => {
  const score = { ...NO_SCORE };
  for (const { forecasts, wait } of scored) {
    const forecast = forecasts[estimator];
    if (forecast) addToScore(score, forecast, wait);
  }
  return figuresOf(score);
};

describe.skipIf(absent)(
  'a week of the VANAD recording, without any before it (needs ../shared/data/vanad-2014)',
  () => {
    it('is estimated better than by the last wait, with bands that keep their promise', async () => {
      const week = {
        mapping,
        periods: [{ name: 'week', file, scored: true }],
        seed: 1,
        from: '2014-03-03',
        to: '2014-03-08',
      };
      const { scored, abstained, arrivals } = await replay(week);
      const queued = scored.filter(({ wait }) => wait > QUEUED_ABOVE_S);
      expect(scored.length).toBeGreaterThan(25_000);
      for (const population of [scored, queued]) {
        const [served, les] = [figures(population, 'served'), figures(population, 'les')];
        expect(served.mae).toBeLessThan(0.85 * les.mae!);
        expect(served.rmse).toBeLessThan(0.9 * les.rmse!);
        expect(Math.abs(served.coverage! - 0.8)).toBeLessThan(0.02);
      }
      expect([...abstained.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(0.02 * arrivals);
    });
  },
);
