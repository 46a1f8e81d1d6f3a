import { Processor } from '../../apps/processor/src/processor.js';
import { ProcessorMetrics } from '../../apps/processor/src/metrics.js';
import { engineReleased, openClient } from '../../libs/store/src/engine.js';
import { CONTACTS } from '../../libs/store/src/rows/contacts.js';
import { EVENTS } from '../../libs/store/src/rows/events.js';
import { LEGS } from '../../libs/store/src/rows/legs.js';
import { SPELLS } from '../../libs/store/src/rows/spells.js';
import { insert } from '../../libs/store/src/rows/table.js';
import type { EventLog, LogConsumer, LogPosition } from '@queuecast/event-log';
import { partitionKey } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { InProcessBus } from '@queuecast/live';
import { Catalog, settingsSchema } from '@queuecast/settings';
import { openStore, type FactFlush, type Store } from '@queuecast/store';
import { openLog, type LogPlace } from './ingest-log.js';
import { busyDay } from './workload.js';

/** What one measurement took. */
export interface Spent {
  /** Wall clock from the first record delivered, milliseconds. */
  readonly ms: number;
  /** Processor time of the whole process in that while, milliseconds; above `ms` when several cores worked. */
  readonly cpuMs: number;
  readonly peakBytes: number;
}

export interface Filled {
  readonly events: number;
  readonly bytes: number;
  readonly sites: number;
  readonly queues: number;
  /** Last record of every partition that has any. */
  readonly ends: readonly LogPosition[];
}

export interface Written {
  readonly rows: Readonly<Record<'contacts' | 'legs' | 'spells' | 'events', number>>;
  readonly flushes: number;
}

class Stopwatch {
  #startedAt: number | null = null;
  #cpu = process.cpuUsage();

  /** The first call counts. */
  start(): void {
    if (this.#startedAt !== null) return;
    this.#startedAt = performance.now();
    this.#cpu = process.cpuUsage();
  }

  stop(): Spent {
    if (this.#startedAt === null) throw new Error('nothing was measured');
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      ms: performance.now() - this.#startedAt,
      cpuMs: (user + system) / 1000,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  }
}

const APPEND = 2_000;

/** Simulates the day and appends it: the backlog that every measurement reads. */
export const fill = async (place: LogPlace, wanted: number, sites: number): Promise<Filled> => {
  const log = await openLog(place, 'events');
  const { events, queues } = busyDay(wanted, sites, Date.now());
  const ends = new Map<number, LogPosition>();
  let bytes = 0;
  for (let from = 0; from < events.length; from += APPEND) {
    const records = events
      .slice(from, from + APPEND)
      .map((event) => ({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) }));
    for (const position of await log.append(records)) ends.set(position.partition, position);
    for (const { value } of records) bytes += value.length;
  }
  await log.close();
  return { events: events.length, bytes, sites, queues, ends: [...ends.values()] };
};

/** Floor: the same consumer, which decodes every record's JSON and does nothing with it. */
export const parseOnly = async (place: LogPlace, group: string, records: number): Promise<Spent> => {
  const log = await openLog(place, 'events');
  const watch = new Stopwatch();
  let parsed = 0;
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (finished = resolve));
  const reader = await log.read(group, {
    assigned: () => Promise.resolve(),
    revoked: () => Promise.resolve(),
    batch: (batch) => {
      watch.start();
      for (const { value } of batch.records) {
        if (
          value &&
          typeof JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString()) === 'object'
        )
          parsed += 1;
      }
      if (parsed === records) finished();
      return Promise.resolve();
    },
  });
  await all;
  const spent = watch.stop();
  await reader.close();
  await log.close();
  return spent;
};

/** The log, telling when its first batch is delivered: joining a consumer group takes seconds and is not ingestion. */
const watched = (log: EventLog, watch: Stopwatch): EventLog => ({
  name: log.name,
  identity: () => log.identity(),
  partitionOf: (key) => log.partitionOf(key),
  append: (records) => log.append(records),
  read: (group, consumer) => {
    const timed: LogConsumer = {
      assigned: (partition) => consumer.assigned(partition),
      revoked: (partition) => consumer.revoked(partition),
      batch: (batch) => {
        watch.start();
        return consumer.batch(batch);
      },
    };
    return log.read(group, timed);
  },
  health: () => log.health(),
  close: () => log.close(),
});

/** From the log to facts: the product's processor and store, until every record is committed. */
export const run = async (
  place: LogPlace,
  group: string,
  directory: string,
  ends: readonly LogPosition[],
  observe: (store: Store) => Store = (store) => store,
): Promise<Spent> => {
  const [events, deadLetters] = [await openLog(place, 'events'), await openLog(place, 'dead-letters')];
  const store = await openStore({ kind: 'embedded', directory });
  await store.migrate();
  const settings = settingsSchema.parse({ kafka: { groupId: group } });
  const watch = new Stopwatch();
  const processor = new Processor({
    settings,
    catalog: new Catalog(settings),
    events: watched(events, watch),
    deadLetters,
    store: observe(store),
    bus: new InProcessBus(),
    metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
    now: Date.now,
  });
  await processor.start();
  await processor.committedThrough(ends);
  const spent = watch.stop();
  await processor.close();
  await Promise.all([store.close(), events.close(), deadLetters.close()]);
  return spent;
};

/** The store, keeping what is written to it. */
const recording = (store: Store, flushes: FactFlush[]): Store =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === 'write')
        return (flush: FactFlush) => {
          flushes.push(flush);
          return target.write(flush);
        };
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

/**
 * Floor: the rows that a run writes, flush by flush into the same tables of an empty store, and nothing else: no fold, and
 * no intervals, which are derived from these rows.
 */
export const insertOnly = async (
  place: LogPlace,
  group: string,
  directories: { readonly run: string; readonly insert: string },
  ends: readonly LogPosition[],
): Promise<Spent & Written> => {
  const flushes: FactFlush[] = [];
  await run(place, group, directories.run, ends, (store) => recording(store, flushes));
  const engine = { kind: 'embedded', directory: directories.insert } as const;
  const store = await openStore(engine);
  await store.migrate();
  const client = await openClient(engine, 'writer');
  const watch = new Stopwatch();
  watch.start();
  for (const flush of flushes) {
    await insert(client, LEGS, flush.legs);
    await insert(client, SPELLS, flush.spells);
    await insert(client, EVENTS, flush.events);
    await insert(client, CONTACTS, flush.contacts);
  }
  const spent = watch.stop();
  await client.close();
  await store.close();
  await engineReleased(engine);
  const count = (table: 'contacts' | 'legs' | 'spells' | 'events'): number =>
    flushes.reduce((sum, flush) => sum + flush[table].length, 0);
  return {
    ...spent,
    rows: { contacts: count('contacts'), legs: count('legs'), spells: count('spells'), events: count('events') },
    flushes: flushes.length,
  };
};
