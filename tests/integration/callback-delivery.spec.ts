import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancelledMessageSchema, NumberSeal, promiseMessageSchema } from '@queuecast/callbacks';
import { tenantId, type CloudEvent, type EventType } from '@queuecast/events';
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

const NUMBER = '+32470123456';
const seal = new NumberSeal([{ id: 'k1', key: randomBytes(32) }]);
const acd = new Acd({ tenant: 'acme' });
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

const event = (type: string, id: string, data: object): CloudEvent =>
  acd.event(`acd.callback.${type}` as EventType, id, { callback: id, ...data });
const promised = (id: string, more: object = {}): CloudEvent =>
  event('promised', id, {
    queue: 'support',
    dueAt: inHours(24),
    origin: 'web',
    number: seal.seal(NUMBER, { tenant: 'acme', callback: id }, randomBytes(12)),
    ...more,
  });

/** As two gateways tell that know nothing of each other's promises yet. */
const sameNumber = { callerKey: 'one' };

describe('what the dialer is told', () => {
  let directory: string;
  let dialer: Dialer;
  let open: Ports;
  let ports: ProcessorPorts;
  let processor: RunningProcessor;
  let settings: ReturnType<typeof settingsFrom>;

  const start = () => startProcessor(ports, settings, Date.now, seal);
  const of = (id: string) => dialer.messages.filter(({ body }) => body.data['id'] === id);
  const gets = (id: string, kinds: readonly string[]) =>
    dialer.got(() => {
      const got = of(id)
        .filter(({ status }) => status < 300)
        .map(({ body }) => body.type);
      return kinds.every((kind) => got.includes(`callback.${kind}`));
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-delivery-'));
    dialer = await Dialer.start();
    settings = settingsFrom({
      dataDir: directory,
      processor: { flushMs: 20 },
      tenants: [
        {
          id: 'acme',
          queues: [{ id: 'support', callbacks: { offer: 'always' } }],
          callbacks: { webhook: { url: dialer.url, secret: DIALER_SECRET } },
        },
        { id: 'globex', queues: [{ id: 'support' }] },
      ],
    });
    open = new Ports(settings, 'process');
    ports = { events: await open.events(), deadLetters: await open.deadLetters(), store: await open.store() };
    processor = await start();
  });
  afterAll(async () => {
    await processor.close();
    await open.close();
    await dialer.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is the promise with the number, signed, until it confirms, under one id', async () => {
    dialer.answers = [500, 503];
    await appendEvents(ports.events, [promised('cb-1')]);
    await gets('cb-1', ['promised']);
    const messages = of('cb-1');
    expect(messages.map(({ status }) => status)).toEqual([500, 503, 204]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    for (const { id, idempotencyKey, isSigned, body } of messages) {
      expect([isSigned, idempotencyKey]).toEqual([true, id]);
      expect(body).toMatchObject({ type: 'callback.promised', data: { number: NUMBER, queue: 'support', leg: null } });
    }
    expect(await processor.count('queuecast_callback_deliveries_total', { outcome: 'failed' })).toBe(2);
  });

  it('is what has changed: moved, then called off, and not the number any more', async () => {
    await appendEvents(ports.events, [promised('cb-2')]);
    await gets('cb-2', ['promised']);
    const dueAt = inHours(5);
    await appendEvents(ports.events, [event('moved', 'cb-2', { dueAt, window: { from: inHours(4), to: dueAt } })]);
    await gets('cb-2', ['moved']);
    await appendEvents(ports.events, [event('cancelled', 'cb-2', {})]);
    await gets('cb-2', ['cancelled']);
    const [, moved, cancelled] = of('cb-2');
    expect(moved?.body.data).toMatchObject({ dueAt, number: NUMBER });
    expect(promiseMessageSchema.parse(moved?.body)).toEqual(moved?.body);
    expect(cancelledMessageSchema.parse(cancelled?.body)).toEqual(cancelled?.body);
    expect(cancelled?.body.data).not.toHaveProperty('number');
  });

  it('is nothing of a duplicate before its original is called off', async () => {
    await appendEvents(ports.events, [promised('cb-3', sameNumber), promised('cb-4', sameNumber)]);
    await gets('cb-3', ['promised']);
    expect(of('cb-4')).toEqual([]);
    await appendEvents(ports.events, [event('cancelled', 'cb-3', {})]);
    await gets('cb-4', ['promised']);
  });

  it('is not told again by the next life of the processor, and what is not confirmed goes on', async () => {
    await appendEvents(ports.events, [promised('cb-5')]);
    await gets('cb-5', ['promised']);
    // However often it is tried until the processor ends.
    dialer.answers = Array<number>(1_000).fill(500);
    await appendEvents(ports.events, [promised('cb-6')]);
    await dialer.got(() => of('cb-6').length > 0);
    await processor.close();
    dialer.answers = [];
    processor = await start();
    await gets('cb-6', ['promised']);
    await appendEvents(ports.events, [promised('cb-7')]);
    await gets('cb-7', ['promised']);
    expect(of('cb-5')).toHaveLength(1);
    expect(
      of('cb-6')
        .map(({ status }) => status)
        .filter((status) => status !== 500),
    ).toEqual([204]);
  });

  it('is shown in the queue’s frame, each promise once', async () => {
    const frame = await processor.shows('support', ({ callbacks }) => callbacks !== undefined && callbacks.open >= 5);
    // cb-1, cb-4 in place of cb-3, cb-5, cb-6, cb-7.
    expect(frame.callbacks).toMatchObject({ open: 5, dueSoon: 0, overdue: 0 });
    const { rows } = await ports.store.callbacks({ tenant: tenantId('acme'), queues: [], classes: [], limit: 100 });
    expect(rows.find(({ id }) => id === 'cb-2')).toMatchObject({ class: 'cancelled', moves: 1 });
  });

  it('is nothing where nobody is to be told', async () => {
    const before = dialer.messages.length;
    const foreign = { ...promised('cb-8'), tenant: 'globex' };
    await appendEvents(ports.events, [foreign, promised('cb-9')]);
    await gets('cb-9', ['promised']);
    expect(dialer.messages.length).toBe(before + 1);
  });
});
