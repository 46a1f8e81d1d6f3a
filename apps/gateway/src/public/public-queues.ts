import { instant } from '@queuecast/events';
import type { PublicQueue, PublicTenant, QueueFrame } from '@queuecast/live';
import type { Settings } from '@queuecast/settings';
import type { FrameCache } from '../frames/frame-cache.js';
import { nameOf } from '../frames/snapshot.js';
import type { Clock } from '../gateway.tokens.js';
import { published, type Published } from './public-queue.js';
import { QueueCalendar } from './queue-calendar.js';
import { Rendered } from './rendered.js';

interface Entry {
  readonly queue: string;
  readonly name: Readonly<Record<string, string>>;
  readonly calendar: QueueCalendar;
  readonly rendered: Rendered<PublicQueue>;
  current: Published | null;
}

interface PublicTenantEntry {
  readonly name: string;
  readonly queues: ReadonlyMap<string, Entry>;
  readonly rendered: Rendered<PublicTenant>;
}

/**
 * The public documents of all public queues, each rendered once per change. A private queue is not in here at all: it
 * cannot be told from one that does not exist.
 */
export class PublicQueues {
  private readonly tenants = new Map<string, PublicTenantEntry>();
  private readonly listeners: ((tenant: string, queue: string) => void)[] = [];
  /** Tenants that have a public queue; fixed by the configuration. */
  readonly list: Rendered<readonly { readonly tenant: string; readonly name: string }[]>;

  constructor(
    settings: Settings,
    private readonly frames: FrameCache,
    private readonly now: Clock,
  ) {
    for (const tenant of settings.tenants) {
      const queues = tenant.queues
        .filter((queue) => queue.public)
        .map((queue): [string, Entry] => [
          queue.id,
          {
            queue: queue.id,
            name: nameOf(queue),
            calendar: new QueueCalendar(queue, tenant),
            rendered: new Rendered(),
            current: null,
          },
        ]);
      if (queues.length > 0)
        this.tenants.set(tenant.id, {
          name: tenant.name ?? tenant.id,
          queues: new Map(queues),
          rendered: new Rendered(),
        });
    }
    this.list = new Rendered();
    this.list.set([...this.tenants].map(([tenant, { name }]) => ({ tenant, name })));
    this.refresh();
    frames.onFrame((frame) => this.follow(frame));
  }

  /** Called when a document has changed. */
  onChange(listener: (tenant: string, queue: string) => void): void {
    this.listeners.push(listener);
  }

  /** Brings all documents up to the clock: openings, expired notices, silence. To be called every few seconds. */
  refresh(): void {
    for (const [tenant, { queues }] of this.tenants)
      for (const entry of queues.values()) this.update(tenant, entry, this.frames.frame(tenant, entry.queue) ?? null);
  }

  document(tenant: string, queue: string): PublicQueue | undefined {
    return this.entry(tenant, queue)?.current?.document;
  }

  /** Ids of a tenant's public queues; undefined if it has none or does not exist. */
  queuesOf(tenant: string): readonly string[] | undefined {
    const entry = this.tenants.get(tenant);
    return entry && [...entry.queues.keys()];
  }

  /** One queue's document as bytes. */
  renderedQueue(tenant: string, queue: string): Rendered<PublicQueue> | undefined {
    return this.entry(tenant, queue)?.rendered;
  }

  /** All documents of a tenant as bytes. */
  renderedTenant(tenant: string): Rendered<PublicTenant> | undefined {
    const entry = this.tenants.get(tenant);
    if (entry && !entry.rendered.isSet) {
      const queues = [...entry.queues.values()].flatMap(({ current }) => (current ? [current.document] : []));
      entry.rendered.set({ tenant, name: entry.name, queues });
    }
    return entry?.rendered;
  }

  private entry(tenant: string, queue: string): Entry | undefined {
    return this.tenants.get(tenant)?.queues.get(queue);
  }

  private follow(frame: QueueFrame): void {
    const entry = this.entry(frame.tenant, frame.queue);
    if (entry) this.update(frame.tenant, entry, frame);
  }

  private update(tenant: string, entry: Entry, frame: QueueFrame | null): void {
    const now = this.now();
    const { opening, hours } = entry.calendar.at(instant(now));
    const { queue, name } = entry;
    const { timeZone } = entry.calendar;
    const next = published(entry.current, frame, { tenant, queue, name, timeZone, calendar: opening, hours }, now);
    if (next === entry.current) return;
    entry.current = next;
    entry.rendered.set(next.document);
    this.tenants.get(tenant)?.rendered.clear();
    for (const listener of this.listeners) listener(tenant, queue);
  }
}
