import type { ReplayedFrame } from '@queuecast/live';

/** What lies between the browser and the truth. */
export interface Link {
  /** Since when the connection is gone, or nothing came over it; null while it is up. Server's clock. */
  readonly lostSince: number | null;
  readonly processorSilentSince: number | null;
}

/** Why the figures of a tile cannot be believed, the outermost cause first, or that they can. */
export type Trust =
  | { readonly kind: 'live' | 'quiet' | 'noFrame' }
  | { readonly kind: 'connectionLost' | 'processorSilent' | 'silent'; readonly since: number | null };

/** Whether a tile's figures are those of now, and if not, since when and why. */
export const trustOf = (frame: ReplayedFrame | null, link: Link): Trust => {
  if (link.lostSince !== null) return { kind: 'connectionLost', since: link.lostSince };
  if (link.processorSilentSince !== null) return { kind: 'processorSilent', since: link.processorSilentSince };
  if (!frame) return { kind: 'noFrame' };
  if (frame.source.state === 'silent') return { kind: 'silent', since: frame.source.lastHeardAt };
  return { kind: frame.source.state };
};

/**
 * The instant at which a frame's running times are to be read: now, or the last moment at which they were known. A wait
 * must not count up for a contact that may have been answered long ago.
 */
export const knownUntil = (frame: ReplayedFrame, link: Link, now: number): number => {
  const trust = trustOf(frame, link);
  return 'since' in trust ? Math.min(now, trust.since ?? frame.at) : now;
};

/** Greyed out: the figures are not those of now. */
export const isStale = (trust: Trust): boolean => 'since' in trust;
