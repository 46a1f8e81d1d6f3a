import { Processor } from '../../apps/processor/src/processor.js';
import { ProcessorMetrics } from '../../apps/processor/src/metrics.js';
import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import type { NumberSeal } from '@queuecast/callbacks';
import { partitionKey, tenantId, type CloudEvent } from '@queuecast/events';
import type { EventLog, LogPosition } from '@queuecast/event-log';
import { Metrics } from '@queuecast/http';
import { InProcessBus, type QueueFrame } from '@queuecast/live';
import { Catalog, settingsSchema, type Settings } from '@queuecast/settings';
import type { IntervalReportRow, Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { SettingsInput } from './server.js';

// What goes wrong here goes wrong on purpose.
Logger.overrideLogger(false);

/** Facts are flushed without rest: whoever waits for them here waits for nothing else. */
export const settingsFrom = ({ processor, ...settings }: SettingsInput): Settings =>
  settingsSchema.parse({ ...settings, processor: { longestRestSeconds: 0, ...processor } });

/** A processor on the given ports, and what it shows. */
export interface RunningProcessor {
  readonly processor: Processor;
  readonly metrics: Metrics;
  /** Latest frame by queue id. */
  readonly frames: Map<string, QueueFrame>;
  /** Resolves when a frame of the queue fulfils the condition. */
  shows(queue: string, condition: (frame: QueueFrame) => boolean): Promise<QueueFrame>;
  /** The value of a counter, summed over its labels unless some are given. */
  count(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  close(): Promise<void>;
}

export interface ProcessorPorts {
  readonly events: EventLog;
  readonly deadLetters: EventLog;
  readonly store: Store;
}

export const startProcessor = async (
  ports: ProcessorPorts,
  settings: Settings,
  now: () => number = Date.now,
  seal?: NumberSeal,
): Promise<RunningProcessor> => {
  const metrics = new Metrics({ processMetrics: false });
  const bus = new InProcessBus();
  const frames = new Map<string, QueueFrame>();
  const watchers = new Set<() => void>();
  await bus.subscribe((frame) => {
    frames.set(frame.queue, frame);
    for (const watcher of watchers) watcher();
  });
  const processor = new Processor({
    ...ports,
    ...(seal && { seal }),
    settings,
    bus,
    catalog: new Catalog(settings),
    metrics: new ProcessorMetrics(metrics),
    now,
  });
  await processor.start();
  return {
    processor,
    metrics,
    frames,
    shows: (queue, condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          const frame = frames.get(queue);
          if (!frame || !condition(frame)) return;
          watchers.delete(look);
          resolve(frame);
        };
        watchers.add(look);
        look();
      }),
    count: async (metric, labels = {}) => {
      const found = await metrics.registry.getSingleMetric(metric)?.get();
      return (found?.values ?? [])
        .filter((value) => Object.entries(labels).every(([name, wanted]) => value.labels[name] === wanted))
        .reduce((sum, { value }) => sum + value, 0);
    },
    close: () => processor.close(),
  };
};

export const appendEvents = (log: EventLog, events: readonly CloudEvent[]): Promise<LogPosition[]> =>
  log.append(events.map((event) => ({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) })));

/** A simulated stretch of a scenario, delivered with 5 % duplicates and 5 % disorder. */
export const simulatedDelivery = (options: {
  readonly tenant: string;
  readonly seed: string;
  readonly hours: number;
}) => {
  const from = Date.parse('2026-03-02T09:00:00Z');
  const period = { start: from, end: from + options.hours * 3_600_000, timeZone: 'Europe/Brussels' };
  const simulation = new Simulation({
    scenario: 'normal-day',
    model: centreOf('normal-day', period),
    seed: options.seed,
    start: period.start,
    end: period.end,
    tenant: options.tenant,
    site: 'main',
  });
  const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05 };
  const events = [...new FaultyDelivery(faults, new Random(options.seed)).deliver(simulation)].map(
    ({ event }) => event,
  );
  return { events, truth: simulation.truth() };
};

/** A tenant's totals per queue (all channels added up) over everything the store has. */
export const totals = async (store: Store, tenant: string): Promise<Map<string, Record<string, number>>> => {
  const sums = new Map<string, Record<string, number>>();
  const add = (row: IntervalReportRow): void => {
    const sum = sums.get(row.queue) ?? {};
    for (const [metric, value] of Object.entries(row.values)) sum[metric] = (sum[metric] ?? 0) + (value ?? 0);
    sums.set(row.queue, sum);
  };
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['intervals']>> = await store.intervals({
      tenant: tenantId(tenant),
      queues: [],
      from: Date.parse('2000-01-01T00:00:00Z') as never,
      to: Date.parse('2100-01-01T00:00:00Z') as never,
      grain: 'total',
      timeZone: 'UTC',
      thresholdSeconds: 150,
      shortAbandonSeconds: 5,
      metrics: [],
      limit: 1000,
      ...(cursor !== null && { cursor }),
    });
    page.rows.forEach(add);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return sums;
};
