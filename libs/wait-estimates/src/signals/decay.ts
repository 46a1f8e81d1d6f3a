/**
 * A sum in which everything fades: what was added `age` seconds ago counts by exp(-age / tau). Two numbers, whatever
 * was added; instants in seconds, and one that steps back counts as the latest.
 */
export class FadingSum {
  private sum = 0;
  private at = 0;

  /** @param tau seconds in which a value fades to 1/e */
  constructor(private readonly tau: number) {}

  add(now: number, amount: number): void {
    this.sum = this.value(now) + amount;
    if (now > this.at) this.at = now;
  }

  value(now: number): number {
    if (this.sum === 0) return 0;
    return now > this.at ? this.sum * Math.exp((this.at - now) / this.tau) : this.sum;
  }

  /**
   * Takes out again what was added as `amount` at `then`: adding and withdrawing may be in any number, and cost nothing
   * to keep.
   */
  withdraw(now: number, then: number, amount: number): void {
    this.add(now, now > then ? -amount * Math.exp((then - now) / this.tau) : -amount);
    // What is left of rounding must not be taken for somebody.
    if (this.sum < 1e-9) this.sum = 0;
  }

  /** The sum as a rate per second, over about the last `tau` seconds. */
  rate(now: number): number {
    return this.value(now) / this.tau;
  }
}

/** The average over time of a level that changes in steps, with exponential forgetting. Instants in seconds. */
export class FadingAverage {
  private average = 0;
  private at = 0;

  constructor(private readonly tau: number) {}

  /** Call before the level changes; `level` is what it was since the last call. */
  lasted(now: number, level: number): void {
    this.average = this.value(now, level);
    if (now > this.at) this.at = now;
  }

  value(now: number, level: number): number {
    return now > this.at ? level + (this.average - level) * Math.exp((this.at - now) / this.tau) : this.average;
  }
}

/** Mean in which each new value weighs `weight`, at first as the plain mean: it forgets by count, not by time. */
export class ForgettingMean {
  private mean = 0;
  private count = 0;

  constructor(private readonly weight: number) {}

  add(value: number): void {
    this.count += 1;
    this.mean += (value - this.mean) * Math.max(this.weight, 1 / this.count);
  }

  /** Null before the first value. */
  get value(): number | null {
    return this.count === 0 ? null : this.mean;
  }

  get size(): number {
    return this.count;
  }
}
