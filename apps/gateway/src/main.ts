import { tenantId } from '@queuecast/events';
import {
  createHttpApp,
  listen,
  loadSecret,
  Metrics,
  OperationsModule,
  Readiness,
  SignInTickets,
} from '@queuecast/http';
import { load } from '@queuecast/settings';
import { closeOnSignal, loadNumberSeal, Ports, run } from '@queuecast/wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { GatewayModule, type GatewayOptions } from './gateway.module.js';

@Module({})
class GatewayProcess {
  static register(options: GatewayOptions): DynamicModule {
    return { module: GatewayProcess, imports: [OperationsModule.register(options), GatewayModule.register(options)] };
  }
}

run(async () => {
  const settings = load();
  const secret = await loadSecret(settings);
  const metrics = new Metrics();
  const ports = new Ports(settings, 'servers', metrics);
  try {
    const [store, bus, events] = [await ports.store(), await ports.bus(), await ports.events()];
    const seal = await loadNumberSeal(settings, 'servers');
    const [readiness, tickets] = [new Readiness(), new SignInTickets()];
    const options = { settings, store, events, bus, seal, metrics, readiness, secret, tickets };
    const app = await createHttpApp(GatewayProcess.register(options));
    await listen(app, settings.server);
    closeOnSignal(async () => {
      await app.close();
      await ports.close();
    });
    const origin = settings.server.publicUrl ?? (await app.getUrl());
    console.log(`gateway up: ${origin} (/, /wallboard, /docs, /health, /ready, /metrics)`);
    // A ticket is known to the gateway that made it: with several behind one address, use a token or that gateway's own.
    for (const { id } of settings.tenants)
      console.log(`  sign in to ${id} once: ${origin}${tickets.link(tenantId(id))}`);
  } catch (error) {
    await ports.close();
    throw error;
  }
});
