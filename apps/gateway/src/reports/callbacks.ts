import { businessDayStartOf, queuesOf, zoneOf } from './defaults.js';
import type { CallbacksQuery } from './query.js';
import { figuresAnswer, pageOver, type Report } from './report.js';

/** What became of promises of a call back, by the time at which they were made. */
export const callbacksReport: Report<CallbacksQuery> = {
  name: 'callbacks',
  async read(sources, tenant, query) {
    const { store, catalog } = sources;
    const { from, to, grain } = query;
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const businessDayStart = businessDayStartOf(query.businessDayStart, queuesOf(sources, tenant, query.queue));
    const report = await store.callbackReport({
      ...pageOver(tenant, query),
      grain,
      timeZone,
      businessDayStart,
      metrics: query.metrics ?? [],
    });
    return figuresAnswer(
      { tenant, from, to, grain, timeZone, businessDayStart },
      { site: 'site', queue: 'queue', start: 'start' },
      report,
    );
  },
};
