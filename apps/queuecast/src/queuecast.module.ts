import { CollectorModule } from '../../collector/src/collector.module.js';
import { GatewayModule } from '../../gateway/src/gateway.module.js';
import { ProcessorModule } from '../../processor/src/processor.module.js';
import type { NumberSeal } from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import { OperationsModule, type Metrics, type Readiness, type SignInTickets } from '@queuecast/http';
import type { LiveBus } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import { Module, type DynamicModule } from '@nestjs/common';

export interface QueuecastOptions {
  readonly settings: Settings;
  readonly events: EventLog;
  readonly deadLetters: EventLog;
  readonly store: Store;
  readonly bus: LiveBus;
  readonly seal: NumberSeal;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly secret: Uint8Array;
  readonly tickets: SignInTickets;
}

/** Every role in one process. */
@Module({})
export class QueuecastModule {
  static register(options: QueuecastOptions): DynamicModule {
    return {
      module: QueuecastModule,
      imports: [
        OperationsModule.register(options),
        CollectorModule.register(options),
        ProcessorModule.register(options),
        GatewayModule.register(options),
      ],
    };
  }
}
