import { isOpen, weeklyHours, type DayHours } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import type { Opening } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';

/** Dates and openings are looked up again after this long at the latest. */
const KEEP_MS = 60_000;

/** A queue's opening by its calendar and its hours for display, kept for as long as they hold. */
export class QueueCalendar {
  private kept: { readonly opening: Opening; readonly hours: readonly DayHours[]; readonly until: number } | null =
    null;

  constructor(private readonly queue: CatalogQueue) {}

  /** The opening, and the hours of the next 7 days, at an instant. */
  at(now: Instant): { readonly opening: Opening; readonly hours: readonly DayHours[] } {
    if (!this.kept || now >= this.kept.until || now < this.kept.until - KEEP_MS) {
      const { hours, holidays, timeZone } = this.queue;
      const { state, until } = isOpen(hours, holidays, timeZone, now);
      this.kept = {
        opening: { state, until, by: 'calendar' },
        hours: weeklyHours(hours, holidays, timeZone, now),
        until: Math.min(now + KEEP_MS, until ?? Infinity),
      };
    }
    return this.kept;
  }
}
