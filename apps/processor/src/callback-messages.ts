import {
  dueDelivery,
  webhookSecret,
  type CallbackMarks,
  type CallbackRow,
  type CancelledMessage,
  type NumberSeal,
  type PromiseMessage,
} from '@queuecast/callbacks';
import type { Settings } from '@queuecast/settings';
import type { DueMessage, MessageKind, OutgoingMessage } from './deliveries.js';
import type { SiteRuntime } from './site-runtime.js';

/** Tells dialers of promises: promised, moved, cancelled. */
export class CallbackMessages implements MessageKind {
  readonly attempted = 'acd.callback.delivery_attempted';
  readonly delivered = 'acd.callback.delivered';
  private readonly receivers: ReadonlyMap<string, Pick<OutgoingMessage, 'url' | 'secret'>>;

  constructor(
    { tenants }: Pick<Settings, 'tenants'>,
    private readonly seal: NumberSeal,
  ) {
    this.receivers = new Map(
      tenants.flatMap(({ id, callbacks: { webhook } }): [string, Pick<OutgoingMessage, 'url' | 'secret'>][] =>
        webhook?.secret === undefined ? [] : [[id, { url: webhook.url, secret: webhookSecret(webhook.secret) }]],
      ),
    );
  }

  *due(site: SiteRuntime): Iterable<DueMessage> {
    if (!this.receivers.has(site.key.tenant)) return;
    for (const { row, marks } of site.callbacks.pending()) {
      const due = messageOf(row, marks);
      if (due) yield due;
    }
  }

  dueOf(site: SiteRuntime, subject: string): DueMessage | null {
    const known = site.callbacks.get(subject);
    return known && this.receivers.has(site.key.tenant) ? messageOf(known.row, known.marks) : null;
  }

  compose(site: SiteRuntime, { subject, delivery }: DueMessage): OutgoingMessage {
    const receiver = this.receivers.get(site.key.tenant);
    const known = site.callbacks.get(subject);
    if (!receiver || !known) throw new Error(`nobody is to be told of ${subject}`);
    return { ...receiver, body: this.bodyOf(known.row, known.marks, delivery) };
  }

  /** What the dialer is told. The number is plain here and nowhere else. */
  private bodyOf(row: CallbackRow, { promised }: CallbackMarks, delivery: string): string {
    const kind = /-(promised|moved|cancelled)-\d+$/.exec(delivery)?.[1] ?? 'promised';
    const { tenant, id } = row;
    const told = {
      id,
      tenant,
      site: row.site,
      queue: row.queue,
      contact: row.contact,
      leg: row.leg || null,
      channel: row.channel,
      language: row.language || null,
      promisedAt: iso(row.promisedAt),
      dueAt: iso(row.dueAt),
      window: row.window && { from: iso(row.window.from), to: iso(row.window.to) },
      profile: row.profile || null,
      origin: row.origin,
      place: row.place && { ...row.place, queuedAt: iso(row.place.queuedAt) },
    };
    if (kind === 'cancelled')
      return JSON.stringify({
        type: 'callback.cancelled',
        timestamp: iso(row.closedAt ?? row.movedAt ?? row.promisedAt),
        data: told,
      } satisfies CancelledMessage);
    const sealed = promised?.number ?? '';
    return JSON.stringify({
      type: kind === 'moved' ? 'callback.moved' : 'callback.promised',
      timestamp: iso(row.movedAt ?? row.promisedAt),
      data: { ...told, number: sealed === '' ? null : this.seal.open(sealed, { tenant, callback: id }) },
    } satisfies PromiseMessage);
  }
}

const messageOf = (row: CallbackRow, marks: CallbackMarks): DueMessage | null => {
  const due = dueDelivery(row, marks);
  if (!due) return null;
  const { delivery, attempt, at } = due;
  const data = { callback: row.id, delivery };
  return { subject: row.id, delivery, attempt, at, data: { attempted: data, delivered: data } };
};

const iso = (at: number): string => new Date(at).toISOString();
