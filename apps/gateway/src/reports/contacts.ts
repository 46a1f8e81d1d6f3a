import { siteId, type AgentId } from '@queuecast/events';
import { queuesOf, thresholdsJson, thresholdsOver } from './defaults.js';
import type { ContactsQuery } from './query.js';
import { iso, isoOrNull, pageOver, type Report } from './report.js';

const COLUMNS = [
  'site',
  'queue',
  'channel',
  'contact',
  'leg',
  'class',
  'outcome',
  'agent',
  'queuedAt',
  'answeredAt',
  'leftQueueAt',
  'endedAt',
  'waitMs',
  'talkMs',
  'holdMs',
  'wrapMs',
  'corrections',
] as const;

/** The legs behind a cell of a report, with the contacts they are of. */
export const contactsReport: Report<ContactsQuery> = {
  name: 'contacts',
  async read(sources, tenant, query) {
    const queues = queuesOf(sources, tenant, query.queue);
    const { shortAbandonSeconds, ownThresholds } = thresholdsOver(query, queues);
    const report = await sources.store.contacts({
      ...pageOver(tenant, query),
      sites: (query.site ?? []).map(siteId),
      attribution: query.attribution,
      shortAbandonSeconds,
      ownThresholds,
      ...(query.channel === undefined ? {} : { channel: query.channel }),
      ...(query.class === undefined ? {} : { class: query.class }),
      ...(query.agent === undefined ? {} : { agent: query.agent as AgentId }),
    });
    const rows = report.rows.map((leg) => ({
      ...leg,
      queuedAt: iso(leg.queuedAt),
      answeredAt: isoOrNull(leg.answeredAt),
      leftQueueAt: isoOrNull(leg.leftQueueAt),
      endedAt: isoOrNull(leg.endedAt),
    }));
    return {
      document: () => ({
        tenant,
        from: iso(query.from),
        to: iso(query.to),
        attribution: query.attribution,
        ...thresholdsJson(['shortAbandonSeconds'], query, queues),
        rows,
        nextCursor: report.nextCursor,
      }),
      table: () => ({ header: COLUMNS, rows: rows.map((row) => COLUMNS.map((column) => row[column])) }),
      nextCursor: report.nextCursor,
    };
  },
};
