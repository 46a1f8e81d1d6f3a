import { randomUUID } from 'node:crypto';
import { retryDelay, SealError, signWebhook } from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import { OWN_SOURCES, partitionKey, type AcdEvent, type EventType } from '@queuecast/events';
import { Logger } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import { postWebhook, type WebhookPost } from '@queuecast/http';
import type { SiteRuntime } from './site-runtime.js';

const LOOK_EVERY_MS = 250;
const TIMEOUT_MS = 10_000;
const APPEND_AGAIN_MS = 1_000;
/** Messages of a kind on their way at a time, of all tenants. */
const MAX_RUNNING = 32;
/** After so long an announcement has gone astray: the partition is somebody else's, or was meanwhile. */
const ASTRAY_MS = 60_000;

/** A message that its receiver has not confirmed. */
export interface DueMessage {
  /** What it is about: at most one message about it is under way. */
  readonly subject: string;
  /** Id of the message, the same at every attempt. */
  readonly delivery: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Not before this instant. */
  readonly at: number;
  /** What the announcement and the confirmation say of it, beside the attempt. */
  readonly data: { readonly attempted: object; readonly delivered: object };
}

/** What is sent, and where to. */
export interface OutgoingMessage extends Pick<WebhookPost, 'url' | 'body' | 'mayReach'> {
  readonly secret: Uint8Array;
}

/** One kind of message: what is due, and what it says. */
export interface MessageKind {
  readonly attempted: EventType;
  readonly delivered: EventType;
  /** The messages of a site that are to be sent, those for later among them. */
  due(site: SiteRuntime, now: number): Iterable<DueMessage>;
  /** The message that is to be sent about a subject; null if there is none. */
  dueOf(site: SiteRuntime, subject: string, now: number): DueMessage | null;
  /** @throws Error if it cannot be sent as it is */
  compose(site: SiteRuntime, due: DueMessage): OutgoingMessage;
}

export interface DeliveryOptions {
  readonly events: EventLog;
  readonly metrics: { readonly deliveries: Counter<'outcome'>; readonly running: Gauge };
  readonly now: () => number;
  readonly sites: () => Iterable<SiteRuntime>;
}

/**
 * Sends signed messages that are repeated until they are confirmed.
 *
 * Every attempt is announced in the log first, and made only when it is read back from there. So whatever happened to
 * its subject before is known when the message is sent, the confirmation of an earlier life of this process
 * included; how often was tried and when to try again survives a kill; and a processor that owns the partition no longer
 * reads nothing back, and sends nothing. A message whose confirmation was lost (a kill between the answer and the
 * append) is repeated under the same id: the receiver's idempotency key.
 */
export class Deliveries {
  private readonly logger = new Logger(Deliveries.name);
  /** Attempts announced by this process and not made yet, by the id of the announcement. */
  private readonly announced = new Map<string, DueMessage>();
  /** Subjects with an attempt announced or on its way, and since when. */
  private readonly busy = new Map<string, number>();
  /** Messages on their way. */
  private readonly sending = new Set<string>();
  /** Messages confirmed, of which the log does not tell yet, by the id of the event that will. */
  private readonly confirmed = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private readonly closing = new AbortController();

  constructor(
    private readonly kind: MessageKind,
    private readonly options: DeliveryOptions,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.closing.abort();
  }

  /** An event of this site was folded: makes the attempt that it announces, if it was this process that announced it. */
  folded(site: SiteRuntime, event: AcdEvent): void {
    if (event.type === this.kind.delivered) this.confirmed.delete(event.id);
    if (event.type !== this.kind.attempted) return;
    const due = this.announced.get(event.id);
    if (due === undefined) return;
    this.announced.delete(event.id);
    void this.attempt(site, due).finally(() => this.busy.delete(due.subject));
  }

  private look(): void {
    const now = this.options.now();
    for (const [subject, since] of this.busy) if (now - since > ASTRAY_MS) this.busy.delete(subject);
    for (const site of this.options.sites())
      for (const due of this.kind.due(site, now)) {
        if (this.busy.size >= MAX_RUNNING) return;
        if (due.at > now || this.busy.has(due.subject) || this.isUnderWay(due.delivery)) continue;
        this.announce(site, due, now);
      }
  }

  private isUnderWay(delivery: string): boolean {
    return this.sending.has(delivery) || this.confirmed.has(confirmationOf(delivery));
  }

  private announce(site: SiteRuntime, due: DueMessage, now: number): void {
    const { subject, delivery, attempt } = due;
    const eventId = `delivery-${randomUUID()}`;
    const retryAt = now + retryDelay(attempt, Math.random());
    this.busy.set(subject, now);
    this.announced.set(eventId, due);
    const data = { ...due.data.attempted, attempt, retryAt: new Date(retryAt).toISOString() };
    this.append(site, eventId, this.kind.attempted, subject, data).catch((error: unknown) => {
      this.announced.delete(eventId);
      this.busy.delete(subject);
      this.logger.warn(`could not announce delivery ${delivery}: ${reasonOf(error)}`);
    });
  }

  private async attempt(site: SiteRuntime, { subject, delivery, attempt, data }: DueMessage): Promise<void> {
    const due = this.kind.dueOf(site, subject, this.options.now());
    // It was confirmed by an earlier life, changed or called off meanwhile: another message is due, or none.
    if (due?.delivery !== delivery || this.isUnderWay(delivery)) return;
    const { deliveries, running } = this.options.metrics;
    this.sending.add(delivery);
    running.set(this.sending.size);
    try {
      await this.send(this.kind.compose(site, due), delivery);
      this.confirmed.add(confirmationOf(delivery));
    } catch (error) {
      deliveries.inc({ outcome: 'failed' });
      this.logger.warn(
        `delivery ${delivery} of ${site.key.tenant} failed (attempt ${attempt}), again later: ${reasonOf(error)}`,
      );
      return;
    } finally {
      this.sending.delete(delivery);
      running.set(this.sending.size);
    }
    deliveries.inc({ outcome: 'delivered' });
    await this.confirm(site, subject, delivery, data.delivered);
  }

  private send({ secret, ...message }: OutgoingMessage, delivery: string): Promise<void> {
    const signed = signWebhook(secret, delivery, this.options.now(), message.body);
    return postWebhook({
      ...message,
      headers: { 'Idempotency-Key': delivery, ...signed },
      signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  }

  /** Appends what the receiver confirmed, for as long as it takes: otherwise it would be told again. */
  private async confirm(site: SiteRuntime, subject: string, delivery: string, data: object): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        return await this.append(site, confirmationOf(delivery), this.kind.delivered, subject, data);
      } catch (error) {
        this.logger.warn(`could not note that ${delivery} is delivered, going on trying: ${reasonOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, APPEND_AGAIN_MS));
      }
    }
  }

  private async append(
    { key }: SiteRuntime,
    id: string,
    type: EventType,
    subject: string,
    data: object,
  ): Promise<void> {
    const { tenant, site } = key;
    const time = new Date(this.options.now()).toISOString();
    const event = { specversion: '1.0', id, source: OWN_SOURCES.processor, type, time, subject, tenant, site, data };
    await this.options.events.append([{ key: partitionKey(key), value: Buffer.from(JSON.stringify(event)) }]);
  }
}

const confirmationOf = (delivery: string): string => `${delivery}-delivered`;

/** Never with what was sent: an error of a connection tells of the connection only. */
const reasonOf = (error: unknown): string => {
  if (error instanceof SealError) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};
