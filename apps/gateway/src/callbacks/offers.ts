import {
  canKeepAll,
  dueAt,
  offeredWindows,
  slotsBetween,
  type CallbackRow,
  type OfferedWindow,
  type PromisedCall,
} from '@queuecast/callbacks';
import { instant, type Instant } from '@queuecast/events';
import type { Estimate, QueueFrame } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';
import { callsPerHour, STALE_MS, type QueueKnowledge } from './calls-per-hour.js';

/** A day and a half by the hour: longer lists help nobody to choose. */
const MOST_WINDOWS = 36;

/** Why a queue does not promise to call back now. */
export type NoOffer = 'never' | 'short_wait' | 'closed' | 'full';

/** What a queue can promise at an instant. */
export interface Offer {
  readonly reason: NoOffer | null;
  /** When a promise without a chosen time would be due; null if there is no such time. */
  readonly dueAt: Instant | null;
  /** Hours to choose from. */
  readonly windows: readonly OfferedWindow[];
}

/** The calls that are to be made: a duplicate has that of the promise that it duplicates. */
const callsOf = (open: readonly CallbackRow[]): PromisedCall[] =>
  open
    .filter(({ duplicateOf }) => duplicateOf === '')
    .map(({ window, promisedAt, dueAt: to }) => ({ from: window?.from ?? promisedAt, to }));

/**
 * Whether the wait is long enough for a queue to offer a call back: the upper estimate exceeds its limit, it is closed, or
 * nobody is there. Where nothing can be said about the wait, it is not.
 */
const isLong = (estimate: Estimate, overSeconds: number): boolean =>
  estimate.kind === 'band'
    ? estimate.highMs > overSeconds * 1000
    : estimate.reason === 'CLOSED' || estimate.reason === 'NO_AGENTS' || estimate.reason === 'SHOCK';

/** Whether a queue offers a call back at a time, whatever it has promised before. */
export const isOffered = (
  { offer, overSeconds }: Pick<CatalogQueue['callbacks'], 'offer' | 'overSeconds'>,
  frame: QueueFrame | null,
  now: number,
): boolean => {
  if (offer !== 'when_long') return offer === 'always';
  return frame !== null && now - frame.at <= STALE_MS && isLong(frame.estimate, overSeconds);
};

/** From when on calls can be made: not while an event has closed the queue. Null where no end of that is in sight. */
const opensAt = (frame: QueueFrame | null, now: Instant): Instant | null => {
  if (frame?.opening.state !== 'closed' || frame.opening.by !== 'event') return now;
  const { until } = frame.opening;
  return until === null ? null : instant(Math.max(now, until));
};

/**
 * What a queue can promise now, beside the promises that are open.
 *
 * @param swap a place in line is given up for it: then the wait does not matter
 */
export const offerOf = (
  queue: CatalogQueue,
  open: readonly CallbackRow[],
  known: QueueKnowledge,
  now: Instant,
  swap = false,
): Offer => {
  const { offer } = queue.callbacks;
  const due = dueAt(queue.callbacks, queue, now);
  if (offer === 'never') return { reason: 'never', dueAt: due, windows: [] };
  if (due === null) return { reason: 'closed', dueAt: null, windows: [] };
  const calls = callsOf(open);
  const horizon = instant(Math.max(due, ...calls.map(({ to }) => to)));
  const from = opensAt(known.frame, now);
  const slots = from === null ? [] : slotsBetween(queue, from, horizon, callsPerHour(queue, known, now));
  const candidates = slots.filter((slot) => slot.from > now && slot.to <= due).slice(0, MOST_WINDOWS);
  const windows = offeredWindows(slots, calls, candidates);
  if (!swap && !isOffered(queue.callbacks, known.frame, now)) return { reason: 'short_wait', dueAt: due, windows };
  if (!slots.some(({ to }) => to <= due)) return { reason: 'closed', dueAt: due, windows: [] };
  return { reason: canKeepAll(slots, [...calls, { from: now, to: due }]) ? null : 'full', dueAt: due, windows };
};
