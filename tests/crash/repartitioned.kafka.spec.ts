import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '@queuecast/events';
import { openKafkaLog } from '@queuecast/event-log';
import { topicOf } from '../../libs/event-log/src/kafka/kafka-log.js';
import { openStore, type Store } from '@queuecast/store';
import { TestBroker, withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { appendEvents, settingsFrom, startProcessor, type ProcessorPorts } from '../support/processing.js';
import { compareFacts, type Facts } from './comparison.js';
import { deliverDay, lastWorkingDay, TENANT, type DeliveredDay } from './day.js';

const settings = settingsFrom({ tenants: [{ id: TENANT }], processor: { flushMs: 20, flushRows: 500 } });
const [FEW, MORE] = [2, 5];

describe.skipIf(withoutKafka)('a topic that gets more partitions', () => {
  const broker = new TestBroker();
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-repartitioned-'));
    await broker.start();
  });
  afterAll(async () => {
    await broker.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const log = (topicPrefix: string, name: string) =>
    openKafkaLog({ brokers: broker.brokers, topicPrefix, name, partitions: name === 'events' ? FEW : 1 });
  const factsOf =
    (world: string): Facts =>
    async (work) => {
      const store = await openStore({ kind: 'embedded', directory: join(directory, world) });
      try {
        await store.migrate();
        return await work(store);
      } finally {
        await store.close();
      }
    };
  const within = (world: string, work: (ports: ProcessorPorts) => Promise<void>): Promise<void> =>
    factsOf(world)(async (store) => {
      const [events, deadLetters] = [await log(world, 'events'), await log(world, 'dead-letters')];
      await work({ events, deadLetters, store });
      await deadLetters.close();
      await events.close();
    });
  const archived = async (store: Store): Promise<number> => {
    const [row] = await store.report(
      `SELECT uniqExact(tenant, site, source, id) AS events FROM events WHERE source NOT LIKE 'queuecast/%'`,
      {},
    );
    return Number(row?.['events']);
  };
  const fold = (world: string, events: readonly CloudEvent[], distinct: number): Promise<void> =>
    within(world, async (ports) => {
      const running = await startProcessor(ports, settings);
      await running.processor.committedThrough(await appendEvents(ports.events, events));
      // What lies on partitions that are no longer its site's is appended again where it belongs.
      await expect.poll(() => archived(ports.store), { timeout: 60_000, interval: 200 }).toBe(distinct);
      await running.close();
    });
  const distinct = (events: readonly CloudEvent[]): number =>
    new Set(events.map(({ source, id }) => `${source} ${id}`)).size;

  /** Folds a part, leaves a part unread on the few partitions, and folds the rest once there are more. */
  const grow = async (world: string, day: DeliveredDay, readsFirst: boolean): Promise<void> => {
    const events = day.batches.flat();
    const [folded, waiting] = [Math.floor(events.length * 0.4), Math.floor(events.length * 0.7)];
    await fold(world, events.slice(0, folded), distinct(events.slice(0, folded)));
    await within(world, async (ports) => {
      await appendEvents(ports.events, events.slice(folded, waiting));
    });
    const admin = new kafkajs.Kafka({ brokers: [...broker.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const topic = topicOf({ topicPrefix: world, name: 'events' });
    await admin.createPartitions({ topicPartitions: [{ topic, count: MORE }] });
    await admin.disconnect();
    await within(world, async (ports) => {
      expect(await ports.events.identity()).toMatchObject({ partitions: MORE });
    });
    if (readsFirst) await fold(world, [], distinct(events.slice(0, waiting)));
    await fold(world, events.slice(waiting), day.distinct);
  };

  it('changes no fact: what waited on the old partitions is folded with the rest of its site', async () => {
    const day = deliverDay({ seed: 'repartitioned', from: lastWorkingDay(Date.now()) + 9 * 3_600_000, hours: 0.1 });
    await fold('whole', day.batches.flat(), day.distinct);

    await grow('orderly', day, true);
    const orderly = await compareFacts(factsOf('whole'), factsOf('orderly'), day);
    expect(orderly.differences).toEqual([]);
    expect(orderly.rows).toBeGreaterThan(day.distinct);

    // What new events overtake comes late, is told as a correction, and the figures are the same.
    await grow('hasty', day, false);
    const hasty = await compareFacts(factsOf('whole'), factsOf('hasty'), day);
    const ledger = hasty.differences.filter((line) => /^(ledger|events|uninterrupted)/.test(line));
    expect(ledger.filter((line) => !/: corrections \d+ instead of \d+$/.test(line))).toEqual([]);
    expect(ledger.length).toBeGreaterThan(0);
  }, 240_000);
});
