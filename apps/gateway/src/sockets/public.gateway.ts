import type { PublicClientEvents, PublicQueue, PublicServerEvents } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import { Inject, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
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

interface PublicSocketData {
  subscriptions: Allowance;
}
type PublicSocket = Socket<PublicClientEvents, PublicServerEvents, DefaultEventsMap, PublicSocketData>;
type PublicNamespace = Namespace<PublicClientEvents, PublicServerEvents, DefaultEventsMap, PublicSocketData>;

const subscribeSchema = z.strictObject({
  tenant: z.string().min(1).max(64),
  queue: z.string().min(1).max(256).optional(),
});

const MAX_SUBSCRIPTIONS = 100;
const WHERE = 'public';
const tenantRoom = (tenant: string): string => `tenant:${tenant}`;
const queueRoom = (topic: string): string => `queue:${topic}`;

/** The `/public` namespace: anybody, read-only, public queues only. */
@WebSocketGateway({ namespace: '/public' })
export class PublicGateway implements OnGatewayInit, OnGatewayConnection, BeforeApplicationShutdown {
  private namespace!: PublicNamespace;
  private fanOut!: FanOut<PublicQueue>;
  private timer: NodeJS.Timeout | undefined;

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
    this.queues.onChange((tenant, queue) => this.fanOut.changed(topicOf(tenant, queue)));
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

  @SubscribeMessage('subscribe')
  subscribe(@ConnectedSocket() socket: PublicSocket, @MessageBody() message: unknown): void {
    const refuse = (status: number, title: string, reason: string) => {
      this.metrics.refusals.inc({ where: WHERE, reason });
      socket.emit('problem', { status, title });
    };
    if (!socket.data.subscriptions.take(this.clock()) || socket.rooms.size > MAX_SUBSCRIPTIONS)
      return refuse(
        429,
        `at most ${MAX_SUBSCRIPTIONS} subscriptions, 5 a second: subscribe to the tenant instead`,
        'too_many',
      );
    const wanted = subscribeSchema.safeParse(message);
    if (!wanted.success) {
      const [issue] = wanted.error.issues;
      return refuse(
        400,
        `subscribe: ${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not valid'}`,
        'malformed',
      );
    }
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
