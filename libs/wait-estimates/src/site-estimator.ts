import { instant, type AgentId, type AgentState, type Instant, type QueueId } from '@queuecast/events';
import { Calibration, isTellable, type Band, type Told } from './band/calibration.js';
import { ShockWatch, type HeadOfLine, type Load } from './band/shock.js';
import type { Abstention, ScoreListener, Stay, Talking, WaitEstimate, Waiting } from './estimate.js';
import { estimatorSnapshot, restoredEstimator } from './estimator-snapshot.js';
import { ladderPositions, type Rung } from './ladder.js';
import { FEATURE_COUNT, featuresOf } from './learner/features.js';
import { WaitLearner } from './learner/learner.js';
import { LEVEL_COUNT } from './learner/quantile-network.js';
import { RuleBook, type RuleWaits } from './rules.js';
import type { Forecast } from './scorecard.js';
import { SiteSignals, type Hours } from './signals/site-signals.js';

/** A contact that joined: what was known then, and what would be told. Learnt from once its wait has ended. */
interface Arrival {
  readonly queue: number;
  readonly joined: number;
  readonly load: Load;
  /** Answers of the queue until then, and how many there were a second of late. */
  readonly answers: number;
  readonly pace: number;
  readonly features: Float32Array;
  readonly told: Told;
  readonly learner: number;
  readonly rules: RuleWaits;
}

/** A queue has an estimate once it, or the queues it shares a learner with, have this many answers to learn from. */
const FEWEST_OWN = 5;
const FEWEST_SITE = 50;
/** What breaks is heard of within so many seconds, by those who go on calling if by nothing else. */
const UNHEARD_S = 60;

const MIDDLE = LEVEL_COUNT >> 1;

const keyOf = ({ contact, leg }: Stay): string => `${contact}\u0000${leg}`;
const inMilliseconds = ({ low, middle, high }: Band) => ({
  lowMs: 1000 * low,
  p50Ms: 1000 * middle,
  highMs: 1000 * high,
});

const seconds = (at: number): number => at / 1000;

/**
 * The waits of one site: told what happens, in the order in which it becomes known, it says for each queue how long
 * somebody would wait who joins now. Every event and every estimate costs a bounded amount of work.
 */
export class SiteEstimator {
  private signals = new SiteSignals();
  private learner: WaitLearner;
  private calibration = new Calibration();
  private shocks: ShockWatch[] = [];
  private arrivals = new Map<string, Arrival>();
  private readonly logs = new Float64Array(LEVEL_COUNT);
  /** Features of estimates that are only asked for: nothing is learnt from them. */
  private readonly asked = new Float32Array(FEATURE_COUNT);
  private rules = new RuleBook();
  private learnt = 0;
  private scoreListener: ScoreListener = () => undefined;

  /** @param seed of the learner's chance: the same events with the same seed give the same estimates */
  constructor(seed: number) {
    this.learner = new WaitLearner(seed);
  }

  /** Everything it knows, as bytes: an estimator restored from them goes on as this one would. */
  snapshot(): Uint8Array<ArrayBuffer> {
    const { signals, learner, calibration, shocks, arrivals, rules, learnt } = this;
    return estimatorSnapshot({ signals, learner, calibration, shocks, arrivals, rules, learnt });
  }

  /**
   * Takes up a snapshot, also one taken by another processor.
   *
   * @returns false, and nothing is taken up, when it was written by another version of this code or is damaged
   */
  restore(snapshot: Uint8Array): boolean {
    const state = restoredEstimator(snapshot);
    if (state === null) return false;
    Object.assign(this, state);
    return true;
  }

  /**
   * After a restart: who waits and which agents talk by the facts, which may be ahead of the snapshot or behind. Whoever
   * waits no longer is forgotten; nothing is learnt from his wait.
   */
  reconcile(waiting: readonly Waiting[], talking: readonly Talking[]): void {
    const known = new Set(waiting.map(keyOf));
    for (const [key, queue] of this.signals.whoWaits()) {
      if (known.has(key)) continue;
      this.signals.gone(key, queue);
      this.arrivals.delete(key);
    }
    for (const stay of waiting) {
      const number = this.signals.numberOf(stay.queue);
      if (!this.signals.waits(keyOf(stay))) this.signals.joined(keyOf(stay), number, seconds(stay.joinedAt));
    }
    this.signals.agents.reconcile(
      new Map(
        talking.map(({ agent, queue, since }) => [
          agent,
          { queue: this.signals.numberOf(queue), since: seconds(since) },
        ]),
      ),
    );
  }

  /** When the latest of what it was told happened. */
  get heardUntil(): Instant {
    return instant(Math.round(this.signals.latest * 1000));
  }

  onScored(listener: ScoreListener): void {
    this.scoreListener = listener;
  }

  /** A contact joined `queue` at `at`. @returns what it would have been told */
  joined(stay: Stay, queue: QueueId, at: Instant, hours?: Hours): Band {
    const [key, number, now] = [keyOf(stay), this.signals.numberOf(queue), seconds(at)];
    const signals = this.signals.read(number, now, hours);
    const features = featuresOf(signals);
    const told = this.tell(features, number);
    const learner = Math.expm1(this.logs[MIDDLE]!);
    this.arrivals.set(key, {
      queue: number,
      joined: now,
      load: { arrivals60: signals.arrivals60, waiting: signals.waiting },
      answers: this.signals.figures(number).answers,
      pace: signals.answers600 / 600,
      features,
      told,
      learner,
      rules: this.rules.waits(number, now, signals, this.signals.poolOf(number)),
    });
    this.signals.joined(key, number, now);
    return told;
  }

  /** What each estimator said of somebody who waits when he joined; null of one whose joining was not seen. */
  forecasts(stay: Stay): Readonly<Record<string, Forecast | null>> | null {
    const arrival = this.arrivals.get(keyOf(stay));
    return arrival ? forecastsOf(arrival) : null;
  }

  /** It was answered at `at` after `waitMs`, by `agent` if that is told. */
  answered(stay: Stay, queue: QueueId, agent: AgentId | null, at: Instant, waitMs: number): void {
    const [key, number, now, wait] = [keyOf(stay), this.signals.numberOf(queue), seconds(at), waitMs / 1000];
    this.signals.answered(key, number, agent, now, wait);
    this.rules.answered(number, now, wait);
    const arrival = this.take(key, number);
    if (!arrival) return;
    this.scoreListener(queue, at, wait, forecastsOf(arrival));
    const { told, features, joined, load } = arrival;
    this.calibration.answered(told, number, wait);
    this.shock(number).answered(joined, load, wait >= told.low && wait <= told.high, now);
    this.learn(features, number, wait, false);
  }

  /** It hung up at `at` after `waitMs`: had it not, it would have waited longer. */
  abandoned(stay: Stay, queue: QueueId, at: Instant, waitMs: number): void {
    const [key, number, wait] = [keyOf(stay), this.signals.numberOf(queue), waitMs / 1000];
    this.signals.abandoned(key, number, seconds(at), wait);
    const arrival = this.take(key, number);
    if (arrival) this.unanswered(arrival, wait, seconds(at));
  }

  /**
   * It left the queue otherwise, for another queue or a call back or since it closed: had it stayed, it would have waited
   * longer. Or it is forgotten, and nothing is learnt from it.
   *
   * @param waitMs null where nobody knows how long it waited
   */
  left(stay: Stay, queue: QueueId, at: Instant, waitMs: number | null): void {
    const [key, number] = [keyOf(stay), this.signals.numberOf(queue)];
    this.signals.left(key, number, seconds(at));
    const arrival = this.take(key, number);
    if (arrival && waitMs !== null) this.unanswered(arrival, waitMs / 1000, seconds(at));
  }

  /** Its source has forgotten it, it seems: it does not count as waiting. @param key contact and leg, parted by NUL */
  suspected(queue: QueueId, key: string): void {
    this.signals.suspected(key, this.signals.numberOf(queue));
  }

  /** It waits after all. */
  reinstated(queue: QueueId, key: string): void {
    this.signals.reinstated(key, this.signals.numberOf(queue));
  }

  /** A conversation that came from `queue` ended after `handleMs`. */
  released(queue: QueueId, agent: AgentId, at: Instant, handleMs: number): void {
    this.signals.released(this.signals.numberOf(queue), agent, seconds(at), handleMs / 1000);
  }

  wrappedUp(queue: QueueId, wrapMs: number): void {
    this.signals.figures(this.signals.numberOf(queue)).wrapUp.add(wrapMs / 1000);
  }

  /** The source says what an agent does, and which queues he serves (none: as learnt from what he answers). */
  agentStated(agent: AgentId, state: AgentState, serves: readonly QueueId[], at: Instant): void {
    const numbers = serves.map((queue) => this.signals.numberOf(queue));
    this.signals.agentStated(agent, state, numbers, seconds(at));
  }

  /** The estimate for somebody who joins `queue` at `at`. */
  estimate(queue: QueueId, at: Instant, hours?: Hours): WaitEstimate {
    const [number, now] = [this.signals.numberOf(queue), seconds(at)];
    const reason = this.reasonAgainst(number, now);
    if (reason !== null) return { kind: 'abstention', reason };
    const told = this.tell(featuresOf(this.signals.read(number, now, hours), this.asked), number);
    if (!isTellable(told)) return { kind: 'abstention', reason: 'TOO_FEW_DATA' };
    return { kind: 'band', ...inMilliseconds(told) };
  }

  /**
   * What is left of the wait to those who wait, by position where the queue is first come, first served: as much as
   * somebody who joined now would be told with as many of his queue before him.
   *
   * @param waiting how many wait
   * @returns no rungs where nobody waits
   */
  ladder(queue: QueueId, waiting: number, at: Instant, hours?: Hours): readonly Rung[] | Abstention {
    const [number, now] = [this.signals.numberOf(queue), seconds(at)];
    const reason = this.reasonAgainst(number, now);
    if (reason !== null) return { kind: 'abstention', reason };
    const rungs: Rung[] = [];
    for (const position of ladderPositions(waiting)) {
      const told = this.tell(featuresOf(this.signals.read(number, now, hours, position - 1), this.asked), number);
      if (!isTellable(told)) return { kind: 'abstention', reason: 'TOO_FEW_DATA' };
      rungs.push({ position, ...inMilliseconds(told) });
    }
    return rungs;
  }

  /** Why somebody who joins `queue` at `at` is told nothing; null if he is told something. */
  abstention(queue: QueueId, at: Instant): Abstention['reason'] | null {
    return this.reasonAgainst(this.signals.numberOf(queue), seconds(at));
  }

  private reasonAgainst(queue: number, now: number): Abstention['reason'] | null {
    const own = this.signals.figures(queue);
    const { agents } = this.signals;
    const staff = agents.staff(queue);
    if (agents.isDeserted(queue)) return 'NO_AGENTS';
    if (own.answers < FEWEST_OWN || this.learnt < FEWEST_SITE) return 'TOO_FEW_DATA';
    // While the log is caught up with the clock is far ahead: nobody of then waits until now.
    const heard = Math.min(now, this.signals.latest + UNHEARD_S);
    const upset = {
      present: staff.present,
      presentAverage: staff.presentAverage.value(heard, staff.present),
      presentUsual: staff.presentUsual.value(heard, staff.present),
      left120: staff.left120.value(heard),
      left3600: staff.left3600.value(heard),
      arrivals60: own.arrivals60.value(heard),
      waiting: own.waiting.size,
      head: this.headOfLine(queue, heard),
    };
    return this.shock(queue).look(upset, heard) ? 'SHOCK' : null;
  }

  private tell(features: Float32Array, queue: number): Told {
    this.learner.predict(features, queue, this.logs);
    return this.calibration.band(this.logs, queue);
  }

  /** Whoever left had waited that long at least: beyond the band he was told it is wrong, whatever would have been. */
  private unanswered({ told, queue, features, joined, load }: Arrival, wait: number, now: number): void {
    this.calibration.left(told, queue, wait);
    if (wait > told.high) this.shock(queue).answered(joined, load, false, now);
    this.learn(features, queue, wait, true);
  }

  private learn(features: Float32Array, queue: number, wait: number, censored: boolean): void {
    this.learner.learn({ features, queue, wait, censored });
    this.learnt += 1;
  }

  /** Null when nobody waits, or nobody was told, or others who joined later go before him. */
  private headOfLine(queue: number, now: number): HeadOfLine | null {
    const { waiting, latestAnsweredJoined, answers } = this.signals.figures(queue);
    for (const [key, joined] of waiting) {
      const arrival = this.arrivals.get(key);
      if (!arrival || joined < latestAnsweredJoined) return null;
      const waited = now - joined;
      return { waited, told: arrival.told.high, answers: answers - arrival.answers, expected: arrival.pace * waited };
    }
    return null;
  }

  private take(key: string, queue: number): Arrival | null {
    const arrival = this.arrivals.get(key);
    this.arrivals.delete(key);
    return arrival?.queue === queue ? arrival : null;
  }

  private shock(queue: number): ShockWatch {
    return (this.shocks[queue] ??= new ShockWatch());
  }
}

const forecastsOf = ({ told, learner, rules }: Arrival): Record<string, Forecast | null> => {
  const forecasts: Record<string, Forecast | null> = {
    served: told,
    learner: { middle: Math.max(0, learner) },
  };
  for (const [rule, wait] of Object.entries(rules)) forecasts[rule] = wait === null ? null : { middle: wait };
  return forecasts;
};
