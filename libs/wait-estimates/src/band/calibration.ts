import { LEVEL_COUNT } from '../learner/quantile-network.js';
import { QUEUED_ABOVE_S } from '../signals/queue-figures.js';

/** Seconds; `low` to `high` is the band of four fifths. */
export interface Band {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What the band of one arrival was made from, kept until its wait is known. */
export interface Told extends Band {
  readonly stratum: number;
  /** log(1 + wait): the raw quantiles. */
  readonly logLow: number;
  readonly logMiddle: number;
  readonly logHigh: number;
}

/** Share outside the band, of those who queued and of those who did not. */
const MISSES = 0.2;
/** Share beyond each end where somebody waits already. */
const TAIL = 0.1;
/** Of those who find no queue and wait nevertheless, the share left above the band. */
const SURPRISES = 0.35;
/** Widths are told in units of the learner's own, plus this much of log(1 + wait). */
const LEAST_SPREAD = 0.1;
const STRATUM_STEP = 0.02;
const QUEUE_STEP = 0.03;
/** A queue of which little was seen goes faster: by this much over ten and what was seen. */
const FIRST_QUEUE_STEP = 0.5;
const [P10, P50, P90] = [1, 3, 5];
/** No end is beyond 30 days: where quantiles lie far apart, a few spreads more are ages. */
export const LONGEST_TOLD_S = 30 * 86_400;

/** Whether a band says anything: "within 30 days" is no estimate, and an end that is no number none either. */
export const isTellable = ({ high }: Pick<Band, 'high'>): boolean => high < LONGEST_TOLD_S;

/** Upper ends, in seconds, of what the arrival is told to find; the first two by the upper quantile. */
const MIDDLES = [1.5, 5, 20, 60, 180];
const LIGHT_STRATA = 2;
const STRATA = LIGHT_STRATA + MIDDLES.length;
const logOf = (seconds: number): number => Math.log1p(seconds);

export class Stratum {
  /** How many of its own spreads the band reaches below and above the middle. */
  below = 1;
  above = 1;
}

export class QueueBand {
  /** Spreads added below, moved by those who did not queue, and above, moved by those who did; how many moved each. */
  below = 0;
  above = 0;
  unqueued = 0;
  queued = 0;
}

/**
 * Keeps the band's promise: four fifths of all who are answered wait within it, and four fifths of those who queued
 * (waited longer than a second), in each queue. Two layers, both moved by every wait that ends:
 *
 * - per stratum, that is by what the arrival finds (nobody waits, a short wait, a long one), the ends follow the tenths
 *   of what happens, in units of the learner's own spread. Where nobody waits, the upper end is learnt from those who
 *   queued nevertheless, and the lower from those who did not: most waits there are the same two whole seconds.
 * - per queue, the ends move out with every miss and in with every hit, so that hits come out at four fifths whatever
 *   happens to the traffic: Gibbs and Candes, "Adaptive conformal inference under distribution shift", NeurIPS 2021,
 *   with one correction for those who queued and one for those who did not (label-conditional: Vovk, "Conditional
 *   validity of inductive conformal predictors", Machine Learning 92, 2013).
 */
export class Calibration {
  private readonly strata = Array.from({ length: STRATA }, () => new Stratum());
  private readonly queues: QueueBand[] = [];

  /** @param logs the learner's quantiles as log(1 + wait in seconds), ascending */
  band(logs: Float64Array, queue: number): Told {
    if (logs.length !== LEVEL_COUNT) throw new RangeError(`${logs.length} quantiles where ${LEVEL_COUNT} are wanted`);
    const stratum = stratumOf(logs[P50]!, logs[P90]!);
    const [logLow, logMiddle, logHigh] = [logs[P10]!, logs[P50]!, logs[P90]!];
    const raw = { stratum, logLow, logMiddle, logHigh };
    const own = this.own(queue);
    const middle = Math.max(0, Math.expm1(logMiddle));
    const low = Math.max(0, Math.min(middle, Math.expm1(this.lowEnd(raw, own.below))));
    const high = Math.max(middle, Math.min(LONGEST_TOLD_S, Math.expm1(this.highEnd(raw, own.above))));
    return { stratum, logLow, logMiddle, logHigh, low, middle, high };
  }

  /** Somebody who was told so waited `wait` seconds until answered. */
  answered(told: Told, queue: number, wait: number): void {
    const stratum = this.strata[told.stratum]!;
    const own = this.own(queue);
    const log = Math.log1p(wait);
    const queued = wait > QUEUED_ABOVE_S;
    const light = told.stratum < LIGHT_STRATA;
    const above = log > this.highEnd(told, 0);
    const below = log < this.lowEnd(told, 0);
    if (!light || queued) stratum.above += STRATUM_STEP * ((above ? 1 : 0) - (light ? SURPRISES : TAIL));
    if (!light || !queued) stratum.below += STRATUM_STEP * ((below ? 1 : 0) - (light ? MISSES : TAIL));
    const missed = wait < told.low || wait > told.high;
    const excess = (missed ? 1 : 0) - MISSES;
    if (queued) own.above += excess * queueStep(own.queued++);
    else own.below += excess * queueStep(own.unqueued++);
  }

  private lowEnd({ stratum, logLow, logMiddle }: Pick<Told, 'stratum' | 'logLow' | 'logMiddle'>, more: number): number {
    return logMiddle - (logMiddle - logLow + LEAST_SPREAD) * (this.strata[stratum]!.below + more);
  }

  private highEnd(
    { stratum, logMiddle, logHigh }: Pick<Told, 'stratum' | 'logMiddle' | 'logHigh'>,
    more: number,
  ): number {
    return logMiddle + (logHigh - logMiddle + LEAST_SPREAD) * (this.strata[stratum]!.above + more);
  }

  private own(queue: number): QueueBand {
    return (this.queues[queue] ??= new QueueBand());
  }
}

const queueStep = (seen: number): number => QUEUE_STEP + FIRST_QUEUE_STEP / (seen + 10);

const stratumOf = (logMiddle: number, logHigh: number): number => {
  if (logHigh < logOf(2)) return 0;
  for (let n = 0; n < MIDDLES.length; n += 1) if (logMiddle < logOf(MIDDLES[n]!)) return n + 1;
  return STRATA - 1;
};
