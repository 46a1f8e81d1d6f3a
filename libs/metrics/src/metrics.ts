/** What a value counts or measures. Durations are milliseconds; ratios are shares 0..1. */
export type MetricUnit = 'legs' | 'contacts' | 'count' | 'ms' | 'ratio';

/** Which interval a leg counts in. `arrival`: the one it joined the queue in. */
export type Attribution = 'arrival';

/** One definition. A changed definition is a new entry with the next version and a later `validFrom`; entries are never edited. */
export interface Metric {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly meaning: string;
  /**
   * Expression over merged measures, and over the parameters `threshold_s`, `short_abandon_s` (whole seconds) and
   * `as_of_s` (epoch seconds: the moment that tells whether someone still waiting has passed the threshold).
   */
  readonly sql: string;
  readonly attribution: Attribution;
  /** First business day, ISO date, that the definition holds for. */
  readonly validFrom: string;
}

/** Names that a metric's expression may use besides measures. */
export const METRIC_PARAMETERS = ['threshold_s', 'short_abandon_s', 'as_of_s'] as const;

const countWhere = (map: string, condition: string): string =>
  `arraySum(mapValues(mapFilter((second, legs) -> ${condition}, ${map})))`;
const ratio = (part: string, whole: string): string => `if((${whole}) = 0, NULL, (${part}) / (${whole}))`;

const ANSWERED_WITHIN = countWhere('answered_waits', 'second <= threshold_s');
const ABANDONED_WITHIN = countWhere('abandoned_waits', 'second <= threshold_s');
const SHORT_ABANDONED = countWhere('abandoned_waits_floor', 'second < short_abandon_s');
/** Waiting longer than the threshold at `as_of_s`: written as a sum, since both are unsigned. */
const WAITING_BEYOND = countWhere('waiting_since', 'second + threshold_s < as_of_s');
/** Offered, without those still waiting for whom the threshold has not passed: neither met nor missed yet. */
const DECIDED = `legs_offered - legs_waiting + ${WAITING_BEYOND}`;
const HANDLE_MS = 'talk_sum_ms + hold_sum_ms + wrap_sum_ms';

const define = (id: string, name: string, unit: MetricUnit, meaning: string, sql: string): Metric => ({
  id,
  version: 1,
  name,
  unit,
  meaning,
  sql,
  attribution: 'arrival',
  validFrom: '1970-01-01',
});

/** Every definition, in the order reports show them. */
export const METRICS: readonly Metric[] = [
  define('offered', 'Offered', 'legs', 'Customers who joined the queue.', 'legs_offered'),
  define('contacts', 'Contacts', 'contacts', 'Distinct contacts among the offered.', 'length(contact_keys)'),
  define('answered', 'Answered', 'legs', 'Offered and answered.', 'legs_answered'),
  define(
    'abandoned',
    'Abandoned',
    'legs',
    'Hung up or walked away while waiting, short abandons not included.',
    `legs_abandoned - ${SHORT_ABANDONED}`,
  ),
  define('short_abandoned', 'Short abandons', 'legs', 'Abandoned below the short-abandon threshold.', SHORT_ABANDONED),
  define(
    'flowed_out',
    'Flowed out',
    'legs',
    'Sent elsewhere before an answer: transfer, overflow or timeout.',
    'legs_flowed_out',
  ),
  define(
    'callback_taken',
    'Callbacks taken',
    'legs',
    'Gave the place in the queue for a callback.',
    'legs_callback_taken',
  ),
  define('dropped', 'Dropped', 'legs', 'Lost by the telephone system.', 'legs_dropped'),
  define(
    'closed_out',
    'Closed out',
    'legs',
    'Turned away (queue closed or full), or called up and not there.',
    'legs_closed_out',
  ),
  define('still_waiting', 'Still waiting', 'legs', 'Offered and still in the queue.', 'legs_waiting'),
  define(
    'waiting_beyond',
    'Waiting beyond threshold',
    'legs',
    'Still in the queue, and for longer than the threshold.',
    WAITING_BEYOND,
  ),
  define(
    'answered_within',
    'Answered within',
    'legs',
    'Answered within the threshold, that second included.',
    ANSWERED_WITHIN,
  ),
  define(
    'service_level',
    'Service level',
    'ratio',
    'Answered within the threshold, of offered without short abandons; waiting beyond the threshold is missed.',
    ratio(ANSWERED_WITHIN, `${DECIDED} - ${SHORT_ABANDONED}`),
  ),
  define(
    'service_level_abandons_ignored',
    'Service level, abandons within threshold ignored',
    'ratio',
    'Answered within the threshold, of offered without those who abandoned within it.',
    ratio(ANSWERED_WITHIN, `${DECIDED} - ${ABANDONED_WITHIN}`),
  ),
  define(
    'service_level_abandons_met',
    'Service level, abandons within threshold met',
    'ratio',
    'Answered or abandoned within the threshold, of offered.',
    ratio(`${ANSWERED_WITHIN} + ${ABANDONED_WITHIN}`, DECIDED),
  ),
  define(
    'service_level_abandons_missed',
    'Service level, abandons missed',
    'ratio',
    'Answered within the threshold, of offered.',
    ratio(ANSWERED_WITHIN, DECIDED),
  ),
  define(
    'service_level_answered_only',
    'Service level, answered only',
    'ratio',
    'Answered within the threshold, of answered.',
    ratio(ANSWERED_WITHIN, 'legs_answered'),
  ),
  define(
    'asa',
    'ASA',
    'ms',
    'Average speed of answer: mean wait of the answered.',
    ratio('answered_wait_ms', 'legs_answered'),
  ),
  define('longest_wait', 'Longest wait', 'ms', 'Longest wait among those who wait no more.', 'longest_wait_value_ms'),
  define('total_wait', 'Total wait', 'ms', 'Wait of everyone who waits no more, added up.', 'ended_wait_ms'),
  define(
    'abandon_rate',
    'Abandon rate',
    'ratio',
    'Abandoned, of offered without short abandons and without those still waiting.',
    ratio(`legs_abandoned - ${SHORT_ABANDONED}`, `legs_offered - legs_waiting - ${SHORT_ABANDONED}`),
  ),
  define('handled', 'Handled', 'legs', 'Answered, and the conversation is over.', 'legs_handled'),
  define(
    'aht',
    'AHT',
    'ms',
    'Average handle time: talk, hold and wrap-up per handled leg.',
    ratio(HANDLE_MS, 'legs_handled'),
  ),
  define('ring_time', 'Ring time', 'ms', 'Ringing at the agent who answered, added up.', 'ring_sum_ms'),
  define('talk_time', 'Talk time', 'ms', 'Talk without hold, added up.', 'talk_sum_ms'),
  define('hold_time', 'Hold time', 'ms', 'Hold, added up.', 'hold_sum_ms'),
  define('wrap_time', 'Wrap-up time', 'ms', 'Wrap-up, added up.', 'wrap_sum_ms'),
  define('offers', 'Offers', 'count', 'Rings of an agent.', 'offer_count'),
  define('declines', 'Declines', 'count', 'Rings that the agent let pass or rejected (RONA).', 'decline_count'),
  define('transfers', 'Transfers', 'legs', 'Answered, then transferred to another queue or agent.', 'legs_transferred'),
  define(
    'internal',
    'Consults',
    'legs',
    'Consult calls of agents into the queue; not offered customers.',
    'legs_internal',
  ),
  define('corrections', 'Corrections', 'count', 'Late events that changed a leg.', 'correction_count'),
];

/**
 * The classes that make up `offered`, exactly, per queue, channel and interval (DESIGN 7). Outcomes to classes:
 * answered; abandoned and short_abandoned by wait; flowed_out, overflowed, timed_out to flowed_out; callback_taken;
 * dropped_by_system to dropped; closed, blocked, no_show to closed_out; waiting to still_waiting.
 */
export const LEDGER_CLASSES = [
  'answered',
  'abandoned',
  'short_abandoned',
  'flowed_out',
  'callback_taken',
  'dropped',
  'closed_out',
  'still_waiting',
] as const;
