import type { AcdEvent, Instant } from '@queuecast/events';

/** Why a source that goes on speaking has forgotten a contact. */
export type Forgotten = 'source_restarted' | 'absent_from_snapshot';

/** A moment from which on a source says anew what it still knows: what it spoke of before only, it has forgotten. */
export interface SourceBreak {
  readonly at: Instant;
  readonly reason: Forgotten;
}

/** A break, and its position in the log. */
export type KnownBreak = SourceBreak & { readonly v: number };

const REASONS: Partial<Record<AcdEvent['type'], Forgotten>> = {
  'acd.source.restarted': 'source_restarted',
  'acd.source.snapshot': 'absent_from_snapshot',
};

/**
 * The restarts and snapshots of a site's sources. A restart forgets every contact; a snapshot lists who waits, and says
 * nothing of conversations. Whom it lists, its source has spoken of at that instant.
 */
export class SourceBreaks {
  private readonly breaks = new Map<string, KnownBreak[]>();
  private latestAt = -Infinity;

  /** The latest of any source; -Infinity if there was none. */
  get latest(): number {
    return this.latestAt;
  }

  /** @param v the event's position in the log; of an event told twice the first counts */
  note(event: AcdEvent, v: number): void {
    const reason = REASONS[event.type];
    if (!reason) return;
    const { source, at } = event;
    const known = this.breaks.get(source) ?? [];
    const same = known.find((other) => other.at === at && other.reason === reason);
    if (same && same.v <= v) return;
    const others = known.filter((other) => other !== same);
    this.breaks.set(
      source,
      [...others, { at, reason, v }].sort((a, b) => a.at - b.at || (a.reason < b.reason ? -1 : 1)),
    );
    this.latestAt = Math.max(this.latestAt, at);
  }

  /**
   * The latest break after `heardAt` in which a source forgot a contact, of those up to `until` that were known at a
   * position of the log; undefined if there is none.
   */
  since(source: string, heardAt: Instant, isWaiting: boolean, until: number, version: number): SourceBreak | undefined {
    if (heardAt >= this.latestAt) return undefined;
    const found = this.breaks
      .get(source)
      ?.findLast(({ at, reason, v }) => at <= until && v <= version && (isWaiting || reason === 'source_restarted'));
    return found && found.at > heardAt ? found : undefined;
  }

  /** The first snapshot of a source after an instant; undefined if there is none. */
  snapshotAfter(source: string, at: Instant): KnownBreak | undefined {
    if (at >= this.latestAt) return undefined;
    return this.breaks.get(source)?.find((known) => known.at > at && known.reason === 'absent_from_snapshot');
  }

  /** Forgets those before `until`, when nobody is remembered that was heard of before, but the last of each source. */
  evict(until: Instant): void {
    for (const [source, known] of this.breaks)
      if (known.some(({ at }) => at < until))
        this.breaks.set(
          source,
          known.filter(({ at }, n) => at >= until || n === known.length - 1),
        );
  }
}
