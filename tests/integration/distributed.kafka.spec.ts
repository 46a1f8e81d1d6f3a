import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueFrame, WallboardSnapshot } from '@queuecast/live';
import { TestBroker, withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { RoleProcess } from '../support/roles.js';

const KEY = 'a-key-for-the-distributed-test';
const SECRET = 'a-secret-of-more-than-thirty-two-characters';

/** Collector, processor and gateway as three processes that share Kafka and a ClickHouse URL and nothing else. */
describe.skipIf(withoutKafka)('three roles apart', () => {
  const broker = new TestBroker();
  const processes: RoleProcess[] = [];
  let directory: string;
  let socket: Socket | undefined;
  let environment: Record<string, string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-distributed-'));
    await broker.start();
    const front = await start('tests/support/clickhouse-http-front.js', /http:\/\/\S+/, {
      arguments: ['--dir', join(directory, 'front')],
    });
    const settings = join(directory, 'queuecast.yaml');
    const sha256 = createHash('sha256').update(KEY).digest('hex');
    const apiKeys = [{ name: 'all', sha256, scopes: ['ingest', 'reports'] }];
    await writeFile(
      settings,
      JSON.stringify({ tenants: [{ id: 'acme', apiKeys, queues: [{ id: 'sales', public: true }] }] }),
    );
    environment = {
      QUEUECAST_CONFIG: settings,
      QUEUECAST_PORT: '0',
      QUEUECAST_DATA_DIR: join(directory, 'data'),
      QUEUECAST_SECRET: SECRET,
      QUEUECAST_KAFKA_BROKERS: broker.brokers.join(','),
      QUEUECAST_CLICKHOUSE_URL: front.announced,
    };
  });
  afterAll(async () => {
    socket?.close();
    for (const running of processes) await running.kill();
    await broker.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (...options: Parameters<typeof RoleProcess.start>): Promise<RoleProcess> => {
    const running = await RoleProcess.start(...options);
    processes.push(running);
    return running;
  };
  const role = (name: string): Promise<RoleProcess> =>
    start(`apps/${name}/src/main.js`, new RegExp(`${name} up: (http://\\S+?)[\\s/]*\\(`), { environment });

  it('take an event from the collector to a wallboard, the public page and a report', async () => {
    const [collector, processor] = [await role('collector'), await role('processor')];
    const gateway = await role('gateway');
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const send = async (type: string, data: object): Promise<void> => {
      const event = {
        specversion: '1.0',
        id: `${type}-1`,
        source: 'pbx',
        type,
        time: new Date().toISOString(),
        subject: 'c',
        tenant: 'acme',
        site: 'main',
        data,
      };
      const answer = await fetch(`${collector.announced}/v1/events`, {
        method: 'POST',
        headers,
        body: JSON.stringify(event),
      });
      expect(answer.status).toBe(202);
    };

    const minted = await fetch(`${gateway.announced}/v1/tokens`, { method: 'POST', headers, body: '{}' });
    const { token } = (await minted.json()) as { token: string };
    const frames = new Map<string, QueueFrame>();
    socket = io(`${gateway.announced}/wallboard`, { auth: { token }, transports: ['websocket'] });
    socket.on('snapshot', (snapshot: WallboardSnapshot) =>
      snapshot.frames.forEach((frame) => frames.set(frame.queue, frame)),
    );
    socket.on('frame', (frame: QueueFrame) => frames.set(frame.queue, frame));

    await send('acd.contact.started', { channel: 'voice' });
    await send('acd.contact.queued', { queue: 'sales', leg: 'l' });
    await expect.poll(() => frames.get('sales')?.waiting, { timeout: 60_000 }).toBe(1);
    await send('acd.contact.answered', { leg: 'l', agent: 'ann' });
    await expect.poll(() => frames.get('sales')?.today?.answered, { timeout: 60_000 }).toBe(1);

    const page = await fetch(`${gateway.announced}/public/v1/acme/queues/sales.json`);
    expect(await page.json()).toMatchObject({ queue: 'sales', opening: { state: 'open' } });
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const to = new Date(Date.now() + 3_600_000).toISOString();
    const report = await fetch(`${gateway.announced}/v1/reports/intervals?from=${from}&to=${to}&grain=total`, {
      headers,
    });
    expect(await report.json()).toMatchObject({ rows: [{ queue: 'sales', values: { offered: 1, answered: 1 } }] });

    await processor.stop();
    await gateway.stop();
    const another = await role('gateway');
    const again = await fetch(`${another.announced}/public/v1/acme/queues/sales.json`);
    expect(again.status).toBe(200);
  });

  it('say which setting is missing when started without what they share', async () => {
    const { QUEUECAST_KAFKA_BROKERS: _, ...without } = environment;
    await expect(
      start('apps/processor/src/main.js', /never/, { environment: { ...without, QUEUECAST_KAFKA_BROKERS: '' } }),
    ).rejects.toThrow(/kafka\.brokers is not set.*QUEUECAST_KAFKA_BROKERS/s);
  });
});
