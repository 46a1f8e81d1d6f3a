import { Sessions, type Session } from '@queuecast/http';
import type { Pulse, QueueFrame, WallboardClientEvents, WallboardServerEvents } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import { Inject, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  ConnectedSocket,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
  type OnGatewayInit,
} from '@nestjs/websockets';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import { FrameCache } from '../frames/frame-cache.js';
import { Snapshots } from '../frames/snapshot.js';
import { CLOCK, GATEWAY_SETTINGS, PACE, type Clock, type Pace } from '../gateway.tokens.js';
import { GatewayMetrics } from '../metrics.js';
import { Allowance } from './allowance.js';
import { FanOut } from './fan-out.js';
import { isOwnPage } from './origin.js';
import { partsOf, topicOf } from './topic.js';

interface WallboardSocketData {
  session: Session;
  snapshots: Allowance;
  snapshotOwed: boolean;
}
type WallboardSocket = Socket<WallboardClientEvents, WallboardServerEvents, DefaultEventsMap, WallboardSocketData>;
type WallboardNamespace = Namespace<
  WallboardClientEvents,
  WallboardServerEvents,
  DefaultEventsMap,
  WallboardSocketData
>;

const WHERE = 'wallboard';
const roomOf = (tenant: string): string => `wallboard:${tenant}`;

/**
 * The `/wallboard` namespace: supervisors' screens. A socket belongs to the tenant of its session token and joins that
 * tenant's room on the server's side; no message can name another tenant.
 */
@WebSocketGateway({ namespace: '/wallboard' })
export class WallboardGateway implements OnGatewayInit, OnGatewayConnection, BeforeApplicationShutdown {
  private namespace!: WallboardNamespace;
  private fanOut!: FanOut<QueueFrame>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(GATEWAY_SETTINGS) private readonly settings: Settings,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(FrameCache) private readonly frames: FrameCache,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(GatewayMetrics) private readonly metrics: GatewayMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PACE) private readonly pace: Pace,
  ) {}

  afterInit(namespace: WallboardNamespace): void {
    this.namespace = namespace;
    this.fanOut = new FanOut<QueueFrame>(namespace, {
      name: 'wallboard',
      event: 'frame',
      roomsOf: (topic) => [roomOf(partsOf(topic)[0])],
      latest: (topic) => this.frames.frame(...partsOf(topic)),
      metrics: this.metrics,
      patience: this.pace.patience,
    });
    this.frames.onFrame((frame) => this.fanOut.changed(topicOf(frame.tenant, frame.queue)));
    namespace.use((socket, next) => {
      this.authenticate(socket).then(
        () => next(),
        (error: unknown) => next(error as Error),
      );
    });
    this.timer = setInterval(() => this.pulse(), this.pace.pulseMs);
  }

  handleConnection(socket: WallboardSocket): void {
    this.fanOut.follow(socket);
    const settle = () => {
      if (socket.data.snapshotOwed) this.sendSnapshot(socket);
    };
    socket.conn.on('drain', settle);
    socket.on('disconnect', () => socket.conn.off('drain', settle));
    // First the room, then the snapshot: no frame falls between the two.
    void socket.join(roomOf(socket.data.session.tenant));
    this.sendSnapshot(socket);
  }

  @SubscribeMessage('snapshot')
  snapshot(@ConnectedSocket() socket: WallboardSocket): void {
    if (!socket.data.snapshots.take(this.clock())) return;
    // To a reader that is behind, one snapshot is owed however often it asks.
    if (this.fanOut.give(socket, [])) this.sendSnapshot(socket);
    else socket.data.snapshotOwed = true;
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.fanOut?.stop();
    // Closing the connection, rather than the namespace, makes browsers connect again by themselves.
    for (const socket of this.namespace?.sockets.values() ?? []) socket.conn.close();
  }

  private sendSnapshot(socket: WallboardSocket): void {
    socket.data.snapshotOwed = false;
    socket.emit('snapshot', this.snapshots.of(socket.data.session.tenant));
  }

  private async authenticate(socket: WallboardSocket): Promise<void> {
    const { auth, headers, query } = socket.handshake;
    const refuse = (reason: string, message = 'sign in'): never => {
      this.metrics.refusals.inc({ where: WHERE, reason });
      throw new Error(message);
    };
    const given: unknown = auth['token'];
    const cookie = this.sessions.cookieToken(socket.request);
    // A cookie comes along from any page of this site; a token only from who has it.
    if (typeof given !== 'string' && cookie !== null && !isOwnPage(headers, this.settings.server.publicUrl))
      return refuse('foreign_origin');
    const token = typeof given === 'string' ? given : cookie;
    if (token === null) return refuse('no_session');
    const session = (await this.sessions.verify(token)) ?? refuse('invalid_session');
    for (const named of [auth['tenant'] as unknown, query['tenant']])
      if (named !== undefined && named !== session.tenant) refuse('other_tenant', 'another tenant');
    socket.data = { session, snapshots: new Allowance(5, 0.5, this.clock()), snapshotOwed: false };
  }

  private pulse(): void {
    const now = this.clock();
    for (const socket of this.namespace.sockets.values())
      if (socket.data.session.expiresAt <= now) {
        this.metrics.refusals.inc({ where: WHERE, reason: 'expired' });
        socket.disconnect(true);
      }
    for (const { id } of this.settings.tenants) {
      if (!this.namespace.adapter.rooms.has(roomOf(id))) continue;
      const pulse: Pulse = {
        serverTime: now,
        versions: this.frames.versions(id),
        processorSilentSince: this.frames.silentSince(id),
      };
      this.fanOut.now(roomOf(id), 'pulse', pulse);
    }
    this.fanOut.watch();
  }
}
