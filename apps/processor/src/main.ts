import { createHttpApp, listen, Metrics, OperationsModule, Readiness } from '@queuecast/http';
import { load } from '@queuecast/settings';
import { closeOnSignal, loadNumberSeal, Ports, run } from '@queuecast/wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { ProcessorModule, type ProcessorModuleOptions } from './processor.module.js';

@Module({})
class ProcessorProcess {
  static register(options: ProcessorModuleOptions): DynamicModule {
    return {
      module: ProcessorProcess,
      imports: [OperationsModule.register(options), ProcessorModule.register(options)],
    };
  }
}

run(async () => {
  const settings = load();
  const metrics = new Metrics();
  const ports = new Ports(settings, 'servers', metrics);
  try {
    const [events, deadLetters] = [await ports.events(), await ports.deadLetters()];
    const [store, bus] = [await ports.store(), await ports.bus()];
    const seal = await loadNumberSeal(settings, 'servers');
    const readiness = new Readiness();
    const app = await createHttpApp(
      ProcessorProcess.register({ settings, events, deadLetters, store, bus, seal, metrics, readiness }),
      { docs: false },
    );
    await listen(app, settings.server);
    closeOnSignal(async () => {
      await app.close();
      await ports.close();
    });
    console.log(`processor up: ${await app.getUrl()} (/health, /ready, /metrics)`);
  } catch (error) {
    await ports.close();
    throw error;
  }
});
