import type { Instant } from '@queuecast/events';
import { isOpen, type OpeningHours } from './calendar.js';
import type { TimeSpan } from './facts.js';

/**
 * The stretches within [from, to) in which a queue is closed by its calendar, oldest first.
 *
 * @param holidays local dates on which it is closed, `2026-12-25`
 * @param timeZone IANA zone in which `hours` and `holidays` are read
 */
export const closingsBetween = (
  hours: OpeningHours,
  holidays: readonly string[],
  timeZone: string,
  from: Instant,
  to: Instant,
): TimeSpan[] => {
  const closings: TimeSpan[] = [];
  for (let at = from; at < to;) {
    const { state, until } = isOpen(hours, holidays, timeZone, at);
    const end = until === null || until > to ? to : until;
    if (state === 'closed') closings.push({ from: at, to: end });
    at = end;
  }
  return closings;
};
