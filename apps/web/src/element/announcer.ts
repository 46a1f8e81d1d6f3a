import { element } from './nodes.js';

const STATUS_MS = 60_000;

/**
 * The one line that a screen reader is told of, hidden from the eye: the figures themselves are no live region. It
 * changes only when the rounded wait does, at most once a minute, and not for the first figure, which the page reads out
 * like any other text.
 */
export class Announcer {
  readonly node = element('div', 'status');
  #said: string | null = null;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor() {
    this.node.setAttribute('role', 'status');
  }

  /** @param now milliseconds since the epoch */
  hear(name: string, wait: string, now: number): void {
    if (this.#said === null) this.#said = wait;
    if (wait === this.#said) return;
    if (now - this.#saidAt < STATUS_MS) {
      // Somebody who reads on comes by here: better nothing than what is no longer so. Emptying is not announced.
      this.node.textContent = '';
      return;
    }
    this.#said = wait;
    this.#saidAt = now;
    this.node.textContent = `${name}: ${wait}`;
  }

  /** Another queue or language: what is shown first is not a change. */
  forget(): void {
    this.#said = null;
    this.node.textContent = '';
  }
}
