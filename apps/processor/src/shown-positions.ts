import type { Instant } from '@queuecast/events';
import type { ShownPosition } from '@queuecast/store';
import type { SiteRuntime } from './site-runtime.js';

/** One record per site and second: what the eye could have told apart. */
const SPACING_MS = 1_000;

/** What of a record tells whether the screen changed. */
type Shown = Pick<ShownPosition, 'version' | 'figuresVersion' | 'storeBehindSince'>;

interface Recorded extends Shown {
  readonly at: Instant;
}

/**
 * Keeps from when on each site's wallboards showed which position of the log, so that one can look back at what they
 * showed. The first change is recorded at once, those within a second of it together at its end.
 *
 * An instant is recorded once: while the clock stands before the last record, because it stepped back or a restart was
 * quick, nothing is, and what was shown then stays what was recorded then.
 */
export class ShownPositions {
  private readonly last = new WeakMap<SiteRuntime, Recorded>();
  private readonly due = new Set<SiteRuntime>();
  private pending: ShownPosition[] = [];

  /** @param storeBehindSince what wallboards are told of the store */
  constructor(private readonly storeBehindSince: () => Instant | null) {}

  get isPending(): boolean {
    return this.pending.length > 0;
  }

  /** A frame of the site went out. */
  show(site: SiteRuntime, now: Instant): void {
    this.due.add(site);
    this.settle(now);
  }

  /** Records what is due; to be called every second. */
  settle(now: Instant): void {
    for (const site of this.due) {
      const before = this.last.get(site);
      const at = before?.at ?? site.shownUntil;
      const shown: Shown = {
        version: site.version,
        figuresVersion: site.figuresVersion,
        storeBehindSince: this.storeBehindSince(),
      };
      if (before && isSame(before, shown)) this.due.delete(site);
      else if (at === null || now - at >= SPACING_MS) {
        this.due.delete(site);
        this.last.set(site, { at: now, ...shown });
        this.pending.push({ ...site.key, shownAt: now, ...shown });
      }
    }
  }

  /** The site is somebody else's now. */
  forget(site: SiteRuntime): void {
    this.due.delete(site);
  }

  /** The records since the last call. What is drained must be written. */
  drain(): readonly ShownPosition[] {
    const { pending } = this;
    this.pending = [];
    return pending;
  }
}

const isSame = (one: Shown, other: Shown): boolean =>
  one.version === other.version &&
  one.figuresVersion === other.figuresVersion &&
  one.storeBehindSince === other.storeBehindSince;
