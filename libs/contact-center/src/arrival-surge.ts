import type { Instant } from '@queuecast/events';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** A surge is looked for over so many minutes: the short window sees it early, the long one where little is usual. */
const WINDOWS = [5, 15] as const;
const LONGEST = 15;
/** From so many times the usual on it is a surge, below the lower one no longer. */
const BEGINS_AT = 3;
const ENDS_BELOW = 1.5;
/** How surprising the count must be besides, in standard deviations. */
const SURPRISING = 4;

/** Far more arrivals than usual: how many times as many, and since when it is known. */
export interface SurgeNow {
  readonly ratio: number;
  readonly since: Instant;
}

/**
 * How far a count is from what was expected, in standard deviations of a Poisson count, after Anscombe's transform, which
 * makes their spread the same whatever the expectation (F. J. Anscombe, Biometrika 35, 1948).
 */
export const surprise = (count: number, expected: number): number =>
  2 * (Math.sqrt(count + 3 / 8) - Math.sqrt(expected + 3 / 8));

/**
 * Watches the arrivals of one queue for a surge: at least three times as many as usual for the hour of the week over 5
 * or 15 minutes, and more than chance would bring. Less than one arrival a window is taken as one, so that the first
 * callers of a quiet night are none.
 */
export class ArrivalSurge {
  /** Arrivals by the minute of the epoch, the last {@link LONGEST} of them; older ones are forgotten. */
  private readonly minutes = new Map<number, number>();
  private since: Instant | null = null;

  /** Somebody joined the queue; order does not matter. */
  arrived(at: Instant): void {
    const minute = Math.floor(at / MINUTE_MS);
    this.minutes.set(minute, (this.minutes.get(minute) ?? 0) + 1);
    if (this.minutes.size > 2 * LONGEST) this.forget(minute);
  }

  /**
   * The surge at an instant, or null. What began ends only well below where it began, so that it does not come and go.
   *
   * @param usualPerHour arrivals that are usual at this hour of the week; null if nobody can tell: then there is none
   */
  at(now: Instant, usualPerHour: number | null): SurgeNow | null {
    if (usualPerHour === null) {
      this.since = null;
      return null;
    }
    const ratios = WINDOWS.map((length) => {
      const expected = Math.max(1, (usualPerHour * length) / HOUR_MINUTES);
      const count = this.countSince(Math.floor(now / MINUTE_MS) - length);
      return { ratio: count / expected, surprise: surprise(count, expected) };
    });
    const begins = ratios.some(({ ratio, surprise: by }) => ratio >= BEGINS_AT && by >= SURPRISING);
    const lasts = ratios.some(({ ratio }) => ratio >= ENDS_BELOW);
    if (begins) this.since ??= now;
    else if (!lasts) this.since = null;
    return this.since === null ? null : { ratio: Math.max(...ratios.map(({ ratio }) => ratio)), since: this.since };
  }

  /** Arrivals after the minute numbered `minute`: the running one is not over, and counts all the same. */
  private countSince(minute: number): number {
    let count = 0;
    for (const [at, arrivals] of this.minutes) if (at > minute) count += arrivals;
    return count;
  }

  private forget(newest: number): void {
    for (const minute of this.minutes.keys()) if (minute <= newest - LONGEST) this.minutes.delete(minute);
  }
}
