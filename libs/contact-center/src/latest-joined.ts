import type { Instant } from '@queuecast/events';

/** As many as a queue may ask for: see the setting `suspectOvertakenBy`. */
export const MOST_OVERTAKERS = 100;

/**
 * Of the answered contacts of one queue and priority the ones that joined last. A contact was overtaken by as many as
 * joined after it: however often an answer is told, and in whatever order.
 */
export class LatestJoined {
  /** Ascending. */
  private readonly joined: Instant[] = [];
  private readonly keys: string[] = [];

  add(key: string, queuedAt: Instant): void {
    if (this.joined.length === MOST_OVERTAKERS && queuedAt <= (this.joined[0] as Instant)) return;
    if (this.keys.includes(key)) return;
    let place = this.joined.length;
    while (place > 0 && (this.joined[place - 1] as Instant) > queuedAt) place -= 1;
    this.joined.splice(place, 0, queuedAt);
    this.keys.splice(place, 0, key);
    if (this.joined.length > MOST_OVERTAKERS) {
      this.joined.shift();
      this.keys.shift();
    }
  }

  /** It was no answer after all. */
  remove(key: string): void {
    const place = this.keys.indexOf(key);
    if (place < 0) return;
    this.joined.splice(place, 1);
    this.keys.splice(place, 1);
  }

  /** The n-th latest joining, from 1; -Infinity if there are fewer. Who was there before it was overtaken by n. */
  nth(n: number): number {
    return this.joined[this.joined.length - n] ?? -Infinity;
  }
}
