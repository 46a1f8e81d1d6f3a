import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openKafkaLog } from '@queuecast/event-log';
import { openStore } from '@queuecast/store';
import { TestBroker, withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { ClickHouseHttpFront } from '../support/clickhouse-http-front.js';
import { describeProcessing } from './processing.testing.js';

describe.skipIf(withoutKafka)('distributed', () => {
  const broker = new TestBroker();
  beforeAll(async () => {
    await broker.start();
  });
  afterAll(() => broker.remove());

  let worlds = 0;
  describeProcessing('Kafka and a ClickHouse URL', async () => {
    worlds += 1;
    const directory = await mkdtemp(join(tmpdir(), 'queuecast-processing-'));
    const front = await ClickHouseHttpFront.start({ directory });
    const world = `w${worlds}`;
    return {
      open: async () => {
        const connection = { brokers: broker.brokers, replicationFactor: 1 };
        const events = await openKafkaLog({ ...connection, topicPrefix: world, name: 'events', partitions: 4 });
        const deadLetters = await openKafkaLog({
          ...connection,
          topicPrefix: world,
          name: 'dead-letters',
          partitions: 1,
        });
        const store = await openStore({ kind: 'server', url: front.url });
        await store.migrate();
        return {
          events,
          deadLetters,
          store,
          close: async () => {
            await store.close();
            await deadLetters.close();
            await events.close();
          },
        };
      },
      dispose: async () => {
        await front.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
});
