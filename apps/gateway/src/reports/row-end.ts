import type { DefinitionChange, LedgerRequest } from '@queuecast/store';
import { DateTime } from 'luxon';

const LENGTH_MS = { minute: 60_000, quarter: 900_000, hour: 3_600_000 } as const;

/** Where a row that begins at `start` ends: a day has 23, 24 or 25 hours, a total ends where a definition changes. */
export const endOfRow = (
  start: number,
  { grain, timeZone, to }: Pick<LedgerRequest, 'grain' | 'timeZone' | 'to'>,
  changes: readonly DefinitionChange[],
): number => {
  switch (grain) {
    case 'day':
      return DateTime.fromMillis(start, { zone: timeZone }).plus({ days: 1 }).startOf('day').toMillis();
    case 'total':
      return Math.min(to, ...changes.map(({ at }) => at).filter((at) => at > start));
    default:
      return start + LENGTH_MS[grain];
  }
};
