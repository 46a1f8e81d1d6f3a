import type { IANAZone } from 'luxon';

const MINUTE = 60_000;
/** A day of the wall clock, in milliseconds. */
export const DAY = 24 * 60 * MINUTE;

const offsetMs = (zone: IANAZone, at: number): number => zone.offset(at) * MINUTE;

/** What the zone's clock reads at an instant: milliseconds since 1970-01-01 00:00 local. */
export const wallReading = (zone: IANAZone, at: number): number => at + offsetMs(zone, at);

/** The number of the local date at an instant: days since 1970-01-01 by the zone's clock. */
export const localDay = (zone: IANAZone, at: number): number => Math.floor(wallReading(zone, at) / DAY);

/**
 * The first instant at which the zone's clock reads `wall` (milliseconds since 1970-01-01 00:00 local) or later.
 *
 * An hour that the clock skips maps to the moment of the jump, an hour that it shows twice to its first showing. So the
 * map ascends with `wall`, and spans that abut on the wall abut in time.
 */
export const firstReading = (zone: IANAZone, wall: number): number => {
  const offsets = [offsetMs(zone, wall - DAY), offsetMs(zone, wall + DAY)].sort((a, b) => b - a);
  for (const offset of offsets) if (offsetMs(zone, wall - offset) === offset) return wall - offset;
  let before = wall - offsets[0]!;
  let reached = wall - offsets[1]!;
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2);
    if (middle + offsetMs(zone, middle) >= wall) reached = middle;
    else before = middle;
  }
  return reached;
};

/** Milliseconds after midnight of a time of day like `08:30`. */
export const timeOfDay = (text: string): number => {
  const [hours, minutes] = text.split(':');
  return (Number(hours) * 60 + Number(minutes)) * MINUTE;
};
