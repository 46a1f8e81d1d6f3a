import type { Comparison } from './comparison.js';
import type { DeliveredDay } from './day.js';

export interface CrashRunOptions {
  /** For everything that the run writes. */
  readonly directory: string;
  readonly day: DeliveredDay;
  readonly kills: number;
  readonly seed: string;
  /** Told how far the run is, after every kill. */
  readonly progress: (line: string) => void;
}

export interface CrashRun extends Comparison {
  /** Kills by what they hit. */
  readonly kills: ReadonlyMap<string, number>;
  /** What else went wrong on purpose. */
  readonly faults: ReadonlyMap<string, number>;
  /** Requests sent again because nobody acknowledged them. */
  readonly resent: number;
}
