import { POPULATIONS } from '@queuecast/wait-estimates';
import type { ProcessorMetrics } from './metrics.js';
import type { SiteRuntime } from './site-runtime.js';

/** What batches of records came to. Counted here first: a labelled counter takes as long as reading an event. */
export class BatchCounts {
  folded = 0;
  archived = 0;

  constructor(private readonly metrics: ProcessorMetrics) {}

  /** Takes what was counted since the last time to the metrics. */
  report(sites: Iterable<SiteRuntime>): void {
    const { records } = this.metrics;
    records.inc({ outcome: 'folded' }, this.folded);
    records.inc({ outcome: 'archived' }, this.archived);
    this.folded = 0;
    this.archived = 0;
    for (const site of sites) this.reportEstimates(site);
  }

  private reportEstimates({ estimates }: SiteRuntime): void {
    const { estimatesTold, estimatesScored, estimatesRight, estimatesLonger, estimatesErrorSeconds } = this.metrics;
    for (const [told, count] of estimates.told.takeTold()) estimatesTold.inc({ told }, count);
    const scores = estimates.told.takeScores();
    if (!scores) return;
    for (const population of POPULATIONS) {
      const { count, inside, longer, absoluteError } = scores[population];
      estimatesScored.inc({ population }, count);
      estimatesRight.inc({ population }, inside);
      estimatesLonger.inc({ population }, longer);
      estimatesErrorSeconds.inc({ population }, absoluteError);
    }
  }
}
