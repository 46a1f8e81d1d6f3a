import type { EventLog, LogRecord, StoredRecord } from '@queuecast/event-log';
import type { FieldIssue } from '@queuecast/events';
import type { DeadLetterReason } from './record.js';

/**
 * Records that must be in another log before the offset they came from is committed: dead letters, and events that
 * stood under a wrong key. A crash in between repeats them, which the fold does not mind.
 */
export class Outbox {
  private readonly deadLetters: LogRecord[] = [];
  private readonly misplaced: LogRecord[] = [];

  constructor(
    private readonly events: EventLog,
    private readonly dead: EventLog,
  ) {}

  get size(): number {
    return this.deadLetters.length + this.misplaced.length;
  }

  /** Keeps the original bytes (base64) with where they stood and why they were refused. */
  deadLetter(partition: number, record: StoredRecord, reason: DeadLetterReason, issues: readonly FieldIssue[]): void {
    const { offset, key, value, appendedAt } = record;
    const letter = {
      reason,
      issues,
      log: this.events.name,
      partition,
      offset,
      key,
      appendedAt: new Date(appendedAt).toISOString(),
      value: value && Buffer.from(value).toString('base64'),
    };
    this.deadLetters.push({ key: key ?? '', value: Buffer.from(JSON.stringify(letter)) });
  }

  /** Appends the record again, under the key that keeps its site's order. */
  redirect(key: string, record: StoredRecord): void {
    if (record.value) this.misplaced.push({ key, value: record.value });
  }

  /**
   * Appends everything kept. What comes while it does is kept for the next time.
   *
   * @throws LogAwayError with everything not yet appended still kept
   */
  async send(): Promise<void> {
    const letters = this.deadLetters.length;
    if (letters > 0) await this.dead.append(this.deadLetters.slice());
    this.deadLetters.splice(0, letters);
    const redirected = this.misplaced.length;
    if (redirected > 0) await this.events.append(this.misplaced.slice());
    this.misplaced.splice(0, redirected);
  }
}
