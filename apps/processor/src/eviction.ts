import { instant } from '@queuecast/events';
import type { ProcessorMetrics } from './metrics.js';
import type { OwnedPartitions } from './owned-partitions.js';

const EVERY_MS = 10_000;

/** Lets go of what is over and written, at most every ten seconds, and tells how much is left in memory. */
export class Eviction {
  private at = 0;

  constructor(
    private readonly partitions: OwnedPartitions,
    private readonly metrics: ProcessorMetrics,
    private readonly now: () => number,
  ) {}

  /** To be called after a flush: only what the facts hold may be forgotten. */
  run(): void {
    const now = this.now();
    if (now >= this.at && now - this.at < EVERY_MS) return;
    this.at = now;
    let watched = 0;
    for (const { partition, sites } of this.partitions.all()) {
      let contacts = 0;
      for (const { fold, callbacks, watches } of sites.values()) {
        fold.evict();
        callbacks.evict(instant(now));
        const ended = watches.evict(instant(now));
        this.metrics.watches.inc({ outcome: 'expired' }, ended.expired);
        this.metrics.watches.inc({ outcome: 'given_up' }, ended.givenUp);
        watched += watches.open().length;
        contacts += fold.size;
      }
      this.metrics.contacts.set({ partition: String(partition) }, contacts);
    }
    this.metrics.watchesOpen.set(watched);
  }
}
