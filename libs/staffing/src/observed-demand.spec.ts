import { describe, expect, it } from 'vitest';
import { ObservedDemand } from './observed-demand.js';
import { agentsOf } from './shared-agents.js';

const MINUTE = 60_000;
const START = 1_772_359_200_000;

/** A contact every half minute from `from` on, of four minutes each and a minute of wrap-up; every tenth hangs up. */
const busy = (observed: ObservedDemand, from: number, minutes: number): void => {
  for (let n = 0; n < minutes * 2; n += 1) {
    const at = from + n * 30_000;
    observed.arrived(at);
    observed.waited(at, 20_000, n % 10 === 0);
    if (n % 10 === 0) continue;
    observed.handled(at, 4 * MINUTE);
    observed.wrappedUp(at, MINUTE);
  }
};

describe('observed demand', () => {
  it('is arrivals of the last half hour, and handle times and patience', () => {
    const observed = new ObservedDemand(START);
    busy(observed, START, 60);
    const demand = observed.demand(START + 60 * MINUTE - 1);
    expect(demand?.arrivalRate).toBeCloseTo(1 / 30_000, 8);
    expect(demand?.meanHandle).toBe(5 * MINUTE);
    expect(demand?.meanPatience).toBe(200_000);
  });

  it('is not known before a quarter of an hour, nor of a few contacts', () => {
    const observed = new ObservedDemand(START);
    busy(observed, START, 14);
    expect(observed.demand(START + 14 * MINUTE)).toBeNull();
    expect(observed.demand(START + 15 * MINUTE)).not.toBeNull();
    const quiet = new ObservedDemand(START);
    busy(quiet, START, 4);
    expect(quiet.demand(START + 20 * MINUTE)).toBeNull();
  });

  it('forgets: arrivals after half an hour, the rest after two', () => {
    const observed = new ObservedDemand(START);
    busy(observed, START, 30);
    expect(observed.demand(START + 90 * MINUTE)).toBeNull();
    busy(observed, START + 100 * MINUTE, 30);
    busy(observed, START + 220 * MINUTE, 30);
    const demand = observed.demand(START + 250 * MINUTE - 1);
    expect(demand?.arrivalRate).toBeCloseTo(1 / 30_000, 8);
    observed.arrived(START);
    expect(observed.demand(START + 250 * MINUTE - 1)).toEqual(demand);
  });

  it('knows of no impatience where nobody hangs up', () => {
    const observed = new ObservedDemand(START);
    for (let n = 0; n < 40; n += 1) {
      observed.arrived(START + n * 30_000);
      observed.handled(START + n * 30_000, MINUTE);
    }
    expect(observed.demand(START + 20 * MINUTE)?.meanPatience).toBe(Infinity);
  });
});

describe('shared agents', () => {
  const work: Record<string, number> = { sales: 6, support: 2 };
  const workOf = (queue: string) => work[queue] ?? null;

  it('count for a queue as large as its part of the work', () => {
    const groups = [
      { queues: ['support'], serving: 3 },
      { queues: ['support', 'sales'], serving: 4 },
      { queues: ['sales'], serving: 9 },
    ];
    expect(agentsOf('support', groups, workOf)).toBe(4);
    expect(agentsOf('sales', groups, workOf)).toBe(12);
  });

  it('tell nothing of a queue that is a small part of their work', () => {
    const groups = [{ queues: ['support', 'sales'], serving: 8 }];
    expect(agentsOf('support', groups, workOf)).toBeNull();
    expect(agentsOf('sales', groups, workOf)).toBe(6);
  });

  it('are not known where the work of a queue is not', () => {
    expect(agentsOf('support', [{ queues: ['support', 'new'], serving: 4 }], workOf)).toBeNull();
    expect(agentsOf('support', [{ queues: ['support', 'new'], serving: 0 }], workOf)).toBe(0);
  });
});
