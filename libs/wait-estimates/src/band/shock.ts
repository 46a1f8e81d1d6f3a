/**
 * Fewer agents than this share of the average of five minutes and of an hour, by more than the root of that number, which
 * is what comes and goes of itself; or more than so many times both. A smaller part may be missing if they left together:
 * in two minutes so many standard deviations more than in the last hour, of a Poisson count.
 */
const STAYED_SHARE = 0.85;
const STAYED_SHARE_SUDDENLY = 0.93;
const SUDDEN = 3;
const LEAST_VARIANCE = 0.5;
const TIMES_MORE = 2;
const CHANGED_AT_LEAST = 3;
/** Once the staff has changed by this share again, it is another shock: who leaves as his conversation ends leaves late. */
const CHANGED_AGAIN = 0.1;
/** More arrivals in a minute, or more waiting, than this many times the most that was coped with; and so many at least. */
const BEYOND = 1.5;
const ARRIVALS_AT_LEAST = 10;
const WAITING_AT_LEAST = 20;
/** The head of the line waits this many times longer than he was told at most, and half a minute. */
const OVERDUE = 2;
const OVERDUE_S = 30;
/** Standard deviations of a Poisson count: so many answers fewer than expected are one chance in a hundred. */
const SLOWED = 2.5;
/**
 * What each answer inside and outside its band says for estimates of which four fifths hold rather than two fifths, and
 * the odds at which one of the two is taken as proven, 19 to 1: five answers inside their bands, if none is outside.
 * Wald, "Sequential tests of statistical hypotheses", Annals of Mathematical Statistics 16(2), 1945.
 */
const INSIDE = Math.log(0.8 / 0.4);
const OUTSIDE = Math.log(0.2 / 0.6);
const PROOF = Math.log(19);
/** And without any answers, when nothing has been out of the ordinary for this long, seconds. */
const CALM_S = 900;
/** What a queue has coped with is forgotten by half in about five weeks. */
const COPED_FADES_S = 50 * 86_400;
/** And grows to e times as much in so long at least: the first of a flood are answered in time, and prove nothing. */
const COPED_GROWS_S = 900;

/** How full it was when somebody joined: arrivals of about the last minute, and contacts ahead. */
export interface Load {
  readonly arrivals60: number;
  readonly waiting: number;
}

/** The contact at the head of a line that is served first come, first served. */
export interface HeadOfLine {
  readonly waited: number;
  /** The upper end of the band that he was told. */
  readonly told: number;
  /** Answers of his queue since he joined, and as many as there would be at the pace of the ten minutes before. */
  readonly answers: number;
  readonly expected: number;
}

/** What tells that something broke in a queue. */
export interface Upset extends Load {
  /** Agents that are there; the average of five minutes, and that of an hour. */
  readonly present: number;
  readonly presentAverage: number;
  readonly presentUsual: number;
  /** How many of them left, over about two minutes and an hour: fading counts. */
  readonly left120: number;
  readonly left3600: number;
  /** Null when nobody waits, the head was told nothing, or others overtake him. */
  readonly head: HeadOfLine | null;
}

/**
 * Whether a queue is in a state that its estimates have not been tried in: agents just left or came en masse, it is fuller
 * than whoever was answered here ever found it, or the line stopped moving. From then on there is no estimate until those
 * who joined since have proven it right. Instants in seconds.
 *
 * Agents who go home after a handover are no shock: there are fewer than five minutes ago, but as many as before that.
 * Nor is one contact whose answer is long in coming, while others are answered as fast as before.
 */
export class ShockWatch {
  private since: number | null = null;
  private lastUpset = 0;
  /** Log of the odds that estimates of those who joined since hold; and whether that is proven. */
  private evidence = 0;
  private proven = false;
  private copedArrivals = 0;
  private copedWaiting = 0;
  private copedAt = 0;
  /** Agents that were there when the shock began. */
  private present = 0;

  /** Looks at the queue as of `now`. @returns whether it is in shock */
  look(upset: Upset, now: number): boolean {
    const broken = isFuller(upset, this.coped(now)) || hasStopped(upset.head);
    if (broken || isRestaffed(upset)) {
      const isAnother = Math.abs(upset.present - this.present) > Math.max(1, CHANGED_AGAIN * this.present);
      if (this.since === null || (broken && this.proven) || (!broken && isAnother)) this.begin(now, upset.present);
      this.lastUpset = now;
    } else if (this.proven || now > this.lastUpset + CALM_S) this.since = null;
    if (this.since === null || broken) return this.since !== null;
    // Whoever was answered first need not have waited long: those still waiting must not have been told less.
    const { head } = upset;
    if (this.evidence >= PROOF && (head === null || head.waited <= head.told)) this.proven = true;
    else if (this.evidence <= -PROOF) this.proven = false;
    return !this.proven;
  }

  /** A contact that joined at `joined`, and found `load`, was answered inside its band or not. */
  answered(joined: number, load: Load, inside: boolean, now: number): void {
    if (inside) {
      const { arrivals60, waiting } = this.coped(now);
      const growth = Math.exp(Math.max(0, now - this.copedAt) / COPED_GROWS_S);
      this.copedArrivals = grown(arrivals60, load.arrivals60, ARRIVALS_AT_LEAST, growth);
      this.copedWaiting = grown(waiting, load.waiting, WAITING_AT_LEAST, growth);
      if (now > this.copedAt) this.copedAt = now;
    }
    if (this.since === null || joined < this.since) return;
    this.evidence = Math.max(-PROOF, Math.min(PROOF, this.evidence + (inside ? INSIDE : OUTSIDE)));
  }

  private begin(now: number, present: number): void {
    this.since = now;
    this.present = present;
    this.evidence = 0;
    this.proven = false;
  }

  private coped(now: number): Load {
    const fade = now > this.copedAt ? Math.exp((this.copedAt - now) / COPED_FADES_S) : 1;
    return { arrivals60: this.copedArrivals * fade, waiting: this.copedWaiting * fade };
  }
}

const isRestaffed = ({ present, presentAverage, presentUsual, left120, left3600 }: Upset): boolean => {
  const [fewest, most] = [Math.min(presentAverage, presentUsual), Math.max(presentAverage, presentUsual)];
  if (presentAverage < CHANGED_AT_LEAST) return false;
  const lost = fewest - present;
  const usually = left3600 / 30;
  const together = left120 - usually > SUDDEN * Math.sqrt(Math.max(LEAST_VARIANCE, usually));
  const left =
    (present < STAYED_SHARE * fewest && lost >= Math.sqrt(fewest)) ||
    (present < STAYED_SHARE_SUDDENLY * fewest && together);
  if (left && lost >= CHANGED_AT_LEAST) return true;
  return present > TIMES_MORE * most && present - most >= CHANGED_AT_LEAST;
};

/** As much as was coped with now, if it was coped with so much before; at most `growth` times that or what is little. */
const grown = (coped: number, load: number, little: number, growth: number): number =>
  Math.max(coped, Math.min(load, growth * Math.max(coped, little)));

const isFuller = ({ arrivals60, waiting }: Load, coped: Load): boolean =>
  (arrivals60 >= ARRIVALS_AT_LEAST && arrivals60 > BEYOND * coped.arrivals60) ||
  (waiting >= WAITING_AT_LEAST && waiting > BEYOND * coped.waiting);

const hasStopped = (head: HeadOfLine | null): boolean =>
  head !== null &&
  head.waited > OVERDUE * head.told + OVERDUE_S &&
  head.expected - head.answers > SLOWED * Math.sqrt(head.expected);
