import { endOfBusinessDay } from '@queuecast/contact-center';
import { instant } from '@queuecast/events';
import type { DefinitionChange, LedgerRequest } from '@queuecast/store';
import { DateTime } from 'luxon';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const HOUR = 4 * QUARTER;

/** [from, to), milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Start of the hour of the zone's clock that an instant is in, as the store's rows begin. */
const startOfHour = (at: number, zone: string): number => {
  const reading = at + DateTime.fromMillis(at, { zone }).offset * MINUTE;
  return at - (((reading % HOUR) + HOUR) % HOUR);
};

/** An hour of the clock; where the clock jumps by half an hour, what there is of it. */
const spanOfHour = (start: number, zone: string): Span => {
  const quarters = Array.from({ length: 8 }, (_, n) => start + n * QUARTER).filter(
    (quarter) => startOfHour(quarter, zone) === start,
  );
  return { from: quarters[0] ?? start, to: (quarters.at(-1) ?? start) + QUARTER };
};

const spanOf = (
  start: number,
  { grain, timeZone, businessDayStart = '00:00' }: Pick<LedgerRequest, 'grain' | 'timeZone' | 'businessDayStart'>,
  changes: readonly DefinitionChange[],
): Span => {
  switch (grain) {
    case 'minute':
      return { from: start, to: start + MINUTE };
    case 'quarter':
      return { from: start, to: start + QUARTER };
    case 'hour':
      return spanOfHour(start, timeZone);
    case 'day':
      return { from: start, to: endOfBusinessDay(timeZone, businessDayStart, instant(start)) };
    case 'total':
      return { from: start, to: Math.min(Infinity, ...changes.map(({ at }) => at).filter((at) => at > start)) };
  }
};

/**
 * What the row that begins at `start` covers of a report's range: a day has 23, 24 or 25
 * hours, a total ends where a definition changes, and reports widen their bounds to whole minutes.
 */
export const spanOfRow = (
  start: number,
  asked: Pick<LedgerRequest, 'grain' | 'timeZone' | 'businessDayStart' | 'from' | 'to'>,
  changes: readonly DefinitionChange[],
): Span => {
  const span = spanOf(start, asked, changes);
  return {
    from: Math.max(span.from, Math.floor(asked.from / MINUTE) * MINUTE),
    to: Math.min(span.to, Math.ceil(asked.to / MINUTE) * MINUTE),
  };
};
