import { FadingSum, ForgettingMean } from './decay.js';
import { QueueSharing } from './queue-sharing.js';

/** Waits up to here are routing, not queueing: seconds. */
export const QUEUED_ABOVE_S = 1;

/** What is kept of one queue for its signals. Instants and durations in seconds; nothing grows but who waits. */
export class QueueFigures {
  /** When those who wait joined, by key, the oldest first. */
  readonly waiting = new Map<string, number>();
  /** Last to enter service: his wait, and when. */
  lastWait = 0;
  lastAnsweredAt = 0;
  /** When the latest to join of those answered did so: whoever joined before was overtaken. */
  latestAnsweredJoined = 0;
  answers = 0;
  readonly sharing = new QueueSharing();
  /** Conversation, hold included; and wrap-up, where the source tells it. */
  readonly handle = new ForgettingMean(0.01);
  readonly wrapUp = new ForgettingMean(0.01);
  /** Waits of about the last ten answered. */
  readonly recentWait = new ForgettingMean(0.1);
  readonly arrivals60 = new FadingSum(60);
  readonly arrivals300 = new FadingSum(300);
  readonly answers30 = new FadingSum(30);
  readonly answers120 = new FadingSum(120);
  readonly answers600 = new FadingSum(600);
  readonly waits120 = new FadingSum(120);
  readonly waits300 = new FadingSum(300);
  readonly answers300 = new FadingSum(300);
  /** Answered without a queue, of answered, in the last two minutes. */
  readonly unqueued120 = new FadingSum(120);
  /** For patience: hung up, and seconds waited by everyone, over about an hour. */
  readonly abandons3600 = new FadingSum(3600);
  readonly waited3600 = new FadingSum(3600);
  /** Queue length as arrivals found it, and their number. */
  readonly found120 = new FadingSum(120);
  readonly finders120 = new FadingSum(120);

  joined(key: string, now: number): void {
    this.found120.add(now, this.waiting.size);
    this.finders120.add(now, 1);
    this.waiting.set(key, now);
    this.arrivals60.add(now, 1);
    this.arrivals300.add(now, 1);
  }

  answered(now: number, wait: number): void {
    this.answers += 1;
    if (now >= this.lastAnsweredAt) {
      this.lastWait = wait;
      this.lastAnsweredAt = now;
    }
    this.latestAnsweredJoined = Math.max(this.latestAnsweredJoined, now - wait);
    this.recentWait.add(wait);
    this.answers30.add(now, 1);
    this.answers120.add(now, 1);
    this.answers300.add(now, 1);
    this.answers600.add(now, 1);
    this.waits120.add(now, wait);
    this.waits300.add(now, wait);
    if (wait <= QUEUED_ABOVE_S) this.unqueued120.add(now, 1);
    this.waited3600.add(now, wait);
  }

  abandoned(now: number, wait: number): void {
    this.abandons3600.add(now, 1);
    this.waited3600.add(now, wait);
  }

  /** How long the contact at the head has waited; 0 when nobody waits. */
  headWait(now: number): number {
    for (const joined of this.waiting.values()) return Math.max(0, now - joined);
    return 0;
  }

  /** Mean patience, seconds: time waited per contact that hung up (the estimator of exponential patience). */
  patience(now: number): number {
    const abandoned = this.abandons3600.value(now);
    return abandoned < 0.1 ? Infinity : this.waited3600.value(now) / abandoned;
  }
}
