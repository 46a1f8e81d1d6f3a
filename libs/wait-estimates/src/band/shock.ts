import type { FadingSum } from '../signals/decay.js';

/** Fewer agents than this share of the average of the last three minutes, and at least so many fewer. */
const LEFT_SHARE = 0.7;
const LEFT_AT_LEAST = 3;
/** More arrivals in a minute than this many times the most that was ever coped with, and at least so many. */
const SURGE = 1.5;
const SURGE_AT_LEAST = 10;
/** The head of the line waits this many times longer than he was told at most, and half a minute. */
const OVERDUE = 2;
const OVERDUE_S = 30;
/** A shock is over once so many contacts that joined since were answered, with most of them inside their bands. */
const ANSWERS = 20;
const INSIDE = 0.6;
const FOLLOWS = 0.1;
/** And without any answers, when nothing has been out of the ordinary for this long, seconds. */
const CALM_S = 900;
/** The most arrivals per minute are forgotten by half in about five weeks of seconds. */
const PEAK_FADES_S = 50 * 86_400;

/** What tells that something broke in a queue. */
export interface Upset {
  readonly present: number;
  readonly presentAverage: number;
  readonly arrivals60: number;
  readonly headWait: number;
  /** The upper end of the band that the contact at the head was told; null when he was told none. */
  readonly headTold: number | null;
}

/**
 * Whether a queue is in a state that its estimates have not been tried in: agents just left en masse, arrivals exploded,
 * or the line stopped moving. From then on there is no estimate until it has proven itself again. Instants in seconds.
 */
export class ShockWatch {
  private since: number | null = null;
  private lastUpset = 0;
  private answers = 0;
  private inside = 1;
  private peak = 0;
  private peakAt = 0;

  /** Looks at the queue as of `now`. @returns whether it is in shock */
  look(upset: Upset, now: number): boolean {
    if (isUpset(upset, this.peakOf(now))) {
      if (this.since === null) {
        this.since = now;
        this.answers = 0;
        this.inside = 0;
      }
      this.lastUpset = now;
    } else if (this.since !== null && (this.hasProven || now > this.lastUpset + CALM_S)) this.since = null;
    return this.since !== null;
  }

  /** A contact that joined at `joined` was answered, inside its band or not. */
  answered(joined: number, inside: boolean, arrivals60: FadingSum, now: number): void {
    if (this.since === null) {
      const coped = arrivals60.value(now);
      if (inside && coped > this.peakOf(now)) {
        this.peak = coped;
        this.peakAt = now;
      }
      return;
    }
    if (joined < this.since) return;
    this.answers += 1;
    this.inside += FOLLOWS * ((inside ? 1 : 0) - this.inside);
  }

  private get hasProven(): boolean {
    return this.answers >= ANSWERS && this.inside >= INSIDE;
  }

  private peakOf(now: number): number {
    return now > this.peakAt ? this.peak * Math.exp((this.peakAt - now) / PEAK_FADES_S) : this.peak;
  }
}

const isUpset = ({ present, presentAverage, arrivals60, headWait, headTold }: Upset, peak: number): boolean =>
  (present < LEFT_SHARE * presentAverage && presentAverage - present >= LEFT_AT_LEAST) ||
  (peak > 0 && arrivals60 >= SURGE_AT_LEAST && arrivals60 > SURGE * peak) ||
  (headTold !== null && headWait > OVERDUE * headTold + OVERDUE_S);
