/** Fewer agents than this share of the average of the last five minutes, or as many times more; and so many at least. */
const STAYED_SHARE = 0.75;
const CHANGED_AT_LEAST = 3;
/** More arrivals in a minute, or more waiting, than this many times the most that was coped with; and so many at least. */
const BEYOND = 1.5;
const ARRIVALS_AT_LEAST = 10;
const WAITING_AT_LEAST = 20;
/** The head of the line waits this many times longer than he was told at most, and half a minute. */
const OVERDUE = 2;
const OVERDUE_S = 30;
/** A shock is over once so many contacts that joined since were answered, with most of them inside their bands. */
const ANSWERS = 20;
const INSIDE = 0.6;
const FOLLOWS = 0.1;
/** And without any answers, when nothing has been out of the ordinary for this long, seconds. */
const CALM_S = 900;
/** What a queue has coped with is forgotten by half in about five weeks. */
const COPED_FADES_S = 50 * 86_400;

/** How full it was when somebody joined: arrivals of about the last minute, and contacts ahead. */
export interface Load {
  readonly arrivals60: number;
  readonly waiting: number;
}

/** What tells that something broke in a queue. */
export interface Upset extends Load {
  readonly present: number;
  readonly presentAverage: number;
  readonly headWait: number;
  /** The upper end of the band that the contact at the head was told; null when none, or when others overtake him. */
  readonly headTold: number | null;
}

/**
 * Whether a queue is in a state that its estimates have not been tried in: agents just left or came en masse, it is fuller
 * than whoever was answered here ever found it, or the line stopped moving. From then on there is no estimate until it has proven itself again. Instants in seconds.
 */
export class ShockWatch {
  private since: number | null = null;
  private lastUpset = 0;
  private answers = 0;
  private inside = 1;
  private copedArrivals = 0;
  private copedWaiting = 0;
  private copedAt = 0;

  /** Looks at the queue as of `now`. @returns whether it is in shock */
  look(upset: Upset, now: number): boolean {
    if (isUpset(upset, this.coped(now))) {
      if (this.since === null) {
        this.since = now;
        this.answers = 0;
        this.inside = 0;
      }
      this.lastUpset = now;
    } else if (this.since !== null && (this.hasProven || now > this.lastUpset + CALM_S)) this.since = null;
    return this.since !== null;
  }

  /** A contact that joined at `joined`, and found `load`, was answered inside its band or not. */
  answered(joined: number, load: Load, inside: boolean, now: number): void {
    if (inside) {
      const { arrivals60, waiting } = this.coped(now);
      this.copedArrivals = Math.max(arrivals60, load.arrivals60);
      this.copedWaiting = Math.max(waiting, load.waiting);
      if (now > this.copedAt) this.copedAt = now;
    }
    if (this.since === null || joined < this.since) return;
    this.answers += 1;
    this.inside += FOLLOWS * ((inside ? 1 : 0) - this.inside);
  }

  private get hasProven(): boolean {
    return this.answers >= ANSWERS && this.inside >= INSIDE;
  }

  private coped(now: number): Load {
    const fade = now > this.copedAt ? Math.exp((this.copedAt - now) / COPED_FADES_S) : 1;
    return { arrivals60: this.copedArrivals * fade, waiting: this.copedWaiting * fade };
  }
}

const isUpset = (upset: Upset, coped: Load): boolean => {
  const { present, presentAverage, arrivals60, waiting, headWait, headTold } = upset;
  const [fewer, more] = [Math.min(present, presentAverage), Math.max(present, presentAverage)];
  if (more - fewer >= CHANGED_AT_LEAST && fewer < STAYED_SHARE * more && presentAverage >= CHANGED_AT_LEAST)
    return true;
  if (arrivals60 >= ARRIVALS_AT_LEAST && arrivals60 > BEYOND * coped.arrivals60) return true;
  if (waiting >= WAITING_AT_LEAST && waiting > BEYOND * coped.waiting) return true;
  return headTold !== null && headWait > OVERDUE * headTold + OVERDUE_S;
};
