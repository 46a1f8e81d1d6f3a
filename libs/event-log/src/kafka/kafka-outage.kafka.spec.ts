import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freshTopic, Recorder, record } from '../contract.testing.js';
import { openKafkaLog, type KafkaLog } from './kafka-log.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

describe.skipIf(withoutKafka)('the broker is killed', () => {
  const broker = new TestBroker();
  const open: KafkaLog[] = [];
  beforeAll(() => broker.start());
  afterAll(() => broker.remove());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((log) => log.close()));
  });

  test('and comes back: nothing acknowledged is lost, nobody waits in vain, everything goes on by itself', async () => {
    const { brokers } = broker;
    const log = await openKafkaLog({ brokers, name: freshTopic(), partitions: 3, appendTimeoutMs: 3_000 });
    open.push(log);
    const seen = new Recorder();
    const reader = await log.read('readers', seen);
    await seen.until(() => seen.owned.size === 3);

    const acknowledged = new Set<string>();
    const failures = new Map<string, number>();
    let sending = true;
    const sendForEver = async (sender: number): Promise<void> => {
      for (let i = 0; sending; i += 1) {
        const batch = Array.from({ length: 1 + (i % 5) }, (_, n) => record(`key-${n}`, `${sender}-${i}-${n}`));
        try {
          await log.append(batch);
          for (const each of batch) acknowledged.add(Buffer.from(each.value).toString());
        } catch (error) {
          const name = error instanceof Error ? error.name : 'not an error';
          failures.set(name, (failures.get(name) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const senders = [0, 1, 2].map((sender) => sendForEver(sender));
    await seen.until(() => acknowledged.size > 500);
    await reader.commit(0, (seen.records.findLast((each) => each.partition === 0)?.offset ?? -1) + 1);

    for (let outage = 1; outage <= 2; outage += 1) {
      await broker.kill();
      while (log.health().state === 'up') await new Promise((resolve) => setTimeout(resolve, 50));
      const health = log.health();
      expect(health.state === 'away' ? health.reason : '').not.toBe('');
      await expect(log.append([record('key', 'while away')])).rejects.toMatchObject({ name: 'LogAwayError' });
      const last = seen.records.findLast((each) => each.partition === 0)?.offset ?? -1;
      await expect(reader.commit(0, last + 1)).rejects.toMatchObject({ name: 'LogAwayError' });
      await broker.start();
      const before = acknowledged.size;
      while (acknowledged.size < before + 500) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(log.health()).toEqual({ state: 'up' });
    }
    sending = false;
    await Promise.all(senders);
    expect([...failures.keys()]).toEqual(['LogAwayError']);

    await seen.until(() => {
      const values = new Set(seen.values());
      return [...acknowledged].every((value) => values.has(value));
    });
    const last = seen.records.findLast((each) => each.partition === 0)?.offset ?? -1;
    while (
      !(await reader.commit(0, last + 1).then(
        () => true,
        () => false,
      ))
    );
    expect(seen.overlaps).toBe(0);
  });

  test('a log is not opened while nobody answers', async () => {
    const { brokers } = broker;
    await broker.kill();
    await expect(openKafkaLog({ brokers, name: freshTopic(), partitions: 1 })).rejects.toMatchObject({
      name: 'LogAwayError',
      message: expect.stringContaining(brokers[0] ?? '') as string,
    });
    await broker.start();
    open.push(await openKafkaLog({ brokers, name: freshTopic(), partitions: 1 }));
  });
});
