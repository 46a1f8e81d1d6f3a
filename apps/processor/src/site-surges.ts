import { ArrivalSurge, hoursAhead, type LegFact, type QueueCalendarDays } from '@queuecast/contact-center';
import type { Instant, QueueId } from '@queuecast/events';
import type { Surge } from '@queuecast/live';
import type { WaitHistoryCell } from '@queuecast/store';

const HOUR_MS = 3_600_000;
/** On fewer past days of a weekday nobody can tell what is usual on it. */
const ENOUGH_DAYS = 3;

/** What is usual at the running hour of a queue's clock; kept until the hour is over. */
interface UsualNow {
  readonly until: number;
  readonly perHour: number | null;
}

/** Watches the queues of a site for surges: arrivals as they are folded, against what history says is usual. */
export class SiteSurges {
  private readonly arrivals = new Map<QueueId, ArrivalSurge>();
  private readonly history = new Map<string, readonly WaitHistoryCell[]>();
  private readonly usual = new Map<QueueId, UsualNow>();
  /** When the history was read last, milliseconds since the epoch; null before. */
  readAt: number | null = null;

  constructor(private readonly calendarOf: (queue: QueueId) => QueueCalendarDays) {}

  /** After a restart: those who wait, or talk, have arrived. Whoever is gone already is not counted. */
  restore(open: Iterable<LegFact>): void {
    for (const leg of open) this.learn(null, leg);
  }

  /** A leg is known anew. */
  learn(before: LegFact | null, after: LegFact | null): void {
    if (before || !after || after.internal) return;
    let surge = this.arrivals.get(after.queue);
    if (!surge) this.arrivals.set(after.queue, (surge = new ArrivalSurge()));
    surge.arrived(after.queuedAt);
  }

  /** The arrivals of the last weeks by hour of the week, of these queues. */
  know(queues: readonly QueueId[], cells: readonly WaitHistoryCell[], readAt: number): void {
    for (const queue of queues) {
      this.history.set(
        queue,
        cells.filter((cell) => cell.queue === queue),
      );
      this.usual.delete(queue);
    }
    this.readAt = readAt;
  }

  /** The surge of a queue, or null: also while too little history is known to tell what is usual. */
  surgeOf(queue: QueueId, now: Instant): Surge | null {
    const surge = this.arrivals.get(queue)?.at(now, this.usualOf(queue, now)) ?? null;
    return surge && { ratio: Math.round(surge.ratio * 10) / 10, since: surge.since };
  }

  private usualOf(queue: QueueId, now: Instant): number | null {
    const known = this.usual.get(queue);
    if (known && now < known.until && now >= known.until - HOUR_MS) return known.perHour;
    const [hour] = hoursAhead(this.calendarOf(queue), now, 1);
    const cells = (this.history.get(queue) ?? []).filter(({ weekday }) => weekday === hour?.weekday);
    const days = Math.max(0, ...cells.map((cell) => cell.days));
    const here = cells.find((cell) => cell.hour === hour?.hour);
    const perHour = days < ENOUGH_DAYS ? null : (here?.contacts ?? 0) / days;
    this.usual.set(queue, { until: Math.min(hour?.to ?? now, now + HOUR_MS), perHour });
    return perHour;
  }
}
