import { createHash } from 'node:crypto';
import { NOON_ZONE } from './noon.js';
import type { SettingsInput } from './server.js';

export const ACME_KEY = 'acme-key-of-the-tests';
export const GLOBEX_KEY = 'globex-key-of-the-tests';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Two tenants that use the same names for their queues; facts are flushed at once, and no source falls silent meanwhile. */
export const twoTenants = (more: Omit<SettingsInput, 'tenants'> = {}): SettingsInput => ({
  ...more,
  processor: { flushMs: 50, sourceSilentSeconds: 3_600, ...more.processor },
  tenants: [
    {
      id: 'acme',
      name: 'Acme Telecom',
      timeZone: NOON_ZONE,
      queues: [
        {
          id: 'support',
          name: { en: 'Technical support', fr: 'Assistance', nl: 'Technische hulp', de: 'Technik' },
          public: true,
          thresholdSeconds: 20,
        },
        { id: 'sales', name: { en: 'Sales', fr: 'Ventes', nl: 'Verkoop', de: 'Verkauf' } },
      ],
      apiKeys: [{ name: 'acme', sha256: sha256(ACME_KEY), scopes: ['ingest', 'reports'] }],
    },
    {
      id: 'globex',
      name: 'Globex',
      timeZone: NOON_ZONE,
      queues: [{ id: 'support', name: 'Globex support', public: true }],
      apiKeys: [{ name: 'globex', sha256: sha256(GLOBEX_KEY), scopes: ['ingest', 'reports'] }],
    },
  ],
});
