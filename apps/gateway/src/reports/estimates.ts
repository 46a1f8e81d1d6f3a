import { instant, queueId } from '@queuecast/events';
import { zoneOf } from './defaults.js';
import type { EstimatesQuery } from './query.js';
import { definitionsJson, figureColumns, iso, type Report } from './report.js';

/** The scorecard: what contacts were told when they joined, and what the rules of others would have said, beside what came. */
export const estimatesReport: Report<EstimatesQuery> = {
  name: 'estimates',
  async read({ store, catalog }, tenant, query) {
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const report = await store.estimates({
      tenant,
      queues: (query.queue ?? []).map(queueId),
      from: instant(query.from),
      to: instant(query.to),
      grain: query.grain,
      timeZone,
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
        header: ['site', 'queue', 'start', 'predictor', 'population', ...figures.header],
        rows: report.rows.map(({ site, queue, start, predictor, population, values }) => [
          site,
          queue,
          iso(start),
          predictor,
          population,
          ...figures.cells(values, start),
        ]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
