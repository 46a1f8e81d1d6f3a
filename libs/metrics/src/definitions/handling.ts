import { WHOLE_DURATIONS, WHOLE_LEGS, type Attribution } from '../attribution.js';
import { define, ratio, type Metric } from '../metric.js';

const HANDLED = 'legs_handled';

interface Part {
  readonly id: string;
  readonly name: string;
  readonly meaning: string;
  readonly measure: string;
  /** What its mean can be attributed by. */
  readonly meanBy: readonly Attribution[];
  /** The sum and the mean of it, by their names in Amazon Connect. */
  readonly amazon: readonly [string, string];
  readonly genesys: string;
}

const PARTS: readonly Part[] = [
  {
    id: 'ring_time',
    name: 'Ring time',
    meaning: 'Ringing at the agent who answered',
    measure: 'ring_sum_ms',
    meanBy: WHOLE_DURATIONS,
    amazon: ['Agent incoming connecting time', 'Average agent incoming connecting time'],
    genesys: 'Alert (tAlert)',
  },
  {
    id: 'talk_time',
    name: 'Talk time',
    meaning: 'Talk without hold',
    measure: 'talk_sum_ms',
    meanBy: WHOLE_DURATIONS,
    amazon: ['Agent interaction time', 'Average agent interaction time'],
    genesys: 'Talk (tTalkComplete)',
  },
  {
    id: 'hold_time',
    name: 'Hold time',
    meaning: 'Hold',
    measure: 'hold_sum_ms',
    meanBy: WHOLE_DURATIONS,
    amazon: ['Customer hold time', 'Average customer hold time'],
    genesys: 'Hold (tHeldComplete)',
  },
  {
    id: 'wrap_time',
    name: 'Wrap-up time',
    meaning: 'Wrap-up',
    measure: 'wrap_sum_ms',
    meanBy: WHOLE_LEGS,
    amazon: ['After contact work time', 'Average after contact work time'],
    genesys: 'ACW (tAcw)',
  },
];

const partMetrics = ({ id, name, meaning, measure, meanBy, amazon, genesys }: Part): Metric[] => [
  define({
    id,
    name,
    unit: 'ms',
    meaning: `${meaning}, added up over the handled.`,
    sql: measure,
    example: { text: 'Two handled, 30 s and 60 s of it.', given: { [measure]: 90_000 }, gives: 90_000 },
    nearest: [amazon[0], `Total ${genesys}`],
  }),
  define({
    id: `mean_${id}`,
    name: `Mean ${name.toLowerCase()}`,
    unit: 'ms',
    meaning: `${meaning}, per handled leg.`,
    sql: ratio(measure, HANDLED),
    attributions: meanBy,
    example: {
      text: 'Two handled, 30 s and 60 s of it.',
      given: { [measure]: 90_000, legs_handled: 2 },
      gives: 45_000,
    },
    nearest: [amazon[1], `Avg ${genesys}`],
  }),
];

/** What agents did with whom they answered. */
export const HANDLING_METRICS: readonly Metric[] = [
  define({
    id: 'handled',
    name: 'Handled',
    unit: 'legs',
    meaning: 'Answered, and the conversation is over.',
    sql: HANDLED,
    example: { text: 'Of six answered, two still talk.', given: { legs_handled: 4 }, gives: 4 },
    nearest: ['Contacts handled', 'Handle (tHandle, count)'],
  }),
  define({
    id: 'aht',
    name: 'AHT',
    unit: 'ms',
    meaning: 'Average handle time: talk, hold and wrap-up per handled leg.',
    sql: ratio('talk_sum_ms + hold_sum_ms + wrap_sum_ms', HANDLED),
    attributions: WHOLE_LEGS,
    example: {
      text: 'Two handled: 400 s of talk, 40 s on hold, 60 s of wrap-up.',
      given: { talk_sum_ms: 400_000, hold_sum_ms: 40_000, wrap_sum_ms: 60_000, legs_handled: 2 },
      gives: 250_000,
    },
    nearest: ['Average handle time', 'Avg Handle (tHandle, mean)'],
  }),
  ...PARTS.flatMap(partMetrics),
  define({
    id: 'offers',
    name: 'Offers',
    unit: 'count',
    meaning: 'Rings of an agent.',
    sql: 'offer_count',
    example: { text: 'One phone rings in vain, the next is answered.', given: { offer_count: 2 }, gives: 2 },
    nearest: [null, 'Alert (tAlert, count)'],
  }),
  define({
    id: 'declines',
    name: 'Declines',
    unit: 'count',
    meaning: 'Rings that the agent let pass or rejected (RONA).',
    sql: 'decline_count',
    example: { text: 'One phone rings in vain, the next is answered.', given: { decline_count: 1 }, gives: 1 },
    nearest: ['Agent non-response', 'Alert - No Answer (tNotResponding, count)'],
  }),
  define({
    id: 'decline_rate',
    name: 'Decline rate',
    unit: 'ratio',
    meaning: 'Declines, of offers.',
    sql: ratio('decline_count', 'offer_count'),
    attributions: WHOLE_LEGS,
    example: { text: 'One ring of four in vain.', given: { decline_count: 1, offer_count: 4 }, gives: 0.25 },
    nearest: [null, 'Alert - No Answer %'],
  }),
  define({
    id: 'transfers_out',
    name: 'Transfers out',
    unit: 'legs',
    meaning: 'Answered, then transferred to another queue or agent.',
    sql: 'legs_transferred',
    example: { text: 'One of six answered is passed on.', given: { legs_transferred: 1 }, gives: 1 },
    nearest: ['Contacts transferred out', 'Transfer (nTransferred)'],
  }),
  define({
    id: 'transfers_in',
    name: 'Transfers in',
    unit: 'legs',
    meaning: 'Joined the queue by a transfer from another, answered there or not.',
    sql: 'legs_transferred_in',
    example: { text: 'Two of ten offered come from another queue.', given: { legs_transferred_in: 2 }, gives: 2 },
    nearest: ['Contacts transferred in', null],
  }),
  define({
    id: 'transfers_per_contact',
    name: 'Transfers per contact',
    unit: 'ratio',
    meaning: 'Transfers out, per contact.',
    sql: ratio('legs_transferred', 'length(contact_keys)'),
    attributions: WHOLE_LEGS,
    example: {
      text: 'One transfer among eight contacts.',
      given: { legs_transferred: 1, contact_keys: [1, 2, 3, 4, 5, 6, 7, 8] },
      gives: 0.125,
    },
    nearest: [null, 'Transfer %'],
  }),
];
