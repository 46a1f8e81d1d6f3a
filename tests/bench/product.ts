import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RoleProcess } from '../support/roles.js';

/** The built product on the embedded default, and what a client needs to use it. */
export interface Product {
  readonly process: RoleProcess;
  readonly origin: string;
  /** API key of the first tenant, for events and reports. */
  readonly key: string;
  /** Session token of the first tenant. */
  readonly token: string;
  /** API key by tenant. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Starts the built product in `directory` with these tenants, no demonstration. */
export const startProduct = async (
  directory: string,
  tenants: readonly { readonly id: string; readonly [setting: string]: unknown }[],
): Promise<Product> => {
  const keys = new Map(tenants.map(({ id }) => [id, randomBytes(24).toString('base64url')]));
  const config = join(directory, 'queuecast.yaml');
  const configured = tenants.map((tenant) => {
    const sha256 = createHash('sha256')
      .update(keys.get(tenant.id) ?? '')
      .digest('hex');
    return { ...tenant, apiKeys: [{ name: 'bench', sha256, scopes: ['ingest', 'reports'] }] };
  });
  writeFileSync(config, JSON.stringify({ tenants: configured }));
  const running = await RoleProcess.start('apps/queuecast/src/main.js', /Queuecast is up: (\S+)/, {
    arguments: ['--no-demo'],
    environment: {
      QUEUECAST_CONFIG: config,
      QUEUECAST_PORT: '0',
      QUEUECAST_DATA_DIR: join(directory, 'data'),
      UV_THREADPOOL_SIZE: '16',
    },
  });
  const origin = running.announced;
  const key = keys.get(tenants[0]?.id ?? '') ?? '';
  const answer = await fetch(`${origin}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { token } = (await answer.json()) as { token: string };
  return { process: running, origin, key, token, keys };
};
