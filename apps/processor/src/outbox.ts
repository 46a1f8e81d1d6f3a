import type { EventLog, LogRecord, StoredRecord } from '@queuecast/event-log';
import type { FieldIssue } from '@queuecast/events';
import type { DeadLetterReason } from './record.js';

/**
 * Records that must be in another log before the offset they came from is committed: dead letters, and events that
 * stood under a wrong key. A crash in between repeats them, which the fold does not mind.
 */
export class Outbox {
  private deadLetters: LogRecord[] = [];
  private misplaced: LogRecord[] = [];

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

  /** Appends everything kept. @throws LogAwayError with everything not yet appended still kept */
  async send(): Promise<void> {
    this.deadLetters = await this.drain(this.dead, this.deadLetters);
    this.misplaced = await this.drain(this.events, this.misplaced);
  }

  private async drain(log: EventLog, records: LogRecord[]): Promise<LogRecord[]> {
    if (records.length > 0) await log.append(records);
    return [];
  }
}
