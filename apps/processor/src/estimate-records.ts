import { instant, partitionKey, type Instant, type QueueId } from '@queuecast/events';
import type { EstimateRecord } from '@queuecast/live';
import { StoreAwayError, type DayRequest, type SiteKey, type Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';

/** From the facts of a whole day: not as often as the figures that intervals keep. */
const READ_EVERY_MS = 10_000;

/**
 * How often today's estimates came true, per queue: read from the facts, so that wallboards say what reports say, before
 * and after a restart.
 */
export class EstimateRecords {
  private readonly logger = new Logger(EstimateRecords.name);
  private readonly known = new Map<string, EstimateRecord>();
  private readonly stale = new Map<string, { readonly site: SiteKey; readonly queue: QueueId }>();
  private reading: Promise<void> | null = null;
  private readAt = -Infinity;
  private closed = false;

  /**
   * @param windowOf the business day of a queue
   * @param changed told of every queue whose record is another
   */
  constructor(
    private readonly store: Pick<Store, 'estimateRecords'>,
    private readonly windowOf: (site: SiteKey, queue: QueueId, now: Instant) => DayRequest,
    private readonly changed: (site: SiteKey, queue: QueueId) => void,
  ) {}

  /** Null before the record of the business day is read, and while nobody has been told anything in it. */
  of(site: SiteKey, queue: QueueId, dayStart: Instant): EstimateRecord | null {
    const record = this.known.get(refOf(site, queue));
    return record?.since === dayStart ? record : null;
  }

  /** Something of the queue was written. */
  touch(site: SiteKey, queue: QueueId): void {
    this.stale.set(refOf(site, queue), { site, queue });
  }

  /** The site is somebody else's now. */
  forget(site: SiteKey, queues: Iterable<QueueId>): void {
    for (const queue of queues) {
      this.stale.delete(refOf(site, queue));
      this.known.delete(refOf(site, queue));
    }
  }

  /** Reads what is stale, unless it was done a moment ago. */
  refresh(now: Instant): void {
    const isEarly = now >= this.readAt && now - this.readAt < READ_EVERY_MS;
    if (this.reading || this.closed || this.stale.size === 0 || isEarly) return;
    this.readAt = now;
    this.reading = this.read(now).finally(() => (this.reading = null));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.reading;
  }

  private async read(now: Instant): Promise<void> {
    const wanted = [...this.stale.values()];
    this.stale.clear();
    try {
      const records = await this.store.estimateRecords(
        wanted.map(({ site, queue }) => this.windowOf(site, queue, now)),
      );
      for (const record of records) {
        const ref = refOf(record, record.queue);
        const { right, of, maeMs, from: since } = record;
        const before = this.known.get(ref);
        if (before?.right === right && before.of === of && before.since === since) continue;
        this.known.set(ref, { right, of, population: 'answered', since: instant(since), maeMs });
        this.changed(record, record.queue);
      }
    } catch (error) {
      for (const { site, queue } of wanted) this.touch(site, queue);
      if (!(error instanceof StoreAwayError)) this.logger.error(`could not read the record: ${String(error)}`);
    }
  }
}

const refOf = (site: SiteKey, queue: QueueId): string => `${partitionKey(site)}/${queue}`;
