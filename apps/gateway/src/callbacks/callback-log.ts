import {
  callbackMarksFrom,
  callerGroupOf,
  deriveCallback,
  deriveCallbacks,
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

/** Position in the log of what was appended here and not read back: after all that the facts hold. */
const NOT_READ_BACK = Number.MAX_SAFE_INTEGER;

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

  /** Promises of a tenant by id; those unknown are left out, and asked for anew the next time. @throws StoreAwayError */
  async find(key: Pick<SiteKey, 'tenant'>, ids: readonly string[]): Promise<CallbackRow[]> {
    return (await this.ofNumbers(key, ids)).filter(({ id }) => ids.includes(id));
  }

  /** The same with all others of their numbers. @throws StoreAwayError */
  async ofNumbers({ tenant }: Pick<SiteKey, 'tenant'>, ids: readonly string[]): Promise<CallbackRow[]> {
    const rows = await this.readings.read(
      JSON.stringify([tenant, ids]),
      SHARED_MS,
      () => this.store.readCallbacks(tenant, ids),
      (found) => ids.every((id) => found.some((row) => row.id === id)),
    );
    return this.merged(rows, (marks) => marks.tenant === tenant && ids.includes(marks.id));
  }

  /** Promises, with all of their numbers, as they are with what this gateway appended since they were read. */
  current(rows: readonly CallbackRow[]): CallbackRow[] {
    return this.merged(rows, () => false);
  }

  /** The open promises of a queue, duplicates among them. @throws StoreAwayError */
  async open(queue: QueueKey): Promise<CallbackRow[]> {
    const rows = await this.readings.read(JSON.stringify([queue.tenant, queue.site, queue.queue]), SHARED_MS, () =>
      this.store.openCallbacks(queue),
    );
    const isHere = (marks: CallbackMarks): boolean =>
      marks.tenant === queue.tenant && marks.site === queue.site && marks.promised?.queue === queue.queue;
    return this.merged(rows, isHere).filter(({ state, queue: of }) => state === 'open' && of === queue.queue);
  }

  /** Rows as they are with what was appended of these, of others of their numbers, and of what else `concerns`. */
  private merged(rows: readonly CallbackRow[], concerns: (marks: CallbackMarks) => boolean): CallbackRow[] {
    this.forget();
    const found = new Map(rows.map((row) => [row.id, JSON.parse(row.marks) as CallbackMarks]));
    const groups = new Set([...found.values()].map(callerGroupOf));
    for (const [id, { marks }] of this.recent) {
      const known = found.get(id);
      const group = callerGroupOf(marks);
      if (known) found.set(id, mergeCallbacks(known, marks));
      else if (concerns(marks) || (group !== null && groups.has(group))) found.set(id, marks);
    }
    return deriveCallbacks(found.values());
  }

  private remember(event: CloudEvent): void {
    this.forget();
    const parsed = parseEvent(event, this.now() as Instant);
    const news = parsed.kind === 'event' ? callbackMarksFrom(parsed.event, NOT_READ_BACK) : undefined;
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
