import { instant, MAX_ID_LENGTH, parseEvent } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultyDelivery } from '../delivery/inject.js';
import { imbalance } from './ledger.js';
import { Random } from './random.js';
import { centreOf, SCENARIOS, type ScenarioName } from './scenarios.js';
import { Simulation, type SimulationOptions } from './simulation.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-02T07:30:00+01:00');

const simulationOf = (scenario: ScenarioName, hours: number, options: Partial<SimulationOptions> = {}): Simulation => {
  const start = options.start ?? START;
  const end = start + hours * HOUR;
  return new Simulation({
    scenario,
    model: centreOf(scenario, { start, end, timeZone: 'Europe/Brussels' }),
    seed: '1',
    start,
    end,
    tenant: 'demo',
    site: 'main',
    ...options,
  });
};

describe('a seed', () => {
  it('decides everything: the same one gives the same events and the same truth', () => {
    const [one, other] = [simulationOf('normal-day', 2), simulationOf('normal-day', 2)];
    expect([...one]).toEqual([...other]);
    expect(one.truth()).toEqual(other.truth());
  });

  it('differs from another one in its contacts and in every id', () => {
    const ids = (seed: string) => new Set([...simulationOf('normal-day', 1, { seed })].map(({ event }) => event.id));
    const [one, other] = [ids('1'), ids('2')];
    expect([...one].filter((id) => other.has(id))).toEqual([]);
  });
});

describe('the events of a scenario', () => {
  it.each(SCENARIOS)('%s: all are valid, unique and in the order of time', (scenario) => {
    const simulation = simulationOf(scenario, 4);
    const ids = new Set<string>();
    const invalid: unknown[] = [];
    const backwards: unknown[] = [];
    let last = simulation.options.start;
    for (const { event, at } of simulation) {
      const parsed = parseEvent(event, at);
      if (parsed.kind !== 'event') invalid.push({ event, parsed });
      if (at < last) backwards.push(event);
      ids.add(event.id);
      last = at;
    }
    expect(invalid).toEqual([]);
    expect(backwards).toEqual([]);
    expect(ids.size).toBe(simulation.truth().events);
    expect(ids.size).toBeGreaterThan(5000);
  });

  it('never give an agent two states in one millisecond', () => {
    const marks = [...simulationOf('mass-logout', 6)]
      .filter(({ event }) => event.type === 'acd.agent.state_changed')
      .map(({ event }) => `${event.subject}/${event.time}`);
    expect(new Set(marks).size).toBe(marks.length);
    expect(marks.length).toBeGreaterThan(1000);
  });

  it('cover every channel and every way out of a queue', () => {
    const seen = new Set<string>();
    for (const scenario of ['cable-break', 'understaffed', 'mass-logout'] as const)
      for (const { event } of simulationOf(scenario, 13)) {
        const { reason, channel, mode, by } = event.data as Record<string, unknown>;
        seen.add(event.type);
        for (const value of [reason, channel, mode, by]) if (typeof value === 'string') seen.add(value);
      }
    const wanted = [
      ['voice', 'chat', 'email', 'counter', 'callback', 'blind', 'consulted', 'customer', 'agent', 'system'],
      ['abandoned', 'overflowed', 'callback_taken', 'closed', 'dropped_by_system', 'no_show'],
      ['no_answer', 'rejected', 'lunch', 'break', 'auto_pause'],
      ['acd.contact.menu_completed', 'acd.contact.held', 'acd.contact.resumed', 'acd.contact.wrapped_up'],
      ['acd.callback.promised', 'acd.callback.attempted', 'acd.callback.kept', 'acd.survey.answered'],
      ['acd.queue.opened', 'acd.queue.closed', 'acd.queue.notice_posted', 'acd.queue.notice_cleared'],
      ['acd.source.heartbeat'],
    ].flat();
    expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
  });

  it('break ten seconds of silence with a heartbeat', () => {
    const night = simulationOf('night', 3, { start: Date.parse('2026-03-03T01:00:00+01:00') });
    let last = night.options.start;
    let longest = 0;
    let heartbeats = 0;
    for (const { event, at } of night) {
      longest = Math.max(longest, at - last);
      if (event.type === 'acd.source.heartbeat') heartbeats++;
      last = at;
    }
    expect(longest).toBeLessThanOrEqual(10_000);
    expect(heartbeats).toBeGreaterThan(100);
  });

  it('multiply arrivals by fifty within ten minutes of a cable break', () => {
    const countPerMinute = (scenario: ScenarioName) => {
      const from = Date.parse('2026-03-02T10:12:00+01:00');
      let queued = 0;
      for (const { event, at } of simulationOf(scenario, 4))
        if (
          event.type === 'acd.contact.queued' &&
          (event.data as { queue: string }).queue === 'technical' &&
          at >= from &&
          at < from + 10 * 60_000
        )
          queued++;
      return queued;
    };
    const ratio = countPerMinute('cable-break') / countPerMinute('normal-day');
    expect(ratio).toBeGreaterThan(35);
    expect(ratio).toBeLessThan(70);
  });
});

describe('the ground truth', () => {
  it('balances in every queue and quarter hour, for every scenario, seed and hour of the day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCENARIOS),
        fc.string({ minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 23 }),
        fc.constantFrom(0, 0.01),
        (scenario, seed, hour, ghostShare) => {
          const start = Date.parse('2026-03-02T00:00:00+01:00') + hour * HOUR;
          const simulation = simulationOf(scenario, 1.5, { seed, start, ghostShare });
          for (const _ of simulation) void _;
          const truth = simulation.truth();
          for (const row of [...truth.queues, ...truth.quarters]) {
            expect(imbalance(row)).toBe(0);
            expect(Object.entries(row).filter(([, value]) => typeof value === 'number' && value < 0)).toEqual([]);
            expect(row.answeredWithin).toBeLessThanOrEqual(row.answered);
            expect(row.completed).toBeLessThanOrEqual(row.answered);
          }
          for (const total of truth.queues)
            expect(
              truth.quarters.filter(({ queue }) => queue === total.queue).reduce((sum, row) => sum + row.offered, 0),
            ).toBe(total.offered);
          expect(Object.values(truth.agentMs).reduce((sum, ms) => sum + ms, 0)).toBe(truth.agents * 1.5 * HOUR);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('cannot be asked of a simulation that keeps no books', () => {
    expect(() => simulationOf('night', 1, { books: false }).truth()).toThrow(/books: true/);
  });

  it('says how many contacts the ACD forgot, and lets the waiting ones wait for ever', () => {
    const simulation = simulationOf('normal-day', 4, { ghostShare: 0.2 });
    for (const _ of simulation) void _;
    const { ghosts, queues } = simulation.truth();
    expect(ghosts.waiting).toBeGreaterThan(100);
    expect(ghosts.talking).toBeGreaterThan(100);
    expect(queues.reduce((sum, { stillWaiting }) => sum + stillWaiting, 0)).toBeGreaterThanOrEqual(ghosts.waiting);
  });
});

describe('clock skew', () => {
  it('shifts all events of a source by one amount, within the bound, and is in the truth', () => {
    const skewed = simulationOf('normal-day', 1, { sources: 3, skewMs: 60_000 });
    const skews = new Map<string, Set<number>>();
    for (const { event, at } of skewed) {
      const known = skews.get(event.source) ?? new Set();
      skews.set(event.source, known.add(Date.parse(event.time) - at));
    }
    expect(Object.fromEntries([...skews].map(([source, values]) => [source, [...values]]))).toEqual(
      Object.fromEntries(Object.entries(skewed.truth().skewMs).map(([source, skew]) => [source, [skew]])),
    );
    for (const skew of Object.values(skewed.truth().skewMs)) expect(Math.abs(skew)).toBeLessThanOrEqual(60_000);
    expect(skews.size).toBe(3);
  });
});

describe('faulty delivery', () => {
  const faults = {
    duplicates: 0.1,
    disorder: 0.2,
    disorderMs: 5000,
    late: 0.01,
    lateFromMs: 600_000,
    lateToMs: 900_000,
  };

  it('loses and changes nothing, and counts what it did', () => {
    const events = [...simulationOf('normal-day', 1)];
    const delivery = new FaultyDelivery(faults, new Random('faults'));
    const delivered = [...delivery.deliver(events)];
    expect(delivered.length).toBe(events.length + delivery.injected.duplicated);
    expect(new Set(delivered.map(({ event }) => event))).toEqual(new Set(events.map(({ event }) => event)));
    expect(delivered.map(({ at }) => at)).toEqual(delivered.map(({ at }) => at).sort((one, other) => one - other));
    const { duplicated, delayed, late, longestDelayMs } = delivery.injected;
    for (const [count, share] of [
      [duplicated, faults.duplicates],
      [delayed, faults.disorder],
      [late, faults.late],
    ] as const)
      expect(Math.abs(count / events.length - share)).toBeLessThan(share / 3);
    expect(longestDelayMs).toBeLessThanOrEqual(930_000);
    const happened = delivered.map(({ event }) => event.time);
    expect(happened).not.toEqual([...happened].sort());
  });

  it('is repeatable by seed', () => {
    const run = () => [...new FaultyDelivery(faults, new Random('7')).deliver(simulationOf('night', 1))];
    expect(run()).toEqual(run());
  });
});

it('ids are short enough for the contract, whatever the seed', () => {
  const [first] = simulationOf('night', 1, { seed: 'x'.repeat(1000) });
  expect(first?.event.id.length).toBeLessThan(MAX_ID_LENGTH);
  expect(parseEvent(first?.event, instant(START)).kind).toBe('event');
});
