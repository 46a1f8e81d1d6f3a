import type { AgentState } from '@queuecast/events';
import { AgentPool } from './agent-pool.js';
import { FadingAverage, FadingSum, ForgettingMean } from './decay.js';
import { QUEUED_ABOVE_S, QueueFigures } from './queue-figures.js';
import { SHARED } from './queue-sharing.js';
import type { WaitSignals } from './wait-signals.js';

/** A site silent for this long was closed meanwhile, unless it is told otherwise: seconds. */
const CLOSED_AFTER_S = 2 * 3600;
/** What a conversation takes until any is over, seconds. */
const HANDLE_PRIOR_S = 240;

/** What the adapter may know of a queue's hours; absent when it does not. */
export interface Hours {
  /** Seconds since the queue opened. */
  readonly sinceOpening?: number;
  /** Seconds until it closes. */
  readonly toClosing?: number;
}

/**
 * Everything about a site that an estimate may rest on, kept up event by event: each costs a bounded amount of work, and
 * so does reading the signals of a queue. Nothing of later than the latest event is in them. Instants in seconds.
 */
export class SiteSignals {
  readonly agents = new AgentPool();
  private readonly numbers = new Map<string, number>();
  private readonly queues: QueueFigures[] = [];
  /** When those who wait joined, by key, the oldest first. */
  private readonly waiting = new Map<string, number>();
  /** The same of those who are suspected to have gone: they count for nothing. */
  private readonly suspects = new Map<string, number>();
  private openedAt = 0;
  /** When the latest of what was told happened. */
  latest = 0;
  /** Since when somebody waits; only while somebody does. */
  private queueingSince = 0;
  private lastWait = 0;
  private lastAnsweredAt = 0;
  private readonly recentWait = new ForgettingMean(0.2);
  private readonly arrivals60 = new FadingSum(60);
  private readonly arrivals300 = new FadingSum(300);
  private readonly answers30 = new FadingSum(30);
  private readonly answers120 = new FadingSum(120);
  private readonly answers600 = new FadingSum(600);
  private readonly answers60 = new FadingSum(60);
  private readonly unqueued60 = new FadingSum(60);
  private readonly busyAverage = new FadingAverage(300);
  private readonly waitingAverage = new FadingAverage(300);

  /** The number of a queue: they are numbered as they are first named. */
  numberOf(queue: string): number {
    let number = this.numbers.get(queue);
    if (number === undefined) {
      number = this.queues.length;
      this.numbers.set(queue, number);
      this.queues.push(new QueueFigures());
    }
    return number;
  }

  /** The queues that share agents with this one, by who answers what. */
  poolOf(queue: number): number[] {
    return [...this.figures(queue).sharing.shares].filter(([, share]) => share > SHARED).map(([number]) => number);
  }

  figures(queue: number): QueueFigures {
    return this.queues[queue]!;
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  /** Wait of whoever was answered last on the site; null before the first. */
  get lastSiteWait(): number | null {
    return this.lastAnsweredAt === 0 ? null : this.lastWait;
  }

  joined(key: string, queue: number, now: number): void {
    this.passes(now);
    if (this.waiting.size === 0) this.queueingSince = now;
    this.figures(queue).joined(key, now);
    this.waiting.set(key, now);
    this.arrivals60.add(now, 1);
    this.arrivals300.add(now, 1);
  }

  /** Somebody no longer waits: answered by an agent (null: not told by whom), or gone. */
  answered(key: string, queue: number, agent: string | null, now: number, wait: number): void {
    this.leaves(key, queue, now);
    const figures = this.figures(queue);
    figures.answered(now, wait);
    if (now >= this.lastAnsweredAt) {
      this.lastWait = wait;
      this.lastAnsweredAt = now;
    }
    this.recentWait.add(wait);
    this.answers30.add(now, 1);
    this.answers60.add(now, 1);
    this.answers120.add(now, 1);
    this.answers600.add(now, 1);
    if (wait <= QUEUED_ABOVE_S) this.unqueued60.add(now, 1);
    if (agent === null) return;
    const { work, total } = this.agents.answered(agent, queue, now);
    figures.sharing.answeredBy(work, total);
  }

  abandoned(key: string, queue: number, now: number, wait: number): void {
    this.leaves(key, queue, now);
    this.figures(queue).abandoned(now, wait);
  }

  /** Somebody left the queue for another reason; nothing is learnt from it. */
  left(key: string, queue: number, now: number): void {
    this.leaves(key, queue, now);
  }

  waits(key: string): boolean {
    return this.waiting.has(key) || this.suspects.has(key);
  }

  /** Everybody who waits, suspected or not, by key and queue. */
  whoWaits(): [key: string, queue: number][] {
    const known = (queue: number) =>
      [...this.figures(queue).waiting.keys()].map((key): [string, number] => [key, queue]);
    const suspects = [...this.suspects.keys()].map((key): [string, number] => [key, -1]);
    return [...this.queues.keys()].flatMap(known).concat(suspects);
  }

  /** Forgotten without a trace, unlike {@link left}: no time passes. */
  gone(key: string, queue: number): void {
    this.waiting.delete(key);
    this.suspects.delete(key);
    this.queues[queue]?.waiting.delete(key);
  }

  suspected(key: string, queue: number): void {
    const joined = this.waiting.get(key);
    if (joined === undefined) return;
    this.waiting.delete(key);
    this.figures(queue).waiting.delete(key);
    this.suspects.set(key, joined);
  }

  /** Put back where he stood: before those who joined later. */
  reinstated(key: string, queue: number): void {
    const joined = this.suspects.get(key);
    if (joined === undefined) return;
    this.suspects.delete(key);
    for (const waiting of [this.waiting, this.figures(queue).waiting]) putInOrder(waiting, key, joined);
  }

  /** A conversation of this queue ended after `handle` seconds. */
  released(queue: number, agent: string, now: number, handle: number): void {
    this.passes(now);
    this.figures(queue).handle.add(handle);
    this.agents.released(agent, now);
  }

  agentStated(agent: string, state: AgentState, serves: readonly number[], now: number): void {
    this.passes(now);
    this.agents.stated(agent, state, serves, now);
  }

  /**
   * The signals for somebody who joins `queue` at `now`, or who has `ahead` contacts of this queue before him (those
   * behind him do not count, whatever queue of the site they wait in). Waits of others in the line were those for the whole
   * of it: he is to be compared with whoever finds a line as long as what is before him, and has of those waits that part.
   */
  read(queue: number, now: number, hours: Hours = {}, ahead?: number): WaitSignals {
    const own = this.figures(queue);
    const staff = this.agents.staff(queue);
    const waiting = ahead ?? own.waiting.size;
    const behind = own.waiting.size - waiting;
    const siteWaiting = Math.max(waiting, this.waiting.size - behind);
    const part = (waiting + 1) / (own.waiting.size + 1);
    const sitePart = (siteWaiting + 1) / (this.waiting.size + 1);
    const handle = (own.handle.value ?? HANDLE_PRIOR_S) + (own.wrapUp.value ?? 0);
    const others = this.others(own, queue, now);
    const answers120 = own.answers120.value(now);
    const answers600 = own.answers600.value(now);
    const siteAnswers30 = this.answers30.value(now);
    const siteAnswers120 = this.answers120.value(now);
    const { agents } = this;
    return {
      waiting,
      headWait: part * own.headWait(now),
      lastWait: part * own.lastWait,
      sinceLastAnswer: own.lastAnsweredAt === 0 ? HOUR_S : Math.min(HOUR_S, now - own.lastAnsweredAt),
      recentWait: part * (own.recentWait.value ?? 0),
      meanWait120: (part * own.waits120.value(now)) / (answers120 + 0.2),
      meanWait300: (part * own.waits300.value(now)) / (own.answers300.value(now) + 0.2),
      arrivals60: own.arrivals60.value(now),
      arrivals300: own.arrivals300.value(now),
      answers30: own.answers30.value(now),
      answers120,
      answers600,
      unqueuedShare: (own.unqueued120.value(now) + 0.5) / (answers120 + 1),
      found: (part * own.found120.value(now)) / (own.finders120.value(now) + 0.2),
      handle,
      patience: own.patience(now),
      waitAtRecentRate: (waiting + 1) / (answers120 / 120 + 0.002),
      waitAtSlowRate: (waiting + 1) / (answers600 / 600 + 0.002),
      waitAtMixedRate: ((waiting + 1) * 240) / (answers120 + answers600 / 5 + 0.3),
      busy: staff.busy,
      busyShare: staff.busyShare,
      free: staff.free,
      staffShare: staff.busyShare + staff.freeShare + staff.releasedShare300.value(now),
      newlyBusy60: staff.newlyBusy60.value(now),
      released30: staff.released30.value(now) + staff.free,
      released300: staff.released300.value(now) + staff.free,
      released1800: staff.released1800.value(now) + staff.free,
      releases60: staff.releases60.value(now),
      waitByStaff: ((waiting + 1) * handle) / (staff.busyShare + 0.3),
      waitByPool: ((waiting + 1 + others.waiting) * handle) / (staff.busy + 1),
      othersWaiting: others.waiting,
      othersLoad: others.load,
      othersHeadWait: others.headWait,
      othersLongest: others.longest,
      othersAnswers: others.answers,
      othersLastWait: others.lastWait,
      shared: others.shared,
      siteWaiting,
      siteHeadWait: sitePart * this.headWait(now),
      siteLastWait: sitePart * this.lastWait,
      siteSinceLastAnswer: this.lastAnsweredAt === 0 ? HOUR_S : Math.min(HOUR_S, now - this.lastAnsweredAt),
      siteRecentWait: sitePart * (this.recentWait.value ?? 0),
      siteArrivals60: this.arrivals60.value(now),
      siteArrivals300: this.arrivals300.value(now),
      siteAnswers30: siteAnswers30,
      siteAnswers120: siteAnswers120,
      siteAnswers600: this.answers600.value(now),
      siteUnqueuedShare: (this.unqueued60.value(now) + 0.5) / (this.answers60.value(now) + 1),
      siteBusy: agents.busy,
      siteReleased: agents.released300.value(now) + agents.free,
      siteReleases60: agents.releases60.value(now),
      siteSeen: agents.seen1800.value(now),
      siteWaitByStaff: ((siteWaiting + 1) * handle) / (agents.busy + 1),
      siteWaitAtFastRate: ((siteWaiting + 1) * 30) / (siteAnswers30 + 0.5),
      siteWaitAtRecentRate: ((siteWaiting + 1) * 120) / (siteAnswers120 + 0.5),
      busyTrend: agents.busy / (this.busyAverage.value(now, agents.busy) + 1),
      waitingTrend: (siteWaiting + 1) / (this.waitingAverage.value(now, this.waiting.size) + 1),
      queueingFor: siteWaiting > 0 ? Math.min(2 * HOUR_S, now - this.queueingSince) : 0,
      sinceOpening: hours.sinceOpening ?? now - this.openedAt,
      toClosing: hours.toClosing ?? null,
      sinceAgentChange: agents.changedAt === 0 ? null : now - agents.changedAt,
    };
  }

  private headWait(now: number): number {
    for (const joined of this.waiting.values()) return Math.max(0, now - joined);
    return 0;
  }

  /** What waits in the queues that share agents with this one; at most 24 are looked at. */
  private others(own: QueueFigures, queue: number, now: number) {
    const sum = { waiting: 0, load: 0, headWait: 0, longest: 0, answers: 0, lastWait: 0, shared: 0 };
    for (const [number, share] of own.sharing.shares) {
      if (number === queue) continue;
      const other = this.figures(number);
      const headWait = other.headWait(now);
      sum.load += share * other.waiting.size;
      sum.headWait += share * headWait;
      sum.answers += share * other.answers120.value(now);
      sum.lastWait += share * other.lastWait;
      sum.shared += share;
      if (share <= SHARED) continue;
      sum.waiting += other.waiting.size;
      sum.longest = Math.max(sum.longest, headWait);
    }
    sum.headWait /= sum.shared + 0.05;
    sum.lastWait /= sum.shared + 0.05;
    return sum;
  }

  private leaves(key: string, queue: number, now: number): void {
    this.passes(now);
    this.figures(queue).waiting.delete(key);
    this.waiting.delete(key);
    this.suspects.delete(key);
  }

  private passes(now: number): void {
    if (now > this.latest + CLOSED_AFTER_S) this.openedAt = now;
    this.busyAverage.lasted(now, this.agents.busy);
    this.waitingAverage.lasted(now, this.waiting.size);
    if (now > this.latest) this.latest = now;
  }
}

const HOUR_S = 3600;

/** Those who joined later are put in anew behind him. */
const putInOrder = (waiting: Map<string, number>, key: string, joined: number): void => {
  const later = [...waiting].filter(([, at]) => at > joined);
  waiting.set(key, joined);
  for (const [each, at] of later) {
    waiting.delete(each);
    waiting.set(each, at);
  }
};
