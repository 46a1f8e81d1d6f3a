import { spareCallsPerHour } from '@queuecast/callbacks';
import type { Instant } from '@queuecast/events';
import type { QueueFrame } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';
import type { OutlookHour } from '@queuecast/wait-estimates';

/** A frame older than this says nothing about now. */
export const STALE_MS = 60_000;
/** What a queue is trusted with while nobody knows its agents or their handle time. */
const UNKNOWN_PER_HOUR = 20;

/** What is known of a queue besides its settings. */
export interface QueueKnowledge {
  /** The latest frame; null before the first. */
  readonly frame: QueueFrame | null;
  /** What is expected of the hours from the running one on. */
  readonly hours: readonly OutlookHour[];
}

/**
 * How many promised calls a queue can make in an hour that begins at an instant: what is configured, otherwise what the
 * agents who are there now can do beside the contacts of that hour. Of the running hour these are those that come in now; of
 * a later one, the mean of its hour of the week in the history that the outlook is learnt from, or those that come in now
 * where history tells too little.
 */
export const callsPerHour = (
  { callbacks: { perHour } }: Pick<CatalogQueue, 'callbacks'>,
  { frame, hours }: QueueKnowledge,
  now: Instant,
): ((at: Instant) => number) => {
  const staffing = frame && now - frame.at <= STALE_MS ? frame.staffing : null;
  if (perHour !== undefined || !staffing) return () => perHour ?? UNKNOWN_PER_HOUR;
  const { agents, handleMs, arrivalsPerHour } = staffing.from;
  return (at) => {
    const hour = hours.find(({ from, to }) => from <= at && at < to);
    const isLater = hour?.kind === 'band' && hour.from > now;
    const expected = isLater ? hour.forecast.contacts / hour.forecast.days : arrivalsPerHour;
    return spareCallsPerHour(agents, handleMs, expected);
  };
};
