import { businessDayStartOf, queuesOf, zoneOf } from './defaults.js';
import type { AgentsQuery } from './query.js';
import { figuresAnswer, pageOver, type Report } from './report.js';

/** What agents did with their time. */
export const agentsReport: Report<AgentsQuery> = {
  name: 'agents',
  async read(sources, tenant, query) {
    const { store, catalog } = sources;
    const { from, to, grain, attribution, by } = query;
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const businessDayStart = businessDayStartOf(query.businessDayStart, queuesOf(sources, tenant, query.queue));
    const report = await store.agents({
      ...pageOver(tenant, query),
      by,
      grain,
      timeZone,
      businessDayStart,
      metrics: query.metrics ?? [],
    });
    const key = { site: 'site', of: by === 'site' ? 'of' : by, start: 'start' };
    return figuresAnswer({ tenant, from, to, grain, timeZone, businessDayStart, attribution, by }, key, report);
  },
};
