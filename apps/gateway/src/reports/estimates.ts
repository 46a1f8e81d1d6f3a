import { zoneOf } from './defaults.js';
import type { EstimatesQuery } from './query.js';
import { figuresAnswer, pageOver, type Report } from './report.js';

const KEY = { site: 'site', queue: 'queue', start: 'start', predictor: 'predictor', population: 'population' };

/** The scorecard: what contacts were told when they joined, and what the rules of others would have said, beside what came. */
export const estimatesReport: Report<EstimatesQuery> = {
  name: 'estimates',
  async read({ store, catalog }, tenant, query) {
    const { from, to, grain } = query;
    const timeZone = zoneOf(catalog, tenant, query.timeZone);
    const report = await store.estimates({ ...pageOver(tenant, query), grain, timeZone });
    return figuresAnswer({ tenant, from, to, grain, timeZone }, KEY, report);
  },
};
