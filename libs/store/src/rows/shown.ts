import type { Instant, SiteId, TenantId } from '@queuecast/events';
import type { ShownPosition } from '../port.js';
import type { Table } from './table.js';

export const SHOWN: Table<ShownPosition> = {
  name: 'shown_positions',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'shown_at', value: (row) => row.shownAt },
    { name: 'version', value: (row) => row.version },
    { name: 'figures_version', value: (row) => row.figuresVersion },
    { name: 'store_behind_since', value: (row) => row.storeBehindSince },
  ],
};

/** Select list that {@link shownOf} reads. */
export const SHOWN_COLUMNS =
  'tenant, site, toUnixTimestamp64Milli(shown_at) AS shown_ms, version, figures_version, toUnixTimestamp64Milli(store_behind_since) AS behind_ms';

/** A row of {@link SHOWN_COLUMNS} as JSON gives it: 64-bit integers are quoted. */
export type ShownRecord = [string, string, string, string, string | null, string | null];

const numberOf = (quoted: string | null): number | null => (quoted === null ? null : Number(quoted));

export const shownOf = ([tenant, site, shownMs, version, figuresVersion, behindMs]: ShownRecord): ShownPosition => ({
  tenant: tenant as TenantId,
  site: site as SiteId,
  shownAt: Number(shownMs) as Instant,
  version: Number(version),
  figuresVersion: numberOf(figuresVersion),
  storeBehindSince: numberOf(behindMs) as Instant | null,
});
