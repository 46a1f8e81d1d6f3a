import type { LogBatch, StoredRecord } from './port.js';
import type { LogCounts } from './counts.js';

/** Where a log reports what it survived by itself: a consumer that threw, a broker that went away. */
export type LogNotice = (message: string, error?: unknown) => void;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** How much one batch may hold. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

export const DEFAULT_BATCH: BatchLimits = { records: 2_000, bytes: 1_048_576 };

/**
 * Calls the consumer until it succeeds: giving a record up is never the log's decision. Waits between attempts, from
 * 0.1 s up to 5 s. Resolves to false if `cancelled` settles before the call succeeded.
 */
export const persist = async (
  what: string,
  call: () => Promise<void>,
  cancelled: Cancellation,
  counts: LogCounts,
  notice: LogNotice,
): Promise<boolean> => {
  for (let delay = FIRST_RETRY_MS; ; delay = Math.min(delay * 2, LAST_RETRY_MS)) {
    try {
      await call();
      return true;
    } catch (error) {
      counts.failedDeliveries += 1;
      notice(`${what} failed and will be repeated`, error);
    }
    if (await cancelled.within(delay)) return false;
  }
};

/** A flag that can be waited for. */
export class Cancellation {
  #waiting = new Set<() => void>();
  #cancelled = false;
  #tell: () => void = () => undefined;
  readonly whenCancelled = new Promise<void>((resolve) => (this.#tell = resolve));

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#tell();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves after `milliseconds`, or at once when cancelled: true then. */
  within(milliseconds: number): Promise<boolean> {
    if (this.#cancelled) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve(this.#cancelled);
      };
      const timer = setTimeout(end, milliseconds);
      this.#waiting.add(end);
    });
  }
}

/** A signal between one that provides and one that waits; a signal given while nobody waits is kept. */
export class Wake {
  #signalled = false;
  #resolve: (() => void) | null = null;

  signal(): void {
    this.#signalled = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#signalled) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#signalled = false;
    this.#resolve = null;
  }
}

/** Lets I/O and timers run between two batches of a backlog. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const bytesOf = (record: StoredRecord): number => (record.value?.length ?? 0) + (record.key?.length ?? 0);

/** The offset after the last record of a batch. */
export const offsetAfter = (batch: LogBatch): number => (batch.records.at(-1)?.offset ?? -1) + 1;
