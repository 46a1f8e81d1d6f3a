import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { QueueFrame } from '@queuecast/live';
import { eventually, freshTopic } from '../contract.testing.js';
import { kafkaClient } from './client.js';
import { openKafkaBus, type KafkaBus } from './kafka-bus.js';
import { TestBroker, withoutKafka } from './kafka.testing.js';

const frame = (queue: string, version: number): QueueFrame => ({
  tenant: 'acme',
  site: 'main',
  queue,
  version,
  at: 1_700_000_000_000 + version,
  offset: version,
  waiting: version,
  oldest: [],
  line: null,
  suspected: 0,
  suspects: [],
  agents: null,
  opening: { state: 'open', until: null, by: 'calendar' },
  afterClosing: 0,
  notices: [],
  surge: null,
  estimate: { kind: 'abstention', reason: 'NO_AGENTS', at: 1_700_000_000_000 },
  estimateRecord: null,
  today: null,
  source: { state: 'live', lastEventAt: null, lastHeardAt: null, lagMs: null },
  storeBehindSince: null,
  history: null,
});

describe.skipIf(withoutKafka)('frames over Kafka', () => {
  const broker = new TestBroker();
  const open: KafkaBus[] = [];
  beforeAll(() => broker.start());
  afterAll(() => broker.remove());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((bus) => bus.close()));
  });
  const openBus = async (name: string, notices: string[] = []): Promise<KafkaBus> => {
    const bus = await openKafkaBus({ brokers: broker.brokers, name, notice: (message) => notices.push(message) });
    open.push(bus);
    return bus;
  };
  const seenBy = async (bus: KafkaBus): Promise<{ readonly frames: QueueFrame[]; stop(): Promise<void> }> => {
    const frames: QueueFrame[] = [];
    const stop = await bus.subscribe((each) => frames.push(each));
    return { frames, stop };
  };
  const short = (frames: readonly QueueFrame[]): string[] => frames.map(({ queue, version }) => `${queue}:${version}`);

  test('a gateway is given the latest frame of every queue, then every frame', async () => {
    const name = freshTopic();
    const processor = await openBus(name);
    const before = await seenBy(await openBus(name));
    for (let version = 1; version <= 5; version += 1) {
      processor.publish([frame('sales', version), frame('support', version)]);
      await eventually(() => before.frames.length === 2 * version);
    }
    const late = await seenBy(await openBus(name));
    expect(short(late.frames).sort()).toEqual(['sales:5', 'support:5']);
    expect(late.frames[0]).toEqual(frame(late.frames[0]?.queue ?? '', 5));

    processor.publish([frame('sales', 6)]);
    await eventually(() => late.frames.length === 3 && before.frames.length === 11);
    expect(short(late.frames).at(-1)).toBe('sales:6');
  });

  test('several listeners of one gateway share one feed; one that stopped is told nothing more', async () => {
    const bus = await openBus(freshTopic());
    const [one, two] = [await seenBy(bus), await seenBy(bus)];
    bus.publish([frame('sales', 1)]);
    await eventually(() => one.frames.length === 1 && two.frames.length === 1);
    await one.stop();
    bus.publish([frame('sales', 2)]);
    await eventually(() => two.frames.length === 2);
    expect(short(one.frames)).toEqual(['sales:1']);
  });

  test('of what is published faster than it is sent, the latest of each queue arrives', async () => {
    const bus = await openBus(freshTopic());
    const seen = await seenBy(bus);
    for (let version = 1; version <= 200; version += 1)
      bus.publish([frame('sales', version), frame('support', version)]);
    await eventually(() => short(seen.frames).includes('sales:200') && short(seen.frames).includes('support:200'));
    const versions = seen.frames.filter(({ queue }) => queue === 'sales').map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  test('what is not a frame is passed over and counted; a tombstone forgets a queue', async () => {
    const name = freshTopic();
    const notices: string[] = [];
    const bus = await openBus(name, notices);
    const seen = await seenBy(bus);
    bus.publish([frame('sales', 1), frame('support', 1)]);
    await eventually(() => seen.frames.length === 2);
    const producer = kafkaClient({ brokers: broker.brokers }).producer();
    await producer.connect();
    await producer.send({
      topic: name,
      messages: [
        { key: 'x', value: 'not JSON' },
        { key: 'y', value: '{"tenant":"acme"}' },
        { key: 'acme/main/sales', value: null },
      ],
    });
    await producer.disconnect();
    bus.publish([frame('support', 2)]);
    await eventually(() => seen.frames.length === 3);
    expect(bus.invalid).toBe(2);
    expect(notices).toHaveLength(1);
    expect(short((await seenBy(bus)).frames)).toEqual(['support:2']);
  });

  test('the broker is killed and comes back: the last frame arrives, nobody has to do anything', async () => {
    const name = freshTopic();
    const bus = await openBus(name);
    const seen = await seenBy(bus);
    bus.publish([frame('sales', 1)]);
    await eventually(() => seen.frames.length === 1);
    await broker.kill();
    bus.publish([frame('sales', 2)]);
    bus.publish([frame('sales', 3), frame('support', 1)]);
    await broker.start();
    await eventually(() => short(seen.frames).includes('sales:3') && short(seen.frames).includes('support:1'));
    bus.publish([frame('sales', 4)]);
    await eventually(() => short(seen.frames).at(-1) === 'sales:4');
    expect(short((await seenBy(await openBus(name))).frames).sort()).toEqual(['sales:4', 'support:1']);
  });
});
