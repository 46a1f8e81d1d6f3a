import { countWhere, define, LEGS_LEFT, ratio, type Metric } from '../metric.js';

const ANSWERED_WITHIN = countWhere('answered_waits', 'second <= threshold_s');
const ABANDONED_WITHIN = countWhere('abandoned_waits', 'second <= threshold_s');
const SHORT_ABANDONED = countWhere('abandoned_waits_floor', 'second < short_abandon_s');
/** Waiting longer than the threshold at `as_of_s`: written as a sum, since both are unsigned. */
const WAITING_BEYOND = countWhere('waiting_since', 'second + threshold_s < as_of_s');
/**
 * Offered, without those still waiting for whom the threshold has not passed: neither met nor missed yet. Class by class:
 * by `event` these count where the wait ended, as those who were answered do, and joining counts elsewhere.
 */
const DECIDED = `${LEGS_LEFT} + ${WAITING_BEYOND}`;
/** What the law counts by: 2.5 minutes from the last menu choice. */
const LEGAL_SECONDS = 150;
const SINCE_MENU_WITHIN = countWhere('since_menu_waits', `second <= ${LEGAL_SECONDS}`);

/** Ten offered, threshold 20 s: six answered, four of them in time; two hung up, one after 3 s; two wait, one since 30 s. */
const HOUR = {
  legs_answered: 6,
  legs_abandoned: 2,
  legs_flowed_out: 0,
  legs_callback_taken: 0,
  legs_dropped: 0,
  legs_closed_out: 0,
  answered_waits: { 5: 2, 20: 2, 21: 1, 60: 1 },
  abandoned_waits: { 3: 1, 40: 1 },
  abandoned_waits_floor: { 3: 1, 39: 1 },
  waiting_since: { 970: 1, 990: 1 },
  threshold_s: 20,
  short_abandon_s: 5,
  as_of_s: 1000,
};
const STORY =
  'Ten offered, threshold 20 s: six answered, four of them in time; two hung up, one of them after 3 s; two wait, one of them for 30 s and one for 10 s';

/** How many were served in time, by the five ways in which the field counts. */
export const SERVICE_LEVEL_METRICS: readonly Metric[] = [
  define({
    id: 'waiting_beyond',
    name: 'Waiting beyond threshold',
    unit: 'legs',
    meaning: 'Still in the queue, and for longer than the threshold.',
    sql: WAITING_BEYOND,
    example: { text: `${STORY}.`, given: HOUR, gives: 1 },
    nearest: ['Oldest contact age (an age, not a count)', 'nOverSla'],
  }),
  define({
    id: 'answered_within',
    name: 'Answered within',
    unit: 'legs',
    meaning: 'Answered within the threshold, that second included.',
    sql: ANSWERED_WITHIN,
    example: { text: `${STORY}.`, given: HOUR, gives: 4 },
    nearest: ['Contacts answered in X seconds', 'Answer minus nOverSla'],
  }),
  define({
    id: 'decided',
    name: 'Decided',
    unit: 'legs',
    meaning:
      'What the service level is of: offered without short abandons, and without who still waits within the threshold.',
    sql: `${DECIDED} - ${SHORT_ABANDONED}`,
    example: { text: `${STORY}: 10 − 1 undecided − 1 short.`, given: HOUR, gives: 8 },
    nearest: [null, null],
  }),
  define({
    id: 'service_level',
    name: 'Service level',
    unit: 'ratio',
    meaning:
      'Answered within the threshold, of offered without short abandons; waiting beyond the threshold is missed.',
    sql: ratio(ANSWERED_WITHIN, `${DECIDED} - ${SHORT_ABANDONED}`),
    example: { text: `${STORY}: 4 of 10 − 1 undecided − 1 short.`, given: HOUR, gives: 0.5 },
    nearest: [null, 'Service Level % without short abandons (oServiceLevel)'],
  }),
  define({
    id: 'service_level_abandons_ignored',
    name: 'Service level, abandons within threshold ignored',
    unit: 'ratio',
    meaning: 'Answered within the threshold, of offered without those who abandoned within it.',
    sql: ratio(ANSWERED_WITHIN, `${DECIDED} - ${ABANDONED_WITHIN}`),
    example: { text: `${STORY}: 4 of 10 − 1 undecided − 1 abandoned within 20 s.`, given: HOUR, gives: 0.5 },
    nearest: [null, 'Service Level % without abandons'],
  }),
  define({
    id: 'service_level_abandons_met',
    name: 'Service level, abandons within threshold met',
    unit: 'ratio',
    meaning: 'Answered or abandoned within the threshold, of offered.',
    sql: ratio(`${ANSWERED_WITHIN} + ${ABANDONED_WITHIN}`, DECIDED),
    example: { text: `${STORY}: 4 + 1 of 10 − 1 undecided.`, given: HOUR, gives: 5 / 9 },
    nearest: [null, null],
  }),
  define({
    id: 'service_level_abandons_missed',
    name: 'Service level, abandons missed',
    unit: 'ratio',
    meaning: 'Answered within the threshold, of offered.',
    sql: ratio(ANSWERED_WITHIN, DECIDED),
    example: { text: `${STORY}: 4 of 10 − 1 undecided.`, given: HOUR, gives: 4 / 9 },
    nearest: ['Service level X', 'Service Level % with abandons (oServiceLevel)'],
  }),
  define({
    id: 'service_level_answered_only',
    name: 'Service level, answered only',
    unit: 'ratio',
    meaning: 'Answered within the threshold, of answered.',
    sql: ratio(ANSWERED_WITHIN, 'legs_answered'),
    example: { text: `${STORY}: 4 of 6.`, given: HOUR, gives: 4 / 6 },
    nearest: [null, 'Service Level %, answered interactions only'],
  }),
  define({
    id: 'answered_within_150s_of_menu',
    name: 'Answered within 150 s of the menu',
    unit: 'legs',
    meaning:
      'First answers of contacts within 150 s of the last menu choice before their first queue (of joining that, where there was no menu), that second included; in the queue that answered.',
    sql: SINCE_MENU_WITHIN,
    example: {
      text: 'Two are answered 40 s and 150 s after their last choice in the menu, one after 151 s.',
      given: { since_menu_waits: { 40: 1, 150: 1, 151: 1 } },
      gives: 2,
    },
    nearest: [null, null],
  }),
  define({
    id: 'service_level_150s_of_menu',
    name: 'Share answered within 150 s of the menu',
    unit: 'ratio',
    meaning:
      'First answers within 150 s of the last menu choice, of contacts that wait no more in any queue: each once, in the queue of its first answer or, without one, of its last wait.',
    sql: ratio(SINCE_MENU_WITHIN, 'legs_first_decided'),
    example: {
      text: 'Three are answered, two of them in time; one hangs up.',
      given: { since_menu_waits: { 40: 1, 150: 1, 151: 1 }, legs_first_decided: 4 },
      gives: 0.5,
    },
    nearest: [null, null],
  }),
];
