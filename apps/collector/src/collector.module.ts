import type { EventLog } from '@queuecast/event-log';
import { ApiKeys, type Metrics, type Readiness } from '@queuecast/http';
import type { Settings } from '@queuecast/settings';
import { Module, type DynamicModule } from '@nestjs/common';
import { AppendQueue } from './append-queue.js';
import { COLLECTOR_SETTINGS } from './collector.tokens.js';
import { EventsController } from './events.controller.js';
import { CollectorMetrics } from './metrics.js';
import { PlaceLinks } from './place-links.js';

export interface CollectorOptions {
  readonly settings: Settings;
  /** Where events go; the caller opens it, and closes it after the application. */
  readonly events: EventLog;
  /** Signs links to places in line; null where no tenant wants them ({@link wantsPlaceLinks}). */
  readonly secret: Uint8Array | null;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** The role that takes events in: `POST /v1/events`. */
@Module({})
export class CollectorModule {
  /** @throws Error naming an API key that is used twice */
  static register(options: CollectorOptions): DynamicModule {
    const { settings, events, readiness } = options;
    const metrics = new CollectorMetrics(options.metrics);
    readiness.add('log', () => {
      const health = events.health();
      return health.state === 'up' ? health : { state: 'away', reason: health.reason };
    });
    return {
      module: CollectorModule,
      controllers: [EventsController],
      providers: [
        { provide: COLLECTOR_SETTINGS, useValue: settings },
        { provide: ApiKeys, useValue: new ApiKeys(settings, options.metrics) },
        { provide: CollectorMetrics, useValue: metrics },
        { provide: PlaceLinks, useValue: new PlaceLinks(settings, options.secret) },
        {
          provide: AppendQueue,
          useValue: new AppendQueue(events, metrics, Math.max(32 * 1024 * 1024, 3 * settings.ingest.maxBodyBytes)),
        },
      ],
    };
  }
}
