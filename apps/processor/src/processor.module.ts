import type { NumberSeal } from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import type { Metrics, Readiness } from '@queuecast/http';
import type { LiveBus } from '@queuecast/live';
import { Catalog, type Settings } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import {
  Inject,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ProcessorMetrics } from './metrics.js';
import { Processor } from './processor.js';

export interface ProcessorModuleOptions {
  readonly settings: Settings;
  /** Ports: the caller opens them, and closes them after the application. */
  readonly events: EventLog;
  readonly deadLetters: EventLog;
  readonly store: Store;
  readonly bus: LiveBus;
  /** Opens the numbers that dialers are told of. */
  readonly seal: NumberSeal;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** Starts the processor with the application, and lets it flush before the application ends. */
@Injectable()
class ProcessorLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(Processor) private readonly processor: Processor) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.processor.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.processor.close();
  }
}

/** The role between log and facts. */
@Module({})
export class ProcessorModule {
  static register({ metrics, readiness, ...ports }: ProcessorModuleOptions): DynamicModule {
    const processor = new Processor({
      ...ports,
      catalog: new Catalog(ports.settings),
      metrics: new ProcessorMetrics(metrics),
      now: Date.now,
    });
    readiness.add('facts', () => {
      const since = processor.storeBehindSince;
      return since === null
        ? { state: 'up' }
        : {
            state: 'away',
            reason: `behind since ${new Date(since).toISOString()}: ${processor.storeBehindReason ?? ''}`,
          };
    });
    return {
      module: ProcessorModule,
      providers: [{ provide: Processor, useValue: processor }, ProcessorLifecycle],
      exports: [Processor],
    };
  }
}
