import { webhookSecret } from '@queuecast/callbacks';
import { instant } from '@queuecast/events';
import { isAllowedHost, isPublicAddress, refusedTarget } from '@queuecast/http';
import type { DueWatch, WaitUnderMessage } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import type { DueMessage, MessageKind, OutgoingMessage } from './deliveries.js';
import type { SiteRuntime } from './site-runtime.js';

interface Sender {
  readonly secret: Uint8Array;
  readonly allowedHosts: readonly string[];
}

/** Tells programs once that the wait of a queue is under so many minutes. */
export class WatchMessages implements MessageKind {
  readonly attempted = 'acd.queue.watch_attempted';
  readonly delivered = 'acd.queue.watch_delivered';
  private readonly senders: ReadonlyMap<string, Sender>;

  constructor({ tenants }: Pick<Settings, 'tenants'>) {
    this.senders = new Map(
      tenants.flatMap(({ id, webhooks }): [string, Sender][] =>
        webhooks?.secret === undefined
          ? []
          : [[id, { secret: webhookSecret(webhooks.secret), allowedHosts: webhooks.allowedHosts }]],
      ),
    );
  }

  *due(site: SiteRuntime, now: number): Iterable<DueMessage> {
    if (this.senders.has(site.key.tenant)) for (const due of site.watches.due(instant(now))) yield messageOf(due);
  }

  dueOf(site: SiteRuntime, subject: string, now: number): DueMessage | null {
    const due = site.watches.dueOf(subject, instant(now));
    return due && this.senders.has(site.key.tenant) ? messageOf(due) : null;
  }

  compose(site: SiteRuntime, { subject, data }: DueMessage): OutgoingMessage {
    const sender = this.senders.get(site.key.tenant);
    const watch = site.watches.get(subject);
    if (!sender || !watch) throw new Error(`nobody is to be told of ${subject}`);
    const { url, queue, underMinutes } = watch;
    // Whoever set it, and whatever was allowed then.
    const refused = refusedTarget(url, sender.allowedHosts);
    if (refused !== null) throw new Error(`its url ${refused}`);
    const { tenant, site: name } = site.key;
    const { wait } = data.attempted as ReturnType<typeof messageOf>['data']['attempted'];
    return {
      url,
      secret: sender.secret,
      ...(!isAllowedHost(new URL(url), sender.allowedHosts) && { mayReach: isPublicAddress }),
      body: JSON.stringify({
        type: 'queue.wait_under',
        timestamp: wait.at,
        data: { watch: subject, tenant, site: name, queue, underMinutes, wait },
      } satisfies WaitUnderMessage),
    };
  }
}

const messageOf = ({ watch, attempt, at, wait }: DueWatch) => ({
  subject: watch.id,
  delivery: watch.id,
  attempt,
  at,
  data: {
    attempted: {
      watch: watch.id,
      wait: { lowMs: wait.lowMs, highMs: wait.highMs, at: new Date(wait.at).toISOString() },
    },
    delivered: { watch: watch.id },
  },
});
