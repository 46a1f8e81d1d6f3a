import type { LeaveReason } from '@queuecast/events';
import { isWaiting, type Contact, type Leg } from './journey.js';
import type { QueueModel } from './model.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';
import { FreeAgents, WaitingList } from './waiting-list.js';
import type { Agent, Workforce } from './workforce.js';

const SECOND = 1000;
const NO_ANSWER_AFTER = 20 * SECOND;
const AWAY_AFTER_NO_ANSWER = 60 * SECOND;
const AWAY_AFTER_REJECT = 30 * SECOND;
const NO_SHOW_AFTER = 45 * SECOND;

export interface RouterOptions {
  /** Share of customer legs that the ACD forgets while they wait. */
  readonly ghostShare: number;
}

/** Joins contacts to queues, brings them and free agents together, and offers until somebody answers. */
export class Router {
  /** Told when an agent answers, and when a leg left its queue without an answer. */
  onAnswered: (leg: Leg, agent: Agent) => void = () => undefined;
  onLeft: (leg: Leg, reason: LeaveReason) => void = () => undefined;
  ghosts = 0;
  readonly #waiting = new Map<string, WaitingList>();
  readonly #free = new Map<string, FreeAgents<Agent>>();
  readonly #queues: ReadonlyMap<string, QueueModel>;
  readonly #random: Random;
  readonly #ghosts: Random;

  constructor(
    private readonly stage: Stage,
    private readonly workforce: Workforce,
    queues: readonly QueueModel[],
    private readonly options: RouterOptions,
  ) {
    this.#random = stage.random.fork('routing');
    this.#ghosts = stage.random.fork('ghosts');
    this.#queues = new Map(queues.map((queue) => [queue.id, queue]));
    for (const { id } of queues) {
      this.#waiting.set(id, new WaitingList());
      this.#free.set(id, new FreeAgents());
    }
    workforce.onFree = (agent) => {
      this.#offerFreeAgent(agent);
    };
    workforce.onUnavailable = (agent) => this.#takeOff(agent);
  }

  /** Puts a contact into a queue. Throws if the model names no such queue. */
  join(
    contact: Contact,
    queueId: string,
    priority: number,
    internal = false,
    transferredFrom: string | null = null,
  ): Leg {
    const { stage } = this;
    const queue = this.#queues.get(queueId);
    if (!queue) throw new Error(`the centre has no queue "${queueId}"`);
    const joining = {
      queue: queueId,
      contact: contact.id,
      channel: contact.channel,
      direction: contact.direction,
      callerKey: contact.callerKey,
      internal,
      menuCompletedAt: contact.menuCompletedAt ?? null,
      transferredFrom,
    };
    const at = stage.clock(contact.source);
    const leg: Leg = {
      id: `${contact.id}.${++contact.legs}`,
      contact,
      queue,
      queuedAt: stage.now,
      priority,
      internal,
      entry: internal ? null : (stage.ledger?.queued(joining, at) ?? null),
      state: 'waiting',
      agent: null,
    };
    if (internal) stage.ledger?.consulted(joining, at);
    stage.emit(contact.source, 'acd.contact.queued', contact.id, {
      leg: leg.id,
      queue: queueId,
      priority,
      skills: [...queue.skills],
      internal,
    });
    if (!internal && this.#ghosts.chance(this.options.ghostShare)) {
      leg.state = 'forgotten';
      this.ghosts++;
      return leg;
    }
    this.#waiting.get(queueId)?.add(leg);
    this.#planDeparture(leg);
    this.#seekAgent(leg);
    return leg;
  }

  /** Takes a waiting leg out of its queue; an agent whose phone rings for it is free again. Nothing if it waits no more. */
  leave(leg: Leg, reason: LeaveReason): void {
    if (!isWaiting(leg)) return;
    const { stage, workforce } = this;
    const { agent, state } = leg;
    this.#waiting.get(leg.queue.id)?.remove(leg);
    leg.state = 'over';
    leg.agent = null;
    if (leg.entry) stage.ledger?.left(leg.entry, stage.clock(leg.contact.source), reason);
    stage.emit(leg.contact.source, 'acd.contact.left_queue', leg.contact.id, { leg: leg.id, reason });
    if (agent && state === 'ringing') workforce.release(agent);
    this.onLeft(leg, reason);
  }

  /** Sends everybody away who waits in a queue and whom no agent is about to answer. */
  sendAway(queueId: string): void {
    for (const leg of this.#waiting.get(queueId)?.all() ?? []) if (leg.state === 'waiting') this.leave(leg, 'closed');
  }

  /** Everything that can end the wait besides an agent; whatever comes first ends it. */
  #planDeparture(leg: Leg): void {
    const { queue, internal, contact } = leg;
    // Nobody is on the line while a call back waits for its agent.
    if (internal || contact.channel === 'callback') return;
    const random = this.#random;
    const plan = (reason: LeaveReason, ms: number) => this.stage.in(ms, () => this.#departIfIdle(leg, reason));
    if (queue.patience) {
      const { patience } = queue;
      const ms =
        patience.kind === 'lognormal'
          ? random.lognormal(patience.mean, patience.variation)
          : random.exponential(patience.mean);
      this.stage.in(ms, () => this.leave(leg, 'abandoned'));
    }
    if (queue.callback && random.chance(queue.callback.takenShare))
      plan('callback_taken', queue.callback.afterMs + random.exponential(10 * SECOND));
    if (queue.overflow) plan('overflowed', queue.overflow.afterMs);
    if (queue.timeoutMs !== undefined) plan('timed_out', queue.timeoutMs);
    if (random.chance(queue.dropShare))
      this.stage.in(random.exponential(60 * SECOND), () => this.leave(leg, 'dropped_by_system'));
  }

  /** What the ACD decides about a waiting contact has to wait while an agent's phone rings for it. */
  #departIfIdle(leg: Leg, reason: LeaveReason): void {
    if (leg.state === 'waiting') this.leave(leg, reason);
    else if (isWaiting(leg)) this.stage.in(5 * SECOND, () => this.#departIfIdle(leg, reason));
  }

  #seekAgent(leg: Leg): void {
    const agent = this.#free.get(leg.queue.id)?.first();
    if (agent) this.#reserve(agent, leg);
  }

  /** The best waiting leg among the queues an agent serves: by priority, then the agent's level, then by arrival. */
  #offerFreeAgent(agent: Agent): void {
    let best: Leg | undefined;
    for (const { queue } of agent.skills) {
      const leg = this.#waiting.get(queue)?.first();
      if (leg && (!best || leg.priority > best.priority)) best = leg;
    }
    if (best) {
      this.#reserve(agent, best);
      return;
    }
    for (const { queue, level } of agent.skills) this.#free.get(queue)?.add(agent, level);
  }

  #takeOff(agent: Agent): void {
    for (const { queue, level } of agent.skills) this.#free.get(queue)?.remove(agent, level);
  }

  #reserve(agent: Agent, leg: Leg): void {
    this.#takeOff(agent);
    agent.engaged = true;
    leg.state = 'reserved';
    leg.agent = agent;
    this.stage.in(this.#random.integer(8, 180), () => this.#ring(agent, leg));
  }

  #ring(agent: Agent, leg: Leg): void {
    const { stage, workforce } = this;
    const random = this.#random;
    const { contact, queue } = leg;
    if (leg.state !== 'reserved' || !agent.onShift) {
      if (leg.state === 'reserved') this.#back(leg);
      this.#unreserve(agent);
      return;
    }
    leg.state = 'ringing';
    if (leg.entry) stage.ledger?.offered(leg.entry, stage.clock(contact.source));
    stage.emit(contact.source, 'acd.contact.offered', contact.id, { leg: leg.id, agent: agent.id });
    workforce.mark(agent, 'offered');
    const stillRings = () => leg.state === 'ringing' && leg.agent === agent;
    const fate = random.next();
    if (fate < queue.noShowShare)
      stage.in(NO_SHOW_AFTER, () => {
        if (stillRings()) this.leave(leg, 'no_show');
      });
    else if (fate < queue.noShowShare + queue.noAnswerShare)
      stage.in(NO_ANSWER_AFTER, () => {
        if (stillRings()) this.#declined(agent, leg, 'no_answer');
      });
    else if (fate < queue.noShowShare + queue.noAnswerShare + queue.rejectShare)
      stage.in(random.lognormal(3 * SECOND, 0.5), () => {
        if (stillRings()) this.#declined(agent, leg, 'rejected');
      });
    else
      stage.in(Math.max(50, random.lognormal(queue.ring.mean, queue.ring.variation)), () => {
        if (stillRings()) this.#answer(agent, leg);
      });
  }

  /** A reserved agent whose offer came to nothing before the phone rang: still available, as all the world knows. */
  #unreserve(agent: Agent): void {
    agent.engaged = false;
    if (!agent.onShift) this.workforce.release(agent);
    else if (agent.absence) this.workforce.away(agent, agent.absence.reason, agent.absence.ms);
    else this.#offerFreeAgent(agent);
  }

  #back(leg: Leg): void {
    leg.state = 'waiting';
    leg.agent = null;
    this.#seekAgent(leg);
  }

  #declined(agent: Agent, leg: Leg, reason: 'no_answer' | 'rejected'): void {
    const { stage, workforce } = this;
    stage.emit(leg.contact.source, 'acd.contact.declined', leg.contact.id, { leg: leg.id, agent: agent.id, reason });
    if (leg.entry) stage.ledger?.declined(leg.entry, stage.clock(leg.contact.source));
    agent.absence ??= {
      reason: reason === 'no_answer' ? 'auto_pause' : 'rejected',
      ms: reason === 'no_answer' ? AWAY_AFTER_NO_ANSWER : AWAY_AFTER_REJECT,
    };
    workforce.release(agent);
    this.#back(leg);
  }

  #answer(agent: Agent, leg: Leg): void {
    const { stage } = this;
    this.#waiting.get(leg.queue.id)?.remove(leg);
    leg.state = 'answered';
    if (leg.entry) stage.ledger?.answered(leg.entry, stage.clock(leg.contact.source));
    stage.emit(leg.contact.source, 'acd.contact.answered', leg.contact.id, { leg: leg.id, agent: agent.id });
    this.workforce.mark(agent, 'busy');
    this.onAnswered(leg, agent);
  }
}
