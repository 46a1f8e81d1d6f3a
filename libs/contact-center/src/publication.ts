import type { AcdEvent, Instant } from '@queuecast/events';
import type { LegFact } from './facts.js';

/** Length of a published interval, milliseconds: a quarter of an hour. */
export const PUBLISHED_INTERVAL_MS = 900_000;

/** The stretch whose intervals a site has published; `to` is not included. Whole intervals since the epoch. */
export interface PublishedRange {
  readonly from: Instant;
  readonly to: Instant;
}

/** The legs that arrived in intervals which just ended, as they stood at that position of the log. */
export class Publication {
  readonly legs: LegFact[] = [];

  constructor(readonly range: PublishedRange) {}

  take(legs: Iterable<LegFact>): void {
    for (const leg of legs) if (holds(this.range, leg)) this.legs.push(leg);
  }
}

/** Which event changed published figures, and when in the life of its site. */
export interface ChangeCause {
  readonly event: Pick<AcdEvent, 'id' | 'source' | 'type' | 'at'>;
  /** The event's position in the log. */
  readonly version: number;
  readonly late: boolean;
  /** Milliseconds from the event's time to the latest one that was known when it came; 0 if it was the latest. */
  readonly behindMs: number;
}

/** A leg of a published interval, as it counted until the event (-1), or as it counts since (1). */
export interface PublishedChange {
  readonly leg: LegFact;
  readonly sign: 1 | -1;
  /**
   * What changed should have been there when the interval was published: the event is late or of a time before the end
   * of the interval, or what it tells is (a snapshot tells now who has waited since then). Otherwise it is progress: what
   * was still under way then has come to its end since.
   */
  readonly isCorrection: boolean;
  readonly cause: ChangeCause;
}

/** What the fold of one site publishes, between two drains. */
export interface Published {
  readonly publications: readonly Publication[];
  readonly changes: readonly PublishedChange[];
}

const startOf = (at: number, intervalMs: number): Instant => (Math.floor(at / intervalMs) * intervalMs) as Instant;

const holds = (range: PublishedRange | null, leg: LegFact): boolean =>
  range !== null && leg.queuedAt >= range.from && leg.queuedAt < range.to;

/** Where the fact came from: says nothing of figures. Neither do lists of times, whose number and sum are beside them. */
const PROVENANCE: ReadonlySet<keyof LegFact> = new Set<keyof LegFact>(['version', 'corrections']);

const sameFigures = (one: LegFact, other: LegFact): boolean => {
  for (const name of Object.keys(one) as (keyof LegFact)[])
    if (one[name] !== other[name] && !PROVENANCE.has(name) && !Array.isArray(one[name])) return false;
  return true;
};

const INSTANTS = [
  'startedAt',
  'menuCompletedAt',
  'queuedAt',
  'firstOfferedAt',
  'answeredAt',
  'leftQueueAt',
  'endedAt',
  'wrappedUpAt',
] as const satisfies readonly (keyof LegFact)[];

/** The earliest instant that a leg has in one of its states and not in the other; infinite if there is none. */
const differsFrom = (one: LegFact | null, other: LegFact | null): number => {
  let earliest = Infinity;
  for (const name of INSTANTS) {
    const [was, is] = [one?.[name] ?? Infinity, other?.[name] ?? Infinity];
    if (was !== is) earliest = Math.min(earliest, was, is);
  }
  return earliest;
};

/**
 * Publishes the intervals of one site. An interval is published once, by the first event (or heartbeat) whose time is
 * past its end by the lateness that disorder is allowed; what changes it afterwards is noted event by event. Both are
 * told by the order of the log alone, so that a replay publishes and notes the same, whatever it was cut into.
 */
export class Publisher {
  private clock: Instant | null = null;
  private known: PublishedRange | null = null;
  private publications: Publication[] = [];
  private changes: PublishedChange[] = [];

  constructor(
    private readonly latenessMs: number,
    private readonly intervalMs: number,
  ) {}

  /** Null before the first event: what is older was never shown. */
  get range(): PublishedRange | null {
    return this.known;
  }

  restore(range: PublishedRange | null): void {
    this.known = range;
  }

  /** An event of this time was folded. Returns the publication to be filled with the legs there are, if an interval ended. */
  advance(at: Instant): Publication | null {
    if (this.clock !== null && at <= this.clock) return null;
    this.clock = at;
    const to = startOf(at - this.latenessMs, this.intervalMs);
    if (this.known === null) this.known = { from: to, to };
    if (to <= this.known.to) return null;
    const publication = new Publication({ from: this.known.to, to });
    this.known = { from: this.known.from, to };
    this.publications.push(publication);
    return publication;
  }

  /**
   * An event changed a leg.
   *
   * @param range what was published when the event came
   */
  changed(before: LegFact | null, now: LegFact, cause: ChangeCause, range: PublishedRange | null = this.known): void {
    const counted = before !== null && holds(range, before);
    const counts = holds(range, now);
    if ((!counted && !counts) || (before && sameFigures(before, now))) return;
    // An event may tell of a time before its own, so that its own time alone does not say what was missing.
    const since = cause.late ? -Infinity : Math.min(cause.event.at, differsFrom(before, now));
    if (counted) this.note(before, -1, since, cause);
    if (counts) this.note(now, 1, since, cause);
  }

  drain(): Published {
    const { publications, changes } = this;
    this.publications = [];
    this.changes = [];
    return { publications, changes };
  }

  private note(leg: LegFact, sign: 1 | -1, since: number, cause: ChangeCause): void {
    const isCorrection = since < startOf(leg.queuedAt, this.intervalMs) + this.intervalMs;
    this.changes.push({ leg, sign, isCorrection, cause });
  }
}
