import { define, ratio, type Metric } from '../metric.js';

const subject = 'callbacks' as const;
/** A promise counts when it was made, whatever becomes of it. */
const attributions = ['arrival'] as const;
const unit = 'promises' as const;
const DAY = {
  promises: 20,
  promises_open: 3,
  promises_kept: 11,
  promises_late: 2,
  promises_broken: 1,
  promises_cancelled: 3,
};

const count = (id: string, name: string, meaning: string, measure: keyof typeof DAY): Metric =>
  define({
    id,
    name,
    unit,
    subject,
    attributions,
    meaning,
    sql: measure,
    example: { text: 'Of 20 promises of a day.', given: { [measure]: DAY[measure] }, gives: DAY[measure] },
    nearest: [null, null],
  });

/** The promise ledger: promised = open + kept + kept late + broken + cancelled. */
export const CALLBACK_METRICS: readonly Metric[] = [
  count(
    'callbacks_promised',
    'Callbacks promised',
    'Promises of a call back; a number that asks twice has one.',
    'promises',
  ),
  count('callbacks_open', 'Callbacks open', 'Promises not yet due, and neither kept nor cancelled.', 'promises_open'),
  count('callbacks_kept', 'Callbacks kept', 'Promises kept when they were due at the latest.', 'promises_kept'),
  count('callbacks_late', 'Callbacks kept late', 'Promises kept after they were due.', 'promises_late'),
  count(
    'callbacks_broken',
    'Callbacks broken',
    'Promises that were due and not kept, and those that the centre withdrew.',
    'promises_broken',
  ),
  count(
    'callbacks_cancelled',
    'Callbacks cancelled',
    'Promises that the customer cancelled before they were due.',
    'promises_cancelled',
  ),
  define({
    id: 'callback_kept_rate',
    name: 'Callback kept rate',
    unit: 'ratio',
    subject,
    attributions,
    meaning: 'Promises kept in time, of those kept, kept late or broken: what fell due so far.',
    sql: ratio('promises_kept', 'promises_kept + promises_late + promises_broken'),
    example: { text: '11 kept, 2 late, 1 broken: 11 of 14.', given: DAY, gives: 11 / 14 },
    nearest: [null, null],
  }),
  define({
    id: 'callback_attempts',
    name: 'Callback attempts',
    unit: 'ratio',
    subject,
    attributions,
    meaning: 'Calls tried per promise.',
    sql: ratio('promise_attempts', 'promises'),
    example: { text: '30 calls for 20 promises.', given: { promise_attempts: 30, promises: 20 }, gives: 1.5 },
    nearest: ['Callback attempts', null],
  }),
  define({
    id: 'callback_time',
    name: 'Time to callback',
    unit: 'ms',
    subject,
    attributions,
    meaning: 'Average time from the promise to the call that kept it, in time or late.',
    sql: ratio('promise_taken_ms', 'promises_kept + promises_late'),
    example: {
      text: '13 kept after 26 hours in all.',
      given: { ...DAY, promise_taken_ms: 93_600_000 },
      gives: 7_200_000,
    },
    nearest: [null, 'Avg Callback Wait'],
  }),
];
