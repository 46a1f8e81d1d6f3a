/**
 * How rows of one measure merge: when intervals are added up, and when an interval without legs is written as zeros.
 * `sum` adds, `distribution` adds the counts of a map key by key, `largest` keeps the greatest (null where there is
 * none), `set` unites.
 */
export type MeasureKind = 'sum' | 'distribution' | 'largest' | 'set';

/** One column of `queue_intervals`: an aggregate over the rows of `contact_legs` that arrived in the interval. */
export interface Measure {
  readonly name: string;
  readonly kind: MeasureKind;
  /** Aggregate over columns of `contact_legs`. */
  readonly sql: string;
  readonly meaning: string;
}

const OFFERED = 'NOT internal';
const isOutcome = (...outcomes: readonly string[]): string =>
  `${OFFERED} AND outcome IN (${outcomes.map((outcome) => `'${outcome}'`).join(', ')})`;

const ANSWERED = isOutcome('answered');
const ABANDONED = isOutcome('abandoned');
const WAITING = isOutcome('waiting');
/** Talk is over, so that its parts are final: what average handle time is taken over. */
const HANDLED = `${ANSWERED} AND ended_at IS NOT NULL`;

/** A duration is never negative, whatever the clocks of two sources say. */
const milliseconds = (column: string): string => `toUInt64(greatest(ifNull(${column}, 0), 0))`;

/** Whole seconds, rounded up: a wait of at most T seconds is exactly one whose key is at most T. */
const ceilSeconds = (column: string): string => `toUInt32(intDiv(${milliseconds(column)} + 999, 1000))`;
/** Whole seconds, rounded down: a wait below S seconds is exactly one whose key is below S. */
const floorSeconds = (column: string): string => `toUInt32(intDiv(${milliseconds(column)}, 1000))`;

const count = (name: string, condition: string, meaning: string): Measure => ({
  name,
  kind: 'sum',
  sql: `countIf(${condition})`,
  meaning,
});
const total = (name: string, value: string, condition: string, meaning: string): Measure => ({
  name,
  kind: 'sum',
  sql: `sumIf(${value}, ${condition})`,
  meaning,
});
const distribution = (name: string, key: string, condition: string, meaning: string): Measure => ({
  name,
  kind: 'distribution',
  sql: `sumMapIf(map(${key}, toUInt64(1)), ${condition})`,
  meaning,
});

/**
 * Every measure, in the order of the columns. The ledger's classes partition the offered legs: each outcome of a leg
 * stands in exactly one `legs_*` class below `legs_offered`.
 */
export const MEASURES: readonly Measure[] = [
  count('legs_offered', OFFERED, 'Legs of customers that joined the queue; agents’ consult calls are not among them.'),
  count('legs_internal', 'internal', 'Consult calls of agents into the queue.'),
  count('legs_answered', ANSWERED, 'Answered by an agent or desk, however long ago.'),
  count('legs_abandoned', ABANDONED, 'Left by the customer before an answer, short ones included.'),
  count(
    'legs_flowed_out',
    isOutcome('flowed_out', 'overflowed', 'timed_out'),
    'Sent elsewhere before an answer: transferred, overflowed or timed out.',
  ),
  count('legs_callback_taken', isOutcome('callback_taken'), 'Gave the place in the queue for a callback.'),
  count('legs_dropped', isOutcome('dropped_by_system'), 'Lost by the telephone system.'),
  count(
    'legs_closed_out',
    isOutcome('closed', 'blocked', 'no_show'),
    'Turned away (queue closed or full), or called up and not there.',
  ),
  count('legs_waiting', WAITING, 'Still in the queue.'),
  count('legs_handled', HANDLED, 'Answered, and the conversation is over.'),
  count(
    'legs_transferred',
    `${ANSWERED} AND (transferred_to_queue != '' OR transferred_to_agent != '')`,
    'Answered, then transferred to another queue or agent.',
  ),
  total('offer_count', 'offers', OFFERED, 'Rings of an agent.'),
  total('decline_count', 'declines', OFFERED, 'Rings that the agent let pass or rejected.'),
  total('correction_count', 'corrections', OFFERED, 'Late events that changed a leg.'),
  total('answered_wait_ms', milliseconds('wait_ms'), ANSWERED, 'Wait of the answered.'),
  total(
    'ended_wait_ms',
    milliseconds('wait_ms'),
    `${OFFERED} AND outcome != 'waiting'`,
    'Wait of all who wait no more.',
  ),
  total('ring_sum_ms', milliseconds('ring_ms'), HANDLED, 'Ringing at the agent who answered.'),
  total('talk_sum_ms', milliseconds('talk_ms'), HANDLED, 'Talk, hold not included.'),
  total('hold_sum_ms', milliseconds('hold_ms'), HANDLED, 'Hold.'),
  total('wrap_sum_ms', milliseconds('wrap_ms'), HANDLED, 'Wrap-up.'),
  {
    name: 'longest_wait_value_ms',
    kind: 'largest',
    sql: `maxOrNullIf(${milliseconds('wait_ms')}, ${OFFERED} AND outcome != 'waiting')`,
    meaning: 'Longest wait among those who wait no more.',
  },
  distribution('answered_waits', ceilSeconds('wait_ms'), ANSWERED, 'Waits of the answered: seconds rounded up, count.'),
  distribution(
    'abandoned_waits',
    ceilSeconds('wait_ms'),
    ABANDONED,
    'Waits of the abandoned: seconds rounded up, count.',
  ),
  distribution(
    'abandoned_waits_floor',
    floorSeconds('wait_ms'),
    ABANDONED,
    'Waits of the abandoned: seconds rounded down, count; tells exactly which are below a whole second.',
  ),
  distribution(
    'waiting_since',
    floorSeconds('toUnixTimestamp64Milli(queued_at)'),
    WAITING,
    'Since when those still waiting wait: epoch seconds rounded down, count.',
  ),
  {
    name: 'contact_keys',
    kind: 'set',
    sql: `groupUniqArrayIf(sipHash64(site, contact), ${OFFERED})`,
    meaning: 'The contacts behind the legs, hashed: a transferred customer is one contact and two legs.',
  },
];

const STORAGE: Readonly<Record<MeasureKind, { readonly type: string; readonly zero: string; readonly merge: string }>> =
  {
    sum: { type: 'UInt64', zero: 'toUInt64(0)', merge: 'sum' },
    distribution: { type: 'Map(UInt32, UInt64)', zero: `CAST(map(), 'Map(UInt32, UInt64)')`, merge: 'sumMap' },
    largest: { type: 'Nullable(UInt64)', zero: `CAST(NULL, 'Nullable(UInt64)')`, merge: 'max' },
    set: { type: 'Array(UInt64)', zero: `CAST([], 'Array(UInt64)')`, merge: 'groupUniqArrayArray' },
  };

/** ClickHouse type of the measure's column. */
export const columnType = (measure: Measure): string => STORAGE[measure.kind].type;
/** What the measure is over no legs at all: an SQL literal. */
export const zeroOf = (measure: Measure): string => STORAGE[measure.kind].zero;
/** SQL that merges the measure over several intervals. */
export const mergeOf = (measure: Measure): string => `${STORAGE[measure.kind].merge}(${measure.name})`;
