import { IANAZone } from 'luxon';

const QUARTER = 900_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * A local time as milliseconds since the epoch *as if the local clock were UTC*: arithmetic on wall-clock times without
 * a zone. Never mix it with an instant.
 */
export type WallTime = number;

/** The instants at which a zone's clocks show a wall time: none when the clocks skip it, two when they show it twice. */
export type InstantsOfWallTime = readonly number[];

/** Conversions of one IANA zone; offsets are cached by quarter hour because transitions fall on quarters. */
export class ZoneClock {
  readonly #zone: IANAZone;
  readonly #offsets = new Map<number, number>();
  readonly #instants = new Map<number, readonly number[]>();

  /** Throws RangeError when `zone` is not an IANA zone that this Node.js knows. */
  constructor(readonly zone: string) {
    this.#zone = IANAZone.create(zone);
    if (!this.#zone.isValid)
      throw new RangeError(`"${zone}" is not an IANA time zone; write it like Europe/Amsterdam or UTC`);
  }

  /** Milliseconds to add to an instant to get the wall time. */
  offsetAt(instant: number): number {
    const quarter = Math.floor(instant / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = Math.round(this.#zone.offset(quarter * QUARTER) * MINUTE);
      // A simulation or an import of years must not keep every quarter hour it passed.
      if (this.#offsets.size > 10_000) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** What the clocks on the wall show at an instant. */
  wallTime(instant: number): WallTime {
    return instant + this.offsetAt(instant);
  }

  /** When the clocks show a wall time: one instant, none (skipped in spring) or two (repeated in autumn), ascending. */
  instantsOf(wall: WallTime): InstantsOfWallTime {
    const quarter = Math.floor(wall / QUARTER);
    let starts = this.#instants.get(quarter);
    if (starts === undefined) {
      const start = quarter * QUARTER;
      const offsets = [...new Set([this.offsetAt(start - DAY), this.offsetAt(start + DAY)])];
      starts = offsets
        .map((offset) => start - offset)
        .filter((candidate) => this.wallTime(candidate) === start)
        .sort((one, other) => one - other);
      if (this.#instants.size > 10_000) this.#instants.clear();
      this.#instants.set(quarter, starts);
    }
    const rest = wall - quarter * QUARTER;
    return starts.map((start) => start + rest);
  }

  /** The first instant at which the clocks show a wall time; for opening hours and shifts, which must always have one. */
  instantOf(wall: WallTime): number {
    const [first] = this.instantsOf(wall);
    // Skipped by the spring change: as far after the jump as it would have been after the hour before.
    return first ?? wall - this.offsetAt(wall - DAY);
  }
}

/** Wall time of the midnight that begins the local day of a wall time. */
export const midnightOf = (wall: WallTime): WallTime => Math.floor(wall / DAY) * DAY;

/** Day of the week of a wall time, 0 for Monday. */
export const weekdayOf = (wall: WallTime): number => (Math.floor(wall / DAY) + 3) % 7;

/** Minutes since midnight of "HH:MM"; 24:00 is 1440. Throws RangeError for anything else. */
export const minutesOf = (clock: string): number => {
  const match = /^(\d{2}):(\d{2})$/.exec(clock);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (!(minutes >= 0 && minutes <= 1440)) throw new RangeError(`"${clock}" must read like 08:30`);
  return minutes;
};
