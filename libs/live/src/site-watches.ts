import { instant, type AcdEvent, type Instant, type QueueId } from '@queuecast/events';
import { isUnder, roundedBand } from '@queuecast/wait-estimates';
import type { Estimate } from './frames.js';

const HOUR_MS = 3_600_000;

/** Most watches of one tenant that are open at a time. */
export const MAX_WATCHES = 1_000;
/** For so long a receiver is told again that does not confirm: a wait that was short an hour ago is no news. */
export const WATCH_TELL_MS = HOUR_MS;
/** How long what is over is remembered, so that a repeated event does not open it again. */
const REMEMBER_MS = HOUR_MS;

/** Somebody's wish to be told once, at `url`, when the wait of a queue is at most so many minutes. */
export interface Watch {
  readonly id: string;
  readonly queue: QueueId;
  readonly underMinutes: number;
  readonly url: string;
  readonly setAt: Instant;
  readonly expiresAt: Instant;
}

/** The band that fulfilled a watch: milliseconds, and when it was published. */
export interface FulfillingWait {
  readonly lowMs: number;
  readonly highMs: number;
  readonly at: Instant;
}

/** A message to the receiver of a watch that it has not confirmed. */
export interface DueWatch {
  readonly watch: Watch;
  /** 1 for the first. */
  readonly attempt: number;
  /** Not before this instant. */
  readonly at: Instant;
  /** The same at every attempt. */
  readonly wait: FulfillingWait;
}

interface Entry {
  watch: Watch | null;
  last: { readonly attempt: number; readonly retryAt: Instant; readonly wait: FulfillingWait } | null;
  /** When it was cleared or delivered. */
  overAt: Instant | null;
}

/** What became of a watch by an event. `refused`: the site has too many. */
export type WatchOutcome = 'set' | 'refused' | 'fired' | 'delivered' | 'cleared';

/**
 * The watches of one site: set, fulfilled by the first published band whose upper bound, rounded as people are told
 * it, is low enough; told until the receiver confirms. Which band that was is in the announcement of the first attempt, so that a restart tells the same.
 * Neither the order of events nor repetition matters.
 */
export class SiteWatches {
  private readonly entries = new Map<string, Entry>();
  private openCount = 0;
  private readonly shownWaits = new Map<QueueId, FulfillingWait>();

  /** A watch that is known; null otherwise. */
  get(id: string): Watch | null {
    return this.entries.get(id)?.watch ?? null;
  }

  /** Watches neither cleared nor delivered, those past their time among them until they are evicted. */
  open(): Watch[] {
    return [...this.entries.values()].flatMap(({ watch, overAt }) => (watch && overAt === null ? [watch] : []));
  }

  /** @returns what the event did; null if nothing, or nothing new */
  apply(event: AcdEvent): WatchOutcome | null {
    switch (event.type) {
      case 'acd.queue.watch_set': {
        const { watch: id, queue, underMinutes, url, expiresAt } = event.data;
        const known = this.entries.get(id);
        if (known?.watch) return null;
        if (!known && this.openCount >= MAX_WATCHES) return 'refused';
        const times = { setAt: event.at, expiresAt: instant(Date.parse(expiresAt)) };
        const entry = this.entry(id);
        entry.watch = { id, queue, underMinutes, url, ...times };
        if (isOpen(entry)) this.openCount += 1;
        return 'set';
      }
      case 'acd.queue.watch_attempted': {
        const { watch, attempt, retryAt, wait } = event.data;
        const entry = this.entry(watch);
        if (entry.last && entry.last.attempt >= attempt) return null;
        const { lowMs, highMs, at } = wait;
        const shown = entry.last?.wait ?? { lowMs, highMs, at: instant(Date.parse(at)) };
        const isFirst = entry.last === null;
        entry.last = { attempt, retryAt: instant(Date.parse(retryAt)), wait: shown };
        return isFirst ? 'fired' : null;
      }
      case 'acd.queue.watch_delivered':
        return this.end(event.data.watch, event.at) ? 'delivered' : null;
      case 'acd.queue.watch_cleared':
        return this.end(event.data.watch, event.at) ? 'cleared' : null;
      default:
        return null;
    }
  }

  /** What is published of a queue now: that alone fulfils its watches, and an abstention fulfils none. */
  shown(queue: QueueId, estimate: Estimate): void {
    if (estimate.kind === 'abstention') this.shownWaits.delete(queue);
    else {
      const { lowMs, highMs, at } = estimate;
      this.shownWaits.set(queue, { lowMs, highMs, at: instant(at) });
    }
  }

  /** The messages that are to be sent, those for later among them. */
  *due(now: Instant): Iterable<DueWatch> {
    for (const id of this.entries.keys()) {
      const due = this.dueOf(id, now);
      if (due) yield due;
    }
  }

  /** The message about one watch that is to be sent; null if it is over, past its time, or not fulfilled. */
  dueOf(id: string, now: Instant): DueWatch | null {
    const entry = this.entries.get(id);
    if (!entry?.watch || entry.overAt !== null || now >= endOf(entry, entry.watch)) return null;
    const { watch, last } = entry;
    if (last) return { watch, attempt: last.attempt + 1, at: last.retryAt, wait: last.wait };
    const wait = this.shownWaits.get(watch.queue);
    if (!wait || !isUnder(roundedBand(wait.lowMs, wait.highMs), watch.underMinutes)) return null;
    return { watch, attempt: 1, at: wait.at, wait };
  }

  /** Forgets what is over or past its time. @returns how many expired unfulfilled, and whose receiver never confirmed */
  evict(now: Instant): { readonly expired: number; readonly givenUp: number } {
    const ended = { expired: 0, givenUp: 0 };
    for (const [id, entry] of this.entries) {
      const { watch, last, overAt } = entry;
      if (overAt !== null) {
        if (now >= overAt + REMEMBER_MS) this.entries.delete(id);
      } else if (now >= endOf(entry, watch)) {
        if (watch && last) ended.givenUp += 1;
        else if (watch) ended.expired += 1;
        if (watch) this.openCount -= 1;
        this.entries.delete(id);
      }
    }
    return ended;
  }

  private end(id: string, at: Instant): boolean {
    const entry = this.entry(id);
    if (entry.overAt !== null) return false;
    if (isOpen(entry)) this.openCount -= 1;
    entry.overAt = at;
    return true;
  }

  private entry(id: string): Entry {
    const known = this.entries.get(id);
    if (known) return known;
    const entry: Entry = { watch: null, last: null, overAt: null };
    this.entries.set(id, entry);
    return entry;
  }
}

const isOpen = ({ watch, overAt }: Entry): boolean => watch !== null && overAt === null;

/** When a watch is over without confirmation. One of which nothing but an attempt is known ends with that. */
const endOf = ({ last }: Entry, watch: Watch | null): number =>
  last ? last.wait.at + WATCH_TELL_MS : (watch?.expiresAt ?? 0);
