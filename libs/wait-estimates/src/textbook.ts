import { milliseconds, type Instant, type Milliseconds } from '@queuecast/events';

/**
 * LES, last to enter service: the wait of whoever was answered last.
 * Ibrahim and Whitt, "Real-time delay estimation based on delay
 * history", Manufacturing & Service Operations Management 11(3), 2009.
 */
export class LastToEnterService {
  private last: { readonly at: Instant; readonly wait: Milliseconds } | null = null;

  /** A contact was answered at `at` after `wait`. Answers may come out of order: the latest instant counts. */
  answered(at: Instant, wait: Milliseconds): void {
    if (!this.last || at >= this.last.at) this.last = { at, wait };
  }

  /** Null before the first answer. */
  get wait(): Milliseconds | null {
    return this.last && this.last.wait;
  }

  /** When that was; null before. */
  get at(): Instant | null {
    return this.last && this.last.at;
  }
}

/** Pooled LES: the wait of whoever was answered last in any of the queues that share agents; null before the first. */
export const pooledLastWait = (pool: Iterable<LastToEnterService>): Milliseconds | null => {
  let last: LastToEnterService | null = null;
  for (const each of pool) if (each.at !== null && (last?.at == null || each.at > last.at)) last = each;
  return last && last.wait;
};

const SLOTS = 60;

/**
 * Moving average, the usual rule of commercial systems: the mean wait of what was answered in the last half hour.
 * Kept in 60 slots, so memory does not grow with traffic, and the window is exact to one slot (half a minute).
 */
export class MovingAverageWait {
  private readonly slotOf = new Float64Array(SLOTS).fill(-1);
  private readonly sums = new Float64Array(SLOTS);
  private readonly counts = new Uint32Array(SLOTS);
  private readonly width: number;

  constructor(window: Milliseconds = milliseconds(30 * 60_000)) {
    this.width = window / SLOTS;
  }

  /** A contact was answered at `at` after `wait`. An answer told later than the window is long no longer counts. */
  answered(at: Instant, wait: Milliseconds): void {
    const slot = Math.floor(at / this.width);
    const place = slot % SLOTS;
    const holds = this.slotOf[place]!;
    if (holds > slot) return;
    if (holds < slot) {
      this.slotOf[place] = slot;
      this.sums[place] = 0;
      this.counts[place] = 0;
    }
    this.sums[place]! += wait;
    this.counts[place]! += 1;
  }

  /** Mean wait of the window that ends at `now`; null when nothing was answered in it. */
  wait(now: Instant): Milliseconds | null {
    const slot = Math.floor(now / this.width);
    let sum = 0;
    let count = 0;
    for (let place = 0; place < SLOTS; place += 1) {
      const age = slot - this.slotOf[place]!;
      if (age < 0 || age >= SLOTS) continue;
      sum += this.sums[place]!;
      count += this.counts[place]!;
    }
    return count === 0 ? null : milliseconds(sum / count);
  }
}

/**
 * The hold time that Asterisk announces (`recalc_holdtime` in apps/app_queue.c): at each answer three parts of the old
 * value and one of the new wait, in whole seconds of a clock that tells no fractions, rounded down, starting from 0.
 */
export class AsteriskHoldTime {
  private seconds = 0;
  private any = false;

  answered(joined: Instant, answered: Instant): void {
    const wait = Math.floor(answered / 1000) - Math.floor(joined / 1000);
    this.seconds = Math.floor((3 * this.seconds + wait) / 4);
    this.any = true;
  }

  /** Null before the first answer, when Asterisk announces nothing. */
  get wait(): Milliseconds | null {
    return this.any ? milliseconds(this.seconds * 1000) : null;
  }
}
