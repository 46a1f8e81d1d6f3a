import type { Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import type { ProcessorMetrics } from './metrics.js';
import type { SiteRuntime } from './site-runtime.js';

/** What a killed process had learnt since is learnt again from the facts. */
const EVERY_MS = 60_000;

/**
 * Keeps in the store what the estimates of each site have learnt, so that a restart, or another processor, goes on with
 * it. One site at a time, each at most once a minute and only if it has had events since. Never what has yet to learn from
 * history: whoever restored it would take it for all there is.
 */
export class EstimatorKeeper {
  private readonly logger = new Logger(EstimatorKeeper.name);
  private readonly kept = new WeakMap<SiteRuntime, { readonly version: number; readonly at: number }>();
  private running: Promise<void> | null = null;
  private failed = false;

  constructor(
    private readonly store: Pick<Store, 'keepEstimator'>,
    private readonly sites: () => Iterable<SiteRuntime>,
    private readonly metrics: Pick<ProcessorMetrics, 'estimatorStates'>,
    private readonly now: () => number,
  ) {}

  /** Keeps the next site whose time has come. To be called after each flush. */
  nudge(): void {
    if (this.running) return;
    const now = this.now();
    for (const site of this.sites()) {
      const { version, at } = this.kept.get(site) ?? { version: 0, at: -Infinity };
      if (site.estimates.isUnlearnt || site.version === version || (now >= at && now - at < EVERY_MS)) continue;
      this.running = this.keep(site).finally(() => (this.running = null));
      return;
    }
  }

  /** Keeps a site that is given away, or all of them before the end. A failure costs what was learnt in the last minute. */
  async keepNow(sites: Iterable<SiteRuntime>): Promise<void> {
    await this.running;
    for (const site of sites)
      if (!site.estimates.isUnlearnt && site.version !== this.kept.get(site)?.version) await this.keep(site);
  }

  private async keep(site: SiteRuntime): Promise<void> {
    const { key, version } = site;
    this.kept.set(site, { version, at: this.now() });
    try {
      await this.store.keepEstimator(key, { version, bytes: site.estimates.estimator.snapshot() });
      this.failed = false;
      this.metrics.estimatorStates.inc({ outcome: 'kept' });
    } catch (error) {
      this.metrics.estimatorStates.inc({ outcome: 'failed' });
      if (!this.failed) this.logger.warn(`could not keep what the estimates have learnt: ${String(error)}`);
      this.failed = true;
    }
  }
}
