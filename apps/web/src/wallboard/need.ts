import type { ReplayedFrame, QueueInfo } from '@queuecast/live';

/**
 * What needs help, and how badly. The rule, first match first:
 *
 * - `act`: the queue is closed and contacts still wait; contacts wait and nobody is there to answer; the longest wait is
 *   past the threshold; a promised call is overdue.
 * - `blind`: the source is silent, so nobody can know.
 * - `watch`: open with nobody signed in; far more arrivals than usual; service level below target; a new caller is expected to wait past the
 *   threshold; the longest wait is past two thirds of it; a promised call is due soon.
 * - `fine`: the rest. `closed`: closed and empty.
 *
 * Within a level the queue whose longest wait is the larger multiple of its threshold comes first, then the one further
 * below its target; what is equal stays where it is.
 */
export type Level = 'act' | 'blind' | 'watch' | 'fine' | 'closed';

export type NeedReason =
  | 'unstaffed'
  | 'closedWaiting'
  | 'overdue'
  | 'callbacksOverdue'
  | 'silent'
  | 'noAgents'
  | 'surge'
  | 'belowTarget'
  | 'estimate'
  | 'almostOverdue'
  | 'callbacksDueSoon';

export interface Need {
  readonly level: Level;
  /** Why, the gravest first; empty when all is well. */
  readonly reasons: readonly NeedReason[];
  /** Within the level: higher comes first. Longest wait over threshold, plus the gap to the target. */
  readonly urgency: number;
}

const ALMOST = 2 / 3;
/** Below this many offered contacts a share says nothing about the day. */
const ENOUGH_OFFERED = 10;

const staffed = (frame: ReplayedFrame): boolean => {
  const { agents } = frame;
  return agents === null || agents.available + agents.offered + agents.busy + agents.wrap_up > 0;
};

const present = (frame: ReplayedFrame): boolean => staffed(frame) || (frame.agents?.away ?? 0) > 0;

/** How far the service level is below the target, 0..1; 0 when it is met, or there are too few contacts to say. */
export const targetGap = (frame: ReplayedFrame, info: QueueInfo): number => {
  const level = frame.today?.serviceLevel ?? null;
  if (level === null || (frame.today?.offered ?? 0) < ENOUGH_OFFERED) return 0;
  return Math.max(0, info.target - level);
};

/** The longest present wait in milliseconds; 0 when nobody waits. */
export const longestWait = (frame: ReplayedFrame, now: number): number => {
  const first = frame.oldest[0];
  return first ? Math.max(0, now - first.queuedAt) : 0;
};

/** @param now the server's clock, milliseconds since the epoch */
export const needOf = (frame: ReplayedFrame, info: QueueInfo, now: number): Need => {
  const longest = longestWait(frame, now);
  const open = frame.opening.state === 'open';
  const gap = targetGap(frame, info);
  const overdue = longest > info.thresholdMs;
  const act: NeedReason[] = [];
  if (frame.afterClosing > 0) act.push('closedWaiting');
  if (frame.waiting > 0 && !staffed(frame)) act.push('unstaffed');
  if (overdue) act.push('overdue');
  if ((frame.callbacks?.overdue ?? 0) > 0) act.push('callbacksOverdue');
  const watch: NeedReason[] = [];
  if (open && !present(frame)) watch.push('noAgents');
  if (frame.surge !== null) watch.push('surge');
  if (open && gap > 0) watch.push('belowTarget');
  if (open && frame.estimate?.kind === 'band' && frame.estimate.p50Ms > info.thresholdMs) watch.push('estimate');
  if (!overdue && longest > info.thresholdMs * ALMOST) watch.push('almostOverdue');
  if ((frame.callbacks?.dueSoon ?? 0) > 0) watch.push('callbacksDueSoon');
  const urgency = longest / Math.max(1000, info.thresholdMs) + gap;

  if (frame.source.state === 'silent' && (open || frame.waiting > 0))
    return { level: 'blind', reasons: ['silent', ...act, ...watch], urgency };
  if (act.length > 0) return { level: 'act', reasons: [...act, ...watch], urgency };
  if (watch.length > 0) return { level: 'watch', reasons: watch, urgency };
  return { level: open ? 'fine' : 'closed', reasons: [], urgency };
};

const RANK: Readonly<Record<Level, number>> = { act: 0, blind: 1, watch: 2, fine: 3, closed: 4 };
/** Two tiles of one level change places only for a difference that a supervisor would notice. */
const MARGIN = 0.25;

const before = (one: Need, other: Need): boolean => {
  if (one.level !== other.level) return RANK[one.level] < RANK[other.level];
  // All is well with both: moving them would only cost the eye its place.
  if (one.level === 'fine' || one.level === 'closed') return false;
  return one.urgency > other.urgency + MARGIN;
};

/**
 * The queues in the order of need, moving as few as possible from where they were.
 *
 * @param previous the order on screen
 * @param needs by queue; a queue without one comes last
 */
export const orderByNeed = (previous: readonly string[], needs: ReadonlyMap<string, Need>): string[] => {
  const ordered: string[] = [];
  for (const queue of previous) {
    const need = needs.get(queue);
    let at = ordered.length;
    // An insertion sort, because the margin makes the comparison intransitive.
    while (need && at > 0) {
      const above = needs.get(ordered[at - 1] ?? '');
      if (above && !before(need, above)) break;
      at -= 1;
    }
    ordered.splice(at, 0, queue);
  }
  return ordered;
};
