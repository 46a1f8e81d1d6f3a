import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  instant,
  partitionKey,
  queueId,
  siteId,
  tenantId,
  type CloudEvent,
  type ContactId,
  type LegId,
} from '@queuecast/events';
import { openEmbeddedLog, openKafkaLog } from '@queuecast/event-log';
import { openStore, type SiteKey, type Store } from '@queuecast/store';
import { SiteEstimator } from '@queuecast/wait-estimates';
import { TestBroker, withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { ClickHouseHttpFront } from '../support/clickhouse-http-front.js';
import {
  appendEvents,
  settingsFrom,
  simulatedDelivery,
  startProcessor,
  type ProcessorPorts,
  type RunningProcessor,
} from '../support/processing.js';

const TENANT = tenantId('acme');
const SITES = Array.from({ length: 4 }, (_, n) => siteId(`site-${n}`));
const settings = settingsFrom({ tenants: [{ id: TENANT, queues: [] }], processor: { flushMs: 20 } });

/** The same centre at four sites, each with its own contacts. */
const events = SITES.flatMap((site) =>
  simulatedDelivery({ tenant: TENANT, seed: site, hours: 0.4 }).events.map((event) => ({ ...event, site })),
).sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
const half = events.length >> 1;
const end = Date.parse(events.at(-1)!.time);
const ahead = end - Date.now();
/** It is just after the simulated stretch. */
const clock = (): number => Date.now() + ahead;

type Running = RunningProcessor & { readonly ports: ProcessorPorts; stop(): Promise<void> };

/** What somebody would be told who joins each queue of a site at the end, by what is kept of its estimates. */
const estimatesOf = async (store: Store, site: SiteKey): Promise<unknown> => {
  const estimator = new SiteEstimator(1);
  const kept = await store.estimatorOf(site);
  expect(kept !== null && estimator.restore(kept.bytes)).toBe(true);
  const queues = [...new Set(events.flatMap(({ data }) => (data as { queue?: string }).queue ?? []))].sort();
  const at = instant(end + 1000);
  return queues.map((queue) => {
    const stay = { contact: `next-of-${queue}` as ContactId, leg: '1' as LegId };
    return [queue, estimator.joined(stay, queueId(queue), at), estimator.forecasts(stay)];
  });
};

/**
 * What the scorecard is made of: what each estimator said of everybody who joined. Whether a band was told depends on when
 * it was asked for, too: in a shock nothing is.
 */
const forecastsOf = (store: Store) =>
  store.report(`SELECT site, contact, leg, forecasts FROM wait_forecasts FINAL ORDER BY site, contact, leg`, {});

/** What is known of all sites in the end. */
const known = async (store: Store) => {
  const estimates = new Map<string, unknown>();
  for (const site of SITES) estimates.set(site, await estimatesOf(store, { tenant: TENANT, site }));
  return { estimates, forecasts: await forecastsOf(store) };
};

describe.skipIf(withoutKafka)('what the estimates of a site have learnt', () => {
  const broker = new TestBroker();
  let directory: string;
  let front: ClickHouseHttpFront;
  const running: Running[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-move-'));
    await broker.start();
    front = await ClickHouseHttpFront.start({ directory: join(directory, 'front') });
  });
  afterAll(async () => {
    for (const each of running) await each.stop();
    await broker.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const run = async (ports: ProcessorPorts): Promise<Running> => {
    await ports.store.migrate();
    const processor = await startProcessor(ports, settings, clock);
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await processor.close();
      await ports.events.close();
      await ports.deadLetters.close();
    };
    const started = { ...processor, ports, stop };
    running.push(started);
    return started;
  };
  const onKafka = async (): Promise<Running> => {
    const connection = { brokers: broker.brokers, replicationFactor: 1, topicPrefix: 'move' };
    return run({
      events: await openKafkaLog({ ...connection, name: 'events', partitions: 4 }),
      deadLetters: await openKafkaLog({ ...connection, name: 'dead-letters', partitions: 1 }),
      store: await openStore({ kind: 'server', url: front.url, now: clock }),
    });
  };
  const alone = async (): Promise<Running> =>
    run({
      events: await openEmbeddedLog({ directory: join(directory, 'log'), name: 'events', partitions: 4 }),
      deadLetters: await openEmbeddedLog({ directory: join(directory, 'log'), name: 'dead-letters', partitions: 1 }),
      store: await openStore({ kind: 'embedded', directory: join(directory, 'store'), now: clock }),
    });

  /** Appends, and waits until each processor has committed what is on its partitions. */
  const feed = async (some: readonly CloudEvent[], ...processors: readonly Running[]): Promise<void> => {
    const positions = await appendEvents(processors[0]!.ports.events, some);
    await Promise.all(
      processors.map(({ processor }) =>
        processor.committedThrough(positions.filter(({ partition }) => processor.owned.includes(partition))),
      ),
    );
  };

  it('goes with it to another processor, as does the scorecard', { timeout: 240_000 }, async () => {
    const first = await onKafka();
    await expect.poll(() => first.processor.owned.length, { timeout: 60_000 }).toBe(4);
    await feed(events.slice(0, half), first);
    const second = await onKafka();
    await expect
      .poll(() => [first.processor.owned.length, second.processor.owned.length], { timeout: 60_000 })
      .toEqual([2, 2]);
    const partitions = await Promise.all(
      SITES.map((site) => first.ports.events.partitionOf(partitionKey({ tenant: TENANT, site }))),
    );
    expect(partitions.filter((each) => second.processor.owned.includes(each)).length).toBeGreaterThan(0);
    await feed(events.slice(half), first, second);
    for (const each of [first, second]) await each.stop();
    const moved = await known(second.ports.store);
    for (const { ports } of [first, second]) await ports.store.close();
    await front.close();

    const unmoved = await alone();
    await expect.poll(() => unmoved.processor.owned.length).toBe(4);
    await feed(events, unmoved);
    await unmoved.stop();
    const stayed = await known(unmoved.ports.store);
    await unmoved.ports.store.close();
    for (const [site, estimates] of stayed.estimates) {
      expect(moved.estimates.get(site)).toEqual(estimates);
    }
    expect(stayed.forecasts.length).toBeGreaterThan(1_000);
    expect(moved.forecasts).toEqual(stayed.forecasts);
  });
});
