import { endOfWorkingDay, type OpeningHours } from '@queuecast/contact-center';
import { after, type CallbackProfile, type Instant } from '@queuecast/events';

const HOUR_MS = 3_600_000;

/** When a queue works: what its settings say. */
export interface QueueTimes {
  readonly hours: OpeningHours;
  readonly holidays: readonly string[];
  readonly timeZone: string;
}

/** By which rule promises of a queue fall due. `custom` has exactly one of `hours` and `workingDays`. */
export interface DueRule {
  readonly profile: CallbackProfile;
  readonly hours?: number | undefined;
  readonly workingDays?: number | undefined;
}

/**
 * When a promise made at an instant is due at the latest. `be-24h`: 24 hours later. `be-charter`: at the end of the next
 * working day of the queue. `custom`: some hours later, or at the end of the nth working day.
 *
 * @returns null where the queue has no such working day within the calendar's horizon: nothing can be promised then
 */
export const dueAt = (rule: DueRule, times: QueueTimes, at: Instant): Instant | null => {
  if (rule.profile === 'be-24h') return after(at, 24 * HOUR_MS);
  if (rule.profile === 'custom' && rule.workingDays === undefined) return after(at, (rule.hours ?? 24) * HOUR_MS);
  const days = rule.profile === 'be-charter' ? 1 : (rule.workingDays ?? 1);
  return endOfWorkingDay(times.hours, times.holidays, times.timeZone, at, days);
};
