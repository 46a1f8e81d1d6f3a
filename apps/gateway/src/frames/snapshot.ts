import type { QueueInfo, WallboardSnapshot } from '@queuecast/live';
import type { QueueSettings, Settings, TenantSettings } from '@queuecast/settings';
import type { FrameCache } from './frame-cache.js';

const infoOf = (queue: QueueSettings, tenant: TenantSettings): QueueInfo => ({
  queue: queue.id,
  site: queue.site,
  name: nameOf(queue),
  public: queue.public,
  thresholdMs: queue.thresholdSeconds * 1000,
  target: queue.target,
  timeZone: queue.timeZone ?? tenant.timeZone,
});

/** A queue's display name by language; its id where the configuration gives none. */
export const nameOf = (queue: QueueSettings): Readonly<Record<string, string>> => queue.name ?? { en: queue.id };

/** Builds what a wallboard needs to draw itself: the tenant's queues and their latest frames. */
export class Snapshots {
  private readonly tenants: ReadonlyMap<string, { readonly name: string; readonly queues: readonly QueueInfo[] }>;

  constructor(
    settings: Settings,
    private readonly frames: FrameCache,
    private readonly now: () => number,
  ) {
    this.tenants = new Map(
      settings.tenants.map((tenant) => [
        tenant.id,
        { name: tenant.name ?? tenant.id, queues: tenant.queues.map((queue) => infoOf(queue, tenant)) },
      ]),
    );
  }

  /** Everything that a wallboard of this tenant shows now. Queues that only events know come with their id for a name. */
  of(tenant: string): WallboardSnapshot {
    const known = this.tenants.get(tenant);
    const configured = known?.queues ?? [];
    const frames = this.frames.frames(tenant);
    const names = new Set(configured.map((info) => info.queue));
    const unlisted = frames
      .filter((frame) => !names.has(frame.queue))
      .map((frame): QueueInfo => ({
        queue: frame.queue,
        site: frame.site,
        name: { en: frame.queue },
        public: false,
        thresholdMs: frame.today?.thresholdMs ?? 150_000,
        target: 0.8,
        timeZone: 'UTC',
      }));
    return {
      tenant,
      tenantName: known?.name ?? tenant,
      serverTime: this.now(),
      queues: [...configured, ...unlisted],
      frames,
    };
  }
}
