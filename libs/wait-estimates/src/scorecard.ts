import { QUEUED_ABOVE_S } from './signals/queue-figures.js';

/** What an estimator said of one wait, seconds. A rule says one number; the served estimate a band as well. */
export interface Forecast {
  readonly middle: number;
  readonly low?: number;
  readonly high?: number;
}

/** The contacts that a score is over: everybody answered, or those of them who waited longer than a second. */
export const POPULATIONS = ['answered', 'queued'] as const;
export type Population = (typeof POPULATIONS)[number];

/** Sums over scored waits, in seconds; two are merged by adding field by field. */
export interface Score {
  readonly count: number;
  /** Of told minus waited. */
  readonly error: number;
  readonly absoluteError: number;
  readonly squaredError: number;
  /** Of the quantile loss at 10, 50 and 90 per cent. */
  readonly loss10: number;
  readonly loss50: number;
  readonly loss90: number;
  /** How many were told a band, waited inside it, and longer than its upper end; and the sum of its widths. */
  readonly banded: number;
  readonly inside: number;
  readonly longer: number;
  readonly width: number;
  /** Told to within 30 s; waited over 60 s longer than told (the middle). */
  readonly within30: number;
  readonly over60: number;
}

export const NO_SCORE: Score = {
  count: 0,
  error: 0,
  absoluteError: 0,
  squaredError: 0,
  loss10: 0,
  loss50: 0,
  loss90: 0,
  banded: 0,
  inside: 0,
  longer: 0,
  width: 0,
  within30: 0,
  over60: 0,
};

/** A score that is being added up. */
export type RunningScore = { -readonly [Field in keyof Score]: Score[Field] };

/** Adds one wait, and what was forecast of it, to `score`. */
export const addToScore = (score: RunningScore, { middle, low, high }: Forecast, wait: number): void => {
  const error = middle - wait;
  score.count += 1;
  score.error += error;
  score.absoluteError += Math.abs(error);
  score.squaredError += error * error;
  score.loss50 += quantileLoss(middle, wait, 0.5);
  if (Math.abs(error) <= 30) score.within30 += 1;
  if (error < -60) score.over60 += 1;
  if (low === undefined || high === undefined) return;
  score.loss10 += quantileLoss(low, wait, 0.1);
  score.loss90 += quantileLoss(high, wait, 0.9);
  score.banded += 1;
  if (wait >= low && wait <= high) score.inside += 1;
  if (wait > high) score.longer += 1;
  score.width += high - low;
};

/** The score of all the waits of both. */
export const mergedScore = (one: Score, other: Score): Score => {
  const sum: RunningScore = { ...one };
  for (const field of Object.keys(NO_SCORE) as (keyof Score)[]) sum[field] += other[field];
  return sum;
};

/** What people read off a score; null of no waits, and without a band where none was told. */
export interface ScoreFigures {
  readonly count: number;
  readonly bias: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly loss10: number | null;
  readonly loss50: number | null;
  readonly loss90: number | null;
  readonly coverage: number | null;
  readonly longerShare: number | null;
  readonly meanWidth: number | null;
  readonly within30Share: number | null;
  readonly over60Share: number | null;
}

export const figuresOf = (score: Score): ScoreFigures => {
  const { count, banded } = score;
  const each = (sum: number): number | null => (count === 0 ? null : sum / count);
  const eachBanded = (sum: number): number | null => (banded === 0 ? null : sum / banded);
  const meanSquare = each(score.squaredError);
  return {
    count,
    bias: each(score.error),
    mae: each(score.absoluteError),
    rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
    loss10: eachBanded(score.loss10),
    loss50: each(score.loss50),
    loss90: eachBanded(score.loss90),
    coverage: eachBanded(score.inside),
    longerShare: eachBanded(score.longer),
    meanWidth: eachBanded(score.width),
    within30Share: each(score.within30),
    over60Share: each(score.over60),
  };
};

const HOUR_S = 3600;

/** One line of a scorecard: what an estimator's forecasts for a queue were worth, of contacts answered in one hour. */
export interface ScoreLine {
  readonly queue: string;
  /** Begin of the hour, seconds since the epoch. */
  readonly hour: number;
  readonly predictor: string;
  readonly population: Population;
  readonly score: Score;
}

type RunningLine = Omit<ScoreLine, 'score'> & { score: RunningScore };

/** Lines that nobody drains are kept for this many hours before the latest. */
const KEPT_HOURS = 48;

/**
 * Scores forecasts per queue, hour, estimator and population, until drained or two days old; lines of one key merge by
 * adding.
 */
export class Scorecard {
  private lines = new Map<string, RunningLine>();
  private latestHour = 0;

  /** A contact answered at `now` had waited `wait` seconds; null: the estimator had said nothing. */
  add(queue: string, now: number, wait: number, forecasts: Readonly<Record<string, Forecast | null>>): void {
    const hour = Math.floor(now / HOUR_S) * HOUR_S;
    if (hour > this.latestHour) this.forgetBefore(hour - KEPT_HOURS * HOUR_S);
    this.latestHour = Math.max(hour, this.latestHour);
    for (const [predictor, forecast] of Object.entries(forecasts)) {
      if (!forecast) continue;
      addToScore(this.line({ queue, hour, predictor, population: 'answered' }).score, forecast, wait);
      if (wait > QUEUED_ABOVE_S)
        addToScore(this.line({ queue, hour, predictor, population: 'queued' }).score, forecast, wait);
    }
  }

  /** Adds lines of another scorecard. */
  merge(lines: readonly ScoreLine[]): void {
    for (const each of lines) {
      const line = this.line(each);
      line.score = { ...mergedScore(line.score, each.score) };
    }
  }

  private forgetBefore(hour: number): void {
    for (const [key, line] of this.lines) if (line.hour < hour) this.lines.delete(key);
  }

  private line(of: Omit<ScoreLine, 'score'>): RunningLine {
    const key = `${of.hour}\u0000${of.predictor}\u0000${of.population}\u0000${of.queue}`;
    let line = this.lines.get(key);
    if (!line) {
      const { queue, hour, predictor, population } = of;
      line = { queue, hour, predictor, population, score: { ...NO_SCORE } };
      this.lines.set(key, line);
    }
    return line;
  }

  /** The lines so far, without taking them. */
  peek(): ScoreLine[] {
    return [...this.lines.values()];
  }

  /** The lines since the last drain: add them to what was drained before. */
  drain(): ScoreLine[] {
    const lines = this.peek();
    this.lines = new Map();
    return lines;
  }
}

/** The loss that a quantile minimises: `share` per second too low, the rest per second too high. */
const quantileLoss = (told: number, wait: number, share: number): number =>
  wait >= told ? share * (wait - told) : (1 - share) * (told - wait);
