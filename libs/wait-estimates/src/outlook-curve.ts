/** Waits of many contacts: seconds, and how much each counts. */
export interface WeightedWaits {
  /** Waits that an answer ended. */
  readonly answered: ReadonlyMap<number, number>;
  /** Waits of those who left without one, after which nobody knows how much longer it would have taken. */
  readonly left: ReadonlyMap<number, number>;
}

const ROUNDING = 1e-9;

/**
 * Quantiles of the virtual wait: how long those would have waited who never hang up. Who hung up had waited at least so
 * long, which the product-limit estimator makes use of: S(t) is the product over waits w <= t of 1 - answered(w) / at
 * risk(w) (Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958). Of those who were
 * answered and those who left after the same time, the answered come first.
 *
 * It rests on hanging up having nothing to do with how long the wait would have been, which holds within one hour of the
 * week about as well as anywhere.
 *
 * @param shares each between 0 and 1
 * @returns seconds; null where too many left to tell
 */
export const virtualWaitQuantiles = (
  { answered, left }: WeightedWaits,
  shares: readonly number[],
): readonly (number | null)[] => {
  const found = shares.map((): number | null => null);
  let atRisk = 0;
  for (const weights of [answered, left]) for (const weight of weights.values()) atRisk += weight;
  let waitsOn = 1;
  for (const wait of [...new Set([...answered.keys(), ...left.keys()])].sort((one, other) => one - other)) {
    const answers = answered.get(wait) ?? 0;
    if (atRisk > 0) waitsOn *= Math.max(0, 1 - answers / atRisk);
    atRisk -= answers + (left.get(wait) ?? 0);
    shares.forEach((share, n) => {
      if (answers > 0 && found[n] === null && 1 - waitsOn >= share - ROUNDING) found[n] = wait;
    });
  }
  return found;
};
