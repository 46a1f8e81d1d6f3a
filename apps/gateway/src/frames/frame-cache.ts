import type { QueueFrame } from '@queuecast/live';
import type { Clock } from '../gateway.tokens.js';
import type { GatewayMetrics } from '../metrics.js';

/** A site whose newest frame is older than this has no processor: one sends frames every 10 seconds even at night. */
export const PROCESSOR_SILENT_MS = 20_000;

interface TenantFrames {
  readonly queues: Map<string, QueueFrame>;
  /** When each site's newest frame was made. */
  readonly sites: Map<string, number>;
}

/** The latest frame of every queue, by tenant: what a wallboard is shown when it connects. */
export class FrameCache {
  private readonly tenants: ReadonlyMap<string, TenantFrames>;
  private readonly listeners: ((frame: QueueFrame) => void)[] = [];
  private readonly startedAt: number;

  /** @param tenants those of the configuration: frames of others are counted and not kept */
  constructor(
    tenants: readonly string[],
    private readonly metrics: GatewayMetrics,
    private readonly now: Clock,
  ) {
    this.tenants = new Map(tenants.map((tenant) => [tenant, { queues: new Map(), sites: new Map() }]));
    this.startedAt = now();
  }

  /** Called with every frame taken, after it is in the cache. */
  onFrame(listener: (frame: QueueFrame) => void): void {
    this.listeners.push(listener);
  }

  /** Takes a frame unless its tenant is unknown or a newer one of its queue is here already. */
  take(frame: QueueFrame): void {
    this.metrics.framesReceived.inc();
    const tenant = this.tenants.get(frame.tenant);
    if (!tenant) return this.metrics.framesIgnored.inc({ reason: 'unknown_tenant' });
    // A clock ahead of ours must not make a dead processor look alive for longer.
    const madeAt = Math.min(frame.at, this.now());
    tenant.sites.set(frame.site, Math.max(madeAt, tenant.sites.get(frame.site) ?? 0));
    const known = tenant.queues.get(frame.queue);
    if (known && known.version >= frame.version) return this.metrics.framesIgnored.inc({ reason: 'not_newer' });
    tenant.queues.set(frame.queue, frame);
    for (const listener of this.listeners) listener(frame);
  }

  frame(tenant: string, queue: string): QueueFrame | undefined {
    return this.tenants.get(tenant)?.queues.get(queue);
  }

  frames(tenant: string): QueueFrame[] {
    return [...(this.tenants.get(tenant)?.queues.values() ?? [])];
  }

  /** Frame version by queue id. */
  versions(tenant: string): Record<string, number> {
    return Object.fromEntries(this.frames(tenant).map((frame) => [frame.queue, frame.version]));
  }

  /** Since when one of the tenant's sites sends no frames, though it should; null while all do. Before the first frame: since the start. */
  silentSince(tenant: string): number | null {
    const sites = this.tenants.get(tenant)?.sites;
    const newest = sites && sites.size > 0 ? Math.min(...sites.values()) : this.startedAt;
    return this.now() - newest > PROCESSOR_SILENT_MS ? newest : null;
  }

  /** Since when no tenant at all gets frames; null while one does, or if there is none. */
  allSilentSince(): number | null {
    const silences = [...this.tenants.keys()].map((tenant) => this.silentSince(tenant));
    if (silences.length === 0 || silences.includes(null)) return null;
    return Math.max(...silences.map(Number));
  }
}
