import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NumberSeal } from '@queuecast/callbacks';
import { createHttpApp, listen, Metrics, OperationsModule, Readiness, Sessions, SignInTickets } from '@queuecast/http';
import { openEmbeddedLog, type EventLog } from '@queuecast/event-log';
import { tenantId } from '@queuecast/events';
import {
  InProcessBus,
  type PublicClientEvents,
  type PublicServerEvents,
  type WallboardClientEvents,
  type WallboardServerEvents,
} from '@queuecast/live';
import type { MetricRegistry } from '@queuecast/metrics';
import { settingsSchema, type Settings } from '@queuecast/settings';
import { openStore, type Store } from '@queuecast/store';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import { GatewayModule } from './gateway.module.js';
import { Outlooks } from './outlook/outlooks.js';
import { DEFAULT_PACE, type Pace } from './gateway.tokens.js';

export const REPORTS_KEY = 'acme-reports-key';
export const INGEST_KEY = 'acme-ingest-key';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const secret = new TextEncoder().encode('the secret of the gateway tests, long enough');

const hours = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
const tenants: z.input<typeof settingsSchema>['tenants'] = [
  {
    id: 'acme',
    name: 'Acme Telecom',
    timeZone: 'Europe/Brussels',
    queues: [
      { id: 'support', name: { en: 'Support', fr: 'Assistance' }, public: true, thresholdSeconds: 20, group: 'help' },
      { id: 'night', public: true, hours },
      { id: 'board', thresholdSeconds: 20, group: 'help' },
      { id: 'pune', timeZone: 'Asia/Kolkata' },
    ],
    webhooks: { secret: 'the secret of the webhooks in the tests' },
    apiKeys: [
      { name: 'analyst', sha256: sha256(REPORTS_KEY), scopes: ['reports'] },
      { name: 'acd', sha256: sha256(INGEST_KEY) },
    ],
  },
  { id: 'globex', queues: [{ id: 'support' }] },
];

export interface GatewayTestOptions {
  readonly live?: Partial<Settings['live']>;
  readonly pace?: Partial<Pace>;
  readonly clock?: () => number;
  readonly webDirectory?: string;
  readonly publicUrl?: string;
  /** In place of the two that most tests share. */
  readonly tenants?: z.input<typeof settingsSchema>['tenants'];
  /** The definitions to serve; the product's own if absent. */
  readonly registry?: MetricRegistry;
}

export type WallboardClient = Socket<WallboardServerEvents, WallboardClientEvents>;
export type PublicClient = Socket<PublicServerEvents, PublicClientEvents>;

/** A gateway over the real bus and the real embedded store, listening on a free port. */
export class RunningGateway {
  private readonly clients: Socket[] = [];

  private constructor(
    readonly app: NestExpressApplication,
    readonly bus: InProcessBus,
    readonly store: Store,
    readonly events: EventLog,
    readonly sessions: Sessions,
    readonly tickets: SignInTickets,
    private readonly metrics: Metrics,
    private readonly directory: string,
  ) {}

  static async start(options: GatewayTestOptions = {}): Promise<RunningGateway> {
    const directory = await mkdtemp(join(tmpdir(), 'queuecast-gateway-'));
    const settings = settingsSchema.parse({
      tenants: options.tenants ?? tenants,
      dataDir: join(directory, 'data'),
      live: options.live,
      server: options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl },
    });
    const clock = options.clock ?? Date.now;
    const { registry } = options;
    const store = await openStore({
      kind: 'embedded',
      directory: join(directory, 'store'),
      now: clock,
      ...(registry && { registry }),
    });
    await store.migrate();
    const events = await openEmbeddedLog({ directory: join(directory, 'log'), name: 'events', partitions: 1 });
    const bus = new InProcessBus();
    const metrics = new Metrics({ processMetrics: false });
    const readiness = new Readiness();
    const tickets = new SignInTickets(clock);

    @Module({
      imports: [
        GatewayModule.register({
          settings,
          store,
          events,
          seal: new NumberSeal([{ id: 'test', key: randomBytes(32) }]),
          bus,
          metrics,
          readiness,
          secret,
          tickets,
          clock,
          pace: { ...DEFAULT_PACE, ...options.pace },
          ...(options.webDirectory === undefined ? {} : { webDirectory: options.webDirectory }),
        }),
        OperationsModule.register({ metrics, readiness }),
      ],
    })
    class Root {}

    const app = await createHttpApp(Root);
    await listen(app, { host: '127.0.0.1', port: 0 });
    const sessions = new Sessions(secret, new Set(['acme', 'globex']), clock);
    return new RunningGateway(app, bus, store, events, sessions, tickets, metrics, directory);
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get outlooks(): Outlooks {
    return this.app.get(Outlooks);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A session token. */
  async token(tenant: string, ttlSeconds = 3600): Promise<string> {
    return (await this.sessions.mint(tenantId(tenant), ttlSeconds)).token;
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers, method, redirect: 'manual' });
  }

  /** A wallboard; `auth` goes into the handshake, `headers` with the upgrade. */
  wallboard(
    auth: Record<string, unknown>,
    headers: Record<string, string> = {},
    transports = ['websocket'],
  ): WallboardClient {
    return this.open('/wallboard', auth, headers, transports);
  }

  public(): PublicClient {
    return this.open('/public', {}, {}, ['websocket']);
  }

  private open(
    path: string,
    auth: Record<string, unknown>,
    extraHeaders: Record<string, string>,
    transports: string[],
  ): Socket {
    const socket = io(`${this.url}${path}`, {
      transports,
      forceNew: true,
      reconnection: false,
      auth,
      extraHeaders,
    });
    this.clients.push(socket);
    return socket;
  }

  /** The value of a Prometheus sample; 0 if absent. */
  async sample(name: string): Promise<number> {
    const lines = (await this.metrics.registry.metrics()).split('\n');
    return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.app.close();
    await this.store.close();
    await this.events.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The next message of an event. */
export const next = <Message>(socket: Socket, event: string): Promise<Message> =>
  new Promise((resolve) => socket.once(event, (message: Message) => resolve(message)));

/** Why a connection was refused. */
export const refusal = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.once('connect_error', (error) => resolve(error.message));
    socket.once('connect', () => reject(new Error('was let in')));
  });
