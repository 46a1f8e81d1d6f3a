import { WHOLE_DURATIONS } from '../attribution.js';
import { countWhere, define, LEGS_LEFT, quantileOf, ratio, type Metric, type WorkedExample } from '../metric.js';

const SHORT_ABANDONED = countWhere('abandoned_waits_floor', 'second < short_abandon_s');
const ALL_WAITS = 'mapAdd(mapAdd(answered_waits, abandoned_waits), other_waits)';
const PERCENTS = [50, 90, 95, 99] as const;

const ANSWERED_WAITS = { 10: 5, 20: 4, 60: 1 };
const answeredExample = (percent: number, gives: number): WorkedExample => ({
  text: `Five wait 10 s, four 20 s and one 60 s before their answer: rank ${Math.ceil(percent / 10)} of 10.`,
  given: { answered_waits: ANSWERED_WAITS },
  gives,
});
const allExample = (percent: number, gives: number): WorkedExample => ({
  text: `Those ten, and ten who hung up or were sent away after 30 s: rank ${Math.ceil(percent / 5)} of 20.`,
  given: { answered_waits: ANSWERED_WAITS, abandoned_waits: { 30: 7 }, other_waits: { 30: 3 } },
  gives,
});
const VALUES = { answered: { 50: 10, 90: 20, 95: 60, 99: 60 }, all: { 50: 30, 90: 30, 95: 30, 99: 60 } };

const quantiles = (percent: (typeof PERCENTS)[number]): Metric[] => [
  define({
    id: `p${percent}_answered_wait`,
    name: `Wait of the answered, p${percent}`,
    unit: 'ms',
    meaning: `At least ${percent} % of the answered waited no longer than this: nearest rank on whole seconds.`,
    sql: quantileOf('answered_waits', percent),
    example: answeredExample(percent, VALUES.answered[percent] * 1000),
    nearest: [null, null],
  }),
  define({
    id: `p${percent}_wait`,
    name: `Wait of all, p${percent}`,
    unit: 'ms',
    meaning: `At least ${percent} % of those who wait no more waited no longer than this: nearest rank on whole seconds.`,
    sql: quantileOf(ALL_WAITS, percent),
    example: allExample(percent, VALUES.all[percent] * 1000),
    nearest: [null, null],
  }),
];

/** How long customers waited, and when they gave up. */
export const WAIT_METRICS: readonly Metric[] = [
  define({
    id: 'asa',
    name: 'ASA',
    unit: 'ms',
    meaning: 'Average speed of answer: mean wait of the answered.',
    sql: ratio('answered_wait_ms', 'legs_answered'),
    attributions: WHOLE_DURATIONS,
    example: {
      text: 'Three are answered after 10, 20 and 60 s.',
      given: { answered_wait_ms: 90_000, legs_answered: 3 },
      gives: 30_000,
    },
    nearest: ['Average queue answer time', 'ASA (tAnswered, mean)'],
  }),
  define({
    id: 'longest_wait',
    name: 'Longest wait',
    unit: 'ms',
    meaning: 'Longest wait among those who wait no more.',
    sql: 'longest_wait_value_ms',
    example: {
      text: 'The one who waited longest hung up after 75 min.',
      given: { longest_wait_value_ms: 4_500_000 },
      gives: 4_500_000,
    },
    nearest: ['Maximum queued time', 'Max Wait (tWait, maximum)'],
  }),
  define({
    id: 'longest_answered_wait',
    name: 'Longest wait of the answered',
    unit: 'ms',
    meaning: 'Longest wait among the answered.',
    sql: 'longest_answered_value_ms',
    example: {
      text: 'The last one answered had waited a minute.',
      given: { longest_answered_value_ms: 60_000 },
      gives: 60_000,
    },
    nearest: [null, 'Max ASA (tAnswered, maximum)'],
  }),
  ...PERCENTS.flatMap(quantiles),
  define({
    id: 'total_wait',
    name: 'Total wait',
    unit: 'ms',
    meaning: 'Wait of everyone who waits no more, added up.',
    sql: 'ended_wait_ms',
    example: { text: 'Three waited 10, 20 and 60 s.', given: { ended_wait_ms: 90_000 }, gives: 90_000 },
    nearest: ['Queued time (sum)', 'Total Wait (tWait, sum)'],
  }),
  define({
    id: 'abandon_rate',
    name: 'Abandon rate',
    unit: 'ratio',
    meaning: 'Abandoned, of offered without short abandons and without those still waiting.',
    sql: ratio(`legs_abandoned - ${SHORT_ABANDONED}`, `${LEGS_LEFT} - ${SHORT_ABANDONED}`),
    example: {
      text: 'Ten offered, one still waits; two hung up, one of them below 5 s: 1 of 10 − 1 − 1.',
      given: {
        legs_answered: 7,
        legs_abandoned: 2,
        legs_flowed_out: 0,
        legs_callback_taken: 0,
        legs_dropped: 0,
        legs_closed_out: 0,
        abandoned_waits_floor: { 3: 1, 39: 1 },
        short_abandon_s: 5,
      },
      gives: 0.125,
    },
    nearest: ['Abandonment rate', 'Abandon %'],
  }),
  define({
    id: 'time_to_abandon',
    name: 'Time to abandon',
    unit: 'ms',
    meaning: 'Mean wait of those who hung up, short abandons included.',
    sql: ratio('abandoned_wait_ms', 'legs_abandoned'),
    attributions: WHOLE_DURATIONS,
    example: {
      text: 'Two hang up after 3 s and 39 s.',
      given: { abandoned_wait_ms: 42_000, legs_abandoned: 2 },
      gives: 21_000,
    },
    nearest: ['Average queue abandon time', 'Avg Abandon (tAbandon, mean)'],
  }),
  define({
    id: 'after_hours_waiters',
    name: 'After-hours waiters',
    unit: 'legs',
    meaning: 'Joined a queue that was closed by its calendar, or still waited in it when it was.',
    sql: 'legs_after_hours',
    attributions: ['arrival'],
    example: {
      text: 'Four wait at closing time; one is answered, three hang up an hour later.',
      given: { legs_after_hours: 4 },
      gives: 4,
    },
    nearest: [null, null],
  }),
];
