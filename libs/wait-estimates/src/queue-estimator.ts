import { milliseconds, type Instant, type Milliseconds } from '@queuecast/events';
import {
  ForgettingMean,
  lastToEnterService,
  pooledQueueLength,
  PREDICTORS,
  type Predictor,
  type WaitSignals,
} from './predictors.js';

/** What each predictor said when a contact joined; handed back when its wait is known. */
export type Predictions = Readonly<Record<Predictor, number | null>>;

export interface WaitBand {
  readonly lowMs: Milliseconds;
  readonly p50Ms: Milliseconds;
  readonly highMs: Milliseconds;
  readonly predictor: Predictor;
}

const ERRORS_KEPT = 100;
const FEWEST_ERRORS = 8;
/** The band runs from the 10th to the 90th percentile of what the chosen predictor got wrong lately. */
const BAND = [0.1, 0.9] as const;

const quantile = (sorted: readonly number[], share: number): number => {
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
};

/**
 * The first cut of a queue's wait estimate: the better of LES and pooled queue length, judged by their recent absolute
 * error on realised waits, with a band from the chosen one's recent errors.
 */
export class QueueEstimator {
  private lastWait: { readonly wait: Milliseconds; readonly at: Instant } | null = null;
  private readonly conversation = new ForgettingMean(0.02);
  private readonly wrapUp = new ForgettingMean(0.02);
  private readonly error: Record<Predictor, ForgettingMean> = {
    les: new ForgettingMean(0.05),
    'pooled-ql': new ForgettingMean(0.05),
  };
  private readonly residuals: Record<Predictor, number[]> = { les: [], 'pooled-ql': [] };

  /** Mean handle time seen, milliseconds; null before the first. */
  get meanHandle(): number | null {
    const conversation = this.conversation.value;
    return conversation === null ? null : conversation + (this.wrapUp.value ?? 0);
  }

  /** @param poolHandle mean handle time of the pool, used until this queue has its own */
  predict(signals: WaitSignals, poolHandle: number | null): Predictions {
    return {
      les: lastToEnterService(signals, this.lastWait?.wait ?? null),
      'pooled-ql': pooledQueueLength(signals, this.meanHandle ?? poolHandle),
    };
  }

  /** A contact was answered at `at` after `wait`; `predictions` are those made when it joined, if any were. */
  answered(wait: Milliseconds, at: Instant, predictions: Predictions | null): void {
    if (!this.lastWait || at >= this.lastWait.at) this.lastWait = { wait, at };
    if (!predictions) return;
    for (const predictor of PREDICTORS) {
      const predicted = predictions[predictor];
      if (predicted === null) continue;
      this.error[predictor].add(Math.abs(wait - predicted));
      const residuals = this.residuals[predictor];
      residuals.push(wait - predicted);
      if (residuals.length > ERRORS_KEPT) residuals.shift();
    }
  }

  /** A conversation of `duration` milliseconds, hold included, ended. */
  talked(duration: number): void {
    this.conversation.add(duration);
  }

  /** Wrap-up took `duration` milliseconds. */
  wrappedUp(duration: number): void {
    this.wrapUp.add(duration);
  }

  /** Band for a contact joining now; null while there is nothing to say anything from. */
  estimate(signals: WaitSignals, poolHandle: number | null): WaitBand | null {
    const predictions = this.predict(signals, poolHandle);
    const predictor = this.best(predictions);
    const predicted = predictor && predictions[predictor];
    if (predictor === null || predicted === null) return null;
    const residuals = [...this.residuals[predictor]].sort((a, b) => a - b);
    const spread =
      residuals.length >= FEWEST_ERRORS
        ? BAND.map((share) => quantile(residuals, share))
        : [-predicted / 2, predicted / 2];
    const middle = residuals.length >= FEWEST_ERRORS ? quantile(residuals, 0.5) : 0;
    const at = (offset: number): Milliseconds => milliseconds(Math.max(0, Math.round(predicted + offset)));
    return { lowMs: at(spread[0] ?? 0), p50Ms: at(middle), highMs: at(spread[1] ?? 0), predictor };
  }

  private best(predictions: Predictions): Predictor | null {
    const able = PREDICTORS.filter((predictor) => predictions[predictor] !== null);
    const error = (predictor: Predictor): number => this.error[predictor].value ?? Infinity;
    return able.reduce<Predictor | null>(
      (best, next) => (best === null || error(next) < error(best) ? next : best),
      null,
    );
  }
}
