import { LEDGER_CLASSES, type LedgerClass } from '@queuecast/metrics';
import type { LedgerRequest, LedgerRow } from '@queuecast/store';
import { businessDayStartOf, queuesOf, thresholdsJson, thresholdsOver, zoneOf } from './defaults.js';
import type { LedgerQuery } from './query.js';
import { definitionsJson, figureColumns, iso, pageOver, type Report } from './report.js';
import { spanOfRow, type Span } from './row-span.js';

const MINUTE = 60_000;

/** The legs behind a cell: `GET /v1/reports/contacts` over what the row covers. */
const linksOf = (asked: LedgerRequest, row: LedgerRow, covered: Span): Record<string, string> => {
  const to = (name: LedgerClass | null, range: Span): string => {
    const query = new URLSearchParams({
      from: iso(range.from),
      to: iso(range.to),
      site: row.site,
      queue: row.queue,
      channel: row.channel,
      attribution: asked.attribution ?? 'arrival',
      shortAbandonSeconds: String((asked.ownThresholds?.get(row.queue) ?? asked).shortAbandonSeconds),
      ...(name === null ? {} : { class: name }),
    });
    return `/v1/reports/contacts?${query.toString()}`;
  };
  const links: Record<string, string> = {};
  // Who waits when the row begins is who waits at the end of what lies before it.
  if (row.carriedIn > 0) links['carriedIn'] = to('still_waiting', { from: covered.from - MINUTE, to: covered.from });
  if (row.offered > 0) links['offered'] = to(null, covered);
  for (const name of LEDGER_CLASSES) if (row.classes[name] > 0) links[name] = to(name, covered);
  return links;
};

/** Offered, and what became of them: the identity with all its terms, per queue, channel and interval. */
export const ledgerReport: Report<LedgerQuery> = {
  name: 'ledger',
  async read(sources, tenant, query) {
    const queues = queuesOf(sources, tenant, query.queue);
    const { shortAbandonSeconds, ownThresholds } = thresholdsOver(query, queues);
    const asked: LedgerRequest = {
      ...pageOver(tenant, query),
      grain: query.grain,
      timeZone: zoneOf(sources.catalog, tenant, query.timeZone),
      businessDayStart: businessDayStartOf(query.businessDayStart, queues),
      attribution: query.attribution,
      shortAbandonSeconds,
      ownThresholds,
    };
    const report = await sources.store.ledger(asked);
    const figures = figureColumns(report);
    // Hundreds of queues share few starts.
    const spans = new Map(
      [...new Set(report.rows.map(({ start }) => start))].map((start) => [
        start,
        spanOfRow(start, asked, report.changes),
      ]),
    );
    const rows = report.rows.map((row) => ({
      row,
      covered: spans.get(row.start) ?? { from: asked.from, to: asked.to },
    }));
    return {
      document: () => ({
        tenant,
        from: iso(asked.from),
        to: iso(asked.to),
        grain: asked.grain,
        timeZone: asked.timeZone,
        attribution: asked.attribution,
        businessDayStart: asked.businessDayStart,
        ...thresholdsJson(['shortAbandonSeconds'], query, queues),
        ...definitionsJson(report),
        rows: rows.map(({ row, covered }) => ({
          ...row,
          start: iso(row.start),
          end: iso(covered.to),
          links: linksOf(asked, row, covered),
        })),
        nextCursor: report.nextCursor,
      }),
      table: () => ({
        header: ['site', 'queue', 'channel', 'start', 'end', 'carriedIn', ...figures.header, 'imbalance', 'corrected'],
        rows: rows.map(({ row, covered }) => [
          row.site,
          row.queue,
          row.channel,
          iso(row.start),
          iso(covered.to),
          row.carriedIn,
          ...figures.cells({ offered: row.offered, contacts: row.contacts, ...row.classes }, row.start),
          row.imbalance,
          row.corrected.join(' '),
        ]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
