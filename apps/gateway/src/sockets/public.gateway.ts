import type { PublicClientEvents, PublicQueue, PublicServerEvents } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import { Inject, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import { z } from 'zod';
import { CLOCK, GATEWAY_SETTINGS, PACE, type Clock, type Pace } from '../gateway.tokens.js';
import { GatewayMetrics } from '../metrics.js';
import { noSuchQueue } from '../public/no-such-queue.js';
import { PublicQueues } from '../public/public-queues.js';
import { Allowance } from './allowance.js';
import { FanOut } from './fan-out.js';
import { partsOf, topicOf } from './topic.js';
import { tellsUnder, WaitWatches } from './wait-watches.js';

interface PublicSocketData {
  subscriptions: Allowance;
}
type PublicSocket = Socket<PublicClientEvents, PublicServerEvents, DefaultEventsMap, PublicSocketData>;
type PublicNamespace = Namespace<PublicClientEvents, PublicServerEvents, DefaultEventsMap, PublicSocketData>;

const subscribeSchema = z.strictObject({
  tenant: z.string().min(1).max(64),
  queue: z.string().min(1).max(256).optional(),
});

const watchedQueue = { tenant: z.string().min(1).max(64), queue: z.string().min(1).max(256) };
const unwatchSchema = z.strictObject(watchedQueue);
const watchSchema = z.strictObject({
  ...watchedQueue,
  underMinutes: z
    .int('must be a whole number from 1 to 240')
    .min(1, 'must be a whole number from 1 to 240')
    .max(240, 'must be a whole number from 1 to 240'),
});
/** Watches per socket. */
const MAX_WATCHES = 20;

const MAX_SUBSCRIPTIONS = 100;
const WHERE = 'public';
const tenantRoom = (tenant: string): string => `tenant:${tenant}`;
const queueRoom = (topic: string): string => `queue:${topic}`;

const malformed = (event: string, { issues: [issue] }: z.ZodError): string =>
  `${event}: ${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not valid'}`;

/** The `/public` namespace: anybody, read-only, public queues only. */
@WebSocketGateway({ namespace: '/public' })
export class PublicGateway
  implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, BeforeApplicationShutdown
{
  private namespace!: PublicNamespace;
  private fanOut!: FanOut<PublicQueue>;
  private timer: NodeJS.Timeout | undefined;
  private readonly watches = new WaitWatches<PublicSocket>();

  constructor(
    @Inject(GATEWAY_SETTINGS) private readonly settings: Settings,
    @Inject(PublicQueues) private readonly queues: PublicQueues,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PACE) private readonly pace: Pace,
  ) {}

  afterInit(namespace: PublicNamespace): void {
    this.namespace = namespace;
    this.fanOut = new FanOut<PublicQueue>(namespace, {
      name: 'public',
      event: 'queue',
      roomsOf: (topic) => [queueRoom(topic), tenantRoom(partsOf(topic)[0])],
      latest: (topic) => this.queues.document(...partsOf(topic)),
      metrics: this.metrics,
      patience: this.pace.patience,
    });
    this.queues.onChange((tenant, queue) => {
      this.fanOut.changed(topicOf(tenant, queue));
      this.fulfil(tenant, queue);
    });
    namespace.use((_socket, next) => {
      if (namespace.sockets.size < this.settings.live.maxPublicSockets) return next();
      this.metrics.refusals.inc({ where: WHERE, reason: 'too_many_sockets' });
      next(new Error('poll instead'));
    });
    this.timer = setInterval(() => {
      this.queues.refresh();
      this.fanOut.watch();
    }, this.pace.pulseMs);
  }

  handleConnection(socket: PublicSocket): void {
    socket.data.subscriptions = new Allowance(MAX_SUBSCRIPTIONS, 5, this.clock());
    this.fanOut.follow(socket);
  }

  handleDisconnect(socket: PublicSocket): void {
    this.watches.removeAll(socket);
    this.metrics.watches.set(this.watches.size);
  }

  @SubscribeMessage('watch')
  watch(@ConnectedSocket() socket: PublicSocket, @MessageBody() message: unknown): void {
    const refuse = this.refusing(socket);
    if (!socket.data.subscriptions.take(this.clock()))
      return refuse(429, 'at most 5 messages a second: wait a moment', 'too_many');
    const wanted = watchSchema.safeParse(message);
    if (!wanted.success) return refuse(400, malformed('watch', wanted.error), 'malformed');
    const { tenant, queue } = wanted.data;
    const document = this.queues.document(tenant, queue);
    if (!document) return refuse(noSuchQueue.status, noSuchQueue.title, 'unknown_queue');
    if (this.watches.countOf(socket) >= MAX_WATCHES && !this.watches.has(socket, tenant, queue))
      return refuse(429, `at most ${MAX_WATCHES} watches: end one with unwatch`, 'too_many');
    this.watches.add(socket, wanted.data);
    if (tellsUnder(document, wanted.data.underMinutes)) this.fulfil(tenant, queue);
    else socket.emit('watching', wanted.data);
    this.metrics.watches.set(this.watches.size);
  }

  @SubscribeMessage('unwatch')
  unwatch(@ConnectedSocket() socket: PublicSocket, @MessageBody() message: unknown): void {
    const refuse = this.refusing(socket);
    if (!socket.data.subscriptions.take(this.clock()))
      return refuse(429, 'at most 5 messages a second: wait a moment', 'too_many');
    const wanted = unwatchSchema.safeParse(message);
    if (!wanted.success) return refuse(400, malformed('unwatch', wanted.error), 'malformed');
    this.watches.remove(socket, topicOf(wanted.data.tenant, wanted.data.queue));
    this.metrics.watches.set(this.watches.size);
  }

  /** Tells whoever waited for it that the wait is under what they asked for: once, and not volatile. */
  private fulfil(tenant: string, queue: string): void {
    const document = this.queues.document(tenant, queue);
    if (!document) return;
    for (const { owner, underMinutes } of this.watches.take(document)) {
      owner.emit('under', { tenant, queue, underMinutes, document });
      this.metrics.watchesFulfilled.inc();
    }
    this.metrics.watches.set(this.watches.size);
  }

  private refusing(socket: PublicSocket) {
    return (status: number, title: string, reason: string): void => {
      this.metrics.refusals.inc({ where: WHERE, reason });
      socket.emit('problem', { status, title });
    };
  }

  @SubscribeMessage('subscribe')
  subscribe(@ConnectedSocket() socket: PublicSocket, @MessageBody() message: unknown): void {
    const refuse = this.refusing(socket);
    if (!socket.data.subscriptions.take(this.clock()) || socket.rooms.size > MAX_SUBSCRIPTIONS)
      return refuse(
        429,
        `at most ${MAX_SUBSCRIPTIONS} subscriptions, 5 a second: subscribe to the tenant instead`,
        'too_many',
      );
    const wanted = subscribeSchema.safeParse(message);
    if (!wanted.success) return refuse(400, malformed('subscribe', wanted.error), 'malformed');
    const { tenant, queue } = wanted.data;
    const topics = queue === undefined ? this.queues.queuesOf(tenant) : [queue];
    const found = topics?.filter((each) => this.queues.document(tenant, each)) ?? [];
    if (found.length === 0) return refuse(noSuchQueue.status, noSuchQueue.title, 'unknown_queue');
    void socket.join(queue === undefined ? tenantRoom(tenant) : queueRoom(topicOf(tenant, queue)));
    this.fanOut.give(
      socket,
      found.map((each) => topicOf(tenant, each)),
    );
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.fanOut?.stop();
    for (const socket of this.namespace?.sockets.values() ?? []) socket.conn.close();
  }
}
