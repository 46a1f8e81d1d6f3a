import type { Catalog, CatalogQueue } from '@queuecast/settings';
import type { FrameCache } from './frame-cache.js';

/** A tenant's queues: those of the settings in their order, then those that only events know. */
export const knownQueues = (catalog: Catalog, frames: FrameCache, tenant: string): CatalogQueue[] => [
  ...catalog.queues(tenant),
  ...frames
    .frames(tenant)
    .map(({ queue, site }) => catalog.queue(tenant, queue, site))
    .filter(({ configured }) => !configured),
];
