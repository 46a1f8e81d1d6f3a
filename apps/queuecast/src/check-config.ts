import { check, DEFAULT_FILE, pathText, SettingsError } from '@queuecast/settings';

/** `npm run config:check [file]`: what the server would say of these settings, without starting it. */
const [file] = process.argv.slice(2);

try {
  const { settings, file: read, unsetKeys } = check(file === undefined ? {} : { file });
  const queues = settings.tenants.flatMap((tenant) => tenant.queues);
  const open = queues.filter((queue) => queue.public).length;
  const keys = settings.tenants.reduce((sum, tenant) => sum + tenant.apiKeys.length, 0);
  console.log(`OK ${read ?? `(no ${DEFAULT_FILE}: defaults and environment)`}`);
  console.log(`   listens on ${settings.server.host}:${settings.server.port}`);
  console.log(
    `   log: ${settings.kafka.brokers.length > 0 ? `Kafka at ${settings.kafka.brokers.join(', ')}` : 'embedded'}`,
  );
  console.log(`   store: ${settings.clickhouse.url ? 'ClickHouse server' : 'embedded'}`);
  console.log(`   ${settings.tenants.length} tenants, ${queues.length} queues (${open} public), ${keys} API keys`);
  for (const { env, path } of unsetKeys)
    console.log(`   needs ${env} in the environment (${pathText(path)}): unset here`);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  console.error(`${error.problems.length} ${error.problems.length === 1 ? 'problem' : 'problems'}`);
  process.exitCode = 1;
}
