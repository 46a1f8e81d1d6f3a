import { define, ratio, type Metric } from '../metric.js';

const attributions = ['arrival'] as const;

/** Whether customers had to come back: contacts of one caller key on one group of queues, within N days. */
export const JOURNEY_METRICS: readonly Metric[] = [
  define({
    id: 'repeat_contacts',
    name: 'Repeat contacts',
    unit: 'contacts',
    meaning:
      'Inbound contacts whose caller key had been on the same group of queues within the N days before; counts in the queue it joined first.',
    sql: 'callers_again',
    attributions,
    example: {
      text: 'Of eight known callers two call for the second time this week.',
      given: { callers_again: 2 },
      gives: 2,
    },
    nearest: [null, null],
  }),
  define({
    id: 'repeat_rate',
    name: 'Repeat rate',
    unit: 'ratio',
    meaning: 'Repeat contacts, of inbound contacts with a caller key.',
    sql: ratio('callers_again', 'callers_known'),
    attributions,
    example: {
      text: 'Of eight known callers two call for the second time this week.',
      given: { callers_again: 2, callers_known: 8 },
      gives: 0.25,
    },
    nearest: [null, null],
  }),
  define({
    id: 'first_contacts',
    name: 'First contacts',
    unit: 'contacts',
    meaning:
      'Answered inbound contacts whose caller key had not been on the same group of queues within the N days before, and after which N days have passed.',
    sql: 'first_contacts',
    attributions,
    example: {
      text: 'Five were answered a fortnight ago and had not called before.',
      given: { first_contacts: 5 },
      gives: 5,
    },
    nearest: [null, null],
  }),
  define({
    id: 'first_contact_resolution',
    name: 'First-contact resolution',
    unit: 'ratio',
    meaning:
      'First contacts whose caller key did not come back to the same group of queues within N days, of first contacts.',
    sql: ratio('first_contacts_resolved', 'first_contacts'),
    attributions,
    example: {
      text: 'One of five first contacts calls again within the week.',
      given: { first_contacts_resolved: 4, first_contacts: 5 },
      gives: 0.8,
    },
    nearest: ['Cases resolved on first contact', null],
  }),
];
