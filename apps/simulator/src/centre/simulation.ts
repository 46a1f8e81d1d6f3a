import { ZoneClock } from '../local-time.js';
import { Conversations } from './conversations.js';
import { Customers } from './customers.js';
import { Ledger, type LedgerRow } from './ledger.js';
import type { CentreModel } from './model.js';
import { Opening } from './opening.js';
import { Random } from './random.js';
import { Router } from './router.js';
import { Stage, type SourceClock, type TimedEvent } from './stage.js';
import type { GroundTruth, TruthDetails } from './truth.js';
import { planDays, Workforce } from './workforce.js';

export interface SimulationOptions {
  /** Name of the scenario, for the truth. */
  readonly scenario: string;
  readonly model: CentreModel;
  readonly seed: string;
  /** The period simulated, milliseconds since the epoch; events are from `start` on and before `end`. */
  readonly start: number;
  readonly end: number;
  readonly tenant: string;
  readonly site: string;
  /** `source` of the events; with several ACD instances each gets a number. */
  readonly source?: string;
  readonly sources?: number;
  /** Largest clock error of a source in milliseconds, either way; 0 for right clocks. */
  readonly skewMs?: number;
  /** Share of contacts that the ACD forgets while they wait or talk. */
  readonly ghostShare?: number;
  readonly thresholdSeconds?: number;
  readonly shortAbandonSeconds?: number;
  /** Silence after which a source says that it is alive, in milliseconds. */
  readonly heartbeatMs?: number;
  /** Whether every source begins by saying that it restarted. */
  readonly restarted?: boolean;
  /** Whether to keep books; without them {@link Simulation.truth} throws and memory stays bounded for ever. */
  readonly books?: boolean;
}

const rowOrder = (one: LedgerRow, other: LedgerRow): number =>
  (one.start ?? 0) - (other.start ?? 0) || (one.queue < other.queue ? -1 : 1);

/** A contact centre running for a period: iterate it once for its events in time order, then ask for the truth. */
export class Simulation implements Iterable<TimedEvent> {
  readonly #stage: Stage;
  readonly #sources: readonly SourceClock[];
  readonly #workforce: Workforce;
  readonly #router: Router;
  readonly #conversations: Conversations;
  #events = 0;
  #reached: number;

  /** Throws RangeError when the period is empty or the model's zone or hours cannot be read. */
  constructor(readonly options: SimulationOptions) {
    const { model, start, end, tenant, site, skewMs = 0, ghostShare = 0 } = options;
    if (!(end > start)) throw new RangeError('the end of a simulation must come after its start');
    const zone = new ZoneClock(model.timeZone);
    this.#sources = sourcesOf(options, skewMs);
    const books = options.books ?? true;
    const ledger = books
      ? new Ledger(
          {
            thresholdMs: (options.thresholdSeconds ?? 150) * 1000,
            shortAbandonMs: (options.shortAbandonSeconds ?? 5) * 1000,
          },
          model.queues.map(({ id }) => id),
        )
      : null;
    const stage = new Stage({
      seed: options.seed,
      start,
      tenant,
      site,
      sources: this.#sources,
      heartbeatMs: options.heartbeatMs ?? 10_000,
      ledger,
    });
    this.#stage = stage;
    this.#reached = start;
    const workforce = new Workforce(stage, model.teams, zone, this.#sources.length);
    const opening = new Opening(stage, model.queues, zone);
    const router = new Router(stage, workforce, model.queues, { ghostShare: ghostShare / 2 });
    const conversations = new Conversations(stage, workforce, router, opening, { ghostShare: ghostShare / 2 });
    const customers = new Customers(stage, router, opening, zone, this.#sources.length);
    router.onAnswered = (leg, agent) => conversations.begin(leg, agent);
    conversations.onEnded = (contact, leg) => customers.afterConversation(contact, leg);
    opening.onClosed = (queue) => {
      if (queue.atClosing === 'send_away') router.sendAway(queue.id);
    };
    this.#workforce = workforce;
    this.#router = router;
    this.#conversations = conversations;
    stage.at(start, () => {
      if (options.restarted) this.#sources.forEach((_, source) => stage.emit(source, 'acd.source.restarted', null, {}));
      opening.introduce();
      planDays(stage, zone, (midnight) => {
        opening.planDay(midnight);
        workforce.planDay(midnight);
      });
      workforce.introduce();
      customers.begin(model);
      this.#planIncidents();
    });
  }

  /** Events in the order of time; several of one millisecond in the order in which they happened. */
  *[Symbol.iterator](): Generator<TimedEvent> {
    const { end } = this.options;
    for (let next = this.#stage.nextAt; next !== undefined && next < end; next = this.#stage.nextAt) {
      for (const timed of this.#stage.step()) {
        this.#events++;
        yield timed;
      }
      this.#reached = next;
    }
    this.#reached = end;
  }

  /** What is true about the events given so far. Throws when no books were kept. */
  truth(): GroundTruth {
    const { scenario, seed, start, end, tenant, site } = this.options;
    const { ledger } = this.#stage;
    if (!ledger) throw new Error('this simulation keeps no books: create it with books: true');
    const to = Math.min(end, this.#reached);
    return {
      scenario,
      seed,
      tenant,
      site,
      from: start,
      to,
      thresholdSeconds: ledger.terms.thresholdMs / 1000,
      shortAbandonSeconds: ledger.terms.shortAbandonMs / 1000,
      queues: [...ledger.totals.values()].map((row) => ({ ...row })).sort(rowOrder),
      quarters: [...ledger.quarters.values()].map((row) => ({ ...row })).sort(rowOrder),
      agentMs: ledger.agentTimeUntil(to),
      agents: this.#workforce.agents.length,
      contacts: { ...ledger.contacts },
      internalLegs: ledger.internalLegs,
      events: this.#events,
      ghosts: { waiting: this.#router.ghosts, talking: this.#conversations.ghosts },
      skewMs: Object.fromEntries(this.#sources.map(({ uri, skewMs }) => [uri, skewMs])),
    };
  }

  /** The truth leg by leg. Throws when no books were kept. */
  details(): TruthDetails {
    const { ledger } = this.#stage;
    if (!ledger) throw new Error('this simulation keeps no books: create it with books: true');
    const to = Math.min(this.options.end, this.#reached);
    return {
      legs: ledger.legs.map((leg) => ({ ...leg })),
      // A mark past the end was never sent: the spell before it goes on.
      spells: ledger.spells
        .filter(({ from: began }) => began <= to)
        .map((spell) => ({ ...spell, to: spell.to !== null && spell.to > to ? null : spell.to })),
      closed: ledger.closed.map((closed) => ({ ...closed })),
    };
  }

  #planIncidents(): void {
    const { massLogouts, notices } = this.options.model;
    const stage = this.#stage;
    for (const logout of massLogouts)
      if (logout.at >= stage.now) stage.at(logout.at, () => this.#workforce.massLogout(logout));
    for (const { queue, notice, text, from, until } of notices) {
      if (until <= stage.now) continue;
      stage.at(from, () =>
        stage.emit(0, 'acd.queue.notice_posted', null, { queue, notice, text, until: new Date(until).toISOString() }),
      );
      stage.at(until, () => stage.emit(0, 'acd.queue.notice_cleared', null, { queue, notice }));
    }
  }
}

const sourcesOf = ({ tenant, site, source, sources = 1, seed }: SimulationOptions, skewMs: number): SourceClock[] => {
  const random = new Random(`${seed}/clocks`);
  const uri = source ?? `urn:queuecast:simulator:${tenant}:${site}`;
  return Array.from({ length: sources }, (_, number) => ({
    uri: sources === 1 ? uri : `${uri}:pbx-${number + 1}`,
    skewMs: skewMs === 0 ? 0 : random.integer(-skewMs, skewMs),
  }));
};
