import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenantId, type CloudEvent } from '@queuecast/events';
import { waitUnderSchema } from '@queuecast/live';
import { Ports } from '@queuecast/wiring';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { Dialer, DIALER_SECRET } from '../support/dialer.js';
import {
  appendEvents,
  settingsFrom,
  startProcessor,
  type ProcessorPorts,
  type RunningProcessor,
} from '../support/processing.js';

const MINUTE = 60_000;
const acd = new Acd({ tenant: 'acme' });
const own = new Acd({ tenant: 'acme', source: 'queuecast/gateway' });

const set = (watch: string, more: object = {}): CloudEvent => ({
  ...own.event('acd.queue.watch_set', watch, {
    watch,
    queue: 'support',
    underMinutes: 10,
    expiresAt: new Date(Date.now() + 60 * MINUTE).toISOString(),
    ...more,
  }),
  id: `${watch}/watch_set`,
});

describe('who watches a wait by webhook', () => {
  let directory: string;
  let receiver: Dialer;
  let open: Ports;
  let ports: ProcessorPorts;
  let processor: RunningProcessor;
  let settings: ReturnType<typeof settingsFrom>;

  const start = () => startProcessor(ports, settings);
  const of = (id: string) => receiver.messages.filter((message) => message.id === id);
  const confirmed = (id: string) => receiver.got(() => of(id).some(({ status }) => status < 300));
  const noted = async (positions: Awaited<ReturnType<typeof appendEvents>>) =>
    processor.processor.committedThrough(positions);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-watches-'));
    receiver = await Dialer.start();
    settings = settingsFrom({
      dataDir: directory,
      processor: { flushMs: 20 },
      tenants: [
        {
          id: 'acme',
          queues: [{ id: 'support' }, { id: 'sales' }],
          webhooks: { secret: DIALER_SECRET, allowedHosts: ['127.0.0.1'] },
        },
      ],
    });
    open = new Ports(settings, 'process');
    ports = { events: await open.events(), deadLetters: await open.deadLetters(), store: await open.store() };
    processor = await start();
    await appendEvents(ports.events, acd.shortWaits('support'));
    await processor.shows('support', ({ estimate }) => estimate.kind === 'band' && estimate.highMs <= 10 * MINUTE);
  });
  afterAll(async () => {
    await processor.close();
    await open.close();
    await receiver.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is told once, signed, under one id, by a receiver that fails twice first', async () => {
    receiver.answers = [500, 302];
    await appendEvents(ports.events, [set('w1', { url: receiver.url })]);
    await confirmed('w1');
    expect(of('w1').map(({ status }) => status)).toEqual([500, 302, 204]);
    for (const { id, idempotencyKey, isSigned, body } of of('w1')) {
      expect([isSigned, idempotencyKey]).toEqual([true, id]);
      expect(body).toMatchObject({
        type: 'queue.wait_under',
        data: { watch: 'w1', queue: 'support', underMinutes: 10 },
      });
      expect(waitUnderSchema.parse(body)).toEqual(body);
      const { highMs } = body.data['wait'] as { highMs: number };
      expect(highMs).toBeLessThanOrEqual(10 * MINUTE);
    }
    expect(await processor.count('queuecast_watch_deliveries_total', { outcome: 'failed' })).toBe(2);
    expect(await processor.count('queuecast_watches_total', { outcome: 'fired' })).toBe(1);
  });

  it('is not told while no band is published, once it is cleared, or at an address that is not allowed', async () => {
    const before = receiver.messages.length;
    const { port } = new URL(receiver.url);
    const cleared = own.event('acd.queue.watch_cleared', 'w4', { watch: 'w4' });
    await appendEvents(ports.events, [
      set('w3', { url: receiver.url, queue: 'sales' }),
      cleared,
      set('w4', { url: receiver.url }),
      set('w5', { url: `https://localhost:${port}/` }),
      set('w6', { url: `http://localhost:${port}/` }),
      set('w7', { url: receiver.url }),
    ]);
    await confirmed('w7');
    while ((await processor.count('queuecast_watch_deliveries_total', { outcome: 'failed' })) < 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(receiver.messages.slice(before).map(({ id }) => id)).toEqual(['w7']);
  });

  it('is told by the next life of the processor, and not again of what was confirmed', async () => {
    // However often it is tried until the processor ends.
    receiver.answers = Array<number>(1_000).fill(503);
    await noted(await appendEvents(ports.events, [set('w2', { url: receiver.url })]));
    await receiver.got(() => of('w2').length > 0);
    await processor.close();
    receiver.answers = [];
    const told = (await ports.store.watches(tenantId('acme'))).map(({ subject }) => subject);
    expect(told).toContain('w2');
    expect(told).not.toContain('w1');
    processor = await start();
    await confirmed('w2');
    expect(
      of('w2')
        .map(({ status }) => status)
        .filter((status) => status !== 503),
    ).toEqual([204]);
    expect(of('w1')).toHaveLength(3);
  });
});
