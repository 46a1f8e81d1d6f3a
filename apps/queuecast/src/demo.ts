import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partitionKey, type CloudEvent, type SiteId, type TenantId } from '@queuecast/events';
import type { EventLog } from '@queuecast/event-log';
import { settingsSchema, type Settings } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import { demoTenants, startDemo, type Demo } from '../../simulator/src/index.js';

const MARKER = 'demo';
const KEY_FILE = 'demo-api-key';

/** Whether the demonstration plays: nobody configured tenants, and the data directory is new or the demonstration's own. */
export const demoApplies = (settings: Settings, wanted: boolean): boolean => {
  if (!wanted || settings.tenants.length > 0) return false;
  const { dataDir } = settings;
  return !existsSync(dataDir) || existsSync(join(dataDir, MARKER)) || readdirSync(dataDir).length === 0;
};

/** Marks the data directory as the demonstration's, so that it goes on after a restart. */
export const markDemo = async ({ dataDir }: Settings): Promise<void> => {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, MARKER), 'The demonstration plays in this directory. Delete this file to end it.\n');
};

/**
 * Settings for whoever configured no tenants: the demonstration's, with one API key for the first of them. The key is
 * made once and kept in the data directory, for its owner only to read.
 */
export const withDemoTenants = async <S extends Settings>(
  settings: S,
): Promise<S & { readonly keyFile: string | null }> => {
  if (settings.tenants.length > 0) return { ...settings, keyFile: null };
  const keyFile = join(settings.dataDir, KEY_FILE);
  await mkdir(settings.dataDir, { recursive: true });
  if (!existsSync(keyFile)) await writeFile(keyFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const sha256 = createHash('sha256')
    .update((await readFile(keyFile, 'utf8')).trim())
    .digest('hex');
  const { tenants } = settingsSchema.parse({
    tenants: demoTenants.map((tenant, index) =>
      index === 0 ? { ...tenant, apiKeys: [{ name: 'demo', sha256, scopes: ['ingest', 'reports'] }] } : tenant,
    ),
  });
  return { ...settings, tenants, keyFile };
};

/** Plays the demonstration into the log until `signal` is aborted. */
export const playDemo = (events: EventLog, store: Store, signal: AbortSignal): Demo =>
  startDemo({
    send: async (batch: CloudEvent[]) => {
      await events.append(
        batch.map((event) => ({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) })),
      );
    },
    now: Date.now,
    signal,
    latestEventAt: async ({ tenant, site }) =>
      (await store.recoverSite({ tenant: tenant as TenantId, site: site as SiteId }, 0)).latest,
    onTrouble: (reason) => console.error(reason),
  });
