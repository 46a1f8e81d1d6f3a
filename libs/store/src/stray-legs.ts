import type { ClickHouseClient } from '@clickhouse/client';
import type { LegFact } from '@queuecast/contact-center';
import { hourOf, hourOfQuarter, quarterOf } from './interval-keys.js';
import { texts, whole, wholes } from './literals.js';
import { insert, type Table } from './rows/table.js';

interface StrayLeg {
  readonly tenant: string;
  readonly site: string;
  readonly queue: string;
  readonly quarter: number;
  readonly hour: number;
}

const STRAY_LEGS: Table<StrayLeg> = {
  name: 'stray_legs',
  columns: [
    { name: 'tenant', value: (stray) => stray.tenant },
    { name: 'site', value: (stray) => stray.site },
    { name: 'queue', value: (stray) => stray.queue },
    { name: 'quarter', value: (stray) => stray.quarter },
    { name: 'anchor_hour', value: (stray) => stray.hour },
  ],
};

/** Notes legs whose storage hour is not the hour they were queued in. Done before the legs are written: never one without its note. */
export const writeStrayLegs = async (client: ClickHouseClient, legs: readonly LegFact[]): Promise<void> => {
  const strays = new Map<string, StrayLeg>();
  for (const { tenant, site, queue, anchor, queuedAt } of legs) {
    const hour = hourOf(anchor);
    if (hour === hourOf(queuedAt)) continue;
    const quarter = quarterOf(queuedAt);
    strays.set(`${quarter}/${hour}/${tenant}/${site}/${queue}`, { tenant, site, queue, quarter, hour });
  }
  await insert(client, STRAY_LEGS, [...strays.values()]);
};

export interface QuarterRange {
  readonly tenants: Iterable<string>;
  /** Null for all. */
  readonly queues: Iterable<string> | null;
  readonly firstQuarter: number;
  readonly lastQuarter: number;
}

/** The storage hours, besides their own, that hold legs queued in these quarters. */
export const strayHours = async (client: ClickHouseClient, range: QuarterRange): Promise<number[]> => {
  const result = await client.query({
    query: `SELECT DISTINCT anchor_hour FROM stray_legs
WHERE tenant IN ${texts(range.tenants)}${range.queues ? ` AND queue IN ${texts(range.queues)}` : ''}
  AND quarter BETWEEN ${whole(range.firstQuarter)} AND ${whole(range.lastQuarter)}`,
    format: 'JSONCompactEachRow',
  });
  return (await result.json<[number]>()).map(([hour]) => hour);
};

/** Condition on `anchor_hour` that lets no leg queued in the range go unread. */
export const anchorHoursOf = (range: QuarterRange, strays: readonly number[]): string => {
  const first = hourOfQuarter(range.firstQuarter);
  const last = hourOfQuarter(range.lastQuarter);
  const within = `anchor_hour BETWEEN toDateTime(${whole(first * 3600)}, 'UTC') AND toDateTime(${whole(last * 3600)}, 'UTC')`;
  const outside = strays.filter((hour) => hour < first || hour > last);
  if (outside.length === 0) return within;
  return `(${within} OR anchor_hour IN ${wholes(outside.map((hour) => hour * 3600))})`;
};
