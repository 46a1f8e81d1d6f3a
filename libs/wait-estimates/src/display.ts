/** Up to here waits are told in whole minutes, above it in steps of five: nobody plans by "37 minutes". */
const FINE_MINUTES = 15;
const COARSE_STEP = 5;
const MINUTE_MS = 60_000;

export interface BandMinutes {
  readonly lowMinutes: number;
  readonly highMinutes: number;
}

const roundDown = (minutes: number): number =>
  minutes <= FINE_MINUTES ? Math.floor(minutes) : Math.floor(minutes / COARSE_STEP) * COARSE_STEP;

const roundUp = (minutes: number): number =>
  Math.ceil(minutes) <= FINE_MINUTES ? Math.ceil(minutes) : Math.ceil(minutes / COARSE_STEP) * COARSE_STEP;

/**
 * A band in milliseconds as people are told it. Rounded outwards, so that the rounded band holds whatever the exact one
 * holds: its promise ("right 8 times out of 10") stays true. The upper end is at least one minute.
 */
export const roundedBand = (lowMs: number, highMs: number): BandMinutes => {
  const lowMinutes = Math.max(0, roundDown(Math.min(lowMs, highMs) / MINUTE_MS));
  return { lowMinutes, highMinutes: Math.max(1, lowMinutes, roundUp(Math.max(lowMs, highMs) / MINUTE_MS)) };
};

/** Whether a wait is short enough for whoever wants to be told: by what people are told, its upper end included. */
export const isUnder = ({ highMinutes }: BandMinutes, minutes: number): boolean => highMinutes <= minutes;

/** A band that still holds is kept at least this long, so that the figure does not flicker. */
export const HOLD_MS = 15_000;
/** And one whose ends would move by no more than this is kept this long. */
const SLIGHT_MINUTES = 1;
export const SLIGHT_HOLD_MS = 60_000;

/** A band as it is shown. */
export interface ShownBand extends BandMinutes {
  /** Since when it has been these minutes, and when it was found true last ("as of"): milliseconds since the epoch. */
  readonly since: number;
  readonly asOf: number;
}

/** Milliseconds. */
export interface ExactBand {
  readonly lowMs: number;
  readonly p50Ms: number;
  readonly highMs: number;
}

/**
 * What is shown next: the band shown before while it is young and the new middle lies in it, longer if the change would
 * be slight; otherwise the new one. A wait that no longer lies in what is shown is told at once.
 *
 * @param previous what is shown; null when nothing or no band is
 * @param now milliseconds since the epoch
 */
export const shownBand = (previous: ShownBand | null, { lowMs, p50Ms, highMs }: ExactBand, now: number): ShownBand => {
  const next = roundedBand(lowMs, highMs);
  if (previous) {
    const { lowMinutes, highMinutes, since } = previous;
    const move = Math.max(Math.abs(next.lowMinutes - lowMinutes), Math.abs(next.highMinutes - highMinutes));
    const minutes = p50Ms / MINUTE_MS;
    const holds = minutes >= lowMinutes && minutes <= highMinutes;
    if (move === 0 || (holds && now - since < (move <= SLIGHT_MINUTES ? SLIGHT_HOLD_MS : HOLD_MS)))
      return { lowMinutes, highMinutes, since, asOf: now };
  }
  return { ...next, since: now, asOf: now };
};

/** Below so many answered nothing is said: few are no record, and might be known to each other. */
export const FEWEST_SCORED = 20;

/** "Right 8 of 10 times", rounded; null for too few. */
export const rightOf10 = ({ right, of }: { readonly right: number; readonly of: number }): number | null =>
  of < FEWEST_SCORED ? null : Math.round((10 * right) / of);
