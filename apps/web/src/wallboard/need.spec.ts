import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, NOW, queueInfo, today, waitingFor } from './frames.testing.js';
import { needOf, orderByNeed, type Level, type Need } from './need.js';

const info = queueInfo();
const nobody = { available: 0, offered: 0, busy: 0, wrap_up: 0, away: 0 };
const closed = { state: 'closed', until: null, by: 'calendar' } as const;
const silent = { state: 'silent', lastEventAt: null, lastHeardAt: null, lagMs: null } as const;
const callbacks = (counts: object) => ({ open: 3, dueSoon: 0, overdue: 0, nextDueAt: NOW + 60_000, ...counts });
const longEstimate = { kind: 'band', lowMs: 1, p50Ms: 150_001, highMs: 2, predictor: 'les', at: NOW } as const;

describe('what a queue needs', () => {
  it.each([
    ['nothing', frame(), 'fine', []],
    ['nothing, closed and empty', frame({ opening: closed, agents: nobody }), 'closed', []],
    ['help: the longest wait is past the threshold', frame(waitingFor(150_001, 4)), 'act', ['overdue']],
    [
      'help: nobody is there to answer',
      frame({ ...waitingFor(10), agents: { ...nobody, away: 3 } }),
      'act',
      ['unstaffed'],
    ],
    [
      'help: closed with contacts waiting',
      frame({ ...waitingFor(10), opening: closed, afterClosing: 1 }),
      'act',
      ['closedWaiting'],
    ],
    ['help: a promised call is overdue', frame({ callbacks: callbacks({ overdue: 1 }) }), 'act', ['callbacksOverdue']],
    [
      'help: a promised call is overdue, though closed',
      frame({ opening: closed, agents: nobody, callbacks: callbacks({ overdue: 1, dueSoon: 2 }) }),
      'act',
      ['callbacksOverdue', 'callbacksDueSoon'],
    ],
    [
      'an eye: a promised call is due soon',
      frame({ callbacks: callbacks({ dueSoon: 1 }) }),
      'watch',
      ['callbacksDueSoon'],
    ],
    ['nothing: promised calls have time', frame({ callbacks: callbacks({}) }), 'fine', []],
    ['an eye: close to the threshold', frame(waitingFor(100_001)), 'watch', ['almostOverdue']],
    ['an eye: below target', frame({ today: today({ serviceLevel: 0.79 }) }), 'watch', ['belowTarget']],
    ['an eye: a long wait to come', frame({ estimate: longEstimate }), 'watch', ['estimate']],
    ['an eye: open with nobody signed in', frame({ agents: nobody }), 'watch', ['noAgents']],
    ['nothing: too few contacts to judge', frame({ today: today({ serviceLevel: 0.5, offered: 9 }) }), 'fine', []],
    ['nothing: the site sends no agent events', frame({ ...waitingFor(10), agents: null }), 'fine', []],
    ['its source back', frame({ source: silent }), 'blind', ['silent']],
    ['nothing: silent, but closed', frame({ source: silent, opening: closed }), 'closed', []],
  ])('%s', (_, given, level, reasons) => {
    expect(needOf(given, info, NOW)).toMatchObject({ level, reasons });
  });

  it('grows as time passes, without a new frame', () => {
    const waiting = frame(waitingFor(90_000));
    expect(needOf(waiting, info, NOW).level).toBe('fine');
    expect(needOf(waiting, info, NOW + 30_000).level).toBe('watch');
    expect(needOf(waiting, info, NOW + 60_001).level).toBe('act');
  });
});

const need = (level: Level, urgency = 0): Need => ({ level, reasons: [], urgency });

describe('the order of tiles', () => {
  it('puts what needs help first, then what cannot be seen, then the rest', () => {
    const needs = new Map([
      ['a', need('closed')],
      ['b', need('fine')],
      ['c', need('watch')],
      ['d', need('blind')],
      ['e', need('act')],
    ]);
    expect(orderByNeed(['a', 'b', 'c', 'd', 'e'], needs)).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('puts the more urgent first, but only for a difference that one would notice', () => {
    const order = (one: number, other: number) =>
      orderByNeed(
        ['a', 'b'],
        new Map([
          ['a', need('act', one)],
          ['b', need('act', other)],
        ]),
      );
    expect(order(1, 1.2)).toEqual(['a', 'b']);
    expect(order(1, 1.3)).toEqual(['b', 'a']);
  });

  it('leaves queues that are fine where they are', () => {
    const needs = new Map([
      ['a', need('fine', 0)],
      ['b', need('fine', 0.6)],
    ]);
    expect(orderByNeed(['a', 'b'], needs)).toEqual(['a', 'b']);
  });

  it('keeps every queue once, and never puts a graver level below a lesser one', () => {
    const levels = fc.constantFrom<Level>('act', 'blind', 'watch', 'fine', 'closed');
    const boards = fc.uniqueArray(fc.tuple(fc.string(), levels, fc.double({ min: 0, max: 5, noNaN: true })), {
      selector: ([queue]) => queue,
    });
    fc.assert(
      fc.property(boards, (board) => {
        const needs = new Map(board.map(([queue, level, urgency]) => [queue, need(level, urgency)]));
        const once = orderByNeed([...needs.keys()], needs);
        expect([...once].sort()).toEqual([...needs.keys()].sort());
        const ranks = once.map((queue) => ['act', 'blind', 'watch', 'fine', 'closed'].indexOf(needs.get(queue)!.level));
        expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
      }),
    );
  });
});
