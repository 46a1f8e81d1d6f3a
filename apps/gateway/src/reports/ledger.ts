import { instant, queueId, type TenantId } from '@queuecast/events';
import { LEDGER_CLASSES, type LedgerClass } from '@queuecast/metrics';
import type { LedgerRequest, LedgerRow } from '@queuecast/store';
import { configuredQueues, shortAbandonOf, zoneOf } from './defaults.js';
import type { LedgerQuery } from './query.js';
import { definitionsJson, figureColumns, iso, type Report } from './report.js';
import { endOfRow } from './row-end.js';

const MINUTE = 60_000;

/** The legs behind a cell: `GET /v1/reports/contacts` over what the row covers. */
const linksOf = (asked: LedgerRequest, row: LedgerRow, end: number): Record<string, string> => {
  const to = (name: LedgerClass | null, range: { readonly from: number; readonly to: number }): string => {
    const query = new URLSearchParams({
      from: iso(range.from),
      to: iso(range.to),
      site: row.site,
      queue: row.queue,
      channel: row.channel,
      attribution: asked.attribution ?? 'arrival',
      shortAbandonSeconds: String(asked.shortAbandonSeconds),
      ...(name === null ? {} : { class: name }),
    });
    return `/v1/reports/contacts?${query.toString()}`;
  };
  // Reports widen their bounds to whole minutes.
  const from = Math.max(row.start, Math.floor(asked.from / MINUTE) * MINUTE);
  const range = { from, to: Math.min(end, Math.ceil(asked.to / MINUTE) * MINUTE) };
  const links: Record<string, string> = {};
  // Who waits when the row begins is who waits at the end of what lies before it.
  if (row.carriedIn > 0) links['carriedIn'] = to('still_waiting', { from: from - MINUTE, to: from });
  if (row.offered > 0) links['offered'] = to(null, range);
  for (const name of LEDGER_CLASSES) if (row.classes[name] > 0) links[name] = to(name, range);
  return links;
};

const requestOf = (query: LedgerQuery, tenant: TenantId, timeZone: string, short: number): LedgerRequest => ({
  tenant,
  queues: (query.queue ?? []).map(queueId),
  from: instant(query.from),
  to: instant(query.to),
  grain: query.grain,
  timeZone,
  attribution: query.attribution,
  shortAbandonSeconds: short,
  limit: query.limit,
  ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
});

/** Offered, and what became of them: the identity with all its terms, per queue, channel and interval. */
export const ledgerReport: Report<LedgerQuery> = {
  name: 'ledger',
  async read({ store, catalog }, tenant, query) {
    const short = shortAbandonOf(query.shortAbandonSeconds, configuredQueues(catalog, tenant, query.queue));
    const asked = requestOf(query, tenant, zoneOf(catalog, tenant, query.timeZone), short);
    const report = await store.ledger(asked);
    const figures = figureColumns(report);
    const ends = report.rows.map(({ start }) => endOfRow(start, asked, report.changes));
    return {
      document: {
        tenant,
        from: iso(asked.from),
        to: iso(asked.to),
        grain: asked.grain,
        timeZone: asked.timeZone,
        attribution: asked.attribution,
        shortAbandonSeconds: asked.shortAbandonSeconds,
        ...definitionsJson(report),
        rows: report.rows.map((row, n) => ({
          ...row,
          start: iso(row.start),
          end: iso(ends[n] ?? asked.to),
          links: linksOf(asked, row, ends[n] ?? asked.to),
        })),
        nextCursor: report.nextCursor,
      },
      table: {
        header: ['site', 'queue', 'channel', 'start', 'end', 'carriedIn', ...figures.header, 'imbalance'],
        rows: report.rows.map(
          ({ site, queue, channel, start, carriedIn, offered, contacts, classes, imbalance }, n) => [
            site,
            queue,
            channel,
            iso(start),
            iso(ends[n] ?? asked.to),
            carriedIn,
            ...figures.cells({ offered, contacts, ...classes }, start),
            imbalance,
          ],
        ),
      },
      nextCursor: report.nextCursor,
    };
  },
};
