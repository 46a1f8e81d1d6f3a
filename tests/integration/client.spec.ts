import type { Socket } from 'node:net';
import { QueuecastClient, SignedOutError, UnknownQueueError, type ConnectionState } from '@queuecast/client';
import type { PublicQueue, QueueFrame } from '@queuecast/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { band, frame } from '../../apps/gateway/src/frame.testing.js';
import { RunningGateway } from '../../apps/gateway/src/gateway.testing.js';

let gateway: RunningGateway;
const minutesOf = ({ wait }: PublicQueue): string =>
  wait.kind === 'band' ? `${wait.lowMinutes}-${wait.highMinutes}` : wait.reason;
const supportFrame = (version: number, low: number, high: number): QueueFrame => {
  const at = Date.now();
  return frame({ version, at, estimate: band(low, (low + high) / 2, high, at) });
};

describe('a program that follows a queue', () => {
  beforeEach(async () => {
    gateway = await RunningGateway.start({ pace: { pulseMs: 50 } });
    gateway.bus.publish([supportFrame(1, 8, 12)]);
  });
  afterEach(() => gateway.stop());

  it('reads what it is and what it becomes, as an async iterable', async () => {
    const client = new QueuecastClient({ server: gateway.url });
    const seen: string[] = [];
    for await (const queue of client.queue('acme', 'support')) {
      seen.push(minutesOf(queue));
      if (seen.length === 1) gateway.bus.publish([supportFrame(2, 30, 40)]);
      else break;
    }
    expect(seen).toEqual(['8-12', '30-40']);
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="public"}')).toBe(0);
  });

  it('is called back for every public queue of a tenant, and never for a private one', async () => {
    const queues = new Set<string>();
    const following = new QueuecastClient({ server: gateway.url }).queues('acme');
    following.subscribe(({ queue }) => queues.add(queue));
    await expect.poll(() => [...queues].sort()).toEqual(['night', 'support']);
    following.close();
  });

  it('fails for a queue that is private exactly as for one that does not exist', async () => {
    const client = new QueuecastClient({ server: gateway.url });
    for (const queue of ['board', 'nonsense'])
      await expect(client.queue('acme', queue)[Symbol.asyncIterator]().next()).rejects.toThrow(UnknownQueueError);
  });

  it('is told when the wait is under so many minutes, over a connection that breaks', async () => {
    const sockets = new Set<Socket>();
    gateway.app.getHttpServer().on('connection', (socket: Socket) => sockets.add(socket));
    const client = new QueuecastClient({ server: gateway.url });
    const under = client.whenUnder({ tenant: 'acme', queue: 'support', underMinutes: 5 });
    await expect.poll(() => gateway.sample('queuecast_wait_watches')).toBe(1);
    // As a network would: nobody is told.
    const broken = [...sockets];
    for (const socket of broken) socket.destroy();
    // The watch of a broken connection is over before there can be another, if only for a moment.
    await expect.poll(() => sockets.size).toBeGreaterThan(broken.length);
    await expect.poll(() => gateway.sample('queuecast_wait_watches')).toBe(1);
    gateway.bus.publish([supportFrame(2, 1, 4)]);
    expect(minutesOf(await under)).toBe('1-4');
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="public"}')).toBe(0);
  });

  it('gives a watch up when it is told to, and fails for a queue that is private', async () => {
    const client = new QueuecastClient({ server: gateway.url });
    const end = new AbortController();
    const under = client.whenUnder({ tenant: 'acme', queue: 'support', underMinutes: 5, signal: end.signal });
    end.abort(new Error('changed my mind'));
    await expect(under).rejects.toThrow('changed my mind');
    await expect(client.whenUnder({ tenant: 'acme', queue: 'board', underMinutes: 5 })).rejects.toThrow(
      UnknownQueueError,
    );
  });

  it('follows the frames of its token’s tenant, and asks for a snapshot when one is missing', async () => {
    const following = new QueuecastClient({ server: gateway.url }).wallboard(await gateway.token('acme'));
    const versions: number[] = [];
    following.subscribe(({ version }) => versions.push(version));
    await expect.poll(() => versions).toEqual([1]);
    gateway.bus.publish([supportFrame(2, 9, 12), frame({ tenant: 'globex', version: 9 })]);
    await expect.poll(() => versions).toEqual([1, 2]);
    following.close();
  });

  it('fails with a token that is none', async () => {
    const following = new QueuecastClient({ server: gateway.url }).wallboard('nonsense');
    await expect(following[Symbol.asyncIterator]().next()).rejects.toThrow(SignedOutError);
  });
});

it('polls when the gateway has sockets enough', async () => {
  gateway = await RunningGateway.start({ live: { maxPublicSockets: 0 } });
  gateway.bus.publish([supportFrame(1, 8, 12)]);
  const states: ConnectionState[] = [];
  const client = new QueuecastClient({ server: gateway.url, onConnection: (state) => states.push(state) });
  const following = client.queue('acme', 'support');
  const first = await following[Symbol.asyncIterator]().next();
  expect(minutesOf(first.value as PublicQueue)).toBe('8-12');
  expect(states).toEqual(['polling']);
  following.close();
  await gateway.stop();
});

it('is told when the wait is under so many minutes also where the gateway has sockets enough', async () => {
  gateway = await RunningGateway.start({ live: { maxPublicSockets: 0 }, pace: { pulseMs: 50 } });
  gateway.bus.publish([supportFrame(1, 8, 12)]);
  const client = new QueuecastClient({ server: gateway.url });
  const under = client.whenUnder({ tenant: 'acme', queue: 'support', underMinutes: 5 });
  await expect(client.whenUnder({ tenant: 'acme', queue: 'board', underMinutes: 5 })).rejects.toThrow(
    UnknownQueueError,
  );
  gateway.bus.publish([supportFrame(2, 1, 4)]);
  expect(minutesOf(await under)).toBe('1-4');
  await gateway.stop();
}, 30_000);
