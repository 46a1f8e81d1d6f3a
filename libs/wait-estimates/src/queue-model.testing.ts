/** A seeded stream of numbers in [0, 1): mulberry32, plenty for a queue in a test. */
export const seededUniform = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const exponential = (uniform: () => number, mean: number): number => -Math.log1p(-uniform()) * mean;

export interface QueueModel {
  readonly agents: number;
  readonly meanHandle: number;
  /** Infinity: nobody hangs up. */
  readonly meanPatience: number;
  readonly uniform: () => number;
  /** Time from one arrival to the next: what GI stands for. */
  readonly nextArrival: () => number;
}

/** What passes in the queue, in order of time. */
export interface QueueObserver<Known> {
  /** A contact joins while every agent is busy and `waiting` others wait; what is returned comes back with its wait. */
  joined(now: number, waiting: number): Known;
  /** A contact goes to an agent after `wait`, 0 included. */
  answered(now: number, wait: number): void;
  /** The virtual wait of a contact that joined is known, also of one that hung up: when it would have been answered. */
  waited(known: Known, wait: number): void;
}

interface Waiting<Known> {
  readonly joined: number;
  /** When it hangs up, if it still waits. */
  readonly hangsUp: number;
  readonly known: Known;
}

/**
 * GI/M/s+M, first come, first served, from an empty centre through `arrivals` arrivals. Whoever hung up keeps its place
 * in the line as a shadow: it would have been answered by the agent who comes free next once it is at the head, and the
 * agent then takes the first who is still there.
 */
export const runQueue = <Known>(model: QueueModel, arrivals: number, observer: QueueObserver<Known>): void => {
  const { agents, meanHandle, meanPatience, uniform, nextArrival } = model;
  let line: Waiting<Known>[] = [];
  let head = 0;
  let busy = 0;
  let now = 0;
  let arrival = nextArrival();

  const agentFree = (): void => {
    while (head < line.length) {
      const next = line[head]!;
      head += 1;
      observer.waited(next.known, now - next.joined);
      if (next.hangsUp <= now) continue;
      observer.answered(now, now - next.joined);
      return;
    }
    busy -= 1;
  };

  for (let left = arrivals; left > 0;) {
    // Handle times have no memory, so the time to the next end may be drawn anew after each event.
    const end = busy === 0 ? Infinity : now + exponential(uniform, meanHandle / busy);
    if (end < arrival) {
      now = end;
      agentFree();
      if (head > 1000 && head * 2 > line.length) {
        line = line.slice(head);
        head = 0;
      }
      continue;
    }
    now = arrival;
    arrival += nextArrival();
    left -= 1;
    if (busy < agents) {
      busy += 1;
      observer.answered(now, 0);
      continue;
    }
    let waiting = line.length - head;
    let hangsUp = Infinity;
    if (meanPatience < Infinity) {
      waiting = 0;
      for (let place = head; place < line.length; place += 1) if (line[place]!.hangsUp > now) waiting += 1;
      hangsUp = now + exponential(uniform, meanPatience);
    }
    line.push({ joined: now, hangsUp, known: observer.joined(now, waiting) });
  }
};
