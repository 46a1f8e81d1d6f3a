import { setImmediate as nextTurn } from 'node:timers/promises';
import { instant, partitionKey, type Instant } from '@queuecast/events';
import { StoreAwayError, type PastLeg, type Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import { hearAgent, hearReleased, hearWaited, releasedAt, type Happening } from './estimator-feed.js';
import type { ProcessorMetrics } from './metrics.js';
import type { Rehearsal, SiteEstimates } from './site-estimates.js';
import type { SiteRuntime } from './site-runtime.js';

/** How far back history is learnt from: two weeks have each day of the week twice. And at most so many legs of a site. */
const MOST_DAYS = 14;
const MOST_LEGS = 20_000;
const PAGE_LEGS = 1_000;
/** Of what was kept a moment before the process was killed only the end is missing, and how the waits of then ended. */
const LONGEST_WAIT_MS = 3_600_000;
/** Longest stretch of learning before folding, frames and requests get their turn. */
const SLICE_MS = 5;
const HAPPENINGS_PER_LOOK = 16;
const STORE_RETRY_MS = 2_000;

interface Timed {
  readonly at: Instant;
  readonly happening: Happening;
}

export interface EstimatorHistoryOptions {
  readonly store: Pick<Store, 'pastLegsStart' | 'pastLegs' | 'pastSpells'>;
  /** Those that are ours now. */
  readonly sites: () => Iterable<SiteRuntime>;
  readonly metrics: Pick<ProcessorMetrics, 'estimatorStates'>;
}

/**
 * Lets estimates learn from the legs and spells of the last days where nothing is known of what they had learnt: after an
 * update that changed what they keep, or where history was imported; and from what came after they were kept last, if the
 * process was killed. One site at a time, beside live work and in slices.
 */
export class EstimatorHistory {
  private readonly logger = new Logger(EstimatorHistory.name);
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: EstimatorHistoryOptions) {}

  /** Sites may have come that have history to learn from. */
  look(): void {
    if (this.closed) return;
    this.running ??= this.learnAll().finally(() => (this.running = null));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private async learnAll(): Promise<void> {
    for (let site = this.next(); site; site = this.next())
      try {
        await this.learn(site);
      } catch (error) {
        if (error instanceof StoreAwayError) {
          await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
          continue;
        }
        this.logger.error(
          `estimates of ${partitionKey(site.key)} could not learn from history, and begin anew: ${String(error)}`,
        );
        this.options.metrics.estimatorStates.inc({ outcome: 'history_failed' });
        site.estimates.forgoHistory();
      }
  }

  private next(): SiteRuntime | null {
    if (this.closed) return null;
    for (const site of this.options.sites()) if (site.estimates.isUnlearnt) return site;
    return null;
  }

  private isWanted(site: SiteRuntime): boolean {
    return !this.closed && site.estimates.isUnlearnt && [...this.options.sites()].includes(site);
  }

  private async learn(site: SiteRuntime): Promise<void> {
    const rehearsal = site.estimates.rehearse();
    if (!rehearsal) return;
    const started = performance.now();
    const legs = await this.replay(site, rehearsal);
    while (this.isWanted(site)) {
      if (!site.estimates.catchUp(rehearsal, HAPPENINGS_PER_LOOK)) await nextTurn();
      else if (site.estimates.estimator === rehearsal.estimator) {
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        this.logger.log(`estimates of ${partitionKey(site.key)} have gone through ${legs} past legs in ${seconds} s`);
        this.options.metrics.estimatorStates.inc({ outcome: 'learnt_from_history' });
      }
    }
  }

  /** @returns how many legs were learnt from */
  private async replay(site: SiteRuntime, rehearsal: Rehearsal): Promise<number> {
    const { store } = this.options;
    const { key, estimates } = site;
    const { since, until } = rehearsal;
    const start = await store.pastLegsStart(key, MOST_DAYS, MOST_LEGS);
    // Who waited then has been answered since.
    let from = start === null || since === null ? start : instant(Math.max(start, since - LONGEST_WAIT_MS));
    let count = 0;
    let pending: Timed[] = [];
    for (let after: PastLeg | undefined; from !== null && this.isWanted(site);) {
      const legs: PastLeg[] = await store.pastLegs(key, { from, limit: PAGE_LEGS, ...(after && { after }) });
      const last: PastLeg | undefined = legs.at(-1);
      const isLastPage = !last || legs.length < PAGE_LEGS;
      // What ends after the last leg of this page was queued belongs among what the next page brings.
      const to: Instant = isLastPage ? until : last.queuedAt;
      for (const spell of to > from ? await store.pastSpells(key, from, to) : [])
        pending.push({ at: spell.from, happening: (estimator) => hearAgent(estimator, spell) });
      for (const leg of legs) pending.push(...happeningsOf(leg, estimates));
      pending.sort((one, other) => one.at - other.at);
      const due = pending.findIndex(({ at }) => (isLastPage ? at > to : at >= to));
      const now = due < 0 ? pending : pending.slice(0, due);
      pending = due < 0 ? [] : pending.slice(due);
      await inSlices(now, rehearsal);
      count += legs.length;
      [from, after] = isLastPage ? [null, undefined] : [to, last];
    }
    return count;
  }
}

/** What an estimator would have been told of a leg, and when. */
const happeningsOf = (leg: PastLeg, estimates: SiteEstimates): Timed[] => {
  const { queue, queuedAt, outcome, answeredAt, leftQueueAt, endedAt, wrappedUpAt, wrapMs } = leg;
  const hours = estimates.hoursAt(queue, queuedAt);
  const happenings: Timed[] = [
    { at: queuedAt, happening: (estimator) => void estimator.joined(leg, queue, queuedAt, hours) },
  ];
  if (outcome === 'waiting') return happenings;
  const waited = (outcome === 'answered' ? answeredAt : leftQueueAt) ?? leftQueueAt ?? endedAt ?? queuedAt;
  happenings.push({ at: waited, happening: (estimator) => hearWaited(estimator, leg, waited) });
  const released = releasedAt(leg);
  if (released !== null) happenings.push({ at: released, happening: (estimator) => hearReleased(estimator, leg) });
  if (wrapMs !== null)
    happenings.push({
      at: wrappedUpAt ?? released ?? waited,
      happening: (estimator) => estimator.wrappedUp(queue, wrapMs),
    });
  return happenings;
};

const inSlices = async (happenings: readonly Timed[], { estimator, since, until }: Rehearsal): Promise<void> => {
  let sliceStart = performance.now();
  for (const [n, { at, happening }] of happenings.entries()) {
    if (at <= until && (since === null || at > since)) happening(estimator);
    if (n % HAPPENINGS_PER_LOOK === 0 && performance.now() - sliceStart > SLICE_MS) {
      await nextTurn();
      sliceStart = performance.now();
    }
  }
};
