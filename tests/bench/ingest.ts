import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type * as LocalKafka from '../../deploy/kafka-local/kafka.mjs';
import { answer, ask, isAsked } from './child.js';
import type { LogPlace } from './ingest-log.js';
import { fill, insertOnly, parseOnly, run, type Filled, type Spent, type Written } from './ingest-measures.js';
import { machineLines } from './machine.js';
import { inScratch } from './scratch.js';
import { median } from './statistics.js';
import { grouped, table } from './table.js';

const USAGE = `npm run bench:ingest -- [--events 300000] [--sites 12] [--rounds 3] [--mode embedded|kafka|both]

Events per second from the log to facts, beside the floors: the same consumer only parsing, the same rows only inserted.`;

type Request =
  | { readonly phase: 'fill'; readonly place: LogPlace; readonly events: number; readonly sites: number }
  | { readonly phase: 'parse'; readonly place: LogPlace; readonly group: string; readonly filled: Filled }
  | {
      readonly phase: 'run' | 'insert';
      readonly place: LogPlace;
      readonly group: string;
      readonly filled: Filled;
      readonly directory: string;
    };

const inDirectory = async <Result>(directory: string, work: () => Promise<Result>): Promise<Result> => {
  mkdirSync(directory, { recursive: true });
  try {
    return await work();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const measure = (request: Request): Promise<Filled | Spent | (Spent & Written)> => {
  switch (request.phase) {
    case 'fill':
      return fill(request.place, request.events, request.sites);
    case 'parse':
      return parseOnly(request.place, request.group, request.filled.events);
    case 'run':
      return run(request.place, request.group, request.directory, request.filled.ends);
    case 'insert': {
      const { place, group, directory, filled } = request;
      const directories = { run: join(directory, 'run'), insert: join(directory, 'insert') };
      for (const made of Object.values(directories)) mkdirSync(made, { recursive: true });
      return insertOnly(place, group, directories, filled.ends);
    }
  }
};

interface Round {
  readonly parse: Spent;
  readonly insert: Spent & Written;
  readonly run: Spent;
}

const here = new URL(import.meta.url);

const measureMode = async (name: string, place: LogPlace, scratch: string, options: Options): Promise<void> => {
  const filled = await ask<Filled>(here, {
    phase: 'fill',
    place,
    events: options.events,
    sites: options.sites,
  });
  console.log(
    `\n${name}: ${grouped(filled.events)} events (${(filled.bytes / 1e6).toFixed(0)} MB) of one day, ` +
      `${filled.sites} sites, ${filled.queues} queues\n`,
  );
  const rounds: Round[] = [];
  for (let n = 1; n <= options.rounds; n++) {
    const directory = join(scratch, `store-${n}`);
    const common = { place, filled };
    const parse = await ask<Spent>(here, { ...common, phase: 'parse', group: `parse-${n}` });
    const insert = await inDirectory(directory, () =>
      ask<Spent & Written>(here, { ...common, phase: 'insert', group: `insert-${n}`, directory }),
    );
    const whole = await inDirectory(directory, () =>
      ask<Spent>(here, { ...common, phase: 'run', group: `run-${n}`, directory }),
    );
    rounds.push({ parse, insert, run: whole });
    console.error(`  round ${n} of ${options.rounds}: ${grouped((filled.events / whole.ms) * 1000)} events/s`);
  }
  console.log(resultTable(filled, rounds));
};

const resultTable = (filled: Filled, rounds: readonly Round[]): string => {
  const middle = (of: (round: Round) => number): number => median(rounds.map(of));
  const perSecond = (ms: number): number => (filled.events / ms) * 1000;
  const row = (label: string, ms: (round: Round) => number, spent: (round: Round) => Spent | null): string[] => {
    const one = rounds[0] && spent(rounds[0]);
    return [
      label,
      grouped(perSecond(middle(ms))),
      (middle(ms) / 1000).toFixed(2),
      one ? (middle((round) => spent(round)?.cpuMs ?? 0) / 1000).toFixed(2) : '',
      one ? (middle((round) => spent(round)?.peakBytes ?? 0) / 2 ** 20).toFixed(0) : '',
      middle((round) => ms(round) / round.run.ms).toFixed(2),
    ];
  };
  const slower = (round: Round): number => Math.max(round.parse.ms, round.insert.ms);
  const sum = (round: Round): number => round.parse.ms + round.insert.ms;
  const written = rounds[0]?.insert;
  return [
    table(
      ['', 'events/s', 's', 'CPU s', 'peak MiB', 'share of floor'],
      [
        row(
          'log to facts',
          (round) => round.run.ms,
          (round) => round.run,
        ),
        row(
          'floor: parse only',
          (round) => round.parse.ms,
          (round) => round.parse,
        ),
        row(
          'floor: insert only',
          (round) => round.insert.ms,
          (round) => round.insert,
        ),
        row('floor: the slower of both', slower, () => null),
        row('floor: one after the other', sum, () => null),
      ],
    ),
    '',
    written
      ? `Rows: ${Object.entries(written.rows)
          .map(([name, count]) => `${grouped(count)} ${name}`)
          .join(', ')}, in ${written.flushes} flushes; of the intervals none in the floor.`
      : '',
    `Ratio ${middle((round) => slower(round) / round.run.ms).toFixed(2)} of the slower floor: parsing and inserting are different threads and could overlap wholly.`,
    `Medians of ${rounds.length} rounds; each measurement in a process of its own.`,
  ].join('\n');
};

/** Not compiled with the rest: found from the project's root, where npm starts scripts. */
const localKafka = (): Promise<typeof LocalKafka> =>
  import(pathToFileURL(resolve('deploy/kafka-local/kafka.mjs')).href) as Promise<typeof LocalKafka>;

const withKafka = async (scratch: string, work: (brokers: readonly string[]) => Promise<void>): Promise<void> => {
  const { haveJars, startKafka } = await localKafka();
  if (!haveJars()) {
    console.log(
      '\nKafka: skipped, its jars are not here. Fetch them with npm run kafka:start (JDK 17 and Maven needed).',
    );
    return;
  }
  const kafka = await startKafka({ directory: join(scratch, 'kafka') });
  try {
    await work(kafka.brokers);
  } finally {
    await kafka.stop();
  }
};

interface Options {
  readonly events: number;
  readonly sites: number;
  readonly rounds: number;
  readonly mode: string;
}

const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '300000' },
      sites: { type: 'string', default: '12' },
      rounds: { type: 'string', default: '3' },
      mode: { type: 'string', default: 'both' },
    },
  });
  const whole = (name: 'events' | 'sites' | 'rounds'): number => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new Error(`--${name}: give a whole number from 1 on, not ${values[name]}\n\n${USAGE}`);
    return value;
  };
  if (!['embedded', 'kafka', 'both'].includes(values.mode))
    throw new Error(`--mode: give embedded, kafka or both, not ${values.mode}\n\n${USAGE}`);
  return { events: whole('events'), sites: whole('sites'), rounds: whole('rounds'), mode: values.mode };
};

const main = async (): Promise<void> => {
  const options = readOptions();
  console.log(machineLines().join('\n'));
  await inScratch(async (scratch) => {
    if (options.mode !== 'kafka')
      await measureMode(
        'Embedded (LMDB, chDB)',
        { kind: 'embedded', directory: join(scratch, 'log') },
        scratch,
        options,
      );
    if (options.mode !== 'embedded')
      await withKafka(scratch, (brokers) =>
        measureMode('Kafka (one broker here, chDB)', { kind: 'kafka', brokers }, scratch, options),
      );
  });
};

if (isAsked()) await answer((request) => measure(request as Request));
else
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
