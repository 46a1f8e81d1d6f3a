import type { AgentState } from '@queuecast/events';
import { FadingAverage, FadingSum } from './decay.js';
import { leastOf } from './queue-sharing.js';

/** An agent's work of three days ago counts by 1/e in what he is eligible for. */
const WORK_FADES_S = 3 * 86_400;
const MOST_QUEUES = 24;
/** An agent is eligible for a queue that makes up more than this share of his work. */
const ELIGIBLE = 0.03;

/** The agents of one queue. Sums over eligible agents, each by what is given; `busyShare` by the share of his work. */
export class QueueStaff {
  busy = 0;
  busyShare = 0;
  /** Free agents as the source tells them. */
  free = 0;
  /** Agents that are there, busy or free, as the source tells them; and their average over about five minutes and an hour. */
  present = 0;
  readonly presentAverage = new FadingAverage(300);
  readonly presentUsual = new FadingAverage(3600);
  /** Busy since not long: an agent who answered `age` seconds ago counts by exp(-age / 60). */
  readonly newlyBusy60 = new FadingSum(60);
  /** Free as far as can be told from answers alone: released lately and not heard of since. */
  readonly released30 = new FadingSum(30);
  readonly released300 = new FadingSum(300);
  readonly released1800 = new FadingSum(1800);
  /** The same as `released300`, each counted by the share of this queue in his work; and so for free agents. */
  readonly releasedShare300 = new FadingSum(300);
  freeShare = 0;
  /** Conversations that ended, over about a minute, whether or not the agent is busy again. */
  readonly releases60 = new FadingSum(60);

  comesAndGoes(change: number, now: number): void {
    this.presentAverage.lasted(now, this.present);
    this.presentUsual.lasted(now, this.present);
    this.present = Math.max(0, this.present + change);
  }
}

/** One agent's part in the sums of one queue, kept as it was added so that it can be withdrawn exactly. */
interface Part {
  readonly queue: number;
  readonly share: number;
}

type Mode = 'away' | 'busy' | 'released' | 'free';

/** What is known of one agent. */
export class Agent {
  readonly work = new Map<number, number>();
  total = 0;
  workAt = 0;
  mode: Mode = 'away';
  since = 0;
  /** The source tells this agent's states: nothing is inferred. */
  told = false;
  /** Queues the source says he serves. */
  serves: readonly number[] = [];
  parts: Part[] = [];
}

const MODE_OF: Record<AgentState, Mode> = {
  available: 'free',
  offered: 'busy',
  busy: 'busy',
  wrap_up: 'busy',
  away: 'away',
  offline: 'away',
};

/**
 * Who answers what, and who is busy. An agent whose states the source tells is taken at its word; any other is busy from
 * an answer to the release and then free, fading: whoever is long unseen has gone. Each change costs the queues of one
 * agent, at most 24. Instants in seconds.
 */
export class AgentPool {
  private readonly agents = new Map<string, Agent>();
  private readonly staffs: QueueStaff[] = [];
  busy = 0;
  free = 0;
  /** Agents that are told or inferred to be there at all: busy, free, or released within about half an hour. */
  readonly seen1800 = new FadingSum(1800);
  readonly released300 = new FadingSum(300);
  readonly releases60 = new FadingSum(60);
  /** When an agent's presence changed last as the source told it; 0 before. */
  changedAt = 0;
  /** Whether the source tells agents' states. */
  told = false;

  staff(queue: number): QueueStaff {
    return (this.staffs[queue] ??= new QueueStaff());
  }

  /** @returns the agent's work by queue, and its total, for {@link QueueSharing} */
  answered(
    id: string,
    queue: number,
    now: number,
  ): { readonly work: ReadonlyMap<number, number>; readonly total: number } {
    const agent = this.agent(id);
    if (agent.mode !== 'busy' || !agent.told) this.withdraw(agent, now);
    const fade = Math.exp(Math.min(0, agent.workAt - now) / WORK_FADES_S);
    agent.total = agent.total * fade + 1;
    for (const [each, weight] of agent.work) agent.work.set(each, weight * fade);
    agent.work.set(queue, (agent.work.get(queue) ?? 0) + 1);
    while (agent.work.size > MOST_QUEUES) agent.work.delete(leastOf(agent.work));
    agent.workAt = now;
    if (agent.mode !== 'busy' || !agent.told) this.enter(agent, agent.told ? agent.mode : 'busy', now);
    return agent;
  }

  /** The conversation of `id` ended. */
  released(id: string, now: number): void {
    const agent = this.agent(id);
    this.releases60.add(now, 1);
    for (const { queue, share } of agent.parts) if (share > ELIGIBLE) this.staff(queue).releases60.add(now, 1);
    if (agent.told || agent.mode !== 'busy') return;
    this.withdraw(agent, now);
    this.enter(agent, 'released', now);
  }

  /** The source says what an agent does, and which queues (by number) he serves; empty: as learnt. */
  stated(id: string, state: AgentState, serves: readonly number[], now: number): void {
    const agent = this.agent(id);
    const mode = MODE_OF[state];
    this.told = true;
    // After a restart everything is said again.
    const known = serves.length === 0 ? agent.serves : serves.slice(0, MOST_QUEUES);
    if (agent.told && agent.mode === mode && agent.since === now && isEqual(agent.serves, known)) return;
    this.withdraw(agent, now);
    if ((mode === 'away') !== (agent.mode === 'away') || !agent.told) this.changedAt = now;
    agent.told = true;
    agent.serves = known;
    this.enter(agent, mode, now);
  }

  /** Agents whose states are not told: who talks now, and since when to a contact of which queue. */
  reconcile(talking: ReadonlyMap<string, { readonly queue: number; readonly since: number }>): void {
    for (const [id, agent] of this.agents) {
      if (agent.told || agent.mode !== 'busy' || talking.has(id)) continue;
      this.withdraw(agent, agent.since);
      agent.mode = 'away';
    }
    for (const [id, { queue, since }] of talking) {
      const agent = this.agent(id);
      if (!agent.told && agent.mode !== 'busy') this.answered(id, queue, since);
    }
  }

  private agent(id: string): Agent {
    let agent = this.agents.get(id);
    if (!agent) this.agents.set(id, (agent = new Agent()));
    return agent;
  }

  private enter(agent: Agent, mode: Mode, now: number): void {
    agent.mode = mode;
    agent.since = now;
    agent.parts = mode === 'away' ? [] : partsOf(agent);
    if (mode === 'busy') this.busy += 1;
    if (mode === 'free') this.free += 1;
    if (mode === 'released') this.released300.add(now, 1);
    if (mode !== 'away') this.seen1800.add(now, 1);
    for (const { queue, share } of agent.parts) {
      const staff = this.staff(queue);
      const eligible = share > ELIGIBLE ? 1 : 0;
      if (agent.told) staff.comesAndGoes(eligible, now);
      if (mode === 'busy') {
        staff.busy += eligible;
        staff.busyShare += share;
        staff.newlyBusy60.add(now, eligible);
      } else if (mode === 'free') {
        staff.free += eligible;
        staff.freeShare += share;
      } else {
        staff.releasedShare300.add(now, share);
        staff.released30.add(now, eligible);
        staff.released300.add(now, eligible);
        staff.released1800.add(now, eligible);
      }
    }
  }

  private withdraw(agent: Agent, now: number): void {
    const { mode, since } = agent;
    if (mode === 'away') return;
    if (mode === 'busy') this.busy -= 1;
    if (mode === 'free') this.free -= 1;
    if (mode === 'released') this.released300.withdraw(now, since, 1);
    this.seen1800.withdraw(now, since, 1);
    for (const { queue, share } of agent.parts) {
      const staff = this.staff(queue);
      const eligible = share > ELIGIBLE ? 1 : 0;
      if (agent.told) staff.comesAndGoes(-eligible, now);
      if (mode === 'busy') {
        staff.busy -= eligible;
        staff.busyShare = staff.busy === 0 ? 0 : Math.max(0, staff.busyShare - share);
        staff.newlyBusy60.withdraw(now, since, eligible);
      } else if (mode === 'free') {
        staff.free -= eligible;
        staff.freeShare = staff.free === 0 ? 0 : Math.max(0, staff.freeShare - share);
      } else {
        staff.releasedShare300.withdraw(now, since, share);
        staff.released30.withdraw(now, since, eligible);
        staff.released300.withdraw(now, since, eligible);
        staff.released1800.withdraw(now, since, eligible);
      }
    }
  }
}

const isEqual = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === others.length && some.every((each, n) => each === others[n]);

/** How an agent counts by queue: by his work so far, and evenly over the queues he is said to serve until he has any. */
const partsOf = ({ work, total, serves }: Agent): Part[] => {
  const parts: Part[] = [];
  for (const [queue, weight] of work)
    if (serves.length === 0 || serves.includes(queue)) parts.push({ queue, share: weight / total });
  for (const queue of serves) if (!work.has(queue)) parts.push({ queue, share: 1 / serves.length });
  return parts;
};
