import type { OutlookQuery } from '../reports/query.js';
import { iso, type Report } from '../reports/report.js';
import type { Outlooks } from './outlooks.js';

const HEADER = [
  'site',
  'queue',
  'from',
  'to',
  'date',
  'reason',
  'lowMs',
  'p50Ms',
  'highMs',
  'basis',
  'contacts',
  'days',
];

/** The wait to expect by hour, for the rest of today and the week, from history. */
export const outlookReport = (outlooks: Outlooks): Report<OutlookQuery> => ({
  name: 'outlook',
  read({ catalog, now }, tenant, query) {
    const queues = [...new Set(query.queue)].map((id) => catalog.queue(tenant, id));
    const known = queues.map((queue) => ({ queue, ...outlooks.of(queue) }));
    const rows = known.flatMap(({ queue: { id, site }, hours }) =>
      hours.map((hour) => ({
        site,
        queue: id,
        from: iso(hour.from),
        to: iso(hour.to),
        date: hour.date,
        ...(hour.kind === 'band' ? { reason: null, ...hour.forecast } : { reason: hour.reason, ...NOTHING }),
      })),
    );
    const histories = known.map(({ queue: { id, timeZone }, history }) => ({
      queue: id,
      timeZone,
      from: history && iso(history.from),
      to: history && iso(history.to),
    }));
    return Promise.resolve({
      document: () => ({ tenant, at: iso(now()), histories, rows, nextCursor: null }),
      table: () => ({
        header: HEADER,
        rows: rows.map((row) => [
          row.site,
          row.queue,
          row.from,
          row.to,
          row.date,
          row.reason,
          row.lowMs,
          row.p50Ms,
          row.highMs,
          row.basis,
          row.contacts,
          row.days,
        ]),
      }),
      nextCursor: null,
    });
  },
});

const NOTHING = { lowMs: null, p50Ms: null, highMs: null, basis: null, contacts: null, days: null };
