import { spareCallsPerHour } from '@queuecast/callbacks';
import type { Instant } from '@queuecast/events';
import type { QueueFrame } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';
import type { OutlookHour } from '@queuecast/wait-estimates';

/** A frame older than this says nothing about now. */
export const STALE_MS = 60_000;
/**
 * What agents are planned to be busy for at most, of their time: beside the contacts that usually come, an hour leaves the rest
 * where nobody knows its agents.
 */
const PLANNED_OCCUPANCY = 0.9;
/** What a queue is trusted with at least where nobody knows them. */
const FEW_PER_HOUR = 2;

/** What is known of a queue besides its settings. */
export interface QueueKnowledge {
  /** The latest frame; null before the first. */
  readonly frame: QueueFrame | null;
  /** What is expected of the hours from the running one on. */
  readonly hours: readonly OutlookHour[];
}

/**
 * How many promised calls a queue can make in an hour that begins at an instant: what is configured, otherwise what the
 * agents who are there now can do beside the contacts of that hour; where nobody knows these, what the hour's usual contacts
 * leave to agents who were planned for them. Of the running hour these are those that come in now; of
 * a later one, the mean of its hour of the week in the history that the outlook is learnt from, or those that come in now
 * where history tells too little.
 */
export const callsPerHour = (
  { callbacks: { perHour } }: Pick<CatalogQueue, 'callbacks'>,
  { frame, hours }: QueueKnowledge,
  now: Instant,
): ((at: Instant) => number) => {
  if (perHour !== undefined) return () => perHour;
  const hourAt = (at: Instant) => hours.find(({ from, to }) => from <= at && at < to);
  const usual = (hour: OutlookHour | undefined): number | null =>
    hour?.kind === 'band' ? hour.forecast.contacts / hour.forecast.days : null;
  const staffing = frame && now - frame.at <= STALE_MS ? frame.staffing : null;
  if (!staffing) return (at) => Math.max(FEW_PER_HOUR, (usual(hourAt(at)) ?? 0) * (1 / PLANNED_OCCUPANCY - 1));
  const { agents, handleMs, arrivalsPerHour } = staffing.from;
  return (at) => {
    const hour = hourAt(at);
    const expected = hour && hour.from > now ? usual(hour) : null;
    return spareCallsPerHour(agents, handleMs, expected ?? arrivalsPerHour);
  };
};
