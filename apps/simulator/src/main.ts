import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { CloudEvent } from '@queuecast/events';
import { Random } from './centre/random.js';
import { centreOf, defaultPeriodOf, SCENARIOS, type ScenarioName } from './centre/scenarios.js';
import { Simulation } from './centre/simulation.js';
import {
  choiceFlag,
  instantFlag,
  keyFlag,
  numberFlag,
  originFlag,
  runProgram,
  slugFlag,
  speedFlag,
  UsageError,
} from './command-line.js';
import { createHttpSender, type RejectedEvent } from './delivery/http-sender.js';
import { FaultyDelivery, NO_FAULTS } from './delivery/inject.js';
import { pace, type Speed } from './delivery/pace.js';
import { minutesOf, ZoneClock } from './local-time.js';
import { truthTable, type RunTruth } from './truth-table.js';

const USAGE = `npm run simulate -- --scenario ${SCENARIOS.join('|')} [options]

Where the events go (one of):
  --to URL --key KEY       a running server (--key-file FILE, or - for standard input, keeps the key off the process list)
  --out FILE               one event per line
  --stdout                 one event per line on standard output
                           none of these: only the ground truth is printed

What is simulated:
  --seed TEXT              same seed, same events (1)
  --start TIME             with a zone; default: at a finite speed the run ends now
                           or begins now, whichever is earlier; else 2026-03-02 local time
  --hours N                length (24; night: 9)
  --zone ZONE              IANA zone of the centre (Europe/Brussels)
  --tenant ID --site ID    (demo, main)
  --sources N              ACD instances that speak (1)

How fast: --speed max | N (1 is real time; default max)

Faults: --duplicates, --disorder, --late, --ghosts: shares 0..1; --skew MS: largest clock error per source

Truth:
  --threshold S --short S  service level threshold (150) and short abandon (5), seconds
  --truth FILE             as JSON into a file; --json: as JSON instead of the table; --quarters: per 15 minutes too
`;

const share = { min: 0, max: 1 };
/** The first Monday of March: no holiday, no change of clocks. */
const REFERENCE_DAY = Date.UTC(2026, 2, 2);

const readFlags = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        scenario: { type: 'string', default: 'normal-day' },
        seed: { type: 'string', default: '1' },
        start: { type: 'string' },
        hours: { type: 'string' },
        zone: { type: 'string', default: 'Europe/Brussels' },
        tenant: { type: 'string', default: 'demo' },
        site: { type: 'string', default: 'main' },
        sources: { type: 'string', default: '1' },
        speed: { type: 'string', default: 'max' },
        to: { type: 'string' },
        key: { type: 'string' },
        'key-file': { type: 'string' },
        out: { type: 'string' },
        stdout: { type: 'boolean', default: false },
        batch: { type: 'string', default: '1000' },
        duplicates: { type: 'string', default: '0' },
        disorder: { type: 'string', default: '0' },
        late: { type: 'string', default: '0' },
        ghosts: { type: 'string', default: '0' },
        skew: { type: 'string', default: '0' },
        threshold: { type: 'string', default: '150' },
        short: { type: 'string', default: '5' },
        truth: { type: 'string' },
        json: { type: 'boolean', default: false },
        quarters: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
};
type Flags = ReturnType<typeof readFlags>;

const zoneFlag = (text: string): ZoneClock => {
  try {
    return new ZoneClock(text);
  } catch (error) {
    throw new UsageError(`--zone: ${(error as Error).message}`);
  }
};

const startOf = (flags: Flags, scenario: ScenarioName, hours: number, zone: ZoneClock, speed: Speed): number => {
  if (flags.start !== undefined) return instantFlag('start', flags.start);
  // Faster than real time, the run ends at the present: servers refuse events of the future.
  if (speed !== 'max') return Math.round(Date.now() - hours * 3_600_000 * Math.max(0, 1 - 1 / speed));
  return zone.instantOf(REFERENCE_DAY + minutesOf(defaultPeriodOf(scenario).from) * 60_000);
};

const simulationOf = (flags: Flags, speed: Speed): Simulation => {
  const scenario = choiceFlag('scenario', flags.scenario, SCENARIOS);
  const zone = zoneFlag(flags.zone);
  const hours =
    flags.hours === undefined
      ? defaultPeriodOf(scenario).hours
      : numberFlag('hours', flags.hours, { min: 0.01, max: 100_000 });
  const start = startOf(flags, scenario, hours, zone, speed);
  const end = Math.round(start + hours * 3_600_000);
  return new Simulation({
    scenario,
    model: centreOf(scenario, { start, end, timeZone: zone.zone }),
    seed: flags.seed,
    start,
    end,
    tenant: slugFlag('tenant', flags.tenant),
    site: slugFlag('site', flags.site),
    sources: numberFlag('sources', flags.sources, { min: 1, max: 100, whole: true }),
    // Servers refuse events more than five minutes in the future.
    skewMs: numberFlag('skew', flags.skew, { min: 0, max: 300_000, whole: true }),
    ghostShare: numberFlag('ghosts', flags.ghosts, share),
    thresholdSeconds: numberFlag('threshold', flags.threshold, { min: 0, max: 86_400, whole: true }),
    shortAbandonSeconds: numberFlag('short', flags.short, { min: 0, max: 86_400, whole: true }),
  });
};

/** Takes batches, and gives at the end what was refused. */
interface Outlet {
  take(events: CloudEvent[]): Promise<void>;
  close(): Promise<readonly RejectedEvent[]>;
}

const linesTo = (stream: Writable, end: boolean): Outlet => {
  const failed = once(stream, 'error').then(([error]: unknown[]) => {
    throw error;
  });
  // Rejections are seen by whoever waits in `take` or `close`; before that nobody is there to see them.
  failed.catch(() => undefined);
  return {
    take: async (events) => {
      const lines = events.map((event) => JSON.stringify(event) + '\n').join('');
      if (!stream.write(lines)) await Promise.race([once(stream, 'drain'), failed]);
    },
    close: async () => {
      if (end) {
        stream.end();
        await Promise.race([once(stream, 'finish'), failed]);
      }
      return [];
    },
  };
};

const serverAt = (flags: Flags, signal: AbortSignal): Outlet => {
  const rejected: RejectedEvent[] = [];
  const send = createHttpSender({
    url: originFlag('to', flags.to ?? ''),
    key: keyFlag(flags.key, flags['key-file']),
    signal,
    onRetry: (reason, waitMs) => process.stderr.write(`${reason}; trying again in ${(waitMs / 1000).toFixed(1)} s\n`),
  });
  return {
    take: async (events) => {
      rejected.push(...(await send(events)).rejected);
    },
    close: () => Promise.resolve(rejected),
  };
};

const outletOf = (flags: Flags, signal: AbortSignal): Outlet => {
  if ([flags.to !== undefined, flags.out !== undefined, flags.stdout].filter(Boolean).length > 1)
    throw new UsageError('--to, --out and --stdout exclude each other: give one of them');
  if (flags.to !== undefined) return serverAt(flags, signal);
  if (flags.out !== undefined) return linesTo(createWriteStream(flags.out), true);
  if (flags.stdout) return linesTo(process.stdout, false);
  return { take: () => Promise.resolve(), close: () => Promise.resolve([]) };
};

const simulate = async (argv: readonly string[], signal: AbortSignal): Promise<number> => {
  const flags = readFlags(argv);
  if (flags.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const speed = speedFlag(flags.speed);
  const batch = numberFlag('batch', flags.batch, { min: 1, max: 10_000, whole: true });
  const simulation = simulationOf(flags, speed);
  const delivery = new FaultyDelivery(
    {
      ...NO_FAULTS,
      duplicates: numberFlag('duplicates', flags.duplicates, share),
      disorder: numberFlag('disorder', flags.disorder, share),
      late: numberFlag('late', flags.late, share),
    },
    new Random(`${flags.seed}/delivery`),
  );
  const outlet = outletOf(flags, signal);
  for await (const events of pace(delivery.deliver(simulation), { speed, batch, now: Date.now, signal }))
    await outlet.take(events);
  const rejected = await outlet.close();

  const all: RunTruth = { ...simulation.truth(), injected: delivery.injected, interrupted: signal.aborted };
  const truth: RunTruth = flags.quarters ? all : { ...all, quarters: [] };
  const json = `${JSON.stringify(truth, null, 2)}\n`;
  if (flags.truth !== undefined) writeFileSync(flags.truth, json);
  const report = flags.json ? json : truthTable(truth);
  (flags.stdout ? process.stderr : process.stdout).write(report);
  for (const { id, reason } of rejected.slice(0, 10)) process.stderr.write(`refused: ${id}: ${reason}\n`);
  if (rejected.length > 0) process.stderr.write(`${rejected.length} events were refused by the server\n`);
  return rejected.length > 0 || signal.aborted ? 1 : 0;
};

await runProgram(simulate);
