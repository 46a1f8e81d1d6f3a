import { instant } from '@queuecast/events';
import type { PublicOutlook, PublicQueue, PublicTenant, QueueFrame } from '@queuecast/live';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { FrameCache } from '../frames/frame-cache.js';
import type { Clock } from '../gateway.tokens.js';
import type { Outlooks } from '../outlook/outlooks.js';
import { publicOutlook } from '../outlook/public-outlook.js';
import { published, type Published } from './public-queue.js';
import { QueueCalendar } from './queue-calendar.js';
import { Rendered } from './rendered.js';

interface Entry {
  readonly settings: CatalogQueue;
  readonly calendar: QueueCalendar;
  readonly rendered: Rendered<PublicQueue>;
  current: Published | null;
  readonly outlook: Rendered<PublicOutlook>;
  /** What the rendered outlook was made from. */
  outlookOf: readonly unknown[];
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
    catalog: Catalog,
    private readonly frames: FrameCache,
    private readonly outlooks: Outlooks,
    private readonly now: Clock,
  ) {
    for (const { id } of catalog.tenants) {
      const queues = catalog.queues(id).filter((queue) => queue.public);
      if (queues.length > 0)
        this.tenants.set(id, {
          name: catalog.tenantName(id),
          queues: new Map(queues.map((queue) => [queue.id, entryOf(queue)])),
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
      for (const entry of queues.values()) this.update(entry, this.frames.frame(tenant, entry.settings.id) ?? null);
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

  /** The name of a tenant with all that is public of its queues, in order; undefined if it has none or does not exist. */
  tenant(tenant: string):
    | {
        readonly name: string;
        readonly queues: readonly {
          readonly settings: CatalogQueue;
          readonly document: PublicQueue;
          readonly outlook: PublicOutlook;
        }[];
      }
    | undefined {
    const entry = this.tenants.get(tenant);
    if (!entry) return undefined;
    const queues = [...entry.queues.values()].flatMap(({ settings, current }) => {
      const outlook = this.renderedOutlook(tenant, settings.id)?.value;
      return current && outlook ? [{ settings, document: current.document, outlook }] : [];
    });
    return { name: entry.name, queues };
  }

  /** One queue's outlook as bytes: rendered when first asked for after a change. */
  renderedOutlook(tenant: string, queue: string): Rendered<PublicOutlook> | undefined {
    const entry = this.entry(tenant, queue);
    if (!entry?.current) return undefined;
    const outlook = this.outlooks.of(entry.settings);
    const { bestTime } = entry.current.document;
    if (entry.outlookOf[0] !== outlook || entry.outlookOf[1] !== bestTime) {
      entry.outlook.set(publicOutlook(entry.settings, outlook, bestTime));
      entry.outlookOf = [outlook, bestTime];
    }
    return entry.outlook;
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
    if (entry) this.update(entry, frame);
  }

  private update(entry: Entry, frame: QueueFrame | null): void {
    const now = this.now();
    const { opening, hours } = entry.calendar.at(instant(now));
    const { tenant, id, name, timeZone, callbacks } = entry.settings;
    const outlook = this.outlooks.of(entry.settings).hours;
    const facts = { tenant, queue: id, name, timeZone, calendar: opening, hours, callbacks, outlook };
    const next = published(entry.current, frame, facts, now);
    if (next === entry.current) return;
    entry.current = next;
    entry.rendered.set(next.document);
    this.tenants.get(tenant)?.rendered.clear();
    for (const listener of this.listeners) listener(tenant, id);
  }
}

const entryOf = (settings: CatalogQueue): Entry => ({
  settings,
  calendar: new QueueCalendar(settings),
  rendered: new Rendered(),
  current: null,
  outlook: new Rendered(),
  outlookOf: [],
});
