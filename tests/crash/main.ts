import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { inScratch } from '../bench/scratch.js';
import { deliverDay, lastWorkingDay } from './day.js';
import type { CrashRun } from './crash-run.js';
import { crashDistributed } from './distributed-run.js';
import { crashEmbedded } from './embedded-run.js';

const USAGE = `npm run test:crash -- [--kills 100] [--kafka] [--seed TEXT] [--day 2026-03-02] [--hours 24]

Kills the product again and again while a simulated day comes in (5 % duplicates, 5 % disorder, late events, ghosts),
and compares facts, intervals and ledger with those of an uninterrupted run, row by row. --kafka: two processors on a
real Kafka broker and a ClickHouse front, and these die and fail too.`;

const DIFFERENCES_SHOWN = 50;

const wholeNumber = (flag: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${flag}: must be a whole number from 1 on, not ${text}`);
  return number;
};

const dayFrom = (text: string | undefined): number => {
  if (text === undefined) return lastWorkingDay(Date.now());
  const from = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(from)) throw new Error(`--day: must be a date like 2026-03-02, not ${text}`);
  return from;
};

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([what, count]) => `  ${String(count).padStart(4)}  ${what}`)
    .join('\n');

const report = (run: CrashRun, seed: string, day: ReturnType<typeof deliverDay>, seconds: number): void => {
  const kills = [...run.kills.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\n${kills} kills:\n${listed(run.kills)}`);
  if (run.faults.size > 0) console.log(`other faults:\n${listed(run.faults)}`);
  console.log(
    `${day.distinct} events in ${day.deliveries} deliveries (${day.ghosts} ghosts, ${run.givenUp} of them given up), ${run.resent} requests sent again`,
  );
  console.log(`${run.rows} rows of facts and intervals and ${run.ledgerRows} rows of the ledger compared`);
  for (const line of run.differences.slice(0, DIFFERENCES_SHOWN)) console.log(`  ${line}`);
  if (run.differences.length > DIFFERENCES_SHOWN) console.log(`  ... and more`);
  console.log(`${run.differences.length} differences; seed ${seed}; ${Math.round(seconds)} s`);
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string' },
      kafka: { type: 'boolean', default: false },
      seed: { type: 'string' },
      day: { type: 'string' },
      hours: { type: 'string', default: '24' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seed = values.seed ?? randomUUID().slice(0, 8);
  const from = dayFrom(values.day);
  const kills = wholeNumber('kills', values.kills ?? (values.kafka ? '50' : '100'));
  const began = performance.now();
  const day = deliverDay({ seed, from, hours: wholeNumber('hours', values.hours) });
  console.log(
    `${day.deliveries} deliveries of ${new Date(from).toISOString().slice(0, 10)}, ${kills} kills, seed ${seed}`,
  );
  return inScratch(async (directory) => {
    const elapsed = (): string => `${Math.round((performance.now() - began) / 1000)} s`.padStart(6);
    const progress = (line: string): void => console.log(`${elapsed()}  ${line}`);
    const crash = values.kafka ? crashDistributed : crashEmbedded;
    const run = await crash({ directory, day, kills, seed, progress });
    report(run, seed, day, (performance.now() - began) / 1000);
    return run.differences.length === 0 ? 0 : 1;
  });
};

try {
  process.exit(await main());
} catch (error) {
  console.error(error);
  // What was started may still run, and ends with this process.
  process.exit(2);
}
