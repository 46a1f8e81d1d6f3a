/** An aggregate over promises of a call back: rows with `class`, `attempts` and `taken_ms`. */
export interface CallbackMeasure {
  readonly name: string;
  readonly sql: string;
  readonly meaning: string;
}

/** The classes of the promise ledger. Every promise is in exactly one at any instant. */
export const CALLBACK_CLASSES = ['open', 'kept', 'late', 'broken', 'cancelled'] as const;
export type CallbackClass = (typeof CALLBACK_CLASSES)[number];

const count = (name: string, cls: CallbackClass, meaning: string): CallbackMeasure => ({
  name,
  sql: `countIf(class = '${cls}')`,
  meaning,
});

/** What metrics of promises are made of; each promise counts when it was made. */
export const CALLBACK_MEASURES: readonly CallbackMeasure[] = [
  { name: 'promises', sql: 'count()', meaning: 'Promises made; two to one number and queue at a time are one.' },
  count('promises_open', 'open', 'Not yet due, and neither kept nor cancelled.'),
  count('promises_kept', 'kept', 'Kept when they were due at the latest.'),
  count('promises_late', 'late', 'Kept after they were due.'),
  count('promises_broken', 'broken', 'Due and not kept, or withdrawn by the centre.'),
  count('promises_cancelled', 'cancelled', 'Cancelled by the customer before they were due.'),
  { name: 'promise_attempts', sql: 'sum(attempts)', meaning: 'Calls tried for these promises.' },
  {
    name: 'promise_taken_ms',
    sql: "sumIf(toUInt64(greatest(taken_ms, 0)), class IN ('kept', 'late'))",
    meaning: 'From the promise to the call that kept it.',
  },
];
