import { createHttpApp, listen, Metrics, OperationsModule, Readiness } from '@queuecast/http';
import { load } from '@queuecast/settings';
import { closeOnSignal, Ports, run } from '@queuecast/wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { CollectorModule, type CollectorOptions } from './collector.module.js';

@Module({})
class CollectorProcess {
  static register(options: CollectorOptions): DynamicModule {
    return {
      module: CollectorProcess,
      imports: [OperationsModule.register(options), CollectorModule.register(options)],
    };
  }
}

run(async () => {
  const settings = load();
  const metrics = new Metrics();
  const ports = new Ports(settings, 'servers', metrics);
  try {
    const events = await ports.events();
    const readiness = new Readiness();
    const app = await createHttpApp(CollectorProcess.register({ settings, events, metrics, readiness }));
    await listen(app, settings.server);
    closeOnSignal(async () => {
      await app.close();
      await ports.close();
    });
    console.log(`collector up: ${await app.getUrl()} (POST /v1/events, /docs, /health, /ready, /metrics)`);
  } catch (error) {
    await ports.close();
    throw error;
  }
});
