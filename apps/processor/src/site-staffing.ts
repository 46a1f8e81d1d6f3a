import type { LegFact, SpellFact } from '@queuecast/contact-center';
import type { AgentId, Instant, QueueId } from '@queuecast/events';
import type { FrameSettings, Opening, SourceHealth, Staffing } from '@queuecast/live';
import type { PastLeg } from '@queuecast/store';
import { agentsOf, backToTarget, ObservedDemand, type AgentGroup } from '@queuecast/staffing';

/** By when a queue shall be back at its target, or when it closes. */
const HORIZON_MS = 1_800_000;
/** A figure is worked out anew after this long: it costs up to a millisecond, and nobody is called in by the second. */
const KEEP_MS = 15_000;
const HOUR_MS = 3_600_000;

interface Kept {
  readonly at: Instant;
  readonly staffing: Staffing | null;
}

type StaffedQueue = Pick<FrameSettings, 'thresholdSeconds' | 'target'>;

/** What a figure is asked for with. */
export interface StaffingMoment {
  readonly waiting: number;
  readonly opening: Opening;
  readonly source: SourceHealth;
  readonly now: Instant;
}

/** How far back what is observed counts; older need not be restored. */
export const OBSERVED_MS = 2 * HOUR_MS;

/** How many more agents would bring each queue of a site to its target, from what is observed and what usually comes next. */
export class SiteStaffing {
  private readonly demands = new Map<QueueId, ObservedDemand>();
  /** Who serves what now, by agent: a key of `groups`. */
  private readonly agents = new Map<AgentId, string>();
  private readonly groups = new Map<string, AgentGroup & { serving: number }>();
  private readonly kept = new Map<QueueId, Kept>();
  /** The site's time of the first event that was seen. */
  private since: Instant | null = null;

  /** @param growthOf arrivals of the coming half hour by those of the last, as is usual at this time; 1 where nobody knows */
  constructor(private readonly growthOf: (queue: QueueId, now: Instant) => number = () => 1) {}

  /** After a restart: all legs that were queued from `since` on, as the facts have them. */
  restore(legs: readonly PastLeg[], since: Instant): void {
    this.since = since;
    for (const leg of legs) this.observe(null, leg, leg.queuedAt);
  }

  legChanged(before: LegFact | null, after: LegFact | null, at: Instant): void {
    this.since ??= at;
    if (after) this.observe(before, after, at);
  }

  private observe(before: PastLeg | null, after: PastLeg, at: Instant): void {
    if (after.internal) return;
    const demand = this.demandOf(after.queue, this.since ?? at);
    if (!before) demand.arrived(after.queuedAt);
    const waits = after.outcome === 'waiting';
    if (!waits && (!before || before.outcome === 'waiting') && after.waitMs !== null)
      demand.waited(after.leftQueueAt ?? at, after.waitMs, after.outcome === 'abandoned');
    if (after.talkMs !== null && before?.talkMs == null)
      demand.handled(after.endedAt ?? at, after.talkMs + (after.holdMs ?? 0));
    if (after.wrapMs !== null && before?.wrapMs == null) demand.wrappedUp(after.wrappedUpAt ?? at, after.wrapMs);
  }

  agentChanged({ agent, state, queues }: SpellFact): void {
    const before = this.groups.get(this.agents.get(agent) ?? '');
    if (before) before.serving -= 1;
    this.agents.delete(agent);
    if (state === 'offline' || state === 'away') return;
    const key = queues.toSorted().join('\u0000');
    this.agents.set(agent, key);
    const group = this.groups.get(key);
    if (group) group.serving += 1;
    else this.groups.set(key, { queues, serving: 1 });
  }

  /** Null where no figure would be honest: too little is known, the source is silent, the queue closed or its agents untold. */
  staffing(queue: QueueId, settings: StaffedQueue, moment: StaffingMoment): Staffing | null {
    const known = this.kept.get(queue);
    if (known && moment.now >= known.at && moment.now - known.at < KEEP_MS) return known.staffing;
    const staffing = this.work(queue, settings, moment);
    this.kept.set(queue, { at: moment.now, staffing });
    return staffing;
  }

  private work(queue: QueueId, { thresholdSeconds, target }: StaffedQueue, moment: StaffingMoment): Staffing | null {
    const { waiting, opening, source, now } = moment;
    if (opening.state === 'closed' || source.state === 'silent' || target <= 0 || target >= 1) return null;
    // Of an agent whose queues the source does not tell nobody knows whom he would help.
    if ((this.groups.get('')?.serving ?? 0) > 0) return null;
    const observed = this.demands.get(queue)?.demand(now) ?? null;
    const demand = observed && { ...observed, arrivalRate: observed.arrivalRate * this.growthOf(queue, now) };
    const agents = agentsOf(queue, this.groups.values(), (each) => this.workOf(each as QueueId, now));
    if (!demand || agents === null || agents === 0) return null;
    const horizon = Math.min(HORIZON_MS, opening.until === null ? HORIZON_MS : Math.max(0, opening.until - now));
    const there = Math.max(1, Math.round(agents));
    const threshold = thresholdSeconds * 1000;
    const found = backToTarget({ ...demand, agents: there, waiting, target: { share: target, threshold }, horizon });
    if (!found) return null;
    return {
      more: found.more,
      by: found.within === 0 ? null : Math.ceil(now + found.within),
      from: {
        arrivalsPerHour: demand.arrivalRate * HOUR_MS,
        handleMs: demand.meanHandle,
        patienceMs: demand.meanPatience === Infinity ? null : demand.meanPatience,
        agents: there,
        waiting,
      },
      at: now,
    };
  }

  /** Erlangs; a queue that nobody calls brings none. */
  private workOf(queue: QueueId, now: Instant): number | null {
    const observed = this.demands.get(queue);
    return observed ? observed.work(now) : 0;
  }

  private demandOf(queue: QueueId, since: Instant): ObservedDemand {
    let demand = this.demands.get(queue);
    if (!demand) this.demands.set(queue, (demand = new ObservedDemand(since)));
    return demand;
  }
}
