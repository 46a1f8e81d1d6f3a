import { businessDayStartOf, queuesOf, zoneOf } from './defaults.js';
import type { EstimatesQuery } from './query.js';
import { figuresAnswer, pageOver, type Report } from './report.js';

const KEY = { site: 'site', queue: 'queue', start: 'start', predictor: 'predictor', population: 'population' };

/** The scorecard: what contacts were told when they joined, and what the rules of others would have said, beside what came. */
export const estimatesReport: Report<EstimatesQuery> = {
  name: 'estimates',
  async read(sources, tenant, query) {
    const { store, catalog } = sources;
    const { from, to, grain } = query;
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const businessDayStart = businessDayStartOf(query.businessDayStart, queuesOf(sources, tenant, query.queue));
    const report = await store.estimates({ ...pageOver(tenant, query), grain, timeZone, businessDayStart });
    return figuresAnswer({ tenant, from, to, grain, timeZone, businessDayStart }, KEY, report);
  },
};
