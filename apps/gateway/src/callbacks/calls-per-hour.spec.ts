import { instant } from '@queuecast/events';
import type { QueueFrame } from '@queuecast/live';
import { Catalog, settingsSchema } from '@queuecast/settings';
import type { OutlookHour } from '@queuecast/wait-estimates';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallbackRow } from '@queuecast/callbacks';
import { frame as frameAt } from '../frame.testing.js';
import { callsPerHour } from './calls-per-hour.js';
import { offerOf } from './offers.js';

const HOUR = 3_600_000;
const NOW = instant(Date.parse('2026-03-03T10:20:00Z'));
const startOf = (n: number) => instant(Date.parse('2026-03-03T10:00:00Z') + n * HOUR);

const queueWith = (callbacks: object) =>
  new Catalog(
    settingsSchema.parse({ tenants: [{ id: 'acme', queues: [{ id: 'support', public: true, callbacks }] }] }),
  ).queue('acme', 'support');

/** Agents who take five minutes for each contact, and what comes in now. */
const staffed = (agents: number, arrivalsPerHour: number, at: number = NOW): QueueFrame => ({
  ...frameAt({ at }),
  staffing: {
    more: 0,
    by: null,
    at: instant(at),
    from: { agents, handleMs: 300_000, arrivalsPerHour, patienceMs: null, waiting: 3 },
  },
});

/** So many contacts in the hour, all in all, on two days; null where history tells too little. */
const hours = (...contacts: (number | null)[]): OutlookHour[] =>
  contacts.map((count, n) => {
    const span = { from: startOf(n), to: startOf(n + 1), date: '2026-03-03' };
    if (count === null) return { ...span, kind: 'none', reason: 'TOO_FEW_DATA' };
    return {
      ...span,
      kind: 'band',
      forecast: { lowMs: 0, p50Ms: 1, highMs: 2, basis: 'weekday', contacts: count, days: 2 },
    };
  });

describe('calls that a queue can promise in an hour', () => {
  it('are what is configured', () => {
    const perHour = callsPerHour(queueWith({ perHour: 7 }), { frame: staffed(10, 0), hours: hours(60) }, NOW);
    expect([perHour(startOf(0)), perHour(startOf(30))]).toEqual([7, 7]);
  });

  it('are otherwise what the agents there can do beside the contacts that are expected', () => {
    const known = { frame: staffed(10, 100), hours: hours(60, 60, 180, 400, null) };
    const perHour = callsPerHour(queueWith({}), known, NOW);
    // 10 agents x 12 an hour; in the running hour beside what comes in now, later beside the mean of the history.
    expect([0, 1, 2, 3, 4, 5].map((n) => perHour(startOf(n)))).toEqual([20, 90, 30, 0, 20, 20]);
  });

  it('are what the usual contacts leave while nobody knows the agents or the news of them is old, and otherwise few', () => {
    for (const frame of [null, frameAt({ at: NOW }), staffed(100, 0, NOW - 60_001)]) {
      const perHour = callsPerHour(queueWith({}), { frame, hours: hours(60, 900, 4, null) }, NOW);
      // 450 contacts an hour are 90 % of what is planned for; where few come, or nobody knows how many, it is two.
      expect(perHour(startOf(1))).toBeCloseTo(50, 6);
      expect([2, 3, 4].map((n) => perHour(startOf(n)))).toEqual([2, 2, 2]);
    }
  });

  it('are none while the queue is closed by an event', () => {
    const queue = queueWith({ offer: 'always', profile: 'custom', hours: 4, perHour: 5 });
    const closed = (until: number | null) => {
      const opening = { state: 'closed', by: 'event', until: until === null ? null : instant(until) } as const;
      return offerOf(queue, [], { frame: { ...frameAt({ at: NOW }), opening }, hours: [] }, NOW);
    };
    expect(closed(startOf(2)).windows.map(({ from }) => from)).toEqual([startOf(2), startOf(3), startOf(4)]);
    expect(closed(startOf(2)).reason).toBeNull();
    expect(closed(startOf(30))).toMatchObject({ reason: 'closed', windows: [] });
    expect(closed(null)).toMatchObject({ reason: 'closed', windows: [] });
  });

  it('are as many as an offer then lets customers have, and not one more', () => {
    const queue = queueWith({ offer: 'always', profile: 'custom', hours: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 40 }),
        fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 })),
        (agents, now, expected) => {
          const known = { frame: staffed(agents, now), hours: hours(0, ...expected) };
          const spare = expected.map((contacts) => Math.floor(Math.max(0, agents * 12 - contacts / 2)));
          for (const [n, most] of spare.entries()) {
            const open: CallbackRow[] = [];
            const window = { from: startOf(n + 1), to: startOf(n + 2) };
            const isFree = () =>
              offerOf(queue, open, known, NOW).windows.find(({ from }) => from === window.from)?.free;
            while (isFree() && open.length <= 100)
              open.push({
                id: `cb-${open.length}`,
                duplicateOf: '',
                promisedAt: NOW,
                dueAt: window.to,
                window,
              } as CallbackRow);
            expect(open.length).toBe(most);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
