import type { AcdEvent } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drained, event, newFold } from './fold.testing.js';

const started = event('acd.contact.started', 'a', 0, { channel: 'voice' });
const menu = (seconds: number) => event('acd.contact.menu_completed', 'a', seconds, { choice: '1' });
const joins = (leg: string, seconds: number, internal = false) =>
  event('acd.contact.queued', 'a', seconds, { queue: `queue-${leg}`, leg, internal });
const leaves = (leg: string, seconds: number, reason: string) =>
  event('acd.contact.left_queue', 'a', seconds, { leg, reason });
const answers = (leg: string, seconds: number) => event('acd.contact.answered', 'a', seconds, { leg, agent: 'ann' });
const transfers = (leg: string, seconds: number, to: string) =>
  event('acd.contact.transferred', 'a', seconds, { leg, toQueue: `queue-${to}` });
const ends = (seconds: number, by = 'agent') => event('acd.contact.ended', 'a', seconds, { by });

/** Leg, outcome and the wait it decided in seconds, in whatever order the events come. */
const decided = (...events: AcdEvent[]): [string, string, number | null][] => {
  const foldOf = (some: readonly AcdEvent[]) => {
    const fold = newFold();
    some.forEach((one) => fold.apply(one, events.indexOf(one) + 1));
    return [...drained(fold).legs].sort((one, other) => (one.leg < other.leg ? -1 : 1));
  };
  const inOrder = foldOf(events);
  const figures = (legs: typeof inOrder) => legs.map((leg) => ({ ...leg, anchor: 0, corrections: 0 }));
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (order) => {
      expect(figures(foldOf(order))).toEqual(figures(inOrder));
    }),
    { numRuns: 50 },
  );
  return inOrder.map(({ leg, outcome, decidedAfterMs }) => [
    leg,
    outcome,
    decidedAfterMs === null ? null : decidedAfterMs / 1000,
  ]);
};

describe("a customer's wait over all queues", () => {
  it('is decided by the first answer, also behind a transfer that came before any', () => {
    expect(decided(started, joins('1', 0), transfers('1', 500, '2'), joins('2', 500), answers('2', 899))).toEqual([
      ['1', 'flowed_out', null],
      ['2', 'answered', 899],
    ]);
  });

  it('is not decided anew by a transfer after the answer', () => {
    const first = [started, menu(5), joins('1', 10), answers('1', 60), transfers('1', 300, '2'), joins('2', 300)];
    const found = [
      ['1', 'answered', 55],
      ['2', 'answered', null],
    ];
    expect(decided(...first, answers('2', 400), ends(500))).toEqual(found);
    expect(decided(...first)[0]).toEqual(found[0]);
  });

  it('runs from joining the first queue where there was no menu, or one only behind it', () => {
    const journey = [started, joins('1', 0), leaves('1', 140, 'overflowed'), joins('2', 140), answers('2', 240)];
    const found = [
      ['1', 'overflowed', null],
      ['2', 'answered', 240],
    ];
    expect(decided(...journey)).toEqual(found);
    expect(decided(...journey, menu(150))).toEqual(found);
  });

  it('is decided once, by the end of the last wait, for whom nobody answered', () => {
    const sentOn = [started, menu(5), joins('1', 10), leaves('1', 100, 'timed_out'), joins('2', 101)];
    expect(decided(...sentOn)).toEqual([
      ['1', 'timed_out', null],
      ['2', 'waiting', null],
    ]);
    expect(decided(...sentOn, ends(205, 'customer'))).toEqual([
      ['1', 'timed_out', null],
      ['2', 'abandoned', 200],
    ]);
    expect(decided(...sentOn.slice(0, 4))).toEqual([['1', 'timed_out', 95]]);
  });

  it("is none of an agent's consult call", () => {
    expect(decided(started, joins('1', 0, true), answers('1', 10), joins('2', 20), answers('2', 50))).toEqual([
      ['1', 'answered', null],
      ['2', 'answered', 30],
    ]);
  });
});
