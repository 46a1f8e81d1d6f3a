/** What is known of a wait once it is over, on the scale of log(1 + seconds): how much of it lies beyond an end. */
export interface Outcome {
  /** 0 to 1. */
  readonly below: (end: number) => number;
  readonly above: (end: number) => number;
}

/** Where the middle of a wait was told to be, and the ends beyond each of which `tail` of the waits were to be. */
export interface Curve {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly tail: number;
}

/** It was answered after so long. */
export const knownOutcome = (wait: number): Outcome => ({
  below: (end) => (wait < end ? 1 : 0),
  above: (end) => (wait > end ? 1 : 0),
});

/**
 * Whoever waited hung up after so long, and would have waited longer: as those do who are still there by then, according
 * to what he was told (redistribution to the right: Efron, "The two sample problem with censored data", Proc. Fifth
 * Berkeley Symposium, 1967).
 */
export const censoredOutcome = (wait: number, curve: Curve): Outcome => {
  const left = shareAbove(curve, wait);
  return {
    below: (end) => (wait >= end ? 0 : 1 - shareAbove(curve, end) / left),
    above: (end) => (wait >= end ? 1 : shareAbove(curve, end) / left),
  };
};

/** An end that lies on the middle leaves nothing between them: a step, nearly. */
const LEAST_WIDTH = 1e-3;

/** Share of waits above `at`: log-logistic on either side of the middle, through the ends. */
const shareAbove = ({ low, middle, high, tail }: Curve, at: number): number => {
  const width = Math.max(LEAST_WIDTH, at < middle ? middle - low : high - middle);
  return 1 / (1 + (1 / tail - 1) ** ((at - middle) / width));
};
