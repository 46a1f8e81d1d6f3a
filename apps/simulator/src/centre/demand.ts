import { midnightOf, weekdayOf, type ZoneClock } from '../local-time.js';
import type { QueueModel, Surge } from './model.js';
import type { Random } from './random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Multiplier of one surge at an instant: 1 outside, `factor` at its height, linear in between. */
const surgeAt = ({ from, riseMs, holdMs, fallMs, factor }: Surge, at: number): number => {
  const since = at - from;
  if (since < 0 || since >= riseMs + holdMs + fallMs) return 1;
  if (since < riseMs) return 1 + ((factor - 1) * since) / riseMs;
  if (since < riseMs + holdMs) return factor;
  return 1 + ((factor - 1) * (riseMs + holdMs + fallMs - since)) / fallMs;
};

/**
 * Arrivals of one queue: a Poisson process whose rate follows the day, the week and the surges. Exact for a rate that is
 * constant within each minute: an exponential amount of expected arrivals is used up minute by minute.
 */
export class Demand {
  readonly #surges: readonly Surge[];
  readonly #curveSum: number;
  /** Expected arrivals still to pass before the next one. */
  #remaining: number;

  constructor(
    private readonly queue: QueueModel,
    surges: readonly Surge[],
    private readonly zone: ZoneClock,
    private readonly random: Random,
  ) {
    this.#surges = surges.filter(({ queues }) => queues.includes(queue.id));
    this.#curveSum = queue.dayCurve.reduce((sum, weight) => sum + weight, 0);
    this.#remaining = random.exponential(1);
  }

  /** Expected arrivals per millisecond at an instant. */
  rateAt(at: number): number {
    const { queue, zone } = this;
    const wall = zone.wallTime(at);
    const hour = Math.floor((wall - midnightOf(wall)) / HOUR);
    const share = (queue.dayCurve[hour] ?? 0) / this.#curveSum;
    const week = queue.weekCurve[weekdayOf(wall)] ?? 1;
    const { swell } = queue;
    const swelling = swell
      ? 1 + swell.amplitude * Math.sin((2 * Math.PI * (at % swell.periodMs)) / swell.periodMs + swell.phase)
      : 1;
    const surge = this.#surges.reduce((product, each) => product * surgeAt(each, at), 1);
    return (queue.arrivalsPerDay * week * share * swelling * surge) / HOUR;
  }

  /** The next arrival after `from`; null when there is none before `horizon`, from where the search may go on. */
  nextAfter(from: number, horizon: number): number | null {
    let at = from;
    while (at < horizon) {
      const minute = Math.floor(at / MINUTE) * MINUTE;
      const end = Math.min(minute + MINUTE, horizon);
      const rate = this.rateAt(minute + MINUTE / 2);
      const expected = rate * (end - at);
      if (expected > this.#remaining) {
        at += this.#remaining / rate;
        this.#remaining = this.random.exponential(1);
        return at;
      }
      this.#remaining -= expected;
      at = end;
    }
    return null;
  }
}
