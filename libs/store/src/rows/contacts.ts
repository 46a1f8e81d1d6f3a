import type { ContactRow } from '@queuecast/contact-center';
import type { ContactId, Instant, SiteId, TenantId } from '@queuecast/events';
import type { Table } from './table.js';

export const CONTACTS: Table<ContactRow> = {
  name: 'contacts',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'contact', value: (row) => row.contact },
    { name: 'last_at', value: (row) => row.lastAt },
    { name: 'closed', value: (row) => row.closed },
    { name: 'marks', value: (row) => row.marks, isObjectText: true },
    { name: 'version', value: (row) => row.version },
  ],
};

/** Select list that {@link contactOf} reads. */
export const CONTACT_COLUMNS =
  'tenant, site, contact, toUnixTimestamp64Milli(last_at) AS last_ms, closed, marks, version';

/** A row of {@link CONTACT_COLUMNS} as JSON gives it: 64-bit integers are quoted. */
export type ContactRecord = [string, string, string, string, boolean, string, string];

export const contactOf = ([tenant, site, contact, lastMs, closed, marks, version]: ContactRecord): ContactRow => ({
  tenant: tenant as TenantId,
  site: site as SiteId,
  contact: contact as ContactId,
  lastAt: Number(lastMs) as Instant,
  closed,
  marks,
  version: Number(version),
});
