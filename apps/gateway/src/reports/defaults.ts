import { closingsBetween } from '@queuecast/contact-center';
import { instant, type TenantId } from '@queuecast/events';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { Closing, RepeatRule } from '@queuecast/store';

const THRESHOLD_SECONDS = 150;
const SHORT_ABANDON_SECONDS = 5;
const DAY_MS = 86_400_000;
/** Who still waits a week after a report's end is no longer looked for behind closed doors. */
const LONGEST_WAIT_MS = 7 * DAY_MS;

/** The configured queues that a report is about; all of the tenant if it names none. */
export const configuredQueues = (catalog: Catalog, tenant: TenantId, queues: readonly string[] = []): CatalogQueue[] =>
  catalog.queues(tenant).filter(({ id }) => queues.length === 0 || queues.includes(id));

/** What all queues have in common; undefined if they differ, or there are none. */
const agreed = (queues: readonly CatalogQueue[], of: (queue: CatalogQueue) => number): number | undefined => {
  const values = new Set(queues.map(of));
  return values.size === 1 ? [...values][0] : undefined;
};

/** The service level threshold of a report over queues: as asked, or their own where they agree. */
export const thresholdOf = (asked: number | undefined, queues: readonly CatalogQueue[]): number =>
  asked ?? agreed(queues, (queue) => queue.thresholdSeconds) ?? THRESHOLD_SECONDS;

/** Below how many seconds an abandon is short: as asked, or the queues' own where they agree. */
export const shortAbandonOf = (asked: number | undefined, queues: readonly CatalogQueue[]): number =>
  asked ?? agreed(queues, (queue) => queue.shortAbandonSeconds) ?? SHORT_ABANDON_SECONDS;

export const zoneOf = (catalog: Catalog, tenant: TenantId, asked?: string): string =>
  asked ?? catalog.tenant(tenant)?.timeZone ?? 'UTC';

/** What makes a caller come again: as asked, or as the tenant's settings say. */
export const repeatsOf = (
  catalog: Catalog,
  tenant: TenantId,
  asked: { readonly repeatDays?: number | undefined; readonly queueGroup?: readonly string[][] | undefined },
): RepeatRule => {
  const groups = asked.queueGroup
    ? asked.queueGroup.flatMap((members) => members.map((queue): [string, string] => [queue, members.join(',')]))
    : catalog.queues(tenant).flatMap(({ id, group }): [string, string][] => (group === undefined ? [] : [[id, group]]));
  return { days: asked.repeatDays ?? catalog.tenant(tenant)?.repeatDays ?? 7, groups: new Map(groups) };
};

const readsClosings = (metric: string): boolean => /^after_hours_waiters(@|$)/.test(metric);

/**
 * When queues are closed from the beginning of a report on, for those who joined in it and waited then; none unless a
 * metric asks. Queues that share a calendar share the work.
 */
export const closingsFor = (
  metrics: readonly string[] | undefined,
  queues: readonly CatalogQueue[],
  range: { readonly from: number; readonly to: number },
  now: number,
): Closing[] => {
  if (!metrics?.some(readsClosings)) return [];
  const to = Math.max(range.to, Math.min(now, range.to + LONGEST_WAIT_MS));
  const byCalendar = new Map<string, ReturnType<typeof closingsBetween>>();
  return queues.flatMap(({ id, hours, holidays, timeZone }) => {
    const calendar = JSON.stringify([hours, holidays, timeZone]);
    const closings =
      byCalendar.get(calendar) ?? closingsBetween(hours, holidays, timeZone, instant(range.from), instant(to));
    byCalendar.set(calendar, closings);
    return closings.map((closing) => ({ queue: id, ...closing }));
  });
};
