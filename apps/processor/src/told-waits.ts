import { legKey, type LegFact } from '@queuecast/contact-center';
import type { QueueId } from '@queuecast/events';
import type { WaitForecast } from '@queuecast/store';
import {
  addToScore,
  LONGEST_TOLD_S,
  NO_SCORE,
  QUEUED_ABOVE_S,
  type Band,
  type Forecast,
  type Population,
  type RunningScore,
} from '@queuecast/wait-estimates';

/** Who makes the served estimate. */
export const PREDICTOR = 'learner';

export type ForecastAbstention = NonNullable<WaitForecast['reason']>;
export type Scores = Readonly<Record<Population, RunningScore>>;

const noScores = (): Scores => ({ answered: { ...NO_SCORE }, queued: { ...NO_SCORE } });
const milliseconds = (seconds: number): number => Math.round(Math.min(LONGEST_TOLD_S, Math.max(0, seconds)) * 1000);

/** What contacts were told when they joined: kept for the store, and scored once they are answered. */
export class ToldWaits {
  private rows: WaitForecast[] = [];
  /** What those who wait were told, by leg; an abstention is no forecast. */
  private readonly waiting = new Map<string, Forecast>();
  private scores = new Map<QueueId, Scores>();
  private told = new Map<'band' | ForecastAbstention, number>();

  /** @param others what each estimator said, seconds; the served one among them is left out, since it is `band` */
  joined(
    leg: LegFact,
    band: Band,
    reason: ForecastAbstention | null,
    others: Readonly<Record<string, Forecast | null>>,
  ): void {
    const { tenant, site, queue, contact, leg: id, anchor, queuedAt, version } = leg;
    const forecasts: Record<string, number> = {};
    for (const predictor in others) {
      const forecast = others[predictor];
      // A number that is none would stop the store at the flush.
      if (forecast && predictor !== 'served' && Number.isFinite(forecast.middle))
        forecasts[predictor] = milliseconds(forecast.middle);
    }
    // Scored as it is kept, to the millisecond.
    const told =
      reason === null
        ? { lowMs: milliseconds(band.low), p50Ms: milliseconds(band.middle), highMs: milliseconds(band.high) }
        : null;
    this.rows.push({
      tenant,
      site,
      queue,
      contact,
      leg: id,
      anchor,
      madeAt: queuedAt,
      predictor: PREDICTOR,
      reason,
      band: told,
      forecasts,
      version,
    });
    const said = reason ?? 'band';
    this.told.set(said, (this.told.get(said) ?? 0) + 1);
    if (told)
      this.waiting.set(legKey(leg), { low: told.lowMs / 1000, middle: told.p50Ms / 1000, high: told.highMs / 1000 });
  }

  /** It waits no more. */
  ended(leg: LegFact): void {
    const key = legKey(leg);
    const told = this.waiting.get(key);
    if (!told) return;
    this.waiting.delete(key);
    if (leg.outcome !== 'answered' || leg.waitMs === null) return;
    const wait = leg.waitMs / 1000;
    const scores = this.scores.get(leg.queue) ?? noScores();
    this.scores.set(leg.queue, scores);
    addToScore(scores.answered, told, wait);
    if (wait > QUEUED_ABOVE_S) addToScore(scores.queued, told, wait);
  }

  /** What is to be written since the last call. */
  drain(): readonly WaitForecast[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  /** How many were told what since the last call. */
  takeTold(): ReadonlyMap<'band' | ForecastAbstention, number> {
    const { told } = this;
    if (told.size > 0) this.told = new Map();
    return told;
  }

  /** The scores since the last call, of each queue in which somebody was scored. */
  takeScores(): ReadonlyMap<QueueId, Scores> {
    const { scores } = this;
    if (scores.size > 0) this.scores = new Map();
    return scores;
  }
}
