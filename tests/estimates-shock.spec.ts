import { SiteFold, type LegFact } from '@queuecast/contact-center';
import { instant, parseEvent, siteId, tenantId, type QueueId } from '@queuecast/events';
import type { Estimate } from '@queuecast/live';
import { beforeAll, describe, expect, it } from 'vitest';
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
  /** Milliseconds; of one who hung up or still waits, what he waited at least. */
  readonly waitMs: number;
  readonly answered: boolean;
}

/** What was told to everyone who joined on the day of the incident until an instant, after two ordinary mornings. */
const judged = (scenario: ScenarioName, seed: string, until: number): readonly Judged[] => {
  const fold = new SiteFold(tenantId('lumina'), siteId('main'));
  const estimates = new SiteEstimates(1);
  const waiting = new Map<string, Omit<Judged, 'waitMs' | 'answered'>>();
  const result: Judged[] = [];
  const keyOf = ({ contact, leg }: LegFact): string => `${contact} ${leg}`;
  fold.onAgentChanged((spell) => estimates.agentChanged(spell));
  fold.onLegChanged((before, after, at) => {
    if (after && !before && after.outcome === 'waiting') {
      const source = { state: 'live', lastEventAt: at, lastHeardAt: at, lagMs: 0 } as const;
      const { queue, queuedAt: joinedAt } = after;
      waiting.set(keyOf(after), { queue, joinedAt, told: estimates.estimate(queue, OPEN, source, at) });
    }
    estimates.learn(before, after, at);
    if (before?.outcome !== 'waiting' || after?.outcome === 'waiting') return;
    const joined = waiting.get(keyOf(before));
    waiting.delete(keyOf(before));
    if (!joined || !after || after.waitMs === null) return;
    const answered = after.outcome === 'answered';
    if (answered || after.outcome === 'abandoned') result.push({ ...joined, waitMs: after.waitMs, answered });
  });
  let version = 0;
  for (const day of [-4, -1, 0]) {
    const start = TUESDAY + day * 24 * HOUR + 8 * HOUR;
    const end = day === 0 ? until : start + 4 * HOUR;
    const name = day === 0 ? scenario : 'normal-day';
    const model = centreOf(name, {
      start: TUESDAY + day * 24 * HOUR,
      end: TUESDAY + (day + 1) * 24 * HOUR,
      timeZone: 'UTC',
    });
    const options = {
      scenario: name,
      model,
      seed: `${seed}${day}`,
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
  for (const joined of waiting.values()) result.push({ ...joined, waitMs: until - joined.joinedAt, answered: false });
  return result.filter(({ joinedAt }) => joinedAt >= TUESDAY);
};

/** Whether what was told held: who hung up inside the band may have waited any time beyond. */
const held = ({ told, waitMs, answered }: Judged): boolean =>
  told.kind === 'abstention' || (waitMs <= told.highMs && (waitMs >= told.lowMs || !answered));

const longer = ({ told, waitMs }: Judged): boolean => told.kind === 'band' && waitMs > told.highMs;

const share = (of: readonly Judged[], is: (each: Judged) => boolean): number => of.filter(is).length / of.length;

/**
 * The shock strikes with the incident: the first agent leaves, the first of the flood calls. Most agents leave later, as
 * their conversations end, so that for some minutes it is one that grows.
 */
describe.each([
  { scenario: 'mass-logout', queues: ['billing', 'technical', 'sales', 'general'], minutes: 30 },
  { scenario: 'cable-break', queues: ['technical'], minutes: 12 },
] as const)('$scenario', ({ scenario, queues, minutes }) => {
  describe.each(['shock', 'other'])('seed %s', (seed) => {
    let all: readonly Judged[] = [];
    beforeAll(() => {
      all = judged(scenario, seed, INCIDENT + minutes * MINUTE);
    });

    it.each(queues)('%s: from 90 seconds after the shock on nobody is told a confident wrong wait', (queue) => {
      const those = all.filter((each) => each.queue === queue);
      const hit = those.filter(({ joinedAt }) => joinedAt >= INCIDENT + 90_000);
      expect(hit.length).toBeGreaterThan(90);
      expect(share(hit, held)).toBeGreaterThan(0.98);
      expect(share(hit, longer)).toBeLessThan(0.01);
      // Not by abstaining at all times: before it, everybody was told a wait.
      const before = those.filter(({ joinedAt }) => joinedAt >= INCIDENT - 30 * MINUTE && joinedAt < INCIDENT);
      expect(share(before, ({ told }) => told.kind === 'band')).toBeGreaterThan(0.95);
    });
  });
});
