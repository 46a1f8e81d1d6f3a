import {
  callbackMarksFrom,
  deriveCallback,
  mergeCallbacks,
  type CallbackMarks,
  type CallbackRow,
} from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import {
  OWN_SOURCES,
  parseEvent,
  partitionKey,
  type CloudEvent,
  type EventType,
  type Instant,
} from '@queuecast/events';
import type { QueueKey, SiteKey, Store } from '@queuecast/store';
import type { Clock } from '../gateway.tokens.js';
import { Briefly } from './briefly.js';

/** By then the processor has written what was appended here, or is behind for everybody to see. */
const REMEMBER_MS = 60_000;
/** Visitors cost the store one reading of a queue or a promise in so long, however many look. */
const SHARED_MS = 1_000;

/** One event of ours to append. */
export interface OwnEvent {
  readonly id: string;
  readonly type: EventType;
  readonly subject: string;
  readonly data: object;
}

/**
 * Promises as they stand, for a gateway: what the facts hold, merged with what this gateway appended lately. Merging
 * does not depend on order, so it does not matter how much of that the facts hold already: whoever asks sees what he
 * just did.
 */
export class CallbackLog {
  private readonly recent = new Map<string, { marks: CallbackMarks; readonly until: number }>();
  private readonly readings: Briefly<readonly CallbackRow[]>;

  constructor(
    private readonly log: EventLog,
    private readonly store: Store,
    private readonly now: Clock,
  ) {
    this.readings = new Briefly(now);
  }

  /**
   * Appends events of one site, together. Resolves when they are durable.
   *
   * @param at when it happened
   * @throws LogAwayError: nothing of it may be taken as done
   */
  async append({ tenant, site }: SiteKey, events: readonly OwnEvent[], at: number): Promise<void> {
    const time = new Date(at).toISOString();
    const cloudEvents = events.map(({ id, type, subject, data }): CloudEvent => ({
      specversion: '1.0',
      id,
      source: OWN_SOURCES.gateway,
      type,
      time,
      subject,
      tenant,
      site,
      data,
    }));
    await this.log.append(
      cloudEvents.map((event) => ({ key: partitionKey({ tenant, site }), value: Buffer.from(JSON.stringify(event)) })),
    );
    for (const event of cloudEvents) this.remember(event);
  }

  /** What this gateway appended of a promise lately; undefined if nothing. */
  appended(id: string): CallbackRow | undefined {
    const recent = this.recent.get(id);
    return recent && deriveCallback(recent.marks);
  }

  /** A promise with what this gateway appended of it since it was read. */
  current(row: CallbackRow): CallbackRow {
    return this.merged([row], () => false)[0] ?? row;
  }

  /** Promises of a tenant by id; those unknown are left out. @throws StoreAwayError */
  async find(key: Pick<SiteKey, 'tenant'>, ids: readonly string[]): Promise<CallbackRow[]> {
    const rows = await this.readings.read(JSON.stringify([key.tenant, ids]), SHARED_MS, () =>
      this.store.readCallbacks(key.tenant, ids),
    );
    return this.merged(rows, (marks) => marks.tenant === key.tenant && ids.includes(marks.id));
  }

  /** The open promises of a queue, duplicates among them. @throws StoreAwayError */
  async open(queue: QueueKey): Promise<CallbackRow[]> {
    const rows = await this.readings.read(JSON.stringify([queue.tenant, queue.site, queue.queue]), SHARED_MS, () =>
      this.store.openCallbacks(queue),
    );
    const isHere = (marks: CallbackMarks): boolean =>
      marks.tenant === queue.tenant && marks.site === queue.site && marks.promised?.queue === queue.queue;
    return this.merged(rows, isHere).filter(({ state }) => state === 'open');
  }

  private merged(rows: readonly CallbackRow[], concerns: (marks: CallbackMarks) => boolean): CallbackRow[] {
    this.forget();
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const [id, { marks }] of this.recent) {
      const known = found.get(id);
      if (!known && !concerns(marks)) continue;
      const row = deriveCallback(known ? mergeCallbacks(JSON.parse(known.marks) as CallbackMarks, marks) : marks);
      if (row) found.set(id, row);
    }
    return [...found.values()];
  }

  private remember(event: CloudEvent): void {
    this.forget();
    const parsed = parseEvent(event, this.now() as Instant);
    const news = parsed.kind === 'event' ? callbackMarksFrom(parsed.event, 0) : undefined;
    if (!news) return;
    const known = this.recent.get(news.id);
    this.recent.delete(news.id);
    const marks = known ? mergeCallbacks(known.marks, news) : news;
    this.recent.set(news.id, { marks, until: this.now() + REMEMBER_MS });
  }

  private forget(): void {
    for (const [id, { until }] of this.recent) {
      if (until > this.now()) return;
      this.recent.delete(id);
    }
  }
}
