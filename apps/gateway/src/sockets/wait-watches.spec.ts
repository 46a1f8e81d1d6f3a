import type { PublicQueue } from '@queuecast/live';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tellsUnder, WaitWatches } from './wait-watches.js';

const document = (queue: string, wait: PublicQueue['wait']): PublicQueue => ({
  tenant: 'acme',
  queue,
  name: {},
  opening: { state: 'open', until: null, by: 'calendar' },
  hours: [],
  timeZone: 'UTC',
  wait,
  bestTime: { today: null, week: null },
  callbackOffered: false,
  rightOf10: null,
  notices: [],
  asOf: 0,
  source: 'live',
});
const upTo = (queue: string, highMinutes: number) => document(queue, { kind: 'band', lowMinutes: 0, highMinutes });

describe('watches', () => {
  it('are fulfilled by the upper bound, and by no reason why there is none', () => {
    expect(tellsUnder(upTo('q', 5), 5)).toBe(true);
    expect(tellsUnder(upTo('q', 6), 5)).toBe(false);
    expect(tellsUnder(document('q', { kind: 'none', reason: 'SHOCK' }), 5)).toBe(false);
  });

  it('fire once, whatever comes, and are forgotten with their owner', () => {
    const owners = fc.constantFrom('a', 'b', 'c');
    const queues = fc.constantFrom('p', 'q');
    const minutes = fc.integer({ min: 1, max: 9 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('watch' as const), owner: owners, queue: queues, minutes }),
      fc.record({ do: fc.constant('document' as const), owner: owners, queue: queues, minutes }),
      fc.record({ do: fc.constant('leave' as const), owner: owners, queue: queues, minutes }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const watches = new WaitWatches<string>();
        const model = new Map<string, number>();
        for (const { do: what, owner, queue, minutes: amount } of steps) {
          if (what === 'watch') {
            watches.add(owner, { tenant: 'acme', queue, underMinutes: amount });
            model.set(`${owner}/${queue}`, amount);
          } else if (what === 'leave') {
            watches.removeAll(owner);
            for (const key of model.keys()) if (key.startsWith(owner)) model.delete(key);
          } else {
            const due = [...model].filter(([key, under]) => key.endsWith(queue) && amount <= under);
            const fired = watches.take(upTo(queue, amount));
            expect(fired.map((watch) => `${watch.owner}/${queue}`).sort()).toEqual(due.map(([key]) => key).sort());
            for (const [key] of due) model.delete(key);
          }
          expect(watches.size).toBe(model.size);
        }
      }),
    );
  });
});
