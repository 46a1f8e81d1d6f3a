import type { AgentState } from '@queuecast/events';
import { FadingAverage, FadingSum } from './decay.js';
import { leastOf } from './queue-sharing.js';

/** An agent's work of three days ago counts by 1/e in what he is eligible for. */
const WORK_FADES_S = 3 * 86_400;
/** Of so many queues an agent's work is divided; whom the source states more counts for all of them. */
const MOST_QUEUES = 24;
/** Where no queues are stated, an agent is eligible for a queue that makes up more than this share of his work. */
const ELIGIBLE = 0.03;
/** And is there for a queue that he answered within so many seconds, however seldom. */
const REMEMBERED_S = 28 * 86_400;

/** The agents of one queue. Sums over eligible agents, each by what is given; `busyShare` by the share of his work. */
export class QueueStaff {
  busy = 0;
  busyShare = 0;
  /** Free agents as the source tells them. */
  free = 0;
  /**
   * Agents that are there, busy or free, as the source tells them, of those whom it states for this queue, or who have
   * answered it where it states no queues; and their average over about five minutes and an hour.
   */
  present = 0;
  /** Whether any agent was ever stated for it or answered it. */
  known = false;
  readonly presentAverage = new FadingAverage(300);
  readonly presentUsual = new FadingAverage(3600);
  /** How many of them left, over about two minutes and an hour. */
  readonly left120 = new FadingSum(120);
  readonly left3600 = new FadingSum(3600);
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
    if (change < 0) for (const sum of [this.left120, this.left3600]) sum.add(now, -change);
  }
}

/** One agent's part in the sums of one queue, kept as it was added so that it can be withdrawn exactly. */
interface Part {
  readonly queue: number;
  readonly share: number;
  /** 1 or 0. */
  readonly eligible: number;
}

/** The queues that an agent is there for: as the source states, or those that he has answered. */
interface Presence {
  readonly stated: boolean;
  readonly queues: readonly number[];
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
  /** When he answered each queue last. */
  readonly answeredAt = new Map<number, number>();
  parts: Part[] = [];
  /** As what he is counted as present; null while he is away, or nobody tells. */
  presence: Presence | null = null;
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
 * agent: those stated, or at most 24 learnt. Instants in seconds.
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
  /** Agents that are there of whom no queues are stated; and those of them who have answered nothing yet. */
  private presentUnstated = 0;
  private presentUnproven = 0;

  staff(queue: number): QueueStaff {
    return (this.staffs[queue] ??= new QueueStaff());
  }

  /**
   * Whether nobody is there who might answer a queue, by what the source tells. Where it states no queues, whoever has
   * answered nothing yet may answer any, and a queue that nobody has answered yet may be answered by anyone.
   */
  isDeserted(queue: number): boolean {
    const { present, known } = this.staff(queue);
    return this.told && present === 0 && (known ? this.presentUnproven : this.presentUnstated) === 0;
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
    agent.answeredAt.set(queue, now);
    this.staff(queue).known = true;
    if (agent.mode !== 'busy' || !agent.told) this.enter(agent, agent.told ? agent.mode : 'busy', now);
    this.attend(agent, now);
    return agent;
  }

  /** The conversation of `id` ended. */
  released(id: string, now: number): void {
    const agent = this.agent(id);
    this.releases60.add(now, 1);
    for (const { queue, eligible } of agent.parts) if (eligible) this.staff(queue).releases60.add(now, 1);
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
    const known = serves.length === 0 ? agent.serves : serves;
    if (agent.told && agent.mode === mode && agent.since === now && isEqual(agent.serves, known)) return;
    this.withdraw(agent, now);
    if ((mode === 'away') !== (agent.mode === 'away') || !agent.told) this.changedAt = now;
    agent.told = true;
    agent.serves = known;
    for (const queue of known) this.staff(queue).known = true;
    this.enter(agent, mode, now);
    this.attend(agent, now);
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
    for (const { queue, share, eligible } of agent.parts) {
      const staff = this.staff(queue);
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

  /** Counts an agent as present in the queues that he is there for, where that has changed. */
  private attend(agent: Agent, now: number): void {
    const [before, after] = [agent.presence, presenceOf(agent, now)];
    if (before === after || (before && after && before.stated === after.stated && isEqual(before.queues, after.queues)))
      return;
    agent.presence = after;
    if (before) this.comesAndGoes(before, -1, now);
    if (after) this.comesAndGoes(after, 1, now);
  }

  private comesAndGoes({ stated, queues }: Presence, change: number, now: number): void {
    for (const queue of queues) this.staff(queue).comesAndGoes(change, now);
    if (!stated) this.presentUnstated += change;
    if (queues.length === 0) this.presentUnproven += change;
  }

  private withdraw(agent: Agent, now: number): void {
    const { mode, since } = agent;
    if (mode === 'away') return;
    if (mode === 'busy') this.busy -= 1;
    if (mode === 'free') this.free -= 1;
    if (mode === 'released') this.released300.withdraw(now, since, 1);
    this.seen1800.withdraw(now, since, 1);
    for (const { queue, share, eligible } of agent.parts) {
      const staff = this.staff(queue);
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

const presenceOf = ({ told, mode, serves, answeredAt }: Agent, now: number): Presence | null => {
  if (!told || mode === 'away') return null;
  if (serves.length > 0) return { stated: true, queues: serves };
  const queues = [...answeredAt].filter(([, at]) => now - at < REMEMBERED_S).map(([queue]) => queue);
  return { stated: false, queues };
};

/** How an agent counts by queue: by his work so far, and evenly over the queues he is said to serve until he has any. */
const partsOf = ({ work, total, serves }: Agent): Part[] => {
  const ofWork = (queue: number): number => (work.get(queue) ?? 0) / total;
  if (serves.length === 0)
    return [...work.keys()].map((queue) => {
      const share = ofWork(queue);
      return { queue, share, eligible: share > ELIGIBLE ? 1 : 0 };
    });
  return serves.map((queue) => ({ queue, share: work.has(queue) ? ofWork(queue) : 1 / serves.length, eligible: 1 }));
};
