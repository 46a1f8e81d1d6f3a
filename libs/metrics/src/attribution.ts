/**
 * Which interval a leg counts in.
 *
 * - `arrival`: everything about a leg counts where it joined the queue.
 * - `event`: everything counts where it happened: joining, answer, hang-up, end of talk, end of wrap-up.
 * - `end`: everything about a leg counts where its conversation ended (or its wait, if there was none); a leg that has
 *   not ended counts nowhere.
 * - `clipped`: durations are cut at the edges of intervals, each part counts where it passed; counts as by `event`.
 */
export const ATTRIBUTIONS = ['arrival', 'event', 'end', 'clipped'] as const;
export type Attribution = (typeof ATTRIBUTIONS)[number];

/** Of a mean of durations: cut in pieces these count in other intervals than whom they are divided by. */
export const WHOLE_DURATIONS: readonly Attribution[] = ['arrival', 'event', 'end'];
/** Of a quotient of what happens to one leg at two moments: by `event` these count in different intervals. */
export const WHOLE_LEGS: readonly Attribution[] = ['arrival', 'end'];

/** What happens to a leg, and when: the instants that `event` counts by. */
export const MOMENTS = ['queued', 'offered', 'declined', 'left', 'ended', 'wrapped'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The stretches of time that a leg consists of: the durations that `clipped` cuts. */
export const STRETCHES = ['wait', 'ring', 'talk', 'hold', 'wrap'] as const;
export type LegStretch = (typeof STRETCHES)[number];

const milli = (column: string): string => `toUnixTimestamp64Milli(${column})`;
/** Never within a range that is asked for. */
const NEVER = '-1';
const orNever = (column: string): string => `ifNull(${milli(column)}, ${NEVER})`;

/** Columns of `contact_legs` that {@link momentsSql} and {@link piecesSql} read. */
export const TIME_COLUMNS = [
  'queued_at',
  'answered_at',
  'left_queue_at',
  'ended_at',
  'wrapped_up_at',
  'ring_ms',
  'wrap_ms',
  'offer_times',
  'decline_times',
  'holds',
] as const;

export const momentCode = (moment: Moment): number => MOMENTS.indexOf(moment);
export const stretchCode = (stretch: LegStretch): number => MOMENTS.length + STRETCHES.indexOf(stretch);

const single = (moment: Moment, at: string): string => `[(toUInt8(${momentCode(moment)}), toInt64(${at}), toInt64(0))]`;
const repeated = (moment: Moment, times: string): string =>
  `arrayMap(time -> (toUInt8(${momentCode(moment)}), toInt64(${milli('time')}), toInt64(0)), ${times})`;

/** A wait is never negative, whatever the clocks of two sources say. */
const LEFT = `if(left_queue_at IS NULL, ${NEVER}, greatest(${milli('queued_at')}, ${orNever('left_queue_at')}))`;

/** Array of (code, at_ms, piece_ms): every moment of a leg. Those that have not come are at -1. */
export const momentsSql = (): string =>
  `arrayConcat(${[
    single('queued', milli('queued_at')),
    repeated('offered', 'offer_times'),
    repeated('declined', 'decline_times'),
    single('left', LEFT),
    single('ended', orNever('ended_at')),
    single('wrapped', orNever('wrapped_up_at')),
  ].join(', ')})`;

/** Each stretch as an array of (from_ms, to_ms), oldest first; empty as long as its end is not known. */
const SPANS: Readonly<Record<LegStretch, string>> = {
  wait: `if(left_queue_at IS NULL, [], [(${milli('queued_at')}, ${orNever('left_queue_at')})])`,
  ring: `if(answered_at IS NULL OR ended_at IS NULL OR ring_ms IS NULL, [], [(${orNever('answered_at')} - ifNull(ring_ms, 0), ${orNever('answered_at')})])`,
  // What is left of the conversation between the holds.
  talk: `if(answered_at IS NULL OR ended_at IS NULL, [], arrayZip(arrayPushFront(arrayMap(hold -> ${milli('hold.2')}, holds), ${orNever('answered_at')}), arrayPushBack(arrayMap(hold -> ${milli('hold.1')}, holds), ${orNever('ended_at')})))`,
  hold: `if(ended_at IS NULL, [], arrayMap(hold -> (${milli('hold.1')}, ${milli('hold.2')}), holds))`,
  wrap: `if(ended_at IS NULL OR wrap_ms IS NULL, [], [(${orNever('ended_at')}, ${orNever('ended_at')} + ifNull(wrap_ms, 0))])`,
};

/**
 * Array of (code, at_ms, piece_ms): every stretch of a leg, clamped to [fromMs, toMs) and cut at the whole multiples of
 * `grainMs` since the epoch. A piece is at its own beginning, and so in the interval it passed in.
 */
export const piecesSql = (fromMs: number, toMs: number, grainMs: number): string =>
  `arrayConcat(${STRETCHES.map((stretch) => {
    const clamped = `arrayFilter(span -> span.2 > span.1, arrayMap(span -> (greatest(toInt64(span.1), toInt64(${fromMs})), least(toInt64(span.2), toInt64(${toMs}))), ${SPANS[stretch]}))`;
    const cut = `arrayMap(n -> (toUInt8(${stretchCode(stretch)}), greatest(span.1, toInt64(n) * ${grainMs}), least(span.2, toInt64(n + 1) * ${grainMs}) - greatest(span.1, toInt64(n) * ${grainMs})), range(toUInt64(intDiv(span.1, ${grainMs})), toUInt64(intDiv(span.2 - 1, ${grainMs}) + 1)))`;
    return `arrayFlatten(arrayMap(span -> ${cut}, ${clamped}))`;
  }).join(', ')})`;
