import { zoneOf } from './defaults.js';
import type { CallbacksQuery } from './query.js';
import { figuresAnswer, pageOver, type Report } from './report.js';

/** What became of promises of a call back, by the time at which they were made. */
export const callbacksReport: Report<CallbacksQuery> = {
  name: 'callbacks',
  async read({ store, catalog }, tenant, query) {
    const { from, to, grain } = query;
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const report = await store.callbackReport({
      ...pageOver(tenant, query),
      grain,
      timeZone,
      metrics: query.metrics ?? [],
    });
    return figuresAnswer(
      { tenant, from, to, grain, timeZone },
      { site: 'site', queue: 'queue', start: 'start' },
      report,
    );
  },
};
