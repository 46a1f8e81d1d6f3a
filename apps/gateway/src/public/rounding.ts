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
