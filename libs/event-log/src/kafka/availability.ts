import { instant } from '@queuecast/events';
import { LogAwayError, type LogHealth } from '../port.js';
import type { LogNotice } from '../delivery.js';
import { reasonOf } from './client.js';

const PROBE_WHILE_UP_MS = 5_000;
const PROBE_WHILE_AWAY_MS = 500;

/**
 * Knows whether the cluster answers. Once a call failed, everything fails at once until a probe in the background
 * succeeds: a sender is answered promptly, and a broker that comes back is not met by a queue of retries.
 */
export class Availability {
  #health: LogHealth = { state: 'up' };
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(
    private readonly name: string,
    private readonly probe: () => Promise<void>,
    private readonly notice: LogNotice,
  ) {
    this.#schedule();
  }

  get health(): LogHealth {
    return this.#health;
  }

  /** Throws {@link LogAwayError} while the cluster is away. */
  check(): void {
    if (this.#closed) throw new LogAwayError(`log "${this.name}" is closed`);
    if (this.#health.state === 'away') throw new LogAwayError(`log "${this.name}" is away: ${this.#health.reason}`);
  }

  /** Notes a failure, and gives the error to throw. */
  failed(cause: unknown): LogAwayError {
    const reason = reasonOf(cause);
    if (this.#health.state === 'up' && !this.#closed) {
      this.#health = { state: 'away', reason, since: instant(Date.now()) };
      this.notice(`log "${this.name}" is away`, cause);
      this.#schedule();
    }
    return new LogAwayError(`log "${this.name}" is away: ${reason}`, { cause });
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => void this.#ask(),
      this.#health.state === 'up' ? PROBE_WHILE_UP_MS : PROBE_WHILE_AWAY_MS,
    );
    this.#timer.unref();
  }

  async #ask(): Promise<void> {
    try {
      await this.probe();
      if (this.#health.state === 'away') this.notice(`log "${this.name}" is back`);
      this.#health = { state: 'up' };
    } catch (error) {
      this.failed(error);
    }
    this.#schedule();
  }
}
