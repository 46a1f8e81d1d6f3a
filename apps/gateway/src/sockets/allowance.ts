/** A token bucket: `burst` at once, then `perSecond` on average. Time is passed in, in milliseconds. */
export class Allowance {
  private left: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private updatedAt: number,
  ) {
    this.left = burst;
  }

  /** Whether one more is allowed at `now`; if so it is taken. */
  take(now: number): boolean {
    this.left = Math.min(this.burst, this.left + (Math.max(0, now - this.updatedAt) / 1000) * this.perSecond);
    this.updatedAt = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
