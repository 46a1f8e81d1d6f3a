import type { Leg } from './journey.js';

/** The legs that wait in one queue: by priority, then by arrival. Those being offered keep their place. */
export class WaitingList {
  /** Ascending insertion order within a priority is arrival order. */
  readonly #byPriority = new Map<number, Set<Leg>>();
  #priorities: number[] = [];

  add(leg: Leg): void {
    let legs = this.#byPriority.get(leg.priority);
    if (!legs) {
      this.#byPriority.set(leg.priority, (legs = new Set()));
      this.#priorities = [...this.#byPriority.keys()].sort((one, other) => other - one);
    }
    legs.add(leg);
  }

  remove(leg: Leg): void {
    this.#byPriority.get(leg.priority)?.delete(leg);
  }

  /** The next leg to be served that is not being offered already. */
  first(): Leg | undefined {
    for (const priority of this.#priorities)
      for (const leg of this.#byPriority.get(priority) ?? []) if (leg.state === 'waiting') return leg;
    return undefined;
  }

  /** Everybody who waits, a copy. */
  all(): Leg[] {
    return this.#priorities.flatMap((priority) => [...(this.#byPriority.get(priority) ?? [])]);
  }
}

/** Agents free for one queue: by level, then whoever has been free longest. */
export class FreeAgents<Agent> {
  readonly #byLevel = new Map<number, Set<Agent>>();
  #levels: number[] = [];

  add(agent: Agent, level: number): void {
    let agents = this.#byLevel.get(level);
    if (!agents) {
      this.#byLevel.set(level, (agents = new Set()));
      this.#levels = [...this.#byLevel.keys()].sort((one, other) => one - other);
    }
    agents.add(agent);
  }

  remove(agent: Agent, level: number): void {
    this.#byLevel.get(level)?.delete(agent);
  }

  first(): Agent | undefined {
    for (const level of this.#levels) for (const agent of this.#byLevel.get(level) ?? []) return agent;
    return undefined;
  }
}
