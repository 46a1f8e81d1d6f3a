import { parseArgs } from 'node:util';
import { openStore } from '@queuecast/store';
import { openClient } from '../../libs/store/src/engine.js';
import { measureFreshness } from './freshness.js';
import { historyUntil, makeHistory, settled } from './history.js';
import { machineLines } from './machine.js';
import { reportCases } from './report-cases.js';
import { runCase, type ReportRun, type Taken } from './report-runs.js';
import { inScratch } from './scratch.js';
import { quantile } from './statistics.js';
import { grouped, table } from './table.js';

const USAGE = `npm run bench:reports -- [--legs 15000000] [--days 30] [--queues 500] [--rounds 20]

Reports over a history that it makes itself, each beside hand-written SQL over the same tables, with the same numbers;
and what it costs to keep intervals fresh at 1,000 and 10,000 events per second.`;

interface Options {
  readonly legs: number;
  readonly days: number;
  readonly queues: number;
  readonly rounds: number;
}

const readOptions = (): Options | null => {
  const { values } = parseArgs({
    options: {
      legs: { type: 'string', default: '15000000' },
      days: { type: 'string', default: '30' },
      queues: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const whole = (name: keyof Options, least: number): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least)
      throw new Error(`--${name}: give a whole number from ${least} on, not ${values[name]}\n\n${USAGE}`);
    return value;
  };
  // The windows of a wallboard reach back eight days.
  return { legs: whole('legs', 1000), days: whole('days', 8), queues: whole('queues', 1), rounds: whole('rounds', 1) };
};

const milliseconds = (ms: number): string => (ms < 100 ? ms.toFixed(1) : grouped(ms));

const row = ({ name, rows, pages, product, byHand, aimMs }: ReportRun): string[] => {
  const of = (taken: readonly Taken[], what: keyof Taken, share: number): number =>
    quantile(
      taken.map((one) => one[what]),
      share,
    );
  const ratio = (what: keyof Taken): string => (of(product, what, 0.5) / of(byHand, what, 0.5)).toFixed(2);
  return [
    name,
    grouped(rows),
    String(pages),
    milliseconds(of(product, 'ms', 0.5)),
    milliseconds(of(product, 'ms', 0.95)),
    milliseconds(of(byHand, 'ms', 0.5)),
    milliseconds(of(byHand, 'ms', 0.95)),
    ratio('ms'),
    ratio('cpuMs'),
    aimMs === null ? '1.3 times' : `${aimMs} ms`,
  ];
};

const HEADER = ['', 'rows', 'pages', 'p50 ms', 'p95 ms', 'by hand p50', 'p95', 'ratio', 'CPU ratio', 'aim'];

const main = async (): Promise<void> => {
  const options = readOptions();
  if (!options) return console.log(USAGE);
  console.log(machineLines().join('\n'));
  await inScratch(async (directory) => {
    const engine = { kind: 'embedded', directory } as const;
    const now = Date.now();
    const history = historyUntil(now, options);
    const store = await openStore({ ...engine, now: () => now });
    await store.migrate();
    const facts = await openClient(engine, 'migration');
    const began = performance.now();
    const progress = (line: string): void =>
      console.error(`${String(Math.round((performance.now() - began) / 1000)).padStart(6)} s  ${line}`);
    await makeHistory(facts, history, progress);
    // The store finds intervals that were computed by other definitions, and computes all anew.
    await facts.command({ query: 'TRUNCATE TABLE interval_definitions' });
    await store.migrate();
    progress('the intervals are computed');
    await settled(facts);
    const [counted] = await store.report(
      'SELECT (SELECT uniq(tenant, contact, leg) FROM contact_legs) AS legs, (SELECT countIf(grain = 900) FROM queue_intervals) AS quarters',
      {},
    );
    console.log(
      `\n${grouped(Number(counted?.['legs']))} legs of ${options.days} days and ${options.queues} queues, ${grouped(Number(counted?.['quarters']))} kept quarters of an hour\n`,
    );
    const runs: ReportRun[] = [];
    for (const report of reportCases(store, history)) {
      const hand = await openClient(engine, report.lane);
      const rounds = Math.min(report.rounds, options.rounds);
      runs.push(await runCase({ ...report, rounds }, hand, facts));
      await hand.close();
      progress(report.name);
    }
    console.log(table(HEADER, runs.map(row)));
    console.log(
      '\nEvery round gave the same numbers both ways, integers exactly and quotients to 1e-9; the first also as the legs add up.',
    );
    console.log('What is served in pages is compared with one statement over the whole.\n');
    console.log(await measureFreshness(store, facts, history, options.rounds));
    await facts.close();
    await store.close();
  });
};

await main();
