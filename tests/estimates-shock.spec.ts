import { SiteFold, type LegFact } from '@queuecast/contact-center';
import { instant, parseEvent, siteId, tenantId, type QueueId } from '@queuecast/events';
import type { Estimate } from '@queuecast/live';
import { describe, expect, it } from 'vitest';
import { SiteEstimates } from '../apps/processor/src/site-estimates.js';
import { centreOf, Simulation, type ScenarioName } from '../apps/simulator/src/index.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const TUESDAY = Date.parse('2026-03-03T00:00:00Z');
const INCIDENT = TUESDAY + 10 * HOUR;
const OPEN = { state: 'open', until: null, by: 'calendar' } as const;

interface Judged {
  readonly queue: QueueId;
  readonly joinedAt: number;
  readonly told: Estimate;
  /** Milliseconds; of one who hung up, what he waited at least. */
  readonly waitMs: number;
  readonly answered: boolean;
}

/** What was told to everyone who joined on the day of the incident, after the mornings of three ordinary days. */
const judged = (scenario: ScenarioName): readonly Judged[] => {
  const fold = new SiteFold(tenantId('lumina'), siteId('main'));
  const estimates = new SiteEstimates(1);
  const told = new Map<string, Estimate>();
  const result: Judged[] = [];
  const keyOf = ({ contact, leg }: LegFact): string => `${contact} ${leg}`;
  fold.onAgentChanged((spell) => estimates.agentChanged(spell));
  fold.onLegChanged((before, after, at) => {
    if (after && !before && after.outcome === 'waiting') {
      const source = { state: 'live', lastEventAt: at, lastHeardAt: at, lagMs: 0 } as const;
      told.set(keyOf(after), estimates.estimate(after.queue, OPEN, source, at));
    }
    estimates.learn(before, after, at);
    if (before?.outcome !== 'waiting' || !after || after.waitMs === null) return;
    const answered = after.outcome === 'answered';
    if (answered || after.outcome === 'abandoned')
      result.push({
        queue: after.queue,
        joinedAt: after.queuedAt,
        told: told.get(keyOf(after))!,
        waitMs: after.waitMs,
        answered,
      });
  });
  let version = 0;
  for (const day of [-4, -1, 0]) {
    const [start, end] = [
      TUESDAY + day * 24 * HOUR + 8 * HOUR,
      TUESDAY + day * 24 * HOUR + (day === 0 ? 11 : 12) * HOUR,
    ];
    const name = day === 0 ? scenario : 'normal-day';
    const model = centreOf(name, {
      start: TUESDAY + day * 24 * HOUR,
      end: TUESDAY + (day + 1) * 24 * HOUR,
      timeZone: 'UTC',
    });
    const options = {
      scenario: name,
      model,
      seed: `shock${day}`,
      start,
      end,
      tenant: 'lumina',
      site: 'main',
      heartbeatMs: HOUR,
      books: false,
    };
    for (const { event, at } of new Simulation(options)) {
      const parsed = parseEvent(event, instant(at));
      if (parsed.kind === 'event') fold.apply(parsed.event, (version += 1));
    }
    fold.verify(fold.unverified(), []);
    fold.drain();
    fold.evict();
  }
  return result.filter(({ joinedAt }) => joinedAt >= TUESDAY);
};

/** Whether what was told held: who hung up inside the band may have waited any time beyond. */
const held = ({ told, waitMs, answered }: Judged): boolean =>
  told.kind === 'abstention' || (waitMs <= told.highMs && (waitMs >= told.lowMs || !answered));

const share = (of: readonly Judged[], is: (each: Judged) => boolean): number => of.filter(is).length / of.length;

describe.each([
  // Agents leave as their conversations end, over two minutes; everybody's queue is hit.
  { scenario: 'mass-logout', queues: ['billing', 'technical', 'sales'], strikes: 2 * MINUTE },
  { scenario: 'cable-break', queues: ['technical'], strikes: 0 },
] as const)('$scenario', ({ scenario, queues, strikes }) => {
  const all = judged(scenario);
  const between = (from: number, to: number) => (each: Judged) =>
    each.joinedAt >= INCIDENT + from && each.joinedAt < INCIDENT + to;

  it.each(queues)('%s: 90 seconds after the shock nobody is told a confident wrong wait', (queue) => {
    const those = all.filter((each) => each.queue === queue);
    const hit = those.filter(between(strikes + 90_000, 30 * MINUTE));
    expect(hit.length).toBeGreaterThan(60);
    expect(share(hit, held)).toBeGreaterThan(0.9);
    // Not by abstaining at all times: before it, everybody was told a wait.
    const before = those.filter(between(-30 * MINUTE, 0));
    expect(share(before, ({ told }) => told.kind === 'band')).toBeGreaterThan(0.95);
  });
});
