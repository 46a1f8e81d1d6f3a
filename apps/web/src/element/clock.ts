/**
 * How far the visitor's clock is behind the server's, learnt from what the server sends. Every sample is late by its
 * time on the way or in a cache, so each is a lower bound and the largest seen is the best.
 */
export class ServerClock {
  #offsetMs: number | undefined;
  readonly #now: () => number;

  /** @param now the browser's clock, milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The server's clock read `serverTime` when it sent what has just arrived. */
  learn(serverTime: number): void {
    const sample = serverTime - this.#now();
    this.#offsetMs = Math.max(this.#offsetMs ?? sample, sample);
  }

  /**
   * Something the server made at `serverTime` has just arrived, perhaps long after it was made. That only proves a clock
   * wrong that is behind it.
   */
  atLeast(serverTime: number): void {
    const sample = serverTime - this.#now();
    if (sample > (this.#offsetMs ?? 0)) this.#offsetMs = sample;
  }

  /** The server's time, milliseconds since the epoch; the browser's own until something was learnt. */
  now(): number {
    return this.#now() + (this.#offsetMs ?? 0);
  }
}
