import type { QueueId } from '@queuecast/events';
import type { SiteKey } from '@queuecast/store';
import { POPULATIONS } from '@queuecast/wait-estimates';
import type { ProcessorMetrics } from './metrics.js';
import type { SiteRuntime } from './site-runtime.js';

/** What batches of records came to. Counted here first: a labelled counter takes as long as reading an event. */
export class BatchCounts {
  folded = 0;
  archived = 0;

  /** @param isConfigured whether a queue of a site is in the configuration: there are few of those, and any number of others */
  constructor(
    private readonly metrics: ProcessorMetrics,
    private readonly isConfigured: (site: SiteKey, queue: QueueId) => boolean,
  ) {}

  /** Takes what was counted since the last time to the metrics. */
  report(sites: Iterable<SiteRuntime>): void {
    const { records } = this.metrics;
    records.inc({ outcome: 'folded' }, this.folded);
    records.inc({ outcome: 'archived' }, this.archived);
    this.folded = 0;
    this.archived = 0;
    for (const site of sites) this.reportEstimates(site);
  }

  private reportEstimates({ key, estimates }: SiteRuntime): void {
    const { metrics } = this;
    for (const [told, count] of estimates.told.takeTold()) metrics.estimatesTold.inc({ told }, count);
    for (const [queue, scores] of estimates.told.takeScores()) {
      const name = this.isConfigured(key, queue) ? queue : '';
      for (const population of POPULATIONS) {
        const score = scores[population];
        if (score.count === 0) continue;
        const labels = { tenant: key.tenant, queue: name, population };
        metrics.estimatesScored.inc(labels, score.count);
        metrics.estimatesRight.inc(labels, score.inside);
        metrics.estimatesLonger.inc(labels, score.longer);
        // Half the sum and half the difference of absolute and signed error, which rounding may take below nothing.
        metrics.estimatesOverSeconds.inc(labels, Math.max(0, (score.absoluteError + score.error) / 2));
        metrics.estimatesUnderSeconds.inc(labels, Math.max(0, (score.absoluteError - score.error) / 2));
        metrics.estimatesSquaredError.inc(labels, score.squaredError);
        metrics.estimatesLossSeconds.inc({ ...labels, quantile: '0.1' }, score.loss10);
        metrics.estimatesLossSeconds.inc({ ...labels, quantile: '0.5' }, score.loss50);
        metrics.estimatesLossSeconds.inc({ ...labels, quantile: '0.9' }, score.loss90);
      }
    }
  }
}
