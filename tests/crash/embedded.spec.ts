import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliverDay, lastWorkingDay } from './day.js';
import { crashEmbedded } from './embedded-run.js';

const KILLS = 5;
/** Ten minutes before the business day of the queues ends. */
const TEN_TO_NINE = 8 * 3_600_000 + 50 * 60_000;

/** DESIGN 11, first row: `npm run test:crash` does the same over a whole day, with a hundred kills. */
describe('the embedded product, killed at any instant', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-crash-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('has the facts, intervals and ledger of an uninterrupted run, row by row', { timeout: 300_000 }, async () => {
    const day = deliverDay({ seed: 'embedded', from: lastWorkingDay(Date.now()) + TEN_TO_NINE, hours: 0.25 });
    const run = await crashEmbedded({ directory, day, kills: KILLS, seed: 'embedded', progress: () => undefined });
    expect(run.differences).toEqual([]);
    expect([...run.kills.values()].reduce((sum, count) => sum + count, 0)).toBe(KILLS);
    expect(run.rows).toBeGreaterThan(day.distinct);
    expect(run.ledgerRows).toBeGreaterThan(0);
    expect(run.givenUp).toBeGreaterThan(0);
  });
});
