import type { QueueInfo, WallboardSnapshot } from '@queuecast/live';
import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { Clock } from '../gateway.tokens.js';
import type { FrameCache } from './frame-cache.js';
import { knownQueues } from './known-queues.js';

const infoOf = (queue: CatalogQueue): QueueInfo => ({
  queue: queue.id,
  site: queue.site,
  name: queue.name,
  public: queue.public,
  thresholdMs: queue.thresholdSeconds * 1000,
  target: queue.target,
  timeZone: queue.timeZone,
});

/** Builds what a wallboard needs to draw itself: the tenant's queues and their latest frames. */
export class Snapshots {
  constructor(
    private readonly catalog: Catalog,
    private readonly frames: FrameCache,
    private readonly now: Clock,
  ) {}

  /** Everything that a wallboard of this tenant shows now; queues that only events know come last. */
  of(tenant: string): WallboardSnapshot {
    return {
      tenant,
      tenantName: this.catalog.tenantName(tenant),
      serverTime: this.now(),
      queues: knownQueues(this.catalog, this.frames, tenant).map(infoOf),
      frames: this.frames.frames(tenant),
    };
  }
}
