import type { EventLog, LogRecord } from '@queuecast/event-log';
import { partitionKey, type CloudEvent } from '@queuecast/events';

/**
 * Events of our own on their way into the log. They are appended before the facts they rest on are written. Their ids say
 * what was decided, so that one that is decided and appended again after a crash is a duplicate.
 */
export class Announcements {
  private readonly waiting: LogRecord[] = [];
  private sending: Promise<void> | null = null;

  constructor(private readonly log: EventLog) {}

  add(event: CloudEvent): void {
    this.waiting.push({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) });
  }

  /** Resolves when everything added before is in the log. @throws LogAwayError with everything not yet appended still kept */
  async send(): Promise<void> {
    while (this.waiting.length > 0) {
      this.sending ??= this.append().finally(() => {
        this.sending = null;
      });
      await this.sending;
    }
  }

  private async append(): Promise<void> {
    const batch = [...this.waiting];
    await this.log.append(batch);
    this.waiting.splice(0, batch.length);
  }
}
