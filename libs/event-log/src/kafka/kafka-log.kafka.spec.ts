import { afterAll, beforeAll, describe } from 'vitest';
import { describeLogContract } from '../contract.testing.js';
import { openKafkaLog } from './kafka-log.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

describe.skipIf(withoutKafka)('on a real broker', () => {
  const broker = new TestBroker();
  beforeAll(() => broker.start());
  afterAll(() => broker.remove());

  describeLogContract('Kafka', {
    open: (name, partitions) => openKafkaLog({ brokers: broker.brokers, topicPrefix: 'queuecast', name, partitions }),
  });
});
