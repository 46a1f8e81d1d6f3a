import type { IntervalReportRequest } from '@queuecast/store';
import {
  businessDayStartOf,
  closingsFor,
  queuesOf,
  repeatsOf,
  thresholdsJson,
  thresholdsOver,
  zoneOf,
} from './defaults.js';
import type { IntervalQuery } from './query.js';
import { definitionsJson, figureColumns, iso, pageOver, type Report } from './report.js';

/** Figures by queue, channel and interval: the same intervals that the wallboards' figures of the day come from. */
export const intervalsReport: Report<IntervalQuery> = {
  name: 'intervals',
  async read(sources, tenant, query) {
    const { store, catalog, now } = sources;
    const queues = queuesOf(sources, tenant, query.queue);
    const repeats = repeatsOf(catalog, tenant, query);
    const asked: IntervalReportRequest = {
      ...pageOver(tenant, query),
      grain: query.grain,
      timeZone: zoneOf(catalog, tenant, query.timeZone),
      attribution: query.attribution,
      businessDayStart: businessDayStartOf(query.businessDayStart, queues),
      channels: query.channels,
      ...thresholdsOver(query, queues),
      metrics: query.metrics ?? [],
      repeats,
      closings: closingsFor(query.metrics, queues, query, now()),
    };
    const report = await store.intervals(asked);
    const figures = figureColumns(report);
    return {
      document: () => ({
        tenant,
        from: iso(asked.from),
        to: iso(asked.to),
        grain: asked.grain,
        timeZone: asked.timeZone,
        attribution: asked.attribution,
        businessDayStart: asked.businessDayStart,
        ...thresholdsJson(['thresholdSeconds', 'shortAbandonSeconds'], query, queues),
        repeatDays: repeats.days,
        ...definitionsJson(report),
        rows: report.rows.map((row) => ({ ...row, start: iso(row.start) })),
        nextCursor: report.nextCursor,
      }),
      table: () => ({
        header: ['site', 'queue', 'channel', 'start', ...figures.header, 'corrected'],
        rows: report.rows.map(({ site, queue, channel, start, values, corrected }) => [
          site,
          queue,
          channel,
          iso(start),
          ...figures.cells(values, start),
          corrected.join(' '),
        ]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
