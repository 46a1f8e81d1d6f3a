import { LEVEL_COUNT } from '../learner/quantile-network.js';
import { QUEUED_ABOVE_S } from '../signals/queue-figures.js';
import { censoredOutcome, knownOutcome, type Outcome } from './outcome.js';

/** Seconds; `low` to `high` is the band of four fifths. */
export interface Band {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What the band of one arrival was made from, kept until its wait is known. */
export interface Told extends Band, Raw {
  /** Waits judged by then, in the stratum and in the queue. */
  readonly siteJudged: number;
  readonly ownJudged: number;
}

interface Raw {
  readonly stratum: number;
  /** log(1 + wait): the raw quantiles. */
  readonly logLow: number;
  readonly logMiddle: number;
  readonly logHigh: number;
}

/** Share beyond each end where somebody waits already. */
const TAIL = 0.1;
/** Where nobody waits: share below the band of those who do not wait either, and above it of those who do. */
const MISSES = 0.19;
const SURPRISES = 0.3;
/** Widths are told in units of the learner's own, plus this much of log(1 + wait). */
const LEAST_SPREAD = 0.1;
/** No end is further from the middle than so many of these: what is still missed then, a wider band does not cure. */
const MOST_SPREADS = 8;
/** Beyond the middle by so many at most, which then goes along: the learner is wrong on one side. */
const LEAST_SPREADS = -1;
/** Nor is the upper end more than so many times the middle and a minute. */
const MOST_TIMES = 8;
const STRATUM_STEP = 0.02;
const QUEUE_STEP = 0.02;
/** A queue of which little was seen goes faster: by this much over ten and what was seen. */
const FIRST_QUEUE_STEP = 0.5;
/**
 * A wait during which so many others ended counts by half: those who wait at the same time are told wrong alike, and all
 * of them are told before any of that is known. Steps that do not shrink with the delay would swing the ends to and fro.
 */
const HALF_LATE = 10;
const [P10, P50, P90] = [1, 3, 5];
/** What is longer is told of no wait: half a day. */
export const LONGEST_TOLD_S = 12 * 3600;

/** Whether a band says anything: "within half a day" is no estimate, and an end that is no number none either. */
export const isTellable = ({ high }: Pick<Band, 'high'>): boolean => high < LONGEST_TOLD_S;

/** Upper ends, in seconds, of what the arrival is told to find; the first two by the upper quantile. */
const MIDDLES = [1.5, 5, 20, 60, 180];
const LIGHT_STRATA = 2;
const STRATA = LIGHT_STRATA + MIDDLES.length;
const logOf = (seconds: number): number => Math.log1p(seconds);

/** How many spreads an end lies from the middle, and how many judgements moved each. */
export class Ends {
  /** Waits that have ended. */
  judged = 0;
  judgedBelow = 0;
  judgedAbove = 0;

  constructor(
    public below = 0,
    public above = 0,
  ) {}
}

/** What one queue adds to each end, where nobody waits and where somebody does. */
export class QueueBand {
  readonly light = new Ends();
  readonly loaded = new Ends();
}

/**
 * Keeps the band's promise: four fifths of all waits lie within it, and four fifths of those of contacts that queued
 * (waited longer than a second), in each queue. Every end follows the tenth of waits beyond it, in units of the learner's
 * own spread: out with a miss on its side, in with none, so that misses come out at the share wanted whatever happens to
 * the traffic (Gibbs and Candes, "Adaptive conformal inference under distribution shift", NeurIPS 2021). There are two
 * layers of such ends: per stratum, that is by what the arrival finds (nobody waits, a short wait, a long one); and per
 * queue what it needs beyond that, once for where nobody waits and once for where somebody does, so that what was learnt
 * in calm hours does not count in busy ones. Where nobody waits, the upper end is learnt from those who queued
 * nevertheless, and the lower from those who did not: most waits there are the same two whole seconds
 * (label-conditional: Vovk, "Conditional validity of inductive conformal predictors", Machine Learning 92, 2013).
 *
 * A wait is judged against the ends of now, not those of when it was told: of long waits the answer comes late, and would
 * push on an end that has moved since (quantile tracking: Angelopoulos, Candes and Tibshirani, "Conformal PID control for
 * time series prediction", NeurIPS 2023). And the later it comes, the less it counts. An end that can go no further does
 * not count up how far it would have to.
 *
 * Who hung up would have waited longer. Beyond the upper end that is a miss; before it, a part of one: the share of waits
 * beyond the end among those that are longer still, by the band's own curve.
 */
export class Calibration {
  private readonly strata = Array.from({ length: STRATA }, () => new Ends(1, 1));
  private readonly queues: QueueBand[] = [];

  /** @param logs the learner's quantiles as log(1 + wait in seconds), ascending */
  band(logs: Float64Array, queue: number): Told {
    if (logs.length !== LEVEL_COUNT) throw new RangeError(`${logs.length} quantiles where ${LEVEL_COUNT} are wanted`);
    const [logLow, logMiddle, logHigh] = [logs[P10]!, logs[P50]!, logs[P90]!];
    const raw = { stratum: stratumOf(logMiddle, logHigh), logLow, logMiddle, logHigh };
    const high = within(0, Math.expm1(highEnd(raw, this.spreadsAbove(raw, queue))), farthest(raw));
    const low = within(0, Math.expm1(lowEnd(raw, this.spreadsBelow(raw, queue))), high);
    const middle = within(low, Math.expm1(logMiddle), high);
    const { stratum } = raw;
    const siteJudged = this.strata[stratum]!.judged;
    const ownJudged = this.own(raw, queue).judged;
    // Copied one by one: spread, it would cost as much as the learner.
    return { stratum, logLow, logMiddle, logHigh, low, middle, high, siteJudged, ownJudged };
  }

  /** Somebody who was told so waited `wait` seconds until answered. */
  answered(told: Told, queue: number, wait: number): void {
    this.judge(told, queue, wait > QUEUED_ABOVE_S, knownOutcome(Math.log1p(wait)));
  }

  /** Somebody who was told so left unanswered after `wait` seconds. Within the first nobody is known to have queued. */
  left(told: Told, queue: number, wait: number): void {
    if (wait <= QUEUED_ABOVE_S) return;
    const low = lowEnd(told, this.spreadsBelow(told, queue));
    const high = highEnd(told, this.spreadsAbove(told, queue));
    this.judge(told, queue, true, censoredOutcome(Math.log1p(wait), { low, middle: told.logMiddle, high, tail: TAIL }));
  }

  private judge(told: Told, queue: number, queued: boolean, outcome: Outcome): void {
    const [site, own] = [this.strata[told.stratum]!, this.own(told, queue)];
    const light = told.stratum < LIGHT_STRATA;
    const siteShare = STRATUM_STEP * promptness(site.judged++ - told.siteJudged);
    const ownShare = promptness(own.judged++ - told.ownJudged);
    if (!light || queued) {
      const wanted = light ? SURPRISES : TAIL;
      const push = (spreads: number): number => {
        const end = highEnd(told, spreads);
        return pushOf(outcome.above(end) - wanted, end <= 0, Math.expm1(end) >= farthest(told));
      };
      const [siteStep, ownStep] = [push(site.above), push(this.spreadsAbove(told, queue))];
      move('above', site, own, siteShare * siteStep, ownShare * queueStep(own.judgedAbove++) * ownStep);
    }
    if (!light || !queued) {
      const wanted = queued ? TAIL : MISSES;
      const push = (spreads: number): number => {
        const end = lowEnd(told, spreads);
        return pushOf(outcome.below(end) - wanted, told.logMiddle <= 0, end <= 0);
      };
      const [siteStep, ownStep] = [push(site.below), push(this.spreadsBelow(told, queue))];
      move('below', site, own, siteShare * siteStep, ownShare * queueStep(own.judgedBelow++) * ownStep);
    }
  }

  private spreadsBelow(raw: Raw, queue: number): number {
    return within(LEAST_SPREADS, this.strata[raw.stratum]!.below + this.own(raw, queue).below, MOST_SPREADS);
  }

  private spreadsAbove(raw: Raw, queue: number): number {
    return within(LEAST_SPREADS, this.strata[raw.stratum]!.above + this.own(raw, queue).above, MOST_SPREADS);
  }

  private own({ stratum }: Raw, queue: number): Ends {
    const { light, loaded } = (this.queues[queue] ??= new QueueBand());
    return stratum < LIGHT_STRATA ? light : loaded;
  }
}

const within = (least: number, value: number, most: number): number => Math.max(least, Math.min(most, value));

/** What an end is moved by, outwards: nothing where it can go no further. */
const pushOf = (excess: number, isInmost: boolean, isOutmost: boolean): number =>
  (excess < 0 ? isInmost : isOutmost) ? 0 : excess;

/** Moves an end of a stratum, and what a queue adds to it; both together go no further than either alone. */
const move = (end: 'below' | 'above', site: Ends, own: Ends, siteStep: number, ownStep: number): void => {
  site[end] = within(LEAST_SPREADS, site[end] + siteStep, MOST_SPREADS);
  own[end] = within(LEAST_SPREADS - site[end], own[end] + ownStep, MOST_SPREADS - site[end]);
};

const promptness = (late: number): number => HALF_LATE / (HALF_LATE + late);

const queueStep = (judged: number): number => QUEUE_STEP + FIRST_QUEUE_STEP / (judged + 10);

const lowEnd = ({ logLow, logMiddle }: Raw, spreads: number): number =>
  logMiddle - (logMiddle - logLow + LEAST_SPREAD) * spreads;

const highEnd = ({ logMiddle, logHigh }: Raw, spreads: number): number =>
  logMiddle + (logHigh - logMiddle + LEAST_SPREAD) * spreads;

/** Seconds that no upper end goes beyond. */
const farthest = ({ logMiddle }: Raw): number =>
  Math.min(LONGEST_TOLD_S, MOST_TIMES * (Math.max(0, Math.expm1(logMiddle)) + 60));

const stratumOf = (logMiddle: number, logHigh: number): number => {
  if (logHigh < logOf(2)) return 0;
  for (let n = 0; n < MIDDLES.length; n += 1) if (logMiddle < logOf(MIDDLES[n]!)) return n + 1;
  return STRATA - 1;
};
