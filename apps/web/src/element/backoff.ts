/** Waiting times between tries: doubling, with jitter so that a crowd that lost a server does not return at once. */
export class Backoff {
  #failures = 0;
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;

  /** @param random uniform in [0, 1) */
  constructor(firstMs: number, mostMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and gives the wait before the next try, in milliseconds: half to all of the doubled time. */
  fail(): number {
    const full = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return full * (0.5 + this.#random() / 2);
  }

  succeed(): void {
    this.#failures = 0;
  }
}
