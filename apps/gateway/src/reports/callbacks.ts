import { instant, queueId } from '@queuecast/events';
import { zoneOf } from './defaults.js';
import type { CallbacksQuery } from './query.js';
import { definitionsJson, figureColumns, iso, type Report } from './report.js';

/** What became of promises of a call back, by the time at which they were made. */
export const callbacksReport: Report<CallbacksQuery> = {
  name: 'callbacks',
  async read({ store, catalog }, tenant, query) {
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const report = await store.callbackReport({
      tenant,
      queues: (query.queue ?? []).map(queueId),
      from: instant(query.from),
      to: instant(query.to),
      grain: query.grain,
      timeZone,
      metrics: query.metrics ?? [],
      limit: query.limit,
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
    });
    const figures = figureColumns(report);
    return {
      document: () => ({
        tenant,
        from: iso(query.from),
        to: iso(query.to),
        grain: query.grain,
        timeZone,
        ...definitionsJson(report),
        rows: report.rows.map((row) => ({ ...row, start: iso(row.start) })),
        nextCursor: report.nextCursor,
      }),
      table: () => ({
        header: ['site', 'queue', 'start', ...figures.header],
        rows: report.rows.map(({ site, queue, start, values }) => [
          site,
          queue,
          iso(start),
          ...figures.cells(values, start),
        ]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
