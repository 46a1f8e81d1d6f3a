import type { AgentState } from '@queuecast/events';
import { midnightOf, minutesOf, weekdayOf, type ZoneClock } from '../local-time.js';
import type { MassLogout, TeamModel } from './model.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const LUNCH = 30 * MINUTE;
const LONG_SHIFT = 6 * 60 * MINUTE;

export interface Agent {
  readonly id: string;
  readonly source: number;
  /** Queue ids with the level at which the agent serves them, best first. */
  readonly skills: readonly { readonly queue: string; readonly level: number }[];
  readonly queues: string[];
  state: AgentState;
  /** Working on, or about to be offered, a contact: absences wait for the end of it. */
  engaged: boolean;
  onShift: boolean;
  /** End of the present or latest shift. */
  homeAt: number;
  /** What the agent goes to when free; null for nothing. */
  absence: { readonly reason: string; readonly ms: number } | null;
  /** Time of the latest state mark, so that no two marks of an agent have the same time. */
  markedAt: number;
}

interface ShiftOfAgent {
  readonly agent: Agent;
  readonly team: TeamModel;
  readonly startMinutes: number;
  readonly endMinutes: number;
  readonly days: readonly boolean[] | undefined;
}

/** Agents, their shifts, breaks and states. */
export class Workforce {
  readonly agents: Agent[] = [];
  /** Told when an agent becomes, or is no longer, free to take a contact. */
  onFree: (agent: Agent) => void = () => undefined;
  onUnavailable: (agent: Agent) => void = () => undefined;
  readonly #shifts: ShiftOfAgent[] = [];
  readonly #random: Random;

  constructor(
    private readonly stage: Stage,
    teams: readonly TeamModel[],
    private readonly zone: ZoneClock,
    sources: number,
  ) {
    this.#random = stage.random.fork('workforce');
    for (const team of teams) this.#hire(team, sources);
  }

  /** Plans the shifts of the local day that begins at this wall-clock midnight. */
  planDay(midnight: number): void {
    for (const shift of this.#shifts) {
      if (shift.days?.[weekdayOf(midnight)] === false) continue;
      const endMidnight = shift.endMinutes <= shift.startMinutes ? midnight + DAY : midnight;
      const lateness = this.#random.integer(-2 * MINUTE, 4 * MINUTE);
      const start = this.zone.instantOf(midnight + shift.startMinutes * MINUTE) + lateness;
      const end = this.zone.instantOf(endMidnight + shift.endMinutes * MINUTE) + this.#random.integer(0, 5 * MINUTE);
      this.#planShift(shift.agent, shift.team, start, end);
    }
  }

  /** Whether the agent's phone may ring. */
  isFree(agent: Agent): boolean {
    return agent.state === 'available' && !agent.engaged;
  }

  /** Marks a state. Two marks never share a millisecond: the second one is put after the first. */
  mark(agent: Agent, state: AgentState, reason?: string): void {
    const { stage } = this;
    agent.state = state;
    agent.markedAt = Math.max(stage.now, agent.markedAt + 1);
    const speak = () =>
      stage.emit(agent.source, 'acd.agent.state_changed', agent.id, {
        state,
        ...(reason !== undefined && { reason }),
        queues: state === 'offline' ? [] : agent.queues,
      });
    if (agent.markedAt === stage.now) speak();
    else stage.at(agent.markedAt, speak);
    stage.ledger?.agentState(agent.id, state, agent.markedAt, reason ?? null, state === 'offline' ? [] : agent.queues);
  }

  /** The agent has nothing in hand any more: goes home, to a break, or waits for the next contact. */
  release(agent: Agent): void {
    agent.engaged = false;
    if (!agent.onShift) this.mark(agent, 'offline');
    else if (agent.absence) this.#leave(agent, agent.absence.reason, agent.absence.ms);
    else {
      this.mark(agent, 'available');
      this.onFree(agent);
    }
  }

  /** Sends the agent away for a while, as soon as nothing is in hand. */
  away(agent: Agent, reason: string, ms: number): void {
    if (!agent.onShift) return;
    agent.absence = { reason, ms };
    if (this.isFree(agent)) this.#leave(agent, reason, ms);
  }

  /** A share of the agents signed in log out within a short time and come back later. */
  massLogout({ share, withinMs, forMs }: MassLogout): void {
    for (const agent of this.agents.filter((candidate) => candidate.onShift && this.#random.chance(share))) {
      const leaveAt = this.#random.integer(0, withinMs);
      this.stage.in(leaveAt, () => this.#logOut(agent));
      this.stage.in(leaveAt + forMs + this.#random.integer(0, withinMs), () => {
        if (this.stage.now < agent.homeAt) this.#logIn(agent);
      });
    }
  }

  #hire(team: TeamModel, sources: number): void {
    const skills = Object.entries(team.skills)
      .map(([queue, level]) => ({ queue, level }))
      .sort((one, other) => one.level - other.level);
    let hired = 0;
    for (const shift of team.shifts)
      for (let number = 0; number < shift.agents; number++) {
        const agent: Agent = {
          id: `${team.id}-${String(++hired).padStart(3, '0')}`,
          source: this.agents.length % sources,
          skills,
          queues: skills.map(({ queue }) => queue),
          state: 'offline',
          engaged: false,
          onShift: false,
          homeAt: -Infinity,
          absence: null,
          markedAt: -Infinity,
        };
        this.agents.push(agent);
        const [startMinutes, endMinutes] = [minutesOf(shift.start), minutesOf(shift.end)];
        this.#shifts.push({ agent, team, startMinutes, endMinutes, days: shift.days });
      }
  }

  /** Says once how everybody stands at the start: whoever is not at work yet is offline. */
  introduce(): void {
    for (const agent of this.agents) if (!agent.onShift) this.mark(agent, 'offline');
  }

  #planShift(agent: Agent, { breaks }: TeamModel, start: number, end: number): void {
    const { stage } = this;
    if (end <= stage.now) return;
    const begin = () => {
      agent.homeAt = end;
      this.#logIn(agent);
    };
    if (start <= stage.now) begin();
    else stage.at(start, begin);
    const plan = (at: number, reason: string, ms: number) => {
      if (at > stage.now) stage.at(at, () => this.away(agent, reason, ms));
    };
    const length = end - start;
    if (length >= LONG_SHIFT) plan(start + length * (0.4 + 0.2 * this.#random.next()), 'lunch', LUNCH);
    for (let number = 0; number < breaks.count; number++) {
      const at = start + (length * (number + 0.2 + 0.6 * this.#random.next())) / breaks.count;
      const ms = this.#random.lognormal(breaks.duration.mean, breaks.duration.variation);
      plan(at, this.#random.pick(['break', 'break', 'coaching', 'meeting']), ms);
    }
    stage.at(end, () => this.#logOut(agent));
  }

  #logIn(agent: Agent): void {
    if (agent.onShift) return;
    agent.onShift = true;
    agent.absence = null;
    if (!agent.engaged) this.release(agent);
  }

  #logOut(agent: Agent): void {
    if (!agent.onShift) return;
    agent.onShift = false;
    agent.absence = null;
    if (agent.engaged) return;
    this.onUnavailable(agent);
    this.mark(agent, 'offline');
  }

  #leave(agent: Agent, reason: string, ms: number): void {
    agent.absence = null;
    this.onUnavailable(agent);
    this.mark(agent, 'away', reason);
    const absence = agent.markedAt;
    this.stage.in(Math.max(1000, ms), () => {
      // Only if this very absence still lasts: the agent may have gone home, or away again, meanwhile.
      if (agent.onShift && agent.state === 'away' && agent.markedAt === absence) this.release(agent);
    });
  }
}

/** Runs `plan` for every local day from the one before `start` on, each in its first moment (past ones at once). */
export const planDays = (stage: Stage, zone: ZoneClock, plan: (midnight: number) => void): void => {
  const today = midnightOf(zone.wallTime(stage.now));
  plan(today - DAY);
  const next = (midnight: number) => {
    plan(midnight);
    stage.at(zone.instantOf(midnight + DAY) - 10 * MINUTE, () => next(midnight + DAY));
  };
  next(today);
};
