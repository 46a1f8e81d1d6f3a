import type { BestTime, PublicOutlook } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';
import { roundedBand, type OutlookHour } from '@queuecast/wait-estimates';
import type { QueueOutlook } from './outlooks.js';

type Hour = PublicOutlook['hours'][number];

const hourOf = (hour: OutlookHour): Hour => {
  const { from, to } = hour;
  if (hour.kind === 'none') return { from, to, wait: { kind: 'none', reason: hour.reason } };
  return { from, to, wait: { kind: 'band', ...roundedBand(hour.forecast.lowMs, hour.forecast.highMs) } };
};

/** The outlook as the public is told it: rounded, and no counts. */
export const publicOutlook = (queue: CatalogQueue, outlook: QueueOutlook, bestTime: BestTime): PublicOutlook => {
  const hours: Hour[] = [];
  for (const hour of outlook.hours.map(hourOf)) {
    const before = hours.at(-1);
    if (before && JSON.stringify(before.wait) === JSON.stringify(hour.wait))
      hours[hours.length - 1] = { ...before, to: hour.to };
    else hours.push(hour);
  }
  const { tenant, id, timeZone } = queue;
  return { tenant, queue: id, timeZone, history: outlook.history, bestTime, hours };
};
