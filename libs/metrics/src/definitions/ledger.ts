import { countWhere, define, type Metric } from '../metric.js';

const SHORT_ABANDONED = countWhere('abandoned_waits_floor', 'second < short_abandon_s');

/** Everything that can become of an offered customer, and how many there were. */
export const LEDGER_METRICS: readonly Metric[] = [
  define({
    id: 'offered',
    name: 'Offered',
    unit: 'legs',
    meaning: 'Customers who joined the queue.',
    sql: 'legs_offered',
    example: { text: 'Ten customers and one agent’s consult call join.', given: { legs_offered: 10 }, gives: 10 },
    nearest: ['Contacts queued', 'Offer (nOffered)'],
  }),
  define({
    id: 'contacts',
    name: 'Contacts',
    unit: 'contacts',
    meaning: 'Distinct contacts among the offered: a customer who is transferred is one contact and two legs.',
    sql: 'length(contact_keys)',
    example: { text: 'Ten legs of nine contacts.', given: { contact_keys: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, gives: 9 },
    nearest: ['Contacts created', 'Conversations (nConnected)'],
  }),
  define({
    id: 'answered',
    name: 'Answered',
    unit: 'legs',
    meaning: 'Offered and answered.',
    sql: 'legs_answered',
    example: { text: 'Six of ten offered are answered.', given: { legs_answered: 6 }, gives: 6 },
    nearest: ['Contacts handled', 'Answer (tAnswered, count)'],
  }),
  define({
    id: 'abandoned',
    name: 'Abandoned',
    unit: 'legs',
    meaning: 'Hung up or walked away while waiting, short abandons not included.',
    sql: `legs_abandoned - ${SHORT_ABANDONED}`,
    example: {
      text: 'Three hang up, one of them in its fifth second; abandons below 5 s are short.',
      given: { legs_abandoned: 3, abandoned_waits_floor: { 4: 1, 30: 2 }, short_abandon_s: 5 },
      gives: 2,
    },
    nearest: ['Contacts abandoned', 'Abandon (tAbandon, count)'],
  }),
  define({
    id: 'short_abandoned',
    name: 'Short abandons',
    unit: 'legs',
    meaning: 'Abandoned below the short-abandon threshold.',
    sql: SHORT_ABANDONED,
    example: {
      text: 'Three hang up, one of them in its fifth second; abandons below 5 s are short.',
      given: { abandoned_waits_floor: { 4: 1, 30: 2 }, short_abandon_s: 5 },
      gives: 1,
    },
    nearest: ['Contacts abandoned in X seconds', 'Short Abandon (tShortAbandon, count)'],
  }),
  define({
    id: 'flowed_out',
    name: 'Flowed out',
    unit: 'legs',
    meaning: 'Sent elsewhere before an answer: transfer, overflow or timeout.',
    sql: 'legs_flowed_out',
    example: { text: 'One overflows to another queue.', given: { legs_flowed_out: 1 }, gives: 1 },
    nearest: ['Contacts transferred out queue', 'Flow-Out (tFlowOut, count)'],
  }),
  define({
    id: 'callback_taken',
    name: 'Callbacks taken',
    unit: 'legs',
    meaning: 'Gave the place in the queue for a callback.',
    sql: 'legs_callback_taken',
    example: { text: 'One asks to be called back.', given: { legs_callback_taken: 1 }, gives: 1 },
    nearest: ['Callback contacts', 'Flow-Out to a callback'],
  }),
  define({
    id: 'dropped',
    name: 'Dropped',
    unit: 'legs',
    meaning: 'Lost by the telephone system, or lost sight of: it never said what became of them.',
    sql: 'legs_dropped',
    example: { text: 'A line breaks.', given: { legs_dropped: 1 }, gives: 1 },
    nearest: [null, null],
  }),
  define({
    id: 'closed_out',
    name: 'Closed out',
    unit: 'legs',
    meaning: 'Turned away (queue closed or full), or called up and not there.',
    sql: 'legs_closed_out',
    example: { text: 'Two wait when the queue closes and are sent away.', given: { legs_closed_out: 2 }, gives: 2 },
    nearest: [null, null],
  }),
  define({
    id: 'still_waiting',
    name: 'Still waiting',
    unit: 'legs',
    meaning: 'Offered and still in the queue.',
    sql: 'legs_waiting',
    example: { text: 'One joined a minute ago.', given: { legs_waiting: 1 }, gives: 1 },
    nearest: ['Contacts in queue', 'Waiting (oWaiting)'],
  }),
  define({
    id: 'internal',
    name: 'Consults',
    unit: 'legs',
    meaning: 'Consult calls of agents into the queue; not offered customers.',
    sql: 'legs_internal',
    example: { text: 'An agent asks a colleague.', given: { legs_internal: 1 }, gives: 1 },
    nearest: ['Contacts consulted', 'Consult (nConsult)'],
  }),
  define({
    id: 'corrections',
    name: 'Corrections',
    unit: 'count',
    meaning: 'Late events that changed a leg.',
    sql: 'correction_count',
    example: { text: 'The end of a call is told ten minutes late.', given: { correction_count: 1 }, gives: 1 },
    nearest: [null, null],
  }),
];

/**
 * The classes that make up `offered`, exactly, per queue, channel and interval (DESIGN 7). Outcomes to classes:
 * answered; abandoned and short_abandoned by wait; flowed_out, overflowed, timed_out to flowed_out; callback_taken;
 * dropped_by_system and unknown to dropped; closed, blocked, no_show to closed_out; waiting to still_waiting.
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
export type LedgerClass = (typeof LEDGER_CLASSES)[number];

/**
 * The condition on columns of `contact_legs` that puts a leg in a class.
 *
 * @param shortAbandonSeconds SQL of whole seconds, below which an abandon is short
 */
export const classCondition = (name: LedgerClass, shortAbandonSeconds: string): string => {
  const outcome = (...outcomes: readonly string[]) => `outcome IN (${outcomes.map((each) => `'${each}'`).join(', ')})`;
  const isShort = `greatest(ifNull(wait_ms, 0), 0) < toInt64(${shortAbandonSeconds}) * 1000`;
  switch (name) {
    case 'abandoned':
      return `${outcome('abandoned')} AND NOT (${isShort})`;
    case 'short_abandoned':
      return `${outcome('abandoned')} AND ${isShort}`;
    case 'flowed_out':
      return outcome('flowed_out', 'overflowed', 'timed_out');
    case 'dropped':
      return outcome('dropped_by_system', 'unknown');
    case 'closed_out':
      return outcome('closed', 'blocked', 'no_show');
    case 'still_waiting':
      return outcome('waiting');
    case 'answered':
    case 'callback_taken':
      return outcome(name);
  }
};
