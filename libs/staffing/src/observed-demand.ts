import type { Demand } from './demand.js';

/** Everything is counted by five minutes, of which the last two hours are kept. */
const BUCKET_MS = 300_000;
const BUCKETS = 24;
/** Arrivals are those of the last half hour at most: what comes in changes faster than what a contact takes. */
const ARRIVAL_BUCKETS = 6;
/** A rate over less than this, or of fewer contacts, is chance. */
const LEAST_MS = 900_000;
const LEAST_ARRIVALS = 10;
const LEAST_HANDLED = 10;
/** Beyond it nobody hangs up, as far as staffing goes. */
const LONGEST_PATIENCE = 1e5;

interface Bucket {
  start: number;
  arrivals: number;
  handled: number;
  handleMs: number;
  waitedMs: number;
  abandoned: number;
}

/**
 * What a queue has to cope with, observed: arrivals of the last half hour, handle times and patience of the last two
 * hours. Memory does not grow with contacts. Times in milliseconds, rates per millisecond.
 */
export class ObservedDemand {
  private readonly buckets: (Bucket | undefined)[] = [];

  /** @param since from when on everything is told: before that nothing is known */
  constructor(private readonly since: number) {}

  arrived(at: number): void {
    const bucket = this.at(at);
    if (bucket) bucket.arrivals += 1;
  }

  /** A conversation, hold included, is over. */
  handled(at: number, durationMs: number): void {
    const bucket = this.at(at);
    if (!bucket) return;
    bucket.handled += 1;
    bucket.handleMs += durationMs;
  }

  /** Wrap-up of a conversation that is over. */
  wrappedUp(at: number, durationMs: number): void {
    const bucket = this.at(at);
    if (bucket) bucket.handleMs += durationMs;
  }

  /** A wait has ended, by hanging up or otherwise. */
  waited(at: number, waitMs: number, abandoned: boolean): void {
    const bucket = this.at(at);
    if (!bucket) return;
    bucket.waitedMs += waitMs;
    if (abandoned) bucket.abandoned += 1;
  }

  /**
   * Patience is the time waited per contact that hung up: the maximum-likelihood estimate of an exponential law from
   * waits that an answer cut short.
   *
   * @returns null while there is too little to tell
   */
  demand(now: number): Demand | null {
    const { span, arrivals, handled, handleMs, waitedMs, abandoned } = this.sums(now);
    if (span < LEAST_MS || arrivals < LEAST_ARRIVALS || handled < LEAST_HANDLED || handleMs <= 0) return null;
    const meanHandle = handleMs / handled;
    const patience = abandoned === 0 ? Infinity : Math.max(1, waitedMs / abandoned);
    return {
      arrivalRate: arrivals / span,
      meanHandle,
      meanPatience: patience > LONGEST_PATIENCE * meanHandle ? Infinity : patience,
    };
  }

  /** Erlangs that come in; of a few contacts too, where more depends on other queues. Null while nobody can tell. */
  work(now: number): number | null {
    const { span, arrivals, handled, handleMs } = this.sums(now);
    if (span < LEAST_MS) return null;
    if (arrivals === 0) return 0;
    return handled === 0 ? null : ((arrivals / span) * handleMs) / handled;
  }

  private sums(now: number) {
    const newest = Math.floor(now / BUCKET_MS) * BUCKET_MS;
    const firstArrivals = newest - (ARRIVAL_BUCKETS - 1) * BUCKET_MS;
    const span = now - Math.max(this.since, firstArrivals);
    const sum = { span, arrivals: 0, handled: 0, handleMs: 0, waitedMs: 0, abandoned: 0 };
    for (const bucket of this.buckets) {
      // Places are filled as their time comes: some are empty still.
      if (!bucket || bucket.start <= newest - BUCKETS * BUCKET_MS || bucket.start > now) continue;
      if (bucket.start >= firstArrivals) sum.arrivals += bucket.arrivals;
      sum.handled += bucket.handled;
      sum.handleMs += bucket.handleMs;
      sum.waitedMs += bucket.waitedMs;
      sum.abandoned += bucket.abandoned;
    }
    return sum;
  }

  /** The bucket of an instant; undefined for one too long ago. */
  private at(at: number): Bucket | undefined {
    const start = Math.floor(at / BUCKET_MS) * BUCKET_MS;
    const place = (start / BUCKET_MS) % BUCKETS;
    const known = this.buckets[place];
    if (known && known.start > start) return undefined;
    if (known?.start === start) return known;
    const fresh = { start, arrivals: 0, handled: 0, handleMs: 0, waitedMs: 0, abandoned: 0 };
    this.buckets[place] = fresh;
    return fresh;
  }
}
