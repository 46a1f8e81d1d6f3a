import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { NumberSeal } from '@queuecast/callbacks';
import { ApiKeys, putInFront, Sessions, SignInTickets, type Metrics, type Readiness } from '@queuecast/http';
import type { LiveBus } from '@queuecast/live';
import { Catalog, type Settings } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import {
  Inject,
  Logger,
  Module,
  RequestMethod,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { EventLog } from '@queuecast/event-log';
import { ElementController } from './element/element.controller.js';
import { ElementScript } from './element/element-script.js';
import { preflight } from './callbacks/anywhere.js';
import { callbackProviders } from './callbacks/providers.js';
import { CallbacksController } from './callbacks/callbacks.controller.js';
import { PublicCallbacksController } from './callbacks/public-callbacks.controller.js';
import { PlacesController } from './places/places.controller.js';
import { FrameCache } from './frames/frame-cache.js';
import { Snapshots } from './frames/snapshot.js';
import { GhostsController } from './ghosts/ghosts.controller.js';
import { Ghosts } from './ghosts/ghosts.js';
import {
  CLOCK,
  DEFAULT_PACE,
  GATEWAY_SETTINGS,
  PACE,
  STORE,
  WEB_DIRECTORY,
  type Clock,
  type Pace,
} from './gateway.tokens.js';
import { NoticesController } from './notices/notices.controller.js';
import { Notices } from './notices/notices.js';
import { OwnEvents } from './own-events.js';
import { HistoryController } from './history/history.controller.js';
import { WallboardHistory } from './history/wallboard-history.js';
import { GatewayMetrics } from './metrics.js';
import { Outlooks } from './outlook/outlooks.js';
import { CallbackPagesController } from './pages/callback-pages.controller.js';
import { PageRenderer } from './pages/page-renderer.js';
import { PagesController } from './pages/pages.controller.js';
import { TenantPagesController } from './pages/tenant-pages.controller.js';
import { PublicQueues } from './public/public-queues.js';
import { publicFront } from './public/public-front.js';
import { PublicController } from './public/public.controller.js';
import { ReportAccess } from './reports/access.js';
import { ReportDesk } from './reports/report-desk.js';
import { ReportGuard } from './reports/report.guard.js';
import { CorrectionsController } from './reports/corrections.controller.js';
import { ReportsController } from './reports/reports.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { TokensController } from './sign-in/tokens.controller.js';
import { PublicGateway } from './sockets/public.gateway.js';
import { WallboardGateway } from './sockets/wallboard.gateway.js';
import { WatchDesk } from './watches/watch-desk.js';
import { WatchesController } from './watches/watches.controller.js';

const BUS = Symbol('live bus');
/** From `dist/apps/gateway/src/` to `dist/web/`. */
const BUILT_PAGES = fileURLToPath(new URL('../../../web/', import.meta.url));

export interface GatewayOptions {
  readonly settings: Settings;
  readonly store: Store;
  /** Where what people say of contacts goes; the caller's, like the store. */
  readonly events: EventLog;
  /** Seals the numbers that customers leave. */
  readonly seal: NumberSeal;
  /** Where frames come from. Store and bus are the caller's to open, and to close after the application. */
  readonly bus: LiveBus;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Signs session tokens; see `loadSecret`. At least 32 bytes. */
  readonly secret: Uint8Array;
  /** One-time sign-in links; pass one in to mint links outside the gateway. */
  readonly tickets?: SignInTickets;
  /** Where the built pages are. */
  readonly webDirectory?: string;
  readonly clock?: Clock;
  readonly pace?: Pace;
}

/** The role that serves: wallboards, public waits, reports, pages. It keeps no state but the latest frames. */
@Module({})
export class GatewayModule implements NestModule, OnModuleInit, BeforeApplicationShutdown {
  private unsubscribe: (() => Promise<void>) | null = null;

  constructor(
    @Inject(BUS) private readonly bus: LiveBus,
    @Inject(FrameCache) private readonly frames: FrameCache,
    @Inject(Outlooks) private readonly outlooks: Outlooks,
    @Inject(PublicQueues) private readonly publicQueues: PublicQueues,
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
  ) {}

  static register(options: GatewayOptions): DynamicModule {
    const { settings, store, secret } = options;
    const clock = options.clock ?? Date.now;
    const metrics = new GatewayMetrics(options.metrics);
    const catalog = new Catalog(settings);
    const tenants = settings.tenants.map(({ id }) => id);
    const frames = new FrameCache(tenants, metrics, clock);
    const sessions = new Sessions(secret, new Set(tenants), clock);
    const events = new OwnEvents(options.events);
    const keys = new ApiKeys(settings, options.metrics);
    const outlooks = new Outlooks({ store, catalog, frames, metrics, now: clock, settings: settings.outlook });
    const webDirectory = options.webDirectory ?? BUILT_PAGES;
    const log = new Logger(GatewayModule.name);
    const element = new ElementScript(webDirectory, settings.dataDir, (message) => log.warn(message));
    addParts(options.readiness, store, frames);
    return {
      module: GatewayModule,
      controllers: [
        PublicController,
        ElementController,
        PublicCallbacksController,
        CallbacksController,
        PlacesController,
        WatchesController,
        ReportsController,
        GhostsController,
        NoticesController,
        CorrectionsController,
        HistoryController,
        SignInController,
        TokensController,
        TenantPagesController,
        CallbackPagesController,
        PagesController,
      ],
      providers: [
        { provide: GATEWAY_SETTINGS, useValue: settings },
        { provide: Catalog, useValue: catalog },
        { provide: STORE, useValue: store },
        { provide: BUS, useValue: options.bus },
        { provide: CLOCK, useValue: clock },
        { provide: PACE, useValue: options.pace ?? DEFAULT_PACE },
        { provide: WEB_DIRECTORY, useValue: webDirectory },
        { provide: PageRenderer, useValue: new PageRenderer(webDirectory) },
        { provide: ElementScript, useValue: element },
        { provide: GatewayMetrics, useValue: metrics },
        { provide: FrameCache, useValue: frames },
        { provide: Snapshots, useValue: new Snapshots(catalog, frames, clock) },
        { provide: Outlooks, useValue: outlooks },
        { provide: PublicQueues, useValue: new PublicQueues(catalog, frames, outlooks, clock) },
        { provide: Sessions, useValue: sessions },
        { provide: SignInTickets, useValue: options.tickets ?? new SignInTickets(clock) },
        { provide: ApiKeys, useValue: keys },
        { provide: ReportAccess, useValue: new ReportAccess(sessions, keys, metrics.refusals) },
        {
          provide: ReportDesk,
          useValue: new ReportDesk({ store, catalog, frames, now: clock }, metrics),
        },
        { provide: Ghosts, useValue: new Ghosts(store, events, frames, clock) },
        { provide: Notices, useValue: new Notices(store, events, catalog, frames, clock) },
        { provide: WallboardHistory, useValue: new WallboardHistory(store, catalog, settings, clock) },
        { provide: WatchDesk, useValue: new WatchDesk(store, options.events, catalog, clock) },
        ...callbackProviders(options, catalog, frames, outlooks, metrics, clock),
        ReportGuard,
        WallboardGateway,
        PublicGateway,
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(preflight).forRoutes({ path: 'public/v1/*path', method: RequestMethod.OPTIONS });
  }

  async onModuleInit(): Promise<void> {
    this.unsubscribe = await this.bus.subscribe((frame) => this.frames.take(frame));
    this.outlooks.start();
    putInFront(this.http.httpAdapter.getHttpServer() as Server, publicFront(this.publicQueues));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.unsubscribe?.();
    await this.outlooks.stop();
  }
}

const addParts = (readiness: Readiness, store: Store, frames: FrameCache): void => {
  readiness.add('store', async () =>
    (await store.ping()) ? { state: 'up' } : { state: 'away', reason: 'the history store does not answer' },
  );
  readiness.add('processor', () => {
    const since = frames.allSilentSince();
    if (since === null) return { state: 'up' };
    return { state: 'away', reason: `no frames since ${new Date(since).toISOString()}: is the processor running?` };
  });
};
