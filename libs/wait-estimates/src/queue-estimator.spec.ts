import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '@queuecast/events';
import { lastToEnterService, pooledQueueLength } from './predictors.js';
import { QueueEstimator } from './queue-estimator.js';

const busy = { waiting: 4, poolWaiting: 9, poolAgents: 5, available: 0 };
const idle = { waiting: 0, poolWaiting: 0, poolAgents: 5, available: 2 };

describe('predictors', () => {
  it('LES is the last wait, and nothing when an agent is free and nobody waits', () => {
    expect(lastToEnterService(busy, milliseconds(90_000))).toBe(90_000);
    expect(lastToEnterService(idle, milliseconds(90_000))).toBe(0);
    expect(lastToEnterService(busy, null)).toBeNull();
  });

  it('pooled queue length is (n + 1) handle times over s agents', () => {
    expect(pooledQueueLength(busy, 200_000)).toBe((10 * 200_000) / 5);
    expect(pooledQueueLength({ ...busy, poolAgents: 0 }, 200_000)).toBeNull();
    expect(pooledQueueLength({ ...busy, poolAgents: null }, 200_000)).toBeNull();
  });
});

describe('a queue estimate', () => {
  it('says nothing before it has seen anything', () => {
    expect(new QueueEstimator().estimate({ ...busy, poolAgents: null, available: null }, null)).toBeNull();
  });

  it('takes the predictor that was closer to the waits realised', () => {
    const estimator = new QueueEstimator();
    for (let n = 0; n < 50; n += 1)
      estimator.answered(milliseconds(400_000), instant(n), { les: 100_000, 'pooled-ql': 390_000 });
    expect(estimator.estimate(busy, 200_000)?.predictor).toBe('pooled-ql');
    for (let n = 50; n < 200; n += 1)
      estimator.answered(milliseconds(100_000), instant(n), { les: 100_000, 'pooled-ql': 390_000 });
    expect(estimator.estimate(busy, 200_000)?.predictor).toBe('les');
  });

  it('spans four fifths of the recent errors, corrected by their median, never below zero', () => {
    const estimator = new QueueEstimator();
    for (let n = 0; n <= 100; n += 1)
      estimator.answered(milliseconds(100_000 + n * 1000), instant(n), { les: 100_000, 'pooled-ql': null });
    const band = estimator.estimate({ ...busy, poolAgents: null }, null);
    // The last wait was 200 s; of the 100 errors kept (1..100 s) the 10th percentile is 10.9 s, the median 50.5, the 90th 90.1.
    expect(band).toEqual({ lowMs: 210_900, p50Ms: 250_500, highMs: 290_100, predictor: 'les' });
    expect(estimator.estimate(idle, null)?.lowMs).toBeGreaterThanOrEqual(0);
  });

  it('keeps the latest wait when answers come out of order', () => {
    const estimator = new QueueEstimator();
    estimator.answered(milliseconds(60_000), instant(2), null);
    estimator.answered(milliseconds(10_000), instant(1), null);
    expect(estimator.estimate({ ...busy, poolAgents: null }, null)?.p50Ms).toBe(60_000);
  });
});
