import { createHttpApp, listen, loadSecret, Metrics, OperationsModule, Readiness } from '@queuecast/http';
import { load, type LoadedSettings } from '@queuecast/settings';
import { closeOnSignal, MissingServerError, Ports, run } from '@queuecast/wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { CollectorModule, type CollectorOptions } from './collector.module.js';
import { wantsPlaceLinks } from './place-links.js';

@Module({})
class CollectorProcess {
  static register(options: CollectorOptions): DynamicModule {
    return {
      module: CollectorProcess,
      imports: [OperationsModule.register(options), CollectorModule.register(options)],
    };
  }
}

/** What links to places in line are made with; null where nobody wants them. @throws MissingServerError, Error if too short */
const linkSecret = async (settings: LoadedSettings): Promise<Uint8Array | null> => {
  if (!wantsPlaceLinks(settings)) return null;
  if (settings.secret !== null) return loadSecret(settings);
  throw new MissingServerError(
    `${settings.secretEnv} is not set: with callbacks.placeLinks, gateways read the links that a collector makes. ` +
      `Set it, the same for all of them.`,
  );
};

run(async () => {
  const settings = load();
  const secret = await linkSecret(settings);
  const metrics = new Metrics();
  const ports = new Ports(settings, 'servers', metrics);
  try {
    const events = await ports.events();
    const readiness = new Readiness();
    const app = await createHttpApp(CollectorProcess.register({ settings, events, secret, metrics, readiness }));
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
