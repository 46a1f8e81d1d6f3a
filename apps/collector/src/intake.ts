import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogRecord } from '@queuecast/event-log';
import {
  parseEvent,
  partitionKey,
  type EnvelopeLimits,
  type FieldIssue,
  type Instant,
  type TenantId,
} from '@queuecast/events';
import { ProblemException } from '@queuecast/http';
import { framed, FramingError, type FramedEvent, type Framing } from './framing.js';
import type { RejectionReason } from './metrics.js';

/** What became of one event. */
export interface EventResult {
  /** 0-based place in the request. */
  readonly index: number;
  /** 1-based line, for NDJSON. */
  readonly line?: number;
  /** The event's id as far as it can be told. */
  readonly id: string | null;
  readonly status: 'accepted' | 'rejected';
  readonly issues?: readonly FieldIssue[];
}

/** A contact that joined a queue, by an event that was accepted. */
export interface Join {
  /** 0-based place in the request. */
  readonly index: number;
  readonly site: string;
  readonly queue: string;
  readonly contact: string;
  readonly leg: string;
}

/** A request's events, judged: what is to be appended, and what is refused with the reason. */
export interface Intake {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  /** How many of the accepted ones have a type that the contract does not know: archived only. */
  readonly foreign: number;
  readonly rejected: readonly EventResult[];
  readonly rejectedBy: ReadonlyMap<RejectionReason, number>;
  readonly joins: readonly Join[];
  /** The id of the last event accepted: the answer to a single event names it. */
  readonly lastId: string | null;
}

export interface IntakeLimits extends EnvelopeLimits {
  readonly maxBatchEvents: number;
}

/** Longest stretch of work before other requests get their turn, in milliseconds. */
const SLICE_MS = 5;
const EVENTS_PER_LOOK = 32;
const MAX_ISSUES = 20;

/**
 * Judges the events of one body. An event's own bytes go to the log, never a new rendering of them.
 *
 * @param tenant the sender's: an event of another tenant is refused
 * @throws ProblemException 413 above `maxBatchEvents`, 400 if the body is not JSON or holds no event
 */
export const takeIn = async (
  body: Buffer,
  framing: Framing,
  tenant: TenantId,
  limits: IntakeLimits,
  receivedAt: Instant,
): Promise<Intake> => {
  const judge = new Judge(tenant, limits, receivedAt, isUtf8(body));
  let sliceStart = performance.now();
  try {
    for (const event of framed(body, framing)) {
      if (judge.count === limits.maxBatchEvents) throw tooMany(limits.maxBatchEvents);
      judge.take(event);
      if (judge.count % EVENTS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
        await nextTurn();
        sliceStart = performance.now();
      }
    }
  } catch (error) {
    if (error instanceof FramingError)
      throw new ProblemException(400, {
        detail: `the body is not a JSON array of events: ${error.message}; nothing of it was taken`,
      });
    throw error;
  }
  if (judge.count === 0)
    throw new ProblemException(400, {
      detail: 'the body holds no event: send one CloudEvent, an array, or one per line',
    });
  return judge;
};

const tooMany = (maximum: number): ProblemException =>
  new ProblemException(413, {
    detail: `the batch has more than ${maximum} events (ingest.maxBatchEvents): send smaller batches; nothing of it was taken`,
  });

class Judge implements Intake {
  readonly records: LogRecord[] = [];
  readonly rejected: EventResult[] = [];
  readonly joins: Join[] = [];
  readonly rejectedBy = new Map<RejectionReason, number>();
  count = 0;
  bytes = 0;
  foreign = 0;
  lastId: string | null = null;
  private site = '';
  private key = '';

  constructor(
    private readonly tenant: TenantId,
    private readonly limits: IntakeLimits,
    private readonly receivedAt: Instant,
    private readonly allUtf8: boolean,
  ) {}

  take(event: FramedEvent): void {
    this.judge(event);
    this.count++;
  }

  private judge(framedEvent: FramedEvent): void {
    const { bytes } = framedEvent;
    if (bytes.length > this.limits.maxEventBytes)
      return this.reject(framedEvent, 'too_large', null, [
        {
          field: '',
          message: `the event has ${bytes.length} bytes (at most ${this.limits.maxEventBytes}): shorten its data`,
        },
      ]);
    if (!this.allUtf8 && !isUtf8(bytes))
      return this.reject(framedEvent, 'malformed', null, [
        { field: '', message: 'the event is not UTF-8: encode its text as UTF-8' },
      ]);
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      return this.reject(framedEvent, 'malformed', null, [
        { field: '', message: `the event is not JSON: ${(error as Error).message}` },
      ]);
    }
    const parsed = parseEvent(value, this.receivedAt, this.limits);
    if (parsed.kind === 'invalid') return this.reject(framedEvent, 'schema', idOf(value), parsed.issues);
    const { event } = parsed;
    if (event.tenant !== this.tenant)
      return this.reject(framedEvent, 'other_tenant', event.id, [
        {
          field: 'tenant',
          message: `this API key is of tenant ${this.tenant}, not ${event.tenant}: use a key of ${event.tenant}`,
        },
      ]);
    if (parsed.kind === 'foreign') this.foreign++;
    else if (parsed.event.type === 'acd.contact.queued') {
      const { subject: contact, site, data } = parsed.event;
      this.joins.push({ index: this.count, site, queue: data.queue, contact, leg: data.leg });
    }
    // Most bodies are of one site: its key is made once.
    if (event.site !== this.site) {
      this.site = event.site;
      this.key = partitionKey(event);
    }
    this.records.push({ key: this.key, value: bytes });
    this.bytes += bytes.length;
    this.lastId = event.id;
  }

  private reject(
    { line }: FramedEvent,
    reason: RejectionReason,
    id: string | null,
    issues: readonly FieldIssue[],
  ): void {
    this.rejectedBy.set(reason, (this.rejectedBy.get(reason) ?? 0) + 1);
    this.rejected.push({
      index: this.count,
      ...(line === null ? {} : { line }),
      id,
      status: 'rejected',
      issues: issues.slice(0, MAX_ISSUES),
    });
  }
}

const idOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id.slice(0, 256)
    : null;
