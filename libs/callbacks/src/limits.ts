/** A token bucket: `burst` at once, then `perHour` on average. */
export interface Rate {
  readonly burst: number;
  readonly perHour: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** What adding up fractions of a token may lose. */
const ROUNDING = 1e-9;

/**
 * Token buckets by key, as many as are in use: a full bucket is as good as none. Bounded: above `maxKeys` the bucket that
 * was used longest ago is forgotten, so that a flood of keys costs memory of a fixed size.
 */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: Rate,
    private readonly maxKeys = 100_000,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  /**
   * Takes one for `key`.
   *
   * @param now milliseconds
   * @returns 0, or after how many milliseconds there is one again: nothing is taken then
   */
  take(key: string, now: number): number {
    const { burst, perHour } = this.rate;
    const perMs = perHour / 3_600_000;
    const known = this.buckets.get(key);
    const left = known ? Math.min(burst, known.left + Math.max(0, now - known.at) * perMs) : burst;
    const isEnough = left >= 1 - ROUNDING;
    this.buckets.delete(key);
    this.buckets.set(key, { left: isEnough ? left - 1 : left, at: now });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > this.maxKeys && oldest !== undefined) this.buckets.delete(oldest);
    return isEnough ? 0 : Math.ceil((1 - left) / perMs);
  }

  /** Gives back what was taken for something that then was not done. */
  giveBack(key: string): void {
    const known = this.buckets.get(key);
    if (known) known.left = Math.min(this.rate.burst, known.left + 1);
  }
}
