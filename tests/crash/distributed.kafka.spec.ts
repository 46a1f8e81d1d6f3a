import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { deliverDay, lastWorkingDay } from './day.js';
import { crashDistributed } from './distributed-run.js';

const KILLS = 4;
/** Ten minutes before the business day of the queues ends. */
const TEN_TO_NINE = 8 * 3_600_000 + 50 * 60_000;

/** `npm run test:crash -- --kafka` does the same over a whole day, with fifty kills. */
describe.skipIf(withoutKafka)('two processors, Kafka and ClickHouse, killed at any instant', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-crash-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('have the facts, intervals and ledger of an uninterrupted run, row by row', { timeout: 400_000 }, async () => {
    const day = deliverDay({ seed: 'distributed', from: lastWorkingDay(Date.now()) + TEN_TO_NINE, hours: 0.25 });
    const run = await crashDistributed({
      directory,
      day,
      kills: KILLS,
      seed: 'distributed',
      progress: () => undefined,
    });
    expect(run.differences).toEqual([]);
    expect([...run.kills.values()].reduce((sum, count) => sum + count, 0)).toBe(KILLS);
    expect(run.rows).toBeGreaterThan(day.distinct);
  });
});
