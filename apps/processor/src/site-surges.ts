import { ArrivalSurge, hoursAhead, type LegFact, type QueueCalendarDays } from '@queuecast/contact-center';
import type { Instant, QueueId } from '@queuecast/events';
import type { Surge } from '@queuecast/live';
import type { WaitHistoryCell } from '@queuecast/store';

const HOUR_MS = 3_600_000;
/** On fewer past days of a weekday nobody can tell what is usual on it. */
const ENOUGH_DAYS = 3;
const HALF_HOUR_MS = HOUR_MS / 2;
/** Hours with fewer contacts tell no shape of the day, and no hour is taken to differ more from the next than this. */
const LEAST_PER_HOUR = 6;
const MOST_GROWTH = 2;

/** What is usual at the running hour of a queue's clock; kept until the hour is over. */
interface UsualNow {
  readonly until: number;
  readonly perHour: number | null;
  /** Of the hours before and after. */
  readonly before: number | null;
  readonly next: number | null;
}

/**
 * Knows how many contacts usually arrive in each queue of a site, and watches for surges: arrivals as they are folded,
 * against what is usual.
 */
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

  /** Arrivals of the coming half hour by those of the last, as is usual at this time; 1 where too little is known. */
  growthOf(queue: QueueId, now: Instant): number {
    const { until, perHour, before, next } = this.usualNow(queue, now);
    if (perHour === null || before === null || next === null) return 1;
    const left = Math.min(HALF_HOUR_MS, until - now) / HALF_HOUR_MS;
    const gone = Math.min(HALF_HOUR_MS, HOUR_MS - (until - now)) / HALF_HOUR_MS;
    const coming = left * perHour + (1 - left) * next;
    const last = gone * perHour + (1 - gone) * before;
    if (Math.min(coming, last) < LEAST_PER_HOUR) return 1;
    return Math.max(1 / MOST_GROWTH, Math.min(MOST_GROWTH, coming / last));
  }

  private usualOf(queue: QueueId, now: Instant): number | null {
    return this.usualNow(queue, now).perHour;
  }

  private usualNow(queue: QueueId, now: Instant): UsualNow {
    const known = this.usual.get(queue);
    if (known && now < known.until && now >= known.until - HOUR_MS) return known;
    const [hour] = hoursAhead(this.calendarOf(queue), now, 1);
    const until = Math.min(hour?.to ?? now, now + HOUR_MS);
    const usual = {
      until,
      perHour: this.usualAt(queue, now),
      before: this.usualAt(queue, (until - HOUR_MS - 1) as Instant),
      next: this.usualAt(queue, until as Instant),
    };
    this.usual.set(queue, usual);
    return usual;
  }

  private usualAt(queue: QueueId, at: Instant): number | null {
    const [hour] = hoursAhead(this.calendarOf(queue), at, 1);
    const cells = (this.history.get(queue) ?? []).filter(({ weekday }) => weekday === hour?.weekday);
    const days = Math.max(0, ...cells.map((cell) => cell.days));
    const here = cells.find((cell) => cell.hour === hour?.hour);
    return days < ENOUGH_DAYS ? null : (here?.contacts ?? 0) / days;
  }
}
