import type { Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freshTopic, record } from '../contract.testing.js';
import { kafkaClient } from './client.js';
import { openKafkaBus } from './kafka-bus.js';
import { openKafkaLog, type KafkaLog, type KafkaLogOptions } from './kafka-log.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

describe.skipIf(withoutKafka)('the topic of a log', () => {
  const broker = new TestBroker();
  const open: { close(): Promise<void> }[] = [];
  let admin: Admin;
  beforeAll(async () => {
    await broker.start();
    admin = kafkaClient({ brokers: broker.brokers }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await broker.remove();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((log) => log.close()));
  });

  const openLog = async (name: string, options: Partial<KafkaLogOptions> = {}): Promise<KafkaLog> => {
    const log = await openKafkaLog({ brokers: broker.brokers, name, partitions: 2, ...options });
    open.push(log);
    return log;
  };
  const create = async (topic: string, settings: Record<string, string>, partitions = 2): Promise<void> => {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
  };

  test('is made with the settings that keep events', async () => {
    const name = freshTopic();
    await openLog(name, { topicPrefix: 'prefix', retentionHours: 5 });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: `prefix.${name}` }],
    });
    const found = Object.fromEntries(
      resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]) ?? [],
    );
    expect(found).toMatchObject({
      'cleanup.policy': 'delete',
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': String(5 * 3_600_000),
      'max.message.bytes': '4194304',
    });
  });

  test('two processes that make it at the same moment open the same log', async () => {
    const name = freshTopic();
    const logs = await Promise.all([openLog(name), openLog(name), openLog(name)]);
    const ids = await Promise.all(logs.map((log) => log.identity()));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
  });

  test.each([
    ['cleanup.policy', 'compact', 'cleanup.policy=delete'],
    ['cleanup.policy', 'compact,delete', 'cleanup.policy=delete'],
    ['message.timestamp.type', 'CreateTime', 'message.timestamp.type=LogAppendTime'],
    ['retention.ms', '60000', 'retention.ms=604800000'],
  ])('is refused when it exists with %s=%s, with the remedy', async (setting, value, remedy) => {
    const name = freshTopic();
    await create(name, { 'message.timestamp.type': 'LogAppendTime', [setting]: value });
    const refused = openLog(name);
    await expect(refused).rejects.toMatchObject({ name: 'LogMisconfiguredError' });
    await expect(refused).rejects.toThrow(`${setting} is ${value} and must be `);
    await expect(refused).rejects.toThrow(`--entity-name ${name} --add-config ${remedy}`);
  });

  test('is refused when it has fewer replicas than wanted', async () => {
    const name = freshTopic();
    await create(name, { 'message.timestamp.type': 'LogAppendTime', 'min.insync.replicas': '2' });
    await expect(openLog(name, { replicationFactor: 3 })).rejects.toThrow(
      /has 1 replica and the setting kafka.replicationFactor wants 3/,
    );
  });

  test('keeps the number of partitions it has; a larger number is another identity', async () => {
    const name = freshTopic();
    await create(name, { 'message.timestamp.type': 'LogAppendTime' }, 5);
    const before = await (await openLog(name)).identity();
    expect(before.partitions).toBe(5);
    await admin.createPartitions({ topicPartitions: [{ topic: name, count: 7 }] });
    let after = await (await openLog(name)).identity();
    // The broker answers before its own metadata has the new partitions.
    while (after.partitions === before.partitions) after = await (await openLog(name)).identity();
    expect(after.partitions).toBe(7);
    expect(after.id).not.toBe(before.id);
  });

  test('made again is another log, and a process that had it open stops appending', async () => {
    const name = freshTopic();
    const stale = await openLog(name);
    await stale.append([record('key', 'before')]);
    const before = await stale.identity();
    await admin.deleteTopics({ topics: [name] });
    let again: KafkaLog | null = null;
    while (again === null) again = await openLog(name).catch(() => null);
    expect((await again.identity()).id).not.toBe(before.id);
    while (stale.health().state === 'up') await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stale.health()).toMatchObject({ reason: expect.stringContaining('restart this process') as string });
    await expect(stale.append([record('key', 'after')])).rejects.toMatchObject({ name: 'LogAwayError' });
    expect(await again.append([record('key', 'again')])).toMatchObject([{ offset: 0 }]);
  });

  test('a record that does not fit is refused with the setting to raise, and harms nobody', async () => {
    const name = freshTopic();
    await create(name, { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '20000' });
    const log = await openLog(name);
    await expect(log.append([record('key', 'x'.repeat(30_000))])).rejects.toThrow(
      /max\.message\.bytes is 20000: raise that/,
    );
    const positions = await log.append(
      Array.from({ length: 100 }, (_, i) => record('key', `${i}-${'x'.repeat(1_000)}`)),
    );
    expect(positions.map((position) => position.offset)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('gzip on the way in', async () => {
    const log = await openLog(freshTopic(), { compression: 'gzip' });
    expect(await log.append([record('key', 'x'.repeat(10_000))])).toHaveLength(1);
  });

  test('frames are refused a topic that is not compacted', async () => {
    const name = freshTopic();
    await create(name, { 'message.timestamp.type': 'LogAppendTime' });
    await expect(openKafkaBus({ brokers: broker.brokers, name })).rejects.toThrow(
      /cleanup\.policy is delete and must be compact/,
    );
  });
});
