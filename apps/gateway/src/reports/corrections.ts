import { PUBLISHED_INTERVAL_MS } from '@queuecast/contact-center';
import { PUBLISHED_SHORT_ABANDON_SECONDS, PUBLISHED_THRESHOLD_SECONDS } from '@queuecast/metrics';
import type { CorrectionsQuery } from './query.js';
import { iso, pageOver, type Report } from './report.js';

const HEADER = [
  'metric',
  'site',
  'queue',
  'channel',
  'start',
  'from',
  'to',
  'type',
  'id',
  'source',
  'time',
  'lateSeconds',
  'contact',
  'leg',
];

/** What late events have changed of published figures, by interval and in the order in which they came. */
export const correctionsReport: Report<CorrectionsQuery> = {
  name: 'corrections',
  async read({ store }, tenant, query) {
    const report = await store.corrections({
      ...pageOver(tenant, query),
      metrics: query.metrics ?? [],
      ...(query.channel === undefined ? {} : { channel: query.channel }),
    });
    const rows = report.rows.map(({ metric, site, queue, channel, start, from, to, why }) => ({
      metric,
      site,
      queue,
      channel,
      interval: { start: iso(start), end: iso(start + PUBLISHED_INTERVAL_MS) },
      from,
      to,
      why: {
        type: why.type,
        id: why.id,
        source: why.source,
        time: iso(why.at),
        lateSeconds: why.behindMs / 1000,
        contact: why.contact,
        leg: why.leg,
      },
    }));
    return {
      document: () => ({
        tenant,
        from: iso(query.from),
        to: iso(query.to),
        thresholdSeconds: PUBLISHED_THRESHOLD_SECONDS,
        shortAbandonSeconds: PUBLISHED_SHORT_ABANDON_SECONDS,
        rows,
        nextCursor: report.nextCursor,
      }),
      table: () => ({
        header: HEADER,
        rows: rows.map(({ metric, site, queue, channel, interval, from, to, why }) => [
          metric,
          site,
          queue,
          channel,
          interval.start,
          from,
          to,
          why.type,
          why.id,
          why.source,
          why.time,
          why.lateSeconds,
          why.contact,
          why.leg,
        ]),
      }),
      nextCursor: report.nextCursor,
    };
  },
};
