/** Samples kept: a minute of pulses. Older ones would hide that the browser's clock has drifted or was set. */
const WINDOW = 30;

/**
 * How far the browser's clock is behind the server's, learnt from what the server sends. Every sample is late by its
 * time on the way or in a cache, so each is a lower bound and the largest of the last ones is the best.
 */
export class ServerClock {
  readonly #samples: number[] = [];
  readonly #now: () => number;
  #offsetMs = 0;

  /** @param now the browser's clock, milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The server's clock read `serverTime` when it sent what has just arrived. */
  learn(serverTime: number): void {
    this.#samples.push(serverTime - this.#now());
    if (this.#samples.length > WINDOW) this.#samples.shift();
    this.#offsetMs = Math.max(...this.#samples);
  }

  /**
   * Something the server made at `serverTime` has just arrived, perhaps long after it was made. That only proves wrong a
   * clock that is behind it.
   */
  atLeast(serverTime: number): void {
    if (serverTime - this.#now() > this.#offsetMs) this.learn(serverTime);
  }

  /** The server's time, milliseconds since the epoch; the browser's own until something was learnt. */
  now(): number {
    return this.#now() + this.#offsetMs;
  }
}
