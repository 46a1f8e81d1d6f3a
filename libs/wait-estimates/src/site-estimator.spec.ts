import { instant, queueId, type AgentId, type ContactId, type LegId } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rung } from './ladder.js';
import type { Forecast } from './scorecard.js';
import type { Hours } from './signals/site-signals.js';
import type { Stay, WaitEstimate } from './estimate.js';
import { SiteEstimator } from './site-estimator.js';
import { playedQueue, type PlayedEvent } from './site-estimator.testing.js';

const MONDAY = Date.parse('2026-03-02T08:00:00Z');
const [claims, sales] = [queueId('claims'), queueId('sales')];
const stay = (n: number): Stay => ({ contact: `c${n}` as ContactId, leg: '1' as LegId });

/** Feeds events; gives what was told to every contact that joined, and of every queue asked for in between. */
const feed = (estimator: SiteEstimator, events: readonly PlayedEvent[], ask = false): unknown[] => {
  const told: unknown[] = [];
  for (const event of events) {
    const at = instant(event.at);
    if (ask) estimator.estimate(event.queue, at);
    if (event.kind === 'joins') told.push({ ...estimator.joined(event.stay, event.queue, at) });
    if (event.kind === 'answered') estimator.answered(event.stay, event.queue, event.agent, at, event.waitMs);
    if (event.kind === 'hangs up') estimator.abandoned(event.stay, event.queue, at, event.waitMs);
    if (event.kind === 'ends') estimator.released(event.queue, event.agent, at, event.handleMs);
  }
  return told;
};

const bandOf = (estimate: WaitEstimate) => {
  if (estimate.kind !== 'band') throw new Error(`abstained: ${estimate.reason}`);
  return estimate;
};

describe('the estimates of a site', () => {
  it('never look ahead: what is told to whoever joins is the same if nothing comes after', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const events = playedQueue({ seed, start: MONDAY, contacts: 150, agents: 6, queues: [claims, sales] });
        const whole = feed(new SiteEstimator(1), events);
        const part = feed(new SiteEstimator(1), events.slice(0, Math.floor(events.length * share)));
        expect(part).toEqual(whole.slice(0, part.length));
      }),
      { numRuns: 30 },
    );
  });

  it('are the same however often they are asked for', () => {
    const events = playedQueue({ seed: 5, start: MONDAY, contacts: 400, agents: 5, queues: [claims] });
    expect(feed(new SiteEstimator(1), events, true)).toEqual(feed(new SiteEstimator(1), events));
  });

  it('come once there is enough to go by, per site and per queue', () => {
    const estimator = new SiteEstimator(1);
    const events = playedQueue({ seed: 1, start: MONDAY, contacts: 300, agents: 6, queues: [claims] });
    expect(estimator.estimate(claims, instant(MONDAY))).toEqual({ kind: 'abstention', reason: 'TOO_FEW_DATA' });
    feed(estimator, events);
    const end = instant(events.at(-1)?.at ?? 0);
    expect(bandOf(estimator.estimate(claims, end)).highMs).toBeGreaterThan(0);
    expect(estimator.estimate(sales, end)).toEqual({ kind: 'abstention', reason: 'TOO_FEW_DATA' });
  });

  it('learn to tell a long line from a short one', () => {
    const estimator = new SiteEstimator(1);
    const events = playedQueue({ seed: 9, start: MONDAY, contacts: 6_000, agents: 8, queues: [claims] });
    feed(estimator, events);
    let now = (events.at(-1)?.at ?? 0) + 1000;
    for (let n = 0; n < 8; n += 1) {
      estimator.joined(stay(100_000 + n), claims, instant(now));
      estimator.answered(stay(100_000 + n), claims, `a${n}` as AgentId, instant((now += 500)), 500);
    }
    const told = Array.from({ length: 12 }, (_, n) =>
      estimator.joined(stay(200_000 + n), claims, instant((now += 2000))),
    );
    // Eight agents who take 180 s each: a contact more ahead is 22 s more.
    expect(told[11]!.middle - told[0]!.middle).toBeGreaterThan(60);
  });

  it('tell those who wait the time left to them, by their place', () => {
    const estimator = new SiteEstimator(1);
    const events = playedQueue({ seed: 9, start: MONDAY, contacts: 6_000, agents: 8, queues: [claims] });
    feed(estimator, events);
    let now = (events.at(-1)?.at ?? 0) + 1000;
    for (let n = 0; n < 8; n += 1) {
      estimator.joined(stay(100_000 + n), claims, instant(now));
      estimator.answered(stay(100_000 + n), claims, `a${n}` as AgentId, instant((now += 500)), 500);
    }
    for (let n = 0; n < 6; n += 1) estimator.joined(stay(200_000 + n), claims, instant((now += 9000)));
    const ladder = (hours?: Hours): readonly Rung[] => {
      const told = estimator.ladder(claims, 6, instant(now), hours);
      if ('kind' in told) throw new Error(`abstained: ${told.reason}`);
      return told;
    };
    const rungs = ladder();
    expect(rungs.map(({ position }) => position)).toEqual([1, 2, 3, 5, 6]);
    expect(rungs.at(-1)!.p50Ms).toBeGreaterThan(rungs[0]!.p50Ms + 20_000);
    expect(ladder({ sinceOpening: 600, toClosing: 600 })).not.toEqual(rungs);
    expect(estimator.ladder(claims, 0, instant(now))).toEqual([]);
  });

  it('are numbers, and so are those of all rules, whatever the times and durations that sources tell', () => {
    const moment = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: -86_400_000, max: 86_400_000 }));
    const duration = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 400_000 }),
      fc.integer({ min: 0, max: 2 ** 41 }),
    );
    const happening = fc.record({
      kind: fc.constantFrom('answered', 'hangs up', 'leaves', 'is free', 'is away', 'joins', 'joins', 'ends'),
      passes: moment,
      ms: duration,
      queue: fc.constantFrom(claims, sales),
      who: fc.integer({ min: 0, max: 9 }),
    });
    const said: unknown[] = [];
    fc.assert(
      fc.property(fc.array(happening, { minLength: 60, maxLength: 200 }), (happenings) => {
        const estimator = new SiteEstimator(1);
        const bandsOf = (forecasts: Readonly<Record<string, Forecast | null>>) =>
          Object.values(forecasts).map((told) => told && [told.low, told.middle, told.high]);
        estimator.onScored((_queue, _at, _wait, forecasts) => said.push(...bandsOf(forecasts)));
        let now = MONDAY;
        for (const { kind, passes, ms, queue, who } of happenings) {
          const [at, agent] = [instant((now += passes)), `a${who}` as AgentId];
          if (kind === 'joins') {
            estimator.joined(stay(who), queue, at);
            said.push(...bandsOf(estimator.forecasts(stay(who)) ?? {}));
          }
          if (kind === 'answered') estimator.answered(stay(who), queue, agent, at, ms);
          if (kind === 'hangs up') estimator.abandoned(stay(who), queue, at, ms);
          if (kind === 'leaves') estimator.left(stay(who), queue, at, ms % 2 === 0 ? null : ms);
          if (kind === 'ends') estimator.released(queue, agent, at, ms);
          if (kind === 'is free') estimator.agentStated(agent, 'available', [claims, sales], at);
          if (kind === 'is away') estimator.agentStated(agent, 'away', [claims], at);
          said.push(estimator.estimate(queue, at), ...[estimator.ladder(queue, who + 1, at)].flat());
        }
      }),
      { numRuns: 40 },
    );
    const numbers = said
      .flatMap((each): unknown[] => Object.values(each ?? {}))
      .filter((value) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThan(1_000);
    expect(numbers.filter((value) => !(value >= 0 && value < Infinity))).toEqual([]);
  });

  it('go on after a restart, or on another processor, as if nothing had been', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const events = playedQueue({ seed, start: MONDAY, contacts: 300, agents: 5, queues: [claims, sales] });
        const cut = Math.floor(events.length * share);
        const before = new SiteEstimator(1);
        feed(before, events.slice(0, cut));
        const after = new SiteEstimator(2);
        expect(after.restore(before.snapshot())).toBe(true);
        expect(feed(after, events.slice(cut))).toEqual(feed(before, events.slice(cut)));
        expect(Buffer.compare(after.snapshot(), before.snapshot())).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('take up no snapshot of another version, and no damaged one', () => {
    const estimator = new SiteEstimator(1);
    feed(estimator, playedQueue({ seed: 1, start: MONDAY, contacts: 100, agents: 3, queues: [claims] }));
    const snapshot = estimator.snapshot();
    const fresh = () => new SiteEstimator(1);
    const [otherVersion, cut] = [snapshot.slice(), snapshot.slice(0, snapshot.length >> 1)];
    otherVersion[4] = 99;
    for (const bad of [otherVersion, cut, new Uint8Array(3), new Uint8Array(64)])
      expect(fresh().restore(bad)).toBe(false);
    expect(fresh().restore(snapshot)).toBe(true);
  });

  it('know after a restart who waits and who talks, whatever the snapshot says', () => {
    const events = playedQueue({ seed: 3, start: MONDAY, contacts: 500, agents: 4, queues: [claims] });
    const estimator = new SiteEstimator(1);
    feed(estimator, events);
    const now = (events.at(-1)?.at ?? 0) + 60_000;
    for (let n = 0; n < 20; n += 1) estimator.joined(stay(300_000 + n), claims, instant(now + n));
    const crowded = estimator.joined(stay(400_000), claims, instant(now + 30)).middle;
    estimator.reconcile([{ ...stay(400_000), queue: claims, joinedAt: instant(now + 30) }], []);
    expect(estimator.joined(stay(400_001), claims, instant(now + 40)).middle).toBeLessThan(crowded);
    estimator.answered(stay(400_000), claims, 'a0' as AgentId, instant(now + 50), 20);
  });

  it('take nobody for stuck in a line because the log is read late', () => {
    const events = playedQueue({ seed: 9, start: MONDAY, contacts: 3_000, agents: 5, queues: [claims] });
    const abstentions = (clockOf: (at: number) => number): number => {
      const estimator = new SiteEstimator(1);
      let count = 0;
      for (const event of events) {
        feed(estimator, [event]);
        if (estimator.estimate(claims, instant(clockOf(event.at))).kind === 'abstention') count += 1;
      }
      return count;
    };
    const inTime = abstentions((at) => at);
    const late = abstentions(() => MONDAY + 30 * 86_400_000);
    expect(late).toBeLessThan(inTime + 0.05 * events.length);
  });

  it('say that nobody is there when the source says so', () => {
    const estimator = new SiteEstimator(1);
    feed(estimator, playedQueue({ seed: 1, start: MONDAY, contacts: 300, agents: 6, queues: [claims] }));
    const agent = 'a1' as AgentId;
    const now = MONDAY + 86_400_000;
    estimator.agentStated(agent, 'available', [claims], instant(now));
    expect(estimator.estimate(claims, instant(now)).kind).toBe('band');
    estimator.agentStated(agent, 'offline', [claims], instant(now + 1));
    expect(estimator.estimate(claims, instant(now + 1))).toEqual({ kind: 'abstention', reason: 'NO_AGENTS' });
  });
});
