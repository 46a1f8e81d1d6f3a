import { parseArgs } from 'node:util';
import { createHttpApp, listen, loadSecret, Metrics, Readiness, SignInTickets } from '@queuecast/http';
import { tenantId } from '@queuecast/events';
import { load, type Settings } from '@queuecast/settings';
import { closeOnSignal, loadNumberSeal, Ports, run } from '@queuecast/wiring';
import { demoApplies, markDemo, playDemo, withDemoTenants } from './demo.js';
import { QueuecastModule } from './queuecast.module.js';

const USAGE = `Usage: npm start -- [--no-demo]

Runs collector, processor and gateway in one process. Settings come from queuecast.yaml and the environment
(docs/reference/configuration.md). Without tenants in the settings, two demonstration centres play at real pace;
--no-demo leaves them silent.`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const readArguments = (): { readonly demo: boolean; readonly help: boolean } => {
  try {
    const { values } = parseArgs({ options: { 'no-demo': { type: 'boolean' }, help: { type: 'boolean' } } });
    return { demo: values['no-demo'] !== true, help: values.help === true };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
};

const announce = (
  settings: Settings & { readonly keyFile: string | null },
  origin: string,
  tickets: SignInTickets,
): void => {
  console.log(`\nQueuecast is up: ${origin}\n`);
  for (const { id, name, queues } of settings.tenants)
    if (queues.some((queue) => queue.public))
      console.log(`  Public page      ${origin}/t/${encodeURIComponent(id)}   ${name ?? id}`);
  for (const tenant of settings.tenants)
    console.log(`  Wallboard        ${origin}${tickets.link(tenantId(tenant.id))}   ${tenant.name ?? tenant.id}`);
  console.log(`  For your website ${origin}/element/snippet`);
  console.log(`  API description  ${origin}/docs`);
  if (settings.keyFile) console.log(`  API key          in ${settings.keyFile}, for ${settings.tenants[0]?.id}`);
  console.log('\nWallboard links work once and expire in a day; a restart prints new ones.\n');
};

run(async () => {
  const { demo, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return;
  }
  const loaded = load();
  const playing = demoApplies(loaded, demo);
  if (playing) await markDemo(loaded);
  const settings = await withDemoTenants(loaded);
  const secret = await loadSecret(settings);
  const [metrics, readiness, tickets] = [new Metrics(), new Readiness(), new SignInTickets()];
  const ports = new Ports(settings, 'process', metrics);
  const stopDemo = new AbortController();
  try {
    const [events, deadLetters] = [await ports.events(), await ports.deadLetters()];
    const [store, bus] = [await ports.store(), await ports.bus()];
    const seal = await loadNumberSeal(settings, 'process');
    const options = { settings, events, deadLetters, store, bus, seal, metrics, readiness, secret, tickets };
    const app = await createHttpApp(QueuecastModule.register(options));
    await listen(app, settings.server);
    const show = playing ? playDemo(events, store, stopDemo.signal) : null;
    closeOnSignal(async () => {
      stopDemo.abort();
      await show?.stopped;
      await app.close();
      await ports.close();
    });
    announce(settings, settings.server.publicUrl ?? (await app.getUrl()), tickets);
  } catch (error) {
    await ports.close();
    throw error;
  }
});
