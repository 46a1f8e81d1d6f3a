import { SiteFold, type LegFact, type SpellFact } from '@queuecast/contact-center';
import { parseEvent, siteId, tenantId } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { FaultyDelivery } from '../delivery/inject.js';
import { emptyRow, type LedgerRow } from './ledger.js';
import { Random } from './random.js';
import { centreOf, SCENARIOS, type ScenarioName } from './scenarios.js';
import { Simulation } from './simulation.js';
import type { TimedEvent } from './stage.js';

const HOUR = 3_600_000;

/** The ledger as the fold's facts tell it. */
const ledgerOf = (legs: readonly LegFact[], queues: readonly string[]): LedgerRow[] => {
  const rows = new Map(queues.map((queue) => [queue, emptyRow(queue, null)]));
  for (const leg of legs) {
    const row = rows.get(leg.queue);
    if (!row || leg.internal) continue;
    row.offered++;
    row.declines += leg.declines;
    if (leg.outcome === 'waiting') {
      row.stillWaiting++;
      continue;
    }
    const wait = leg.waitMs ?? Number.NaN;
    row.totalWaitMs += wait;
    switch (leg.outcome) {
      case 'answered':
        row.answered++;
        row.answeredWaitMs += wait;
        if (wait <= 150_000) row.answeredWithin++;
        if (leg.endedAt !== null) row.completed++;
        row.talkMs += leg.talkMs ?? 0;
        row.holdMs += leg.holdMs ?? 0;
        row.wrapMs += leg.wrapMs ?? 0;
        break;
      case 'abandoned':
        if (wait < 5000) row.shortAbandoned++;
        else row.abandoned++;
        break;
      case 'flowed_out':
      case 'overflowed':
      case 'timed_out':
        row.flowedOut++;
        break;
      case 'callback_taken':
        row.callbackTaken++;
        break;
      case 'dropped_by_system':
        row.dropped++;
        break;
      default:
        row.closedOut++;
    }
  }
  return [...rows.values()].sort((one, other) => (one.queue < other.queue ? -1 : 1));
};

const fold = (events: Iterable<TimedEvent>): { legs: LegFact[]; spells: SpellFact[] } => {
  const site = new SiteFold(tenantId('demo'), siteId('main'));
  let version = 0;
  for (const { event, at } of events) {
    const parsed = parseEvent(event, at);
    if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
    const conflict = site.apply(parsed.event, ++version);
    if (conflict) throw new Error(JSON.stringify(conflict));
  }
  // Late events make the fold ask what the facts hold of their contact: there are none yet.
  site.verify(site.unverified(), []);
  for (const { agent, from } of site.unverifiedAgents()) site.verifyAgent(agent, from, []);
  const { legs, spells } = site.drain();
  return { legs: [...legs], spells: [...spells] };
};

const simulationOf = (scenario: ScenarioName, ghostShare: number, skewMs: number): Simulation => {
  const start = Date.parse('2026-03-02T09:00:00+01:00');
  const end = start + 2 * HOUR;
  return new Simulation({
    scenario,
    model: centreOf(scenario, { start, end, timeZone: 'Europe/Brussels' }),
    seed: 'fold',
    start,
    end,
    tenant: 'demo',
    site: 'main',
    ghostShare,
    skewMs,
    sources: 2,
  });
};

describe('the simulator’s books and the fold’s facts agree', () => {
  it.each(SCENARIOS)('%s, delivered faithfully: the ledger and the agents’ time', (scenario) => {
    const simulation = simulationOf(scenario, 0, 0);
    const { legs, spells } = fold(simulation);
    const truth = simulation.truth();
    expect(
      ledgerOf(
        legs,
        truth.queues.map(({ queue }) => queue),
      ),
    ).toEqual(truth.queues);
    expect(legs.filter(({ internal }) => internal).length).toBe(truth.internalLegs);
    const agentMs: Record<string, number> = { offline: 0, available: 0, offered: 0, busy: 0, wrap_up: 0, away: 0 };
    for (const { state, from, to } of spells) agentMs[state] = (agentMs[state] ?? 0) + (to ?? truth.to) - from;
    expect(agentMs).toEqual(truth.agentMs);
  });

  it.each(SCENARIOS)('%s, with duplicates, disorder, late events, skewed clocks and ghosts', (scenario) => {
    const simulation = simulationOf(scenario, 0.02, 30_000);
    const delivery = new FaultyDelivery(
      { duplicates: 0.1, disorder: 0.2, disorderMs: 5000, late: 0.01, lateFromMs: 600_000, lateToMs: 7_200_000 },
      new Random('fold faults'),
    );
    const { legs } = fold(delivery.deliver(simulation));
    const truth = simulation.truth();
    expect(
      ledgerOf(
        legs,
        truth.queues.map(({ queue }) => queue),
      ),
    ).toEqual(truth.queues);
    expect(delivery.injected.duplicated).toBeGreaterThan(500);
  });
});
