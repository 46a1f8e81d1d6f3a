import { instant, queueId } from '@queuecast/events';
import { zoneOf } from './defaults.js';
import type { AgentsQuery } from './query.js';
import { definitionsJson, figureColumns, iso, type Report } from './report.js';

/** What agents did with their time. */
export const agentsReport: Report<AgentsQuery> = {
  name: 'agents',
  async read({ store, catalog }, tenant, query) {
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const report = await store.agents({
      tenant,
      queues: (query.queue ?? []).map(queueId),
      by: query.by,
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
        attribution: query.attribution,
        by: query.by,
        ...definitionsJson(report),
        rows: report.rows.map((row) => ({ ...row, start: iso(row.start) })),
        nextCursor: report.nextCursor,
      }),
      table: () => ({
        header: ['site', query.by === 'site' ? 'of' : query.by, 'start', ...figures.header],
        rows: report.rows.map(({ site, of, start, values }) => [site, of, iso(start), ...figures.cells(values, start)]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
