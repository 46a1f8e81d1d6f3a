import type { BestTime, CallTime, PublicQueue } from '@queuecast/live';
import { roundedBand, bestTime, type BestTime as Stretch, type OutlookHour } from '@queuecast/wait-estimates';

const MINUTE = 60_000;
export const NO_BEST_TIME: BestTime = { today: null, week: null };

const told = (stretch: Stretch | null): CallTime | null =>
  stretch && { from: stretch.from, to: stretch.to, ...roundedBand(stretch.lowMs, stretch.highMs) };

/**
 * When to call instead of now, today and in the days after. What it is compared with is the wait that is shown, so that
 * the advice is as steady; while the queue is closed, the first hour in which it is open. Where nobody knows how long
 * the wait is now, there is no advice.
 *
 * @param hours from the running one on
 */
export const bestTimes = (hours: readonly OutlookHour[], wait: PublicQueue['wait']): BestTime => {
  const [running, ...later] = hours;
  if (!running) return NO_BEST_TIME;
  const first = later.find((hour) => hour.kind === 'band');
  const nowHighMs =
    wait.kind === 'band' ? wait.highMinutes * MINUTE : first?.kind === 'band' ? first.forecast.highMs : 0;
  if (wait.kind === 'none' && wait.reason !== 'CLOSED') return NO_BEST_TIME;
  const today = bestTime(
    later.filter(({ date }) => date === running.date),
    nowHighMs,
  );
  const week = bestTime(
    later.filter(({ date }) => date !== running.date),
    today?.highMs ?? nowHighMs,
  );
  return { today: told(today), week: told(week) };
};
