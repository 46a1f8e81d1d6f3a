import type { PublicQueue, Pulse, QueueFrame, WallboardSnapshot } from '@queuecast/live';
import { publicQueueSchema, pulseSchema, wallboardSnapshotSchema } from '@queuecast/live';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { band, frame } from './frame.testing.js';
import { next, refusal, RunningGateway, type GatewayTestOptions } from './gateway.testing.js';
import { RawClient } from './raw-client.testing.js';

let gateway: RunningGateway;
const start = async (options: GatewayTestOptions = {}): Promise<RunningGateway> => {
  gateway = await RunningGateway.start(options);
  return gateway;
};
afterEach(() => gateway.stop());

const frameOf = (version: number, overrides: Partial<QueueFrame> = {}): QueueFrame =>
  frame({ version, at: Date.now(), ...overrides });

describe('/wallboard', () => {
  it('shows a snapshot first, then every newer frame of its tenant, and no other', async () => {
    await start();
    gateway.bus.publish([frameOf(5), frameOf(1, { tenant: 'globex' })]);
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    const frames: QueueFrame[] = [];
    socket.on('frame', (each) => frames.push(each));
    const snapshot = await next<WallboardSnapshot>(socket, 'snapshot');
    expect(wallboardSnapshotSchema.parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      tenant: 'acme',
      tenantName: 'Acme Telecom',
      queues: [
        { queue: 'support', name: { en: 'Support', fr: 'Assistance' }, thresholdMs: 20_000, public: true },
        { queue: 'night' },
        { queue: 'board' },
        { queue: 'pune' },
      ],
      frames: [{ tenant: 'acme', queue: 'support', version: 5 }],
    });
    gateway.bus.publish([
      frameOf(2, { tenant: 'globex' }),
      frameOf(4),
      frameOf(6),
      frameOf(1, { queue: 'board' }),
      frameOf(1, { queue: 'unlisted' }),
    ]);
    await expect.poll(() => frames).toHaveLength(3);
    gateway.bus.publish([frameOf(7)]);
    await expect.poll(() => frames).toHaveLength(4);
    expect(frames.map(({ queue, version }) => `${queue}@${version}`)).toEqual([
      'support@6',
      'board@1',
      'unlisted@1',
      'support@7',
    ]);
    expect(new Set(frames.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
    expect(await gateway.sample('queuecast_frames_ignored_total{reason="not_newer"}')).toBe(1);
    expect(await gateway.sample('queuecast_sockets{namespace="wallboard"}')).toBe(1);
  });

  it('gives the latest of a queue when several frames come at once', async () => {
    await start();
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    await next(socket, 'snapshot');
    const first = next<QueueFrame>(socket, 'frame');
    gateway.bus.publish([frameOf(1, { waiting: 1 }), frameOf(2, { waiting: 2 }), frameOf(3, { waiting: 3 })]);
    expect(await first).toMatchObject({ version: 3, waiting: 3 });
  });

  it('works over HTTP polling where WebSocket is blocked', async () => {
    await start();
    const socket = gateway.wallboard({ token: await gateway.token('acme') }, {}, ['polling']);
    const versions: number[] = [];
    socket.on('frame', ({ version }) => versions.push(version));
    await next(socket, 'snapshot');
    for (let version = 1; version <= 5; version++) {
      gateway.bus.publish([frameOf(version)]);
      await expect.poll(() => versions.at(-1)).toBe(version);
    }
  });

  it('pulses the versions, so that a gap is noticed', async () => {
    await start({ pace: { pulseMs: 20 } });
    gateway.bus.publish([frameOf(7)]);
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    const pulse = await next<Pulse>(socket, 'pulse');
    expect(pulseSchema.parse(pulse)).toMatchObject({ versions: { support: 7 }, processorSilentSince: null });
  });

  it('says since when the processor is silent', async () => {
    let now = 1_000_000;
    await start({ clock: () => now, pace: { pulseMs: 20 } });
    gateway.bus.publish([frame({ at: now, version: 1 })]);
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    expect(await next<Pulse>(socket, 'pulse')).toMatchObject({ processorSilentSince: null });
    now += 60_000;
    await expect.poll(() => next<Pulse>(socket, 'pulse')).toMatchObject({ processorSilentSince: 1_000_000 });
  });

  it('answers a request for a snapshot, a few times at once and no more', async () => {
    let now = 1_000_000;
    await start({ clock: () => now });
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    let snapshots = 0;
    socket.on('snapshot', () => snapshots++);
    await expect.poll(() => snapshots).toBe(1);
    for (let n = 2; n <= 6; n++) {
      socket.emit('snapshot');
      await expect.poll(() => snapshots).toBe(n);
    }
    socket.emit('snapshot');
    gateway.bus.publish([frame({ at: now, version: 1 })]);
    await next(socket, 'frame');
    expect(snapshots).toBe(6);
    now += 2_000;
    socket.emit('snapshot');
    await expect.poll(() => snapshots).toBe(7);
  });

  describe('is refused', () => {
    it('without a session, and with one that is not valid', async () => {
      await start();
      expect(await refusal(gateway.wallboard({}))).toBe('sign in');
      expect(await refusal(gateway.wallboard({ token: 'x' }))).toBe('sign in');
      expect(await refusal(gateway.wallboard({ token: { $ne: '' } }))).toBe('sign in');
      expect(await refusal(gateway.wallboard({}, { Cookie: 'queuecast_session=x.y.z' }))).toBe('sign in');
      expect(await gateway.sample('queuecast_refusals_total{where="wallboard",reason="no_session"}')).toBe(2);
      expect(await gateway.sample('queuecast_refusals_total{where="wallboard",reason="invalid_session"}')).toBe(2);
    });

    it('when it names another tenant than its token', async () => {
      await start();
      const token = await gateway.token('acme');
      expect(await refusal(gateway.wallboard({ token, tenant: 'globex' }))).toBe('another tenant');
      expect(await gateway.sample('queuecast_refusals_total{where="wallboard",reason="other_tenant"}')).toBe(1);
      await next(gateway.wallboard({ token, tenant: 'acme' }), 'snapshot');
    });

    it("with a cookie from another site's page", async () => {
      await start({ publicUrl: 'https://board.example' });
      const Cookie = `queuecast_session=${await gateway.token('acme')}`;
      expect(await refusal(gateway.wallboard({}, { Cookie, Origin: 'https://evil.example' }))).toBe('sign in');
      expect(await refusal(gateway.wallboard({}, { Cookie, Origin: 'null' }))).toBe('sign in');
      await next(gateway.wallboard({}, { Cookie, Origin: gateway.url }), 'snapshot');
      await next(gateway.wallboard({}, { Cookie, Origin: 'https://board.example' }), 'snapshot');
      await next(gateway.wallboard({}, { Cookie }), 'snapshot');
    });
  });

  it('ends when its session does', async () => {
    let now = Date.now();
    await start({ clock: () => now, pace: { pulseMs: 20 } });
    const socket = gateway.wallboard({ token: await gateway.token('acme', 60) });
    await next(socket, 'snapshot');
    const ended = next<string>(socket, 'disconnect');
    now += 61_000;
    expect(await ended).toBe('io server disconnect');
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="wallboard"}')).toBe(0);
  });

  it('has nothing of the other tenant, whatever a client sends', async () => {
    await start();
    gateway.bus.publish([frameOf(1, { tenant: 'globex', queue: 'secret-queue' })]);
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    const received: unknown[] = [];
    socket.onAny((...message: unknown[]) => received.push(message));
    await next(socket, 'snapshot');
    const emit = (name: string, ...payload: unknown[]) =>
      (socket as unknown as { emit: (name: string, ...payload: unknown[]) => void }).emit(name, ...payload);
    fc.assert(
      fc.property(
        fc.constantFrom('snapshot', 'subscribe', 'join', 'frame'),
        fc.oneof(fc.jsonValue(), fc.constant({ tenant: 'globex', room: 'wallboard:globex' })),
        (name, payload) => {
          emit(name, payload);
        },
      ),
      { numRuns: 100 },
    );
    gateway.bus.publish([frameOf(2, { tenant: 'globex', queue: 'secret-queue' }), frameOf(1)]);
    await next(socket, 'frame');
    expect(JSON.stringify(received)).not.toContain('globex');
    expect(JSON.stringify(received)).not.toContain('secret-queue');
  });

  it('tells its clients to connect again when the server shuts down', async () => {
    await start();
    const socket = gateway.wallboard({ token: await gateway.token('acme') });
    await next(socket, 'snapshot');
    const reason = next<string>(socket, 'disconnect');
    await gateway.app.close();
    // With any other reason than this one socket.io clients stay away.
    expect(await reason).toBe('transport close');
  });
});

describe('a client that stops reading', () => {
  const heavy = (version: number): QueueFrame =>
    frameOf(version, {
      notices: [
        {
          id: 'n',
          severity: 'info',
          text: { en: `${version} ${'x'.repeat(200_000)}` },
          until: null,
          postedAt: version,
          by: 'acd',
        },
      ],
    });

  it('costs bounded memory, others get every frame, and it catches up with the latest', async () => {
    await start();
    const slow = await RawClient.connect(gateway.port, '/wallboard', { token: await gateway.token('acme') });
    slow.pause();
    const healthy = gateway.wallboard({ token: await gateway.token('acme') });
    let latest = 0;
    let frames = 0;
    healthy.on('frame', ({ version }) => {
      latest = version;
      frames++;
    });
    await next(healthy, 'snapshot');
    for (let version = 1; version <= 200; version++) {
      gateway.bus.publish([heavy(version)]);
      await expect.poll(() => latest, { interval: 1 }).toBe(version);
    }
    expect(frames).toBe(200);
    // 40 MB were sent to the healthy one. What the kernel did not take of the other's was never even queued.
    const superseded = await gateway.sample('queuecast_messages_superseded_total{namespace="wallboard"}');
    expect(superseded).toBeGreaterThan(100);
    slow.resume();
    gateway.bus.publish([heavy(201)]);
    await expect.poll(() => slow.received).toBeGreaterThan((200 - superseded) * 200_000);
    expect(slow.received).toBeLessThan((200 - superseded + 5) * 200_100);
    slow.destroy();
  });

  it('is disconnected when it stays away, and it is counted', async () => {
    await start({ pace: { pulseMs: 10, patience: 20 } });
    const slow = await RawClient.connect(gateway.port, '/wallboard', { token: await gateway.token('acme') });
    slow.pause();
    const healthy = gateway.wallboard({ token: await gateway.token('acme') });
    await next(healthy, 'snapshot');
    let version = 0;
    const disconnected = (): Promise<number> => {
      gateway.bus.publish([heavy(++version)]);
      return gateway.sample('queuecast_slow_disconnects_total{namespace="wallboard"}');
    };
    await expect.poll(disconnected, { interval: 5 }).toBe(1);
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="wallboard"}')).toBe(1);
    const still = next<QueueFrame>(healthy, 'frame');
    gateway.bus.publish([heavy(++version)]);
    await still;
    slow.destroy();
  });

  it('cannot pile up snapshots by asking for them', async () => {
    let now = Date.now();
    await start({ clock: () => now });
    gateway.bus.publish([heavy(1)]);
    const slow = await RawClient.connect(gateway.port, '/wallboard', { token: await gateway.token('acme') });
    slow.pause();
    const healthy = gateway.wallboard({ token: await gateway.token('acme') });
    for (let n = 0; n < 300; n++) {
      now += 2_000;
      slow.send('42/wallboard,["snapshot"]');
      const answered = next(healthy, 'snapshot');
      healthy.emit('snapshot');
      await answered;
    }
    slow.resume();
    await expect.poll(() => slow.receivedWithin(100)).toBe(0);
    // 300 snapshots would be 60 MB; the kernel's buffers took what came before it was found busy, and one is owed.
    expect(slow.received).toBeLessThan(30_000_000);
    slow.destroy();
  });
});

describe('a visitor that stops reading', () => {
  const QUEUES = Array.from({ length: 40 }, (_, n) => `queue-${n}`);
  const TEXT_LENGTH = 280;
  const start40 = (pace = {}) =>
    start({
      pace,
      tenants: [{ id: 'acme', queues: QUEUES.map((id) => ({ id, public: true })) }],
    });
  /** A change of every document, in four languages as long as they may be. */
  const change = (version: number): void => {
    const words = `${version} ${'x'.repeat(TEXT_LENGTH - 10)}`;
    const text = { en: words, fr: words, nl: words, de: words };
    const notice = { id: 'n', severity: 'info', text, until: null, postedAt: version, by: 'acd' } as const;
    gateway.bus.publish(QUEUES.map((queue) => frameOf(version, { queue, notices: [notice] })));
  };
  const slowVisitor = async (): Promise<RawClient> => {
    const slow = await RawClient.connect(gateway.port, '/public', {});
    slow.send(`42/public,${JSON.stringify(['subscribe', { tenant: 'acme' }])}`);
    await expect.poll(() => slow.received).toBeGreaterThan(0);
    slow.pause();
    return slow;
  };
  const healthyVisitor = () => {
    const socket = gateway.public();
    const seen = { documents: 0, latest: new Map<string, number>() };
    socket.on('queue', ({ queue, notices }) => {
      seen.documents += 1;
      seen.latest.set(queue, Number(notices[0]?.text['en']?.split(' ')[0] ?? 0));
    });
    socket.emit('subscribe', { tenant: 'acme' });
    return seen;
  };

  it('costs bounded memory, others get every document, and it catches up with the latest', async () => {
    await start40();
    const slow = await slowVisitor();
    const healthy = healthyVisitor();
    await expect.poll(() => healthy.documents).toBe(QUEUES.length);
    const superseded = () => gateway.sample('queuecast_messages_superseded_total{namespace="public"}');
    const rounds = 200;
    for (let version = 1; version <= rounds; version += 1) {
      change(version);
      await expect
        .poll(() => QUEUES.every((queue) => healthy.latest.get(queue) === version), { interval: 1 })
        .toBe(true);
    }
    expect(healthy.documents).toBeGreaterThanOrEqual(QUEUES.length * (rounds + 1));
    // Near 20 MB were sent to the healthy one. What the kernel did not take of the other's was never even queued.
    const never = await superseded();
    expect(never).toBeGreaterThan(QUEUES.length * 10);
    slow.resume();
    change(rounds + 1);
    await expect.poll(() => slow.receivedWithin(100)).toBe(0);
    const sent = QUEUES.length * (rounds + 2) - never;
    const documentBytes = 4 * TEXT_LENGTH + 1_200;
    expect(slow.received).toBeLessThan((sent + QUEUES.length) * documentBytes);
    slow.destroy();
  });

  it('is disconnected when it stays away, and it is counted', async () => {
    await start40({ pulseMs: 10, patience: 20 });
    const slow = await slowVisitor();
    const healthy = healthyVisitor();
    await expect.poll(() => healthy.documents).toBe(QUEUES.length);
    let version = 0;
    const disconnected = (): Promise<number> => {
      change((version += 1));
      return gateway.sample('queuecast_slow_disconnects_total{namespace="public"}');
    };
    await expect.poll(disconnected, { interval: 5 }).toBe(1);
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="public"}')).toBe(1);
    change((version += 1));
    await expect.poll(() => QUEUES.every((queue) => healthy.latest.get(queue) === version)).toBe(true);
    slow.destroy();
  });
});

describe('/public', () => {
  const subscribed = async (to: { tenant: string; queue?: string }) => {
    const socket = gateway.public();
    socket.emit('subscribe', to);
    return { socket, first: await next<PublicQueue>(socket, 'queue') };
  };

  it('gives the document at once, and again when it changes, and not with every frame', async () => {
    await start();
    gateway.bus.publish([frameOf(1, { estimate: band(8, 10, 12, Date.now()) })]);
    const { socket, first } = await subscribed({ tenant: 'acme', queue: 'support' });
    expect(publicQueueSchema.parse(first)).toEqual(first);
    const over = await (await gateway.get('/public/v1/acme/queues/support.json')).json();
    expect(first).toEqual(over);
    const received: PublicQueue[] = [];
    socket.on('queue', (document) => received.push(document));
    gateway.bus.publish([frameOf(2, { waiting: 7, estimate: band(8, 10, 12, Date.now()) })]);
    gateway.bus.publish([frameOf(3, { waiting: 9, estimate: band(30, 40, 52, Date.now()) })]);
    await expect.poll(() => received).toHaveLength(1);
    expect(received[0]?.wait).toEqual({ kind: 'band', lowMinutes: 30, highMinutes: 55 });
  });

  it('gives all public queues of a tenant, and none that is private', async () => {
    await start();
    const socket = gateway.public();
    const received: string[] = [];
    socket.on('queue', ({ queue }) => received.push(queue));
    socket.emit('subscribe', { tenant: 'acme' });
    await expect.poll(() => received).toEqual(['support', 'night']);
    gateway.bus.publish([
      frameOf(1, { queue: 'board' }),
      frameOf(1, { tenant: 'globex' }),
      frameOf(1, { estimate: band(1, 2, 3, Date.now()) }),
    ]);
    await expect.poll(() => received).toEqual(['support', 'night', 'support']);
  });

  it('answers unknown and private alike', async () => {
    await start();
    const socket = gateway.public();
    const answers: string[] = [];
    for (const to of [
      { tenant: 'acme', queue: 'board' },
      { tenant: 'acme', queue: 'nope' },
      { tenant: 'globex' },
      { tenant: 'nobody', queue: 'x' },
      { tenant: '__proto__' },
    ]) {
      socket.emit('subscribe', to);
      answers.push(JSON.stringify(await next(socket, 'problem')));
    }
    expect(new Set(answers)).toEqual(new Set(['{"status":404,"title":"No such public queue"}']));
  });

  it('survives whatever is sent, and answers each', async () => {
    await start();
    const socket = gateway.public();
    const emit = (payload: unknown) =>
      (socket as unknown as { emit: (name: string, payload: unknown) => void }).emit('subscribe', payload);
    emit({ tenant: 7 });
    expect(await next(socket, 'problem')).toMatchObject({
      status: 400,
      title: expect.stringContaining('tenant') as string,
    });
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        emit(payload);
      }),
      { numRuns: 60 },
    );
    const refused = (reason: string) => gateway.sample(`queuecast_refusals_total{where="public",reason="${reason}"}`);
    await expect.poll(async () => (await refused('malformed')) + (await refused('unknown_queue'))).toBe(61);
    socket.emit('subscribe', { tenant: 'acme', queue: 'night' });
    expect(await next<PublicQueue>(socket, 'queue')).toMatchObject({ queue: 'night' });
  });

  it('does not answer without end: subscriptions are limited', async () => {
    await start({ clock: () => 1_000_000 });
    const socket = gateway.public();
    const documents: unknown[] = [];
    socket.on('queue', (document) => documents.push(document));
    for (let n = 0; n < 101; n++) socket.emit('subscribe', { tenant: 'acme', queue: 'night' });
    expect(await next(socket, 'problem')).toMatchObject({ status: 429 });
    expect(documents.length).toBeLessThanOrEqual(100);
  });

  it('tells once when the wait is under what was asked for, and not before', async () => {
    await start();
    const wait = (version: number, high: number) =>
      gateway.bus.publish([frameOf(version, { estimate: band(high - 1, high - 0.5, high, Date.now()) })]);
    wait(1, 12);
    const socket = gateway.public();
    const told: unknown[] = [];
    socket.on('under', ({ underMinutes, document }) => told.push([underMinutes, document.wait]));
    socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 5 });
    expect(await next(socket, 'watching')).toEqual({ tenant: 'acme', queue: 'support', underMinutes: 5 });
    expect(await gateway.sample('queuecast_wait_watches')).toBe(1);
    wait(2, 25);
    wait(3, 5);
    wait(4, 40);
    wait(5, 3);
    await expect.poll(() => gateway.sample('queuecast_wait_watches')).toBe(0);
    // Whatever else was on its way has come before the answer to this.
    socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 1 });
    await next(socket, 'watching');
    expect(told).toEqual([[5, { kind: 'band', lowMinutes: 4, highMinutes: 5 }]]);
    expect(await gateway.sample('queuecast_wait_watches_fulfilled_total')).toBe(1);
    socket.disconnect();
    await expect.poll(() => gateway.sample('queuecast_wait_watches')).toBe(0);
  });

  it('tells at once when the wait is under it already, and nothing after unwatch', async () => {
    await start();
    gateway.bus.publish([frameOf(1, { estimate: band(0, 1, 2, Date.now()) })]);
    const socket = gateway.public();
    socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 5 });
    expect(await next(socket, 'under')).toMatchObject({ underMinutes: 5, document: { queue: 'support' } });
    socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 1 });
    await next(socket, 'watching');
    socket.emit('unwatch', { tenant: 'acme', queue: 'support' });
    await expect.poll(() => gateway.sample('queuecast_wait_watches')).toBe(0);
  });

  it('refuses a watch of a private queue, of no sensible wait, and too many', async () => {
    await start();
    const socket = gateway.public();
    const refusalOf = async (payload: object): Promise<unknown> => {
      (socket as unknown as { emit: (name: string, payload: unknown) => void }).emit('watch', payload);
      return next(socket, 'problem');
    };
    expect(await refusalOf({ tenant: 'acme', queue: 'board', underMinutes: 5 })).toMatchObject({ status: 404 });
    for (const underMinutes of [0, 241, 1.5, '5'])
      expect(await refusalOf({ tenant: 'acme', queue: 'support', underMinutes })).toMatchObject({
        status: 400,
        title: expect.stringContaining('underMinutes') as string,
      });
    for (let n = 0; n < 100; n += 1) socket.emit('watch', { tenant: 'acme', queue: 'support', underMinutes: 5 });
    expect(await next(socket, 'problem')).toMatchObject({ status: 429 });
  });

  it('tells new sockets to poll above its limit', async () => {
    await start({ live: { maxPublicSockets: 1 } });
    const { socket } = await subscribed({ tenant: 'acme', queue: 'support' });
    expect(await refusal(gateway.public())).toBe('poll instead');
    expect(await gateway.sample('queuecast_refusals_total{where="public",reason="too_many_sockets"}')).toBe(1);
    socket.disconnect();
    await expect.poll(() => gateway.sample('queuecast_sockets{namespace="public"}')).toBe(0);
    await subscribed({ tenant: 'acme', queue: 'support' });
  });

  it('says so when the processor falls silent', async () => {
    let now = Date.now();
    await start({ clock: () => now, pace: { pulseMs: 20 } });
    gateway.bus.publish([frame({ at: now, version: 1, estimate: band(8, 10, 12, now) })]);
    const { socket, first } = await subscribed({ tenant: 'acme', queue: 'support' });
    expect(first.wait.kind).toBe('band');
    const changed = next<PublicQueue>(socket, 'queue');
    now += 61_000;
    expect(await changed).toMatchObject({ wait: { kind: 'none', reason: 'SOURCE_SILENT' }, source: 'silent' });
  });
});
