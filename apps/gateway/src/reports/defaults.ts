import { closingsBetween } from '@queuecast/contact-center';
import { instant, type TenantId } from '@queuecast/events';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { Closing, RepeatRule, Thresholds } from '@queuecast/store';
import { knownQueues } from '../frames/known-queues.js';
import type { ReportSources } from './report.js';

const THRESHOLD_SECONDS = 150;
const SHORT_ABANDON_SECONDS = 5;
const DAY_MS = 86_400_000;
/** Who still waits a week after a report's end is no longer looked for behind closed doors. */
const LONGEST_WAIT_MS = 7 * DAY_MS;

/** The queues that a report is about, with their settings; all that the tenant is known to have if it names none. */
export const queuesOf = (
  { catalog, frames }: Pick<ReportSources, 'catalog' | 'frames'>,
  tenant: TenantId,
  asked: readonly string[] = [],
): CatalogQueue[] => {
  const known = knownQueues(catalog, frames, tenant);
  if (asked.length === 0) return known;
  return [...new Set(asked)].map((id) => known.find((queue) => queue.id === id) ?? catalog.queue(tenant, id));
};

/** What all queues have in common; undefined if they differ, or there are none. */
const agreed = <Value>(queues: readonly CatalogQueue[], of: (queue: CatalogQueue) => Value): Value | undefined => {
  const values = new Set(queues.map(of));
  return values.size === 1 ? [...values][0] : undefined;
};

/** What a report asks of thresholds; a queue's own where it is silent. */
interface AskedThresholds {
  readonly thresholdSeconds?: number | undefined;
  readonly shortAbandonSeconds?: number | undefined;
}

/** What a queue is counted by in a report: as asked, or its own, as on its tile. */
export const thresholdsOf = (asked: AskedThresholds, queue: CatalogQueue): Thresholds => ({
  thresholdSeconds: asked.thresholdSeconds ?? queue.thresholdSeconds,
  shortAbandonSeconds: asked.shortAbandonSeconds ?? queue.shortAbandonSeconds,
});

/** The thresholds of a report over queues; those that no setting and no event has named yet have the usual ones. */
export const thresholdsOver = (
  asked: AskedThresholds,
  queues: readonly CatalogQueue[],
): Thresholds & { readonly ownThresholds: ReadonlyMap<string, Thresholds> } => ({
  thresholdSeconds: asked.thresholdSeconds ?? THRESHOLD_SECONDS,
  shortAbandonSeconds: asked.shortAbandonSeconds ?? SHORT_ABANDON_SECONDS,
  ownThresholds: new Map(queues.map((queue) => [queue.id, thresholdsOf(asked, queue)])),
});

/** What a document says of them: that of all queues where they agree, else null and each by itself. */
export const thresholdsJson = (
  names: readonly (keyof Thresholds)[],
  asked: AskedThresholds,
  queues: readonly CatalogQueue[],
): Readonly<Record<string, unknown>> => {
  const usual = thresholdsOver(asked, []);
  const common: Record<string, number | null> = {};
  for (const name of names)
    common[name] =
      queues.length === 0 ? usual[name] : (agreed(queues, (queue) => thresholdsOf(asked, queue)[name]) ?? null);
  if (!Object.values(common).includes(null)) return common;
  const thresholds: Record<string, Record<string, number>> = {};
  for (const queue of queues) {
    const own = thresholdsOf(asked, queue);
    thresholds[queue.id] = Object.fromEntries(names.map((name): [string, number] => [name, own[name]]));
  }
  return { ...common, thresholds };
};

/** When a business day begins in a report over queues: as asked, or as all of them begin theirs; else at midnight. */
export const businessDayStartOf = (asked: string | undefined, queues: readonly CatalogQueue[]): string =>
  asked ?? agreed(queues, ({ businessDayStart }) => businessDayStart) ?? '00:00';

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
