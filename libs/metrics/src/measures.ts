import type { LegStretch, Moment } from './attribution.js';
import type { Measure, MeasureKind } from './measure.js';

const OFFERED = 'NOT internal';
const isOutcome = (...outcomes: readonly string[]): string =>
  `${OFFERED} AND outcome IN (${outcomes.map((outcome) => `'${outcome}'`).join(', ')})`;

const ANSWERED = isOutcome('answered');
const ABANDONED = isOutcome('abandoned');
const WAITING = isOutcome('waiting');
/** Of a contact that its source forgot nobody knows how long it waited. */
const WAITS_NO_MORE = `${OFFERED} AND outcome NOT IN ('waiting', 'unknown')`;
/** Talk is over, so that its parts are final: what average handle time is taken over. */
const HANDLED = `${ANSWERED} AND ended_at IS NOT NULL`;
/** A customer's wait over all queues is decided once: by the first answer, or the end of the last wait. */
const DECIDES = 'decided_after_ms IS NOT NULL';

/** A duration is never negative, whatever the clocks of two sources say. */
const milliseconds = (column: string): string => `toUInt64(greatest(ifNull(${column}, 0), 0))`;

/** Whole seconds, rounded up: a wait of at most T seconds is exactly one whose key is at most T. */
const ceilSeconds = (column: string): string => `toUInt32(intDiv(${milliseconds(column)} + 999, 1000))`;
/** Whole seconds, rounded down: a wait below S seconds is exactly one whose key is below S. */
const floorSeconds = (column: string): string => `toUInt32(intDiv(${milliseconds(column)}, 1000))`;

const measure = (
  kind: MeasureKind,
  name: string,
  value: string | null,
  condition: string,
  moment: Moment,
  meaning: string,
  stretch: LegStretch | null = null,
): Measure => ({ name, kind, source: 'legs', condition, value, meaning, moment, stretch });

const count = (name: string, condition: string, moment: Moment, meaning: string): Measure =>
  measure('sum', name, null, condition, moment, meaning);

/**
 * The measures kept by the interval, in the order of the columns of `queue_intervals`. The ledger's classes partition
 * the offered legs: each outcome of a leg stands in exactly one `legs_*` class below `legs_offered`.
 */
export const LEG_MEASURES: readonly Measure[] = [
  count(
    'legs_offered',
    OFFERED,
    'queued',
    'Legs of customers that joined the queue; agents’ consult calls are not among them.',
  ),
  count('legs_internal', 'internal', 'queued', 'Consult calls of agents into the queue.'),
  count('legs_answered', ANSWERED, 'left', 'Answered by an agent or desk, however long ago.'),
  count('legs_abandoned', ABANDONED, 'left', 'Left by the customer before an answer, short ones included.'),
  count(
    'legs_flowed_out',
    isOutcome('flowed_out', 'overflowed', 'timed_out'),
    'left',
    'Sent elsewhere before an answer: transferred, overflowed or timed out.',
  ),
  count('legs_callback_taken', isOutcome('callback_taken'), 'left', 'Gave the place in the queue for a callback.'),
  count(
    'legs_dropped',
    isOutcome('dropped_by_system', 'unknown'),
    'left',
    'Lost by the telephone system, or lost sight of: it never said what became of them.',
  ),
  count(
    'legs_closed_out',
    isOutcome('closed', 'blocked', 'no_show'),
    'left',
    'Turned away (queue closed or full), or called up and not there.',
  ),
  count('legs_waiting', WAITING, 'queued', 'Still in the queue.'),
  count('legs_handled', HANDLED, 'ended', 'Answered, and the conversation is over.'),
  count(
    'legs_transferred',
    `${ANSWERED} AND (transferred_to_queue != '' OR transferred_to_agent != '')`,
    'ended',
    'Answered, then transferred to another queue or agent.',
  ),
  measure('sum', 'offer_count', 'offers', OFFERED, 'offered', 'Rings of an agent.'),
  measure('sum', 'decline_count', 'declines', OFFERED, 'declined', 'Rings that the agent let pass or rejected.'),
  measure('sum', 'correction_count', 'corrections', OFFERED, 'queued', 'Late events that changed a leg.'),
  measure('sum', 'answered_wait_ms', milliseconds('wait_ms'), ANSWERED, 'left', 'Wait of the answered.', 'wait'),
  measure(
    'sum',
    'ended_wait_ms',
    milliseconds('wait_ms'),
    WAITS_NO_MORE,
    'left',
    'Wait of all who wait no more.',
    'wait',
  ),
  measure(
    'sum',
    'ring_sum_ms',
    milliseconds('ring_ms'),
    HANDLED,
    'ended',
    'Ringing at the agent who answered.',
    'ring',
  ),
  measure('sum', 'talk_sum_ms', milliseconds('talk_ms'), HANDLED, 'ended', 'Talk, hold not included.', 'talk'),
  measure('sum', 'hold_sum_ms', milliseconds('hold_ms'), HANDLED, 'ended', 'Hold.', 'hold'),
  measure('sum', 'wrap_sum_ms', milliseconds('wrap_ms'), HANDLED, 'wrapped', 'Wrap-up.', 'wrap'),
  measure(
    'largest',
    'longest_wait_value_ms',
    milliseconds('wait_ms'),
    WAITS_NO_MORE,
    'left',
    'Longest wait among those who wait no more.',
  ),
  measure(
    'distribution',
    'answered_waits',
    ceilSeconds('wait_ms'),
    ANSWERED,
    'left',
    'Waits of the answered: seconds rounded up, count.',
  ),
  measure(
    'distribution',
    'abandoned_waits',
    ceilSeconds('wait_ms'),
    ABANDONED,
    'left',
    'Waits of the abandoned: seconds rounded up, count.',
  ),
  measure(
    'distribution',
    'abandoned_waits_floor',
    floorSeconds('wait_ms'),
    ABANDONED,
    'left',
    'Waits of the abandoned: seconds rounded down, count; tells exactly which are below a whole second.',
  ),
  measure(
    'distribution',
    'waiting_since',
    floorSeconds('toUnixTimestamp64Milli(queued_at)'),
    WAITING,
    'queued',
    'Since when those still waiting wait: epoch seconds rounded down, count.',
  ),
  measure(
    'set',
    'contact_keys',
    'sipHash64(site, contact)',
    OFFERED,
    'queued',
    'The contacts behind the legs, hashed: a transferred customer is one contact and two legs.',
  ),
  count(
    'legs_transferred_in',
    `${OFFERED} AND transferred_from_queue != ''`,
    'queued',
    'Joined the queue by a transfer from another.',
  ),
  measure(
    'sum',
    'abandoned_wait_ms',
    milliseconds('wait_ms'),
    ABANDONED,
    'left',
    'Wait of the abandoned, short ones included.',
    'wait',
  ),
  measure(
    'largest',
    'longest_answered_value_ms',
    milliseconds('wait_ms'),
    ANSWERED,
    'left',
    'Longest wait among the answered.',
  ),
  measure(
    'distribution',
    'other_waits',
    ceilSeconds('wait_ms'),
    `${OFFERED} AND outcome NOT IN ('waiting', 'unknown', 'answered', 'abandoned')`,
    'left',
    'Waits of those who neither waited on, nor were answered, nor hung up: seconds rounded up, count.',
  ),
  count(
    'legs_first_decided',
    `${OFFERED} AND ${DECIDES}`,
    'left',
    'Decided the wait of their contact over all queues: its first answer or, without one, the end of its last wait.',
  ),
  measure(
    'distribution',
    'since_menu_waits',
    ceilSeconds('decided_after_ms'),
    `${ANSWERED} AND ${DECIDES}`,
    'left',
    'Time from the last menu choice before the first queue (else from joining that) to the first answer: seconds rounded up, count.',
  ),
];

/** Measures of contacts among those of the same caller: see {@link journeysSql}. */
export const JOURNEY_MEASURES: readonly Measure[] = [
  {
    ...count('callers_known', 'known', 'queued', 'Inbound contacts whose caller key is known.'),
    source: 'journeys',
  },
  {
    ...count(
      'callers_again',
      'known AND again',
      'queued',
      'Those among them whose caller had been there within N days.',
    ),
    source: 'journeys',
  },
  {
    ...count(
      'first_contacts',
      'known AND NOT again AND was_answered AND settled',
      'queued',
      'Answered contacts of callers who had not been there within N days, N days and more ago.',
    ),
    source: 'journeys',
  },
  {
    ...count(
      'first_contacts_resolved',
      'known AND NOT again AND was_answered AND settled AND NOT came_back',
      'queued',
      'Those among them whose caller has not come back within N days.',
    ),
    source: 'journeys',
  },
];

/** Measures of legs beside the closed hours of their queue; the source gives rows that waited while it was closed. */
export const CLOSING_MEASURES: readonly Measure[] = [
  {
    ...count('legs_after_hours', OFFERED, 'queued', 'Waited at an instant at which the queue was closed.'),
    source: 'closings',
  },
];
