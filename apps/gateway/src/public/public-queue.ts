import type { DayHours } from '@queuecast/contact-center';
import type { Opening, PublicQueue, QueueFrame } from '@queuecast/live';
import type { CatalogQueue } from '@queuecast/settings';
import { HOLD_MS, rightOf10, shownBand, type OutlookHour } from '@queuecast/wait-estimates';
import { isOffered } from '../callbacks/offers.js';
import { bestTimes } from '../outlook/best-times.js';
import { publicNotices } from './public-notices.js';

/** A frame older than this says nothing about now. */
export const STALE_MS = 60_000;
/** While nothing changes, "as of" moves in steps of this: caches and sockets are left in peace in between. */
export const AS_OF_STEP_MS = 15_000;

/** What the configuration and the calendar say of a queue. */
export interface PublicQueueFacts {
  readonly tenant: string;
  readonly queue: string;
  readonly name: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly calendar: Opening;
  readonly hours: readonly DayHours[];
  readonly callbacks: Pick<CatalogQueue['callbacks'], 'offer' | 'overSeconds'>;
  /** What is expected of the hours from the running one on. */
  readonly outlook: readonly OutlookHour[];
}

/** The document that is out, and since when its wait has been what it is (milliseconds since the epoch). */
export interface Published {
  readonly document: PublicQueue;
  readonly waitSince: number;
}

type Wait = PublicQueue['wait'];

/**
 * The public document of a queue that follows `previous`. Returns `previous` itself unless something changed that
 * matters to a customer, or the figure has been confirmed for {@link AS_OF_STEP_MS}.
 *
 * @param frame the queue's latest frame; null if there has been none
 * @param now milliseconds since the epoch
 */
export const published = (
  previous: Published | null,
  frame: QueueFrame | null,
  facts: PublicQueueFacts,
  now: number,
): Published => {
  const isStale = frame === null || now - frame.at > STALE_MS;
  const opening = openingNow(frame, facts.calendar, now);
  const wait = waitOf(previous, frame, opening, isStale, now);
  const computedAt = isStale ? now : Math.min(frame.estimate.at, now);
  const document: PublicQueue = {
    tenant: facts.tenant,
    queue: facts.queue,
    name: facts.name,
    opening,
    hours: facts.hours,
    timeZone: facts.timeZone,
    wait,
    bestTime: bestTimes(facts.outlook, wait),
    // As steady as the figure beside it.
    callbackOffered:
      wait === previous?.document.wait ? previous.document.callbackOffered : isOffered(facts.callbacks, frame, now),
    rightOf10: isStale || !frame.estimateRecord ? null : rightOf10(frame.estimateRecord),
    notices: publicNotices(frame?.notices ?? [], now),
    asOf: computedAt,
    source: isStale ? 'silent' : frame.source.state,
  };
  if (previous && saysTheSame(previous.document, document)) {
    if (isStale || computedAt - previous.document.asOf < AS_OF_STEP_MS) return previous;
    return { document, waitSince: previous.waitSince };
  }
  const isSameWait = previous !== null && sameWait(previous.document.wait, wait);
  return { document, waitSince: isSameWait ? previous.waitSince : now };
};

/** An event's word on opening stands until it runs out; otherwise the calendar's. */
const openingNow = (frame: QueueFrame | null, calendar: Opening, now: number): Opening => {
  const said = frame?.opening;
  return said?.by === 'event' && (said.until === null || said.until > now) ? said : calendar;
};

const waitOf = (
  previous: Published | null,
  frame: QueueFrame | null,
  opening: Opening,
  isStale: boolean,
  now: number,
): Wait => {
  if (opening.state === 'closed') return { kind: 'none', reason: 'CLOSED' };
  if (frame === null || isStale) return { kind: 'none', reason: 'SOURCE_SILENT' };
  const { estimate } = frame;
  if (estimate.kind === 'abstention') return { kind: 'none', reason: estimate.reason };
  const before = previous?.document.wait;
  const shown = previous && before?.kind === 'band' ? { ...before, since: previous.waitSince, asOf: now } : null;
  const { lowMinutes, highMinutes } = shownBand(shown, estimate, now);
  // The document's own, while it is young: what stands beside the figure is held with it.
  const isSame = before?.kind === 'band' && before.lowMinutes === lowMinutes && before.highMinutes === highMinutes;
  if (isSame && shown && now - shown.since < HOLD_MS) return before;
  return { kind: 'band', lowMinutes, highMinutes };
};

const sameWait = (a: Wait, b: Wait): boolean => JSON.stringify(a) === JSON.stringify(b);

const saysTheSame = (a: PublicQueue, b: PublicQueue): boolean =>
  JSON.stringify({ ...a, asOf: 0 }) === JSON.stringify({ ...b, asOf: 0 });
