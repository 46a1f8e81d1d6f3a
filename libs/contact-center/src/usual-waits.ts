const FIRST_STEP_MS = 1_000;
/** Steps double every fourth: a limit read off them is at most 19 % too long, and does not move with every call. */
const STEPS_PER_DOUBLING = 4;
/** Below this many waits nobody can tell what one in a thousand is. */
const ENOUGH = 1_000;
const SHARE = 0.999;
/** About a week of a busy queue: then what was counts half, so that the limit follows the queue. */
const HALVED_AT = 100_000;

/** How long contacts wait in one queue, as counts by steps of duration: small, and the same whatever the order. */
export class UsualWaits {
  private readonly counts: number[] = [];
  private total = 0;

  /** @param waitMs a wait that is over, milliseconds */
  add(waitMs: number, times = 1): void {
    const step = Math.max(0, Math.ceil(STEPS_PER_DOUBLING * Math.log2(waitMs / FIRST_STEP_MS)));
    this.counts[step] = (this.counts[step] ?? 0) + times;
    this.total += times;
    if (this.total >= HALVED_AT) this.halve();
  }

  /**
   * The wait that 99.9 % do not exceed, milliseconds, rounded up to the next step; null while too few are known.
   */
  get limitMs(): number | null {
    if (this.total < ENOUGH) return null;
    let seen = 0;
    for (const [step, count] of this.counts.entries()) {
      seen += count ?? 0;
      if (seen >= SHARE * this.total) return FIRST_STEP_MS * 2 ** (step / STEPS_PER_DOUBLING);
    }
    return null;
  }

  private halve(): void {
    this.total = 0;
    for (const [step, count] of this.counts.entries()) {
      this.counts[step] = Math.floor((count ?? 0) / 2);
      this.total += this.counts[step];
    }
  }
}
