import { hoursAhead, type HourAhead } from '@queuecast/contact-center';
import { instant } from '@queuecast/events';
import type { CatalogQueue } from '@queuecast/settings';

/** Days that the outlook is of, today's included. */
const DAYS = 7;

/** The hours ahead by calendar: queues that share one share the work. Each is worked out anew when its running hour ends. */
export class OutlookCalendars {
  private readonly known = new Map<string, readonly HourAhead[]>();

  /** The same array for as long as it holds. */
  ahead({ hours, holidays, timeZone, businessDayStart }: CatalogQueue, now: number): readonly HourAhead[] {
    const key = JSON.stringify([hours, holidays, timeZone, businessDayStart]);
    const known = this.known.get(key);
    const running = known?.[0];
    if (known && running && running.from <= now && now < running.to) return known;
    const ahead = hoursAhead({ hours, holidays, timeZone, businessDayStart }, instant(now), DAYS);
    // It begins with the hour, of which a part may be over.
    const current = ahead.filter(({ to }) => to > now);
    this.known.set(key, current);
    return current;
  }
}
