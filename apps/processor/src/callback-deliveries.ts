import { randomUUID } from 'node:crypto';
import {
  dueDelivery,
  retryDelay,
  SealError,
  signWebhook,
  webhookSecret,
  type CallbackMarks,
  type CallbackRow,
  type DueDelivery,
  type NumberSeal,
} from '@queuecast/callbacks';
import type { EventLog } from '@queuecast/event-log';
import { OWN_SOURCES, partitionKey, type AcdEvent, type AcdEventOf } from '@queuecast/events';
import type { Settings } from '@queuecast/settings';
import { Logger } from '@nestjs/common';
import type { ProcessorMetrics } from './metrics.js';
import type { SiteRuntime } from './site-runtime.js';

const LOOK_EVERY_MS = 250;
const TIMEOUT_MS = 10_000;
const APPEND_AGAIN_MS = 1_000;
/** Messages on their way at a time, of all tenants. */
const MAX_RUNNING = 32;
/** After so long an announcement has gone astray: the partition is somebody else's, or was meanwhile. */
const ASTRAY_MS = 60_000;

export interface DeliveryOptions {
  readonly settings: Pick<Settings, 'tenants'>;
  readonly events: EventLog;
  readonly seal: NumberSeal;
  readonly metrics: ProcessorMetrics;
  readonly now: () => number;
  readonly sites: () => Iterable<SiteRuntime>;
}

interface Receiver {
  readonly url: string;
  readonly secret: Uint8Array;
}

/**
 * Tells dialers of promises, by signed messages that are repeated until they are confirmed.
 *
 * Every attempt is announced in the log first, and made only when it is read back from there. So whatever happened to
 * the promise before is known when the message is sent, the confirmation of an earlier life of this process
 * included; how often was tried and when to try again survives a kill; and a processor that owns the partition no longer
 * reads nothing back, and sends nothing. A message whose confirmation was lost (a kill between the answer and the
 * append) is repeated under the same id: the receiver's idempotency key.
 */
export class CallbackDeliveries {
  private readonly logger = new Logger(CallbackDeliveries.name);
  private readonly receivers: ReadonlyMap<string, Receiver>;
  /** Attempts announced by this process and not made yet, by the id of the announcement. */
  private readonly announced = new Map<string, string>();
  /** Promises with an attempt announced or on its way, and since when. */
  private readonly busy = new Map<string, number>();
  /** Messages on their way. */
  private readonly sending = new Set<string>();
  /** Messages confirmed, of which the log does not tell yet. */
  private readonly confirmed = new Set<string>();
  private readonly timer: NodeJS.Timeout | null;
  private readonly closing = new AbortController();

  constructor(private readonly options: DeliveryOptions) {
    this.receivers = new Map(
      options.settings.tenants.flatMap(({ id, callbacks: { webhook } }): [string, Receiver][] =>
        webhook?.secret === undefined ? [] : [[id, { url: webhook.url, secret: webhookSecret(webhook.secret) }]],
      ),
    );
    this.timer = this.receivers.size > 0 ? setInterval(() => this.look(), LOOK_EVERY_MS).unref() : null;
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
    this.closing.abort();
  }

  /** An event of this site was folded: makes the attempt that it announces, if it was this process that announced it. */
  folded(site: SiteRuntime, event: AcdEvent): void {
    if (event.type === 'acd.callback.delivered') this.confirmed.delete(event.data.delivery);
    if (event.type !== 'acd.callback.delivery_attempted') return;
    const id = this.announced.get(event.id);
    if (id === undefined) return;
    this.announced.delete(event.id);
    void this.attempt(site, id, event).finally(() => this.busy.delete(id));
  }

  private look(): void {
    const now = this.options.now();
    for (const [id, since] of this.busy) if (now - since > ASTRAY_MS) this.busy.delete(id);
    for (const site of this.options.sites()) {
      if (!this.receivers.has(site.key.tenant)) continue;
      for (const { row, marks } of site.callbacks.pending()) {
        if (this.busy.size >= MAX_RUNNING) return;
        const due = dueDelivery(row, marks);
        if (!due || due.at > now || this.busy.has(row.id) || this.isUnderWay(due.delivery)) continue;
        this.announce(row, due, now);
      }
    }
  }

  private isUnderWay(delivery: string): boolean {
    return this.sending.has(delivery) || this.confirmed.has(delivery);
  }

  private announce({ tenant, site, id }: CallbackRow, { delivery, attempt }: DueDelivery, now: number): void {
    const eventId = `delivery-${randomUUID()}`;
    const retryAt = now + retryDelay(attempt, Math.random());
    this.busy.set(id, now);
    this.announced.set(eventId, id);
    const data = { callback: id, delivery, attempt, retryAt: new Date(retryAt).toISOString() };
    this.append({ tenant, site }, eventId, 'acd.callback.delivery_attempted', id, data, now).catch((error: unknown) => {
      this.announced.delete(eventId);
      this.busy.delete(id);
      this.logger.warn(`could not announce delivery ${delivery}: ${reasonOf(error)}`);
    });
  }

  private async attempt(
    site: SiteRuntime,
    id: string,
    { data }: AcdEventOf<'acd.callback.delivery_attempted'>,
  ): Promise<void> {
    const known = site.callbacks.get(id);
    const receiver = this.receivers.get(site.key.tenant);
    // It was confirmed by an earlier life, moved or called off meanwhile: another message is due, or none.
    if (!known || !receiver || dueDelivery(known.row, known.marks)?.delivery !== data.delivery) return;
    if (this.isUnderWay(data.delivery)) return;
    const { metrics } = this.options;
    this.sending.add(data.delivery);
    metrics.deliveriesRunning.set(this.sending.size);
    try {
      const body = this.bodyOf(known.row, known.marks, data.delivery);
      await this.send(receiver, data.delivery, body);
      this.confirmed.add(data.delivery);
    } catch (error) {
      metrics.deliveries.inc({ outcome: 'failed' });
      this.logger.warn(
        `delivery ${data.delivery} of ${site.key.tenant} failed (attempt ${data.attempt}), again at ${data.retryAt}: ${reasonOf(error)}`,
      );
      return;
    } finally {
      this.sending.delete(data.delivery);
      metrics.deliveriesRunning.set(this.sending.size);
    }
    metrics.deliveries.inc({ outcome: 'delivered' });
    await this.confirm(site, id, data.delivery);
  }

  private async send({ url, secret }: Receiver, delivery: string, body: string): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': delivery,
        ...signWebhook(secret, delivery, this.options.now(), body),
      },
      body,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  }

  /** Appends what the receiver confirmed, for as long as it takes: otherwise it would be told again. */
  private async confirm(site: SiteRuntime, id: string, delivery: string): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        const now = this.options.now();
        const data = { callback: id, delivery };
        return await this.append(site.key, `${delivery}-delivered`, 'acd.callback.delivered', id, data, now);
      } catch (error) {
        this.logger.warn(`could not note that ${delivery} is delivered, going on trying: ${reasonOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, APPEND_AGAIN_MS));
      }
    }
  }

  private async append(
    key: Pick<CallbackRow, 'tenant' | 'site'>,
    id: string,
    type: string,
    subject: string,
    data: object,
    now: number,
  ): Promise<void> {
    const { tenant, site } = key;
    const time = new Date(now).toISOString();
    const event = { specversion: '1.0', id, source: OWN_SOURCES.processor, type, time, subject, tenant, site, data };
    await this.options.events.append([{ key: partitionKey(key), value: Buffer.from(JSON.stringify(event)) }]);
  }

  /** What the dialer is told. The number is plain here and nowhere else. */
  private bodyOf(row: CallbackRow, { promised }: CallbackMarks, delivery: string): string {
    const kind = /-(promised|moved|cancelled)-\d+$/.exec(delivery)?.[1] ?? 'promised';
    const { tenant, id } = row;
    const isCalledOff = kind === 'cancelled';
    const sealed = isCalledOff ? '' : (promised?.number ?? '');
    return JSON.stringify({
      type: `callback.${kind}`,
      timestamp: iso((isCalledOff ? row.closedAt : null) ?? row.movedAt ?? row.promisedAt),
      data: {
        id,
        tenant,
        site: row.site,
        queue: row.queue,
        contact: row.contact,
        leg: row.leg || null,
        ...(isCalledOff
          ? {}
          : { number: sealed === '' ? null : this.options.seal.open(sealed, { tenant, callback: id }) }),
        channel: row.channel,
        language: row.language || null,
        promisedAt: iso(row.promisedAt),
        dueAt: iso(row.dueAt),
        window: row.window && { from: iso(row.window.from), to: iso(row.window.to) },
        profile: row.profile || null,
        origin: row.origin,
        place: row.place && { ...row.place, queuedAt: iso(row.place.queuedAt) },
      },
    });
  }
}

const iso = (at: number): string => new Date(at).toISOString();

/** Never with what was sent: an error of `fetch` tells of the connection only. */
const reasonOf = (error: unknown): string => {
  if (error instanceof SealError) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};
