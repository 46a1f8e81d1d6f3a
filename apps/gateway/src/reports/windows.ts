import { WINDOWS, windowSpan, type WindowName } from '@queuecast/contact-center';
import { instant, queueId, siteId, type TenantId } from '@queuecast/events';
import { ProblemException } from '@queuecast/http';
import type { CatalogQueue } from '@queuecast/settings';
import type { FiguresRequest } from '@queuecast/store';
import { businessDayStartOf, closingsFor, queuesOf, repeatsOf, thresholdsOf, zoneOf } from './defaults.js';
import type { WindowsQuery } from './query.js';
import { definitionsJson, figureColumns, iso, type Report } from './report.js';

/** Queues in the order of their pages. */
const pageOf = (queues: readonly CatalogQueue[], { cursor, limit }: WindowsQuery, windows: number) => {
  const after = cursor === undefined ? null : Buffer.from(cursor, 'base64url').toString();
  if (after !== null && !queues.some(({ id }) => id === after))
    throw new ProblemException(400, {
      detail: 'cursor: is not one that this API gave; start again without it',
      errors: [{ parameter: 'cursor', message: 'is not one that this API gave; start again without it' }],
    });
  const left = queues.filter(({ id }) => after === null || id > after);
  // A queue's windows stay together.
  const page = left.slice(0, Math.max(1, Math.floor(limit / windows)));
  const last = page.at(-1);
  return { page, nextCursor: last && page.length < left.length ? Buffer.from(last.id).toString('base64url') : null };
};

const requestsOf = (
  queue: CatalogQueue,
  names: readonly WindowName[],
  tenant: TenantId,
  query: WindowsQuery,
  now: number,
): FiguresRequest[] => {
  const spans = names.map((name) => windowSpan(name, queue, instant(now)));
  const range = { from: Math.min(...spans.map(({ from }) => from)), to: now };
  return spans.map((span, n) => ({
    tenant,
    site: siteId(queue.site),
    queue: queueId(queue.id),
    ...span,
    ...thresholdsOf(query, queue),
    // They hold for all windows of the queue.
    closings: n === 0 ? closingsFor(query.metrics, [queue], range, now) : [],
  }));
};

/** What a supervisor compares: rolling minutes, today, yesterday, this week, a week ago, by each queue's own days. */
export const windowsReport: Report<WindowsQuery> = {
  name: 'windows',
  async read(sources, tenant, query) {
    const { store, catalog } = sources;
    const now = sources.now();
    const names = query.window ?? WINDOWS;
    const queues = queuesOf(sources, tenant, query.queue).toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const { page, nextCursor } = pageOf(queues, query, names.length);
    const requests = page.flatMap((queue) => requestsOf(queue, names, tenant, query, now));
    const repeats = repeatsOf(catalog, tenant, query);
    const report = await store.figures(requests, {
      metrics: query.metrics ?? [],
      attribution: query.attribution,
      repeats,
      timeZone: zoneOf(catalog, tenant),
      businessDayStart: businessDayStartOf(undefined, queues),
    });
    const figures = figureColumns(report);
    const zones = new Map(page.map(({ id, timeZone }) => [id, timeZone]));
    const rows = requests.map((request, n) => ({
      site: request.site,
      queue: request.queue,
      window: names[n % names.length] ?? '',
      from: iso(request.from),
      to: iso(request.to),
      timeZone: zones.get(request.queue) ?? 'UTC',
      thresholdSeconds: request.thresholdSeconds,
      shortAbandonSeconds: request.shortAbandonSeconds,
      values: report.values[n] ?? {},
    }));
    return {
      document: () => ({
        tenant,
        at: iso(now),
        attribution: query.attribution,
        repeatDays: repeats.days,
        ...definitionsJson(report),
        rows,
        nextCursor,
      }),
      table: () => ({
        header: ['site', 'queue', 'window', 'from', 'to', 'thresholdSeconds', ...figures.header],
        rows: rows.map(({ site, queue, window, from, to, thresholdSeconds, values }) => [
          site,
          queue,
          window,
          from,
          to,
          thresholdSeconds,
          ...figures.cells(values, now),
        ]),
      }),
      nextCursor,
    };
  },
};
