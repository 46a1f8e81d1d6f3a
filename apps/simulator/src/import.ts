import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { check, type Settings } from '@queuecast/settings';
import { keyFlag, numberFlag, originFlag, runProgram, slugFlag, speedFlag, UsageError } from './command-line.js';
import { createHttpSender, type Send } from './delivery/http-sender.js';
import { readFlags, required, selectionOf, USAGE, type ImportFlags } from './import/arguments.js';
import { Checkpoint } from './import/checkpoint.js';
import { openDataDirectory } from './import/data-directory.js';
import { importRecording, survey, type ImportOptions } from './import/import-recording.js';
import { readMapping } from './import/mapping.js';
import { ImportProgress } from './import/progress.js';
import { hashOfFile } from './import/read-file.js';
import { summaryText, surveyText } from './import/report.js';
import { ZoneClock } from './local-time.js';

/** Where the events go, and what has to happen before and after. */
interface Destination {
  /** Tells receivers apart: a checkpoint belongs to one. */
  readonly name: string;
  readonly checkpoints: string;
  open(): Promise<{ readonly send: Send; finish(): Promise<void>; close(): Promise<void> }>;
}

const serverAt = (url: string, flags: ImportFlags, signal: AbortSignal): Destination => {
  const send = createHttpSender({
    url,
    key: keyFlag(flags.key, flags['key-file']),
    signal,
    onRetry: (reason, waitMs) => process.stderr.write(`\n${reason}; trying again in ${(waitMs / 1000).toFixed(1)} s\n`),
  });
  const nothing = () => Promise.resolve();
  return {
    name: url,
    checkpoints: process.cwd(),
    open: () => Promise.resolve({ send, finish: nothing, close: nothing }),
  };
};

const directory = (settings: Settings): Destination => ({
  name: resolve(settings.dataDir),
  checkpoints: settings.dataDir,
  open: async () => {
    const opened = await openDataDirectory(settings);
    return {
      send: opened.send,
      finish: async () => {
        await opened.settle();
        const dead = await opened.deadLetters();
        if (dead > 0) process.stderr.write(`${dead} events are in the dead-letter log, each with its reason\n`);
      },
      close: () => opened.close(),
    };
  },
});

/** Whether a server answers there. */
const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(new URL('/health', url), { signal: AbortSignal.timeout(1500) })).status > 0;
  } catch {
    return false;
  }
};

const destinationOf = async (flags: ImportFlags, signal: AbortSignal): Promise<Destination> => {
  if (flags.to !== undefined && flags['data-dir'] !== undefined)
    throw new UsageError('--to and --data-dir exclude each other: a server keeps its data directory to itself');
  if (flags.to !== undefined) return serverAt(originFlag('to', flags.to), flags, signal);
  const { settings } = check();
  if (flags['data-dir'] !== undefined) return directory({ ...settings, dataDir: flags['data-dir'] });
  const { host, port } = settings.server;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (await answers(url)) {
    if (flags.key === undefined && flags['key-file'] === undefined)
      throw new UsageError(
        `a server runs at ${url} and keeps its data directory to itself: give --key (an API key of the tenant with the scope "ingest"), or stop it`,
      );
    return serverAt(url, flags, signal);
  }
  if (settings.kafka.brokers.length > 0 || settings.clickhouse.url !== undefined)
    throw new UsageError('the settings name Kafka or ClickHouse: send to the collector with --to URL --key KEY');
  return directory(settings);
};

const importFile = async (argv: readonly string[], signal: AbortSignal): Promise<number> => {
  const flags = readFlags(argv);
  if (flags.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const file = required('file', flags.file);
  const mapping = readMapping(required('map', flags.map));
  const [tenant, site] = [slugFlag('tenant', flags.tenant), slugFlag('site', flags.site)];
  const destination = flags.check ? null : await destinationOf(flags, signal);
  const progress = new ImportProgress(Date.now);
  const read = {
    file,
    mapping,
    zone: new ZoneClock(mapping.timeZone),
    site: { tenant, site, recording: mapping.name },
    selection: selectionOf(flags),
    inferAgents: flags['infer-agents'],
  };
  const speed = speedFlag(flags.speed);
  const batch = numberFlag('batch', flags.batch, { min: 1, max: 10_000, whole: true });

  const surveyed = await survey(read);
  process.stderr.write(surveyText(surveyed, file));
  if (flags.report !== undefined) writeFileSync(flags.report, `${JSON.stringify(surveyed, null, 2)}\n`);
  if (!destination) return surveyed.badRows.length > 0 ? 1 : 0;

  const checkpoint = Checkpoint.for(destination.checkpoints, {
    file: await hashOfFile(file),
    mapping,
    tenant,
    site,
    selection: { ...read.selection, queues: read.selection.queues && [...read.selection.queues].sort() },
    inferAgents: read.inferAgents,
    destination: destination.name,
  });
  const { send, finish, close } = await destination.open();
  try {
    const options: ImportOptions = {
      ...read,
      speed,
      batch,
      send,
      checkpoint,
      signal,
      now: Date.now,
      onProgress: (taken, total) => progress.show(taken, total),
    };
    const summary = await importRecording(options, surveyed);
    progress.stop();
    await finish();
    process.stderr.write(summaryText(summary));
    return summary.complete && summary.rejected.length === 0 ? 0 : 1;
  } finally {
    progress.stop();
    await close();
  }
};

await runProgram(importFile);
