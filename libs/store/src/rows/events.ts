import type { Instant, SiteId, TenantId } from '@queuecast/events';
import type { ArchivedEvent } from '../port.js';
import type { Table } from './table.js';

export const EVENTS: Table<ArchivedEvent> = {
  name: 'events',
  columns: [
    { name: 'tenant', value: (event) => event.tenant },
    { name: 'site', value: (event) => event.site },
    { name: 'at', value: (event) => event.at },
    { name: 'source', value: (event) => event.source },
    { name: 'id', value: (event) => event.id },
    { name: 'type', value: (event) => event.type },
    { name: 'subject', value: (event) => event.subject },
    { name: 'appended_at', value: (event) => event.appendedAt },
    { name: 'body', value: (event) => event.body, isObjectText: true },
    { name: 'version', value: (event) => event.version },
  ],
};

/** Select list that {@link eventOf} reads. */
export const EVENT_COLUMNS =
  'tenant, site, id, source, type, subject, toUnixTimestamp64Milli(at) AS at_ms, toUnixTimestamp64Milli(appended_at) AS appended_ms, body, version';

/** A row of {@link EVENT_COLUMNS} as JSON gives it: 64-bit integers are quoted. */
export type EventRecord = [string, string, string, string, string, string, string, string, string, string];

export const eventOf = (record: EventRecord): ArchivedEvent => {
  const [tenant, site, id, source, type, subject, at, appendedAt, body, version] = record;
  return {
    tenant: tenant as TenantId,
    site: site as SiteId,
    id,
    source,
    type,
    subject,
    at: Number(at) as Instant,
    appendedAt: Number(appendedAt) as Instant,
    body,
    version: Number(version),
  };
};
