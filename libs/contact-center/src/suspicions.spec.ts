import fc from 'fast-check';
import type { AcdEvent, Instant, QueueId } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { event, FactTable, NOON, newFold, siteStream } from './fold.testing.js';
import { DEFAULT_FOLD, type SiteFold } from './site-fold.js';
import type { SuspicionTerms } from './suspicions.js';

const SALES = 'sales' as QueueId;
const TERMS: SuspicionTerms = { overtakenBy: 3, silence: true };
const at = (seconds: number): Instant => (NOON + seconds * 1000) as Instant;

let version = 0;
const foldAll = (events: readonly AcdEvent[], fold: SiteFold = newFold()): SiteFold => {
  for (const each of events) expect(fold.apply(each, (version += 1))).toBeNull();
  return fold;
};
const joins = (contact: string, seconds: number, priority = 0): AcdEvent[] => [
  event('acd.contact.started', contact, seconds, { channel: 'voice' }),
  event('acd.contact.queued', contact, seconds, { queue: 'sales', leg: 'l', priority }),
];
const answered = (contact: string, seconds: number, agent = 'ann'): AcdEvent =>
  event('acd.contact.answered', contact, seconds, { leg: 'l', agent });
const served = (contact: string, seconds: number, priority = 0, waits = 5): AcdEvent[] => [
  ...joins(contact, seconds, priority),
  answered(contact, seconds + waits, `agent of ${contact}`),
  event('acd.contact.ended', contact, seconds + waits + 60, { by: 'customer' }),
];
const snapshot = (seconds: number, waiting: readonly string[]): AcdEvent =>
  event('acd.source.snapshot', 'pbx', seconds, {
    waiting: waiting.map((contact) => ({ contact, leg: 'l', queue: 'sales', queuedAt: new Date(at(0)).toISOString() })),
    agents: [],
  });
const suspectsOf = (fold: SiteFold, seconds: number, terms = TERMS): string[] => {
  fold.suspicions.review(SALES, terms, at(seconds));
  return fold.suspicions.of(SALES).map(({ contact, reason }) => `${contact} ${reason}`);
};
const waitingOf = (fold: SiteFold) => {
  const { waiting } = fold.live.queue(SALES);
  return {
    count: waiting.count,
    suspected: waiting.suspected,
    oldest: waiting.oldest(5).map(({ contact }) => contact),
  };
};

describe('a waiting contact is suspected to be forgotten', () => {
  const overtaken = () =>
    foldAll([...joins('lost', 0), ...served('a', 10), ...served('b', 20), ...served('c', 30), ...joins('real', 200)]);

  it('when enough that joined later were answered, and is kept out of the waiting list', () => {
    const fold = foldAll([...joins('lost', 0), ...served('a', 10), ...served('b', 20), ...joins('real', 200)]);
    expect(suspectsOf(fold, 300)).toEqual([]);
    expect(waitingOf(fold)).toEqual({ count: 2, suspected: 0, oldest: ['lost', 'real'] });
    foldAll(served('c', 210), fold);
    expect(suspectsOf(fold, 300)).toEqual(['lost overtaken']);
    expect(waitingOf(fold)).toEqual({ count: 1, suspected: 1, oldest: ['real'] });
    expect(fold.live.waiting).toBe(1);
    // The level of service counts it until it is given up, as history does.
    expect(fold.live.queue(SALES).waiting.countJoined(at(0), at(251))).toBe(2);
  });

  it('not where contacts are not served in turn, nor by those of another priority, nor at once', () => {
    expect(suspectsOf(overtaken(), 300, { ...TERMS, overtakenBy: 0 })).toEqual([]);
    const urgent = foldAll([...joins('lost', 0), ...['a', 'b', 'c'].flatMap((id, n) => served(id, 10 + n, 5))]);
    expect(suspectsOf(urgent, 300)).toEqual([]);
    expect(suspectsOf(overtaken(), 59)).toEqual([]);
  });

  it('until anything is heard of it, which puts it back in its place', () => {
    const fold = overtaken();
    suspectsOf(fold, 300);
    foldAll([event('acd.contact.offered', 'lost', 310, { leg: 'l', agent: 'bob' })], fold);
    expect(waitingOf(fold)).toEqual({ count: 2, suspected: 0, oldest: ['lost', 'real'] });
    expect(fold.reinstated).toBe(1);
    // Overtaken before it gave a sign of life says nothing any more.
    expect(suspectsOf(fold, 1000)).toEqual([]);
    foldAll([...served('d', 400), ...served('e', 410), ...served('f', 420)], fold);
    expect(suspectsOf(fold, 1000)).toContain('lost overtaken');
  });

  it('until somebody vouches for it', () => {
    const fold = overtaken();
    suspectsOf(fold, 300);
    foldAll([event('acd.contact.reinstated', 'lost', 310, { by: 'key:ops' }, 'queuecast/gateway')], fold);
    expect(waitingOf(fold)).toMatchObject({ count: 2, suspected: 0 });
    expect(suspectsOf(fold, 1000)).toEqual([]);
  });

  it('until it ends, whoever is late to tell', () => {
    const fold = overtaken();
    suspectsOf(fold, 300);
    foldAll([event('acd.contact.left_queue', 'lost', -1, { leg: 'l', reason: 'abandoned' })], fold);
    expect(fold.suspicions.count).toBe(0);
    expect(fold.reinstated).toBe(1);
    expect(waitingOf(fold)).toEqual({ count: 1, suspected: 0, oldest: ['real'] });
  });

  it('when it is silent for longer than 99.9 % of the queue’s contacts wait, and was overtaken', () => {
    const crowd = Array.from({ length: 999 }, (_, n) => served(`w${n}`, n * 10, 0, 1 + (n % 20))).flat();
    const fold = foldAll([...crowd, ...joins('lost', 20_000), ...served('after', 20_010)]);
    // 1,000 waits are needed; this was the thousandth. Nobody waited for longer than 20 s, which is 26 s in steps.
    expect(suspectsOf(fold, 20_059)).toEqual([]);
    expect(suspectsOf(fold, 20_061, { overtakenBy: 3, silence: false })).toEqual([]);
    expect(suspectsOf(fold, 20_061)).toEqual(['lost silent']);
  });

  it('not for silence when nobody is answered, or too few waits are known', () => {
    const crowd = Array.from({ length: 1000 }, (_, n) => served(`w${n}`, n * 10)).flat();
    const stuck = foldAll([...crowd, ...joins('x', 20_000), ...joins('y', 20_010)]);
    expect(suspectsOf(stuck, 80_000)).toEqual([]);
    const few = foldAll([...crowd.slice(0, 500 * 4), ...joins('x', 20_000), ...served('y', 20_010)]);
    expect(suspectsOf(few, 80_000)).toEqual([]);
  });
});

describe('what was announced as suspected', () => {
  /** Of a queue with few contacts a day, and one that is longer silent than nearly all of them ever waited. */
  const quiet = (): SiteFold => {
    const fold = newFold();
    fold.suspicions.restoreWaits(SALES, 10_000, 2000);
    return foldAll([...joins('lost', 0), ...[1, 2, 3, 4, 5].flatMap((n) => served(`w${n}`, n, 0, 10))], fold);
  };
  const TENTH = { overtakenBy: 10, silence: true };
  const announced = (lastHeard: number, source = 'queuecast/processor') =>
    event(
      'acd.contact.suspected',
      'lost',
      200,
      { leg: 'l', queue: 'sales', reason: 'silent', lastHeardAt: new Date(at(lastHeard)).toISOString() },
      source,
    );
  const judged = (fold: SiteFold, position = version) =>
    fold.suspicions
      .judge(SALES, TENTH, at(3600), position)
      .suspects.map(({ contact, reason }) => `${contact} ${reason}`);

  it('is closed at the end of the day, from the position on where the log says so', () => {
    const fold = quiet();
    expect(suspectsOf(fold, 200, TENTH)).toEqual(['lost silent']);
    expect(judged(fold)).toEqual([]);
    foldAll([announced(0)], fold);
    expect(judged(fold)).toEqual(['lost silent']);
    expect(judged(fold, version - 1)).toEqual([]);
  });

  it('is not if anything was heard of it since, nor by anybody else’s word', () => {
    const heard = quiet();
    foldAll([announced(0), event('acd.contact.offered', 'lost', 300, { leg: 'l', agent: 'bob' })], heard);
    expect(judged(heard)).toEqual([]);
    expect(judged(foldAll([announced(0, 'pbx')], quiet()))).toEqual([]);
    expect(judged(foldAll([announced(0), answered('lost', 400)], quiet()))).toEqual([]);
  });

  it('is known again after a restart, from the archive', () => {
    const fold = quiet();
    const told = announced(0);
    const table = new FactTable();
    table.flush(fold);
    const restored = newFold();
    restored.restoreSiteEvent(told, 1_000_000);
    restored.restore(table.recover(3_600_000));
    expect(judged(restored, 1_000_000)).toEqual(['lost silent']);
    expect(judged(restored, 999_999)).toEqual([]);
  });
});

describe('a conversation is suspected to be over', () => {
  const state = (agent: string, seconds: number, name: string) =>
    event('acd.agent.state_changed', agent, seconds, { state: name, queues: ['sales'] });
  const talking = (channel: string) =>
    foldAll([
      event('acd.contact.started', 'lost', 0, { channel }),
      event('acd.contact.queued', 'lost', 0, { queue: 'sales', leg: 'l' }),
      answered('lost', 10),
      state('ann', 10, 'busy'),
    ]);

  it('when its agent is free, or answered another contact, and a minute has passed', () => {
    const free = talking('voice');
    expect(suspectsOf(free, 5000)).toEqual([]);
    foldAll([state('ann', 300, 'available')], free);
    expect(suspectsOf(free, 359)).toEqual([]);
    expect(suspectsOf(free, 360)).toEqual(['lost agent_elsewhere']);
    expect(free.suspicions.of(SALES)).toMatchObject([{ believed: 'in_conversation', lastHeardAt: at(10) }]);
    const another = talking('voice');
    foldAll([...joins('next', 400), answered('next', 410)], another);
    expect(suspectsOf(another, 470)).toEqual(['lost agent_elsewhere']);
    expect(waitingOf(another)).toMatchObject({ count: 0, suspected: 0 });
  });

  it('on channels where an agent has several at a time only when he has left', () => {
    const chat = talking('chat');
    foldAll([...joins('next', 400), answered('next', 410), state('ann', 300, 'available')], chat);
    expect(suspectsOf(chat, 5000)).toEqual([]);
    foldAll([state('ann', 6000, 'offline')], chat);
    expect(suspectsOf(chat, 6060)).toEqual(['lost agent_elsewhere', 'next agent_elsewhere']);
  });
});

describe('a contact is suspected to be forgotten by a source that restarted', () => {
  const restart = (seconds: number, source = 'pbx') => event('acd.source.restarted', source, seconds, {}, source);
  const lost = (...events: AcdEvent[]) => foldAll([...joins('lost', 0), ...joins('talks', 5), ...events]);
  const BOTH = ['lost source_restarted', 'talks source_restarted'];

  it('at once, whether it waited or talked, and is kept out of the waiting list', () => {
    const fold = lost(answered('talks', 10), restart(60), ...joins('real', 61));
    expect(suspectsOf(fold, 61)).toEqual(BOTH);
    expect(fold.suspicions.of(SALES).map(({ believed }) => believed)).toEqual(['waiting', 'in_conversation']);
    expect(waitingOf(fold)).toEqual({ count: 1, suspected: 1, oldest: ['real'] });
  });

  it('in whatever order it is told', () => {
    const all = [...joins('lost', 0), ...joins('talks', 5), restart(60)];
    for (const order of [all, [...all].reverse(), [all[4], ...all.slice(0, 4)] as AcdEvent[]])
      expect(suspectsOf(foldAll(order), 61)).toEqual(BOTH);
  });

  it('not where the restart was another source’s, nor of whom it spoke since', () => {
    expect(suspectsOf(lost(restart(60, 'chat')), 100)).toEqual([]);
    const spoken = lost(restart(60), event('acd.contact.offered', 'lost', 70, { leg: 'l', agent: 'bob' }));
    expect(suspectsOf(spoken, 100)).toEqual(['talks source_restarted']);
  });

  it('until its source speaks of it, or somebody does; not for what comes late from before', () => {
    const fold = lost(restart(60));
    expect(suspectsOf(fold, 60)).toEqual(BOTH);
    foldAll([event('acd.contact.offered', 'lost', 50, { leg: 'l', agent: 'bob' })], fold);
    expect(fold.suspicions.count).toBe(2);
    foldAll([answered('lost', 120)], fold);
    foldAll([event('acd.contact.reinstated', 'talks', 130, { by: 'key:ops' }, 'queuecast/gateway')], fold);
    expect(suspectsOf(fold, 140)).toEqual([]);
    expect(waitingOf(fold)).toEqual({ count: 1, suspected: 0, oldest: ['talks'] });
    foldAll([restart(200)], fold);
    expect(suspectsOf(fold, 200)).toEqual(['lost source_restarted', 'talks source_restarted']);
  });

  it('also by what is restored of the facts and the archive, and by what was known at a position', () => {
    const known = lost();
    const table = new FactTable();
    table.flush(known);
    const fold = newFold();
    const told = restart(60);
    fold.restoreSiteEvent(told, 1_000_000);
    fold.restore(table.recover(3_600_000));
    expect(suspectsOf(fold, 61)).toEqual(BOTH);
    const judged = (seconds: number, position: number) =>
      fold.suspicions.judge(SALES, TERMS, at(seconds), position).suspects.map(({ contact }) => contact);
    expect(judged(120, 1_000_000)).toEqual(['lost', 'talks']);
    expect(judged(119, 1_000_000)).toEqual([]);
    expect(judged(120, 999_999)).toEqual([]);
  });
});

describe('a contact is suspected to be forgotten by a source that lists who waits, without it', () => {
  const lost = [...joins('lost', 0), ...joins('listed', 1), ...joins('talks', 5), answered('talks', 10)];

  it('at once, and not when it talks: a snapshot lists who waits', () => {
    const fold = foldAll([...lost, snapshot(60, ['listed']), ...joins('real', 61)]);
    expect(suspectsOf(fold, 61)).toEqual(['lost absent_from_snapshot']);
    expect(waitingOf(fold)).toEqual({ count: 2, suspected: 1, oldest: ['listed', 'real'] });
  });

  it('in whatever order it is told', () => {
    const all = [...lost, snapshot(60, ['listed'])];
    for (const order of [[...all].reverse(), [all[7], ...all.slice(0, 7)] as AcdEvent[]]) {
      const fold = foldAll(order);
      expect(suspectsOf(fold, 61)).toEqual(['lost absent_from_snapshot']);
      fold.verify(fold.unverified(), []);
      expect(fold.drain().legs.find(({ contact }) => contact === 'listed')).toMatchObject({ queuedAt: at(1) });
    }
  });

  it('until the source lists it, also after a restart, or speaks of it', () => {
    const fold = foldAll([...lost, snapshot(60, []), event('acd.source.restarted', 'pbx', 70)]);
    expect(suspectsOf(fold, 70)).toHaveLength(3);
    foldAll([snapshot(80, ['lost'])], fold);
    expect(waitingOf(fold)).toEqual({ count: 1, suspected: 1, oldest: ['lost'] });
    foldAll([answered('listed', 90)], fold);
    expect(suspectsOf(fold, 90)).toEqual(['talks source_restarted']);
  });

  it('whose priority and skills a snapshot does not say, whether it comes before or after what was told', () => {
    const told = event('acd.contact.queued', 'x', 0, { queue: 'sales', leg: 'l', priority: 5 });
    for (const order of [
      [told, snapshot(60, ['x'])],
      [snapshot(60, ['x']), told],
    ]) {
      const fold = foldAll(order);
      fold.verify(fold.unverified(), []);
      expect(fold.drain().legs).toMatchObject([{ priority: 5, queuedAt: at(0), outcome: 'waiting' }]);
    }
  });
});

describe('a contact that is given up', () => {
  const gone = (seconds: number) =>
    event('acd.contact.presumed_gone', 'x', seconds, { reason: 'overtaken' }, 'queuecast/processor');
  const legOf = (events: readonly AcdEvent[]) => {
    const fold = foldAll(events);
    fold.verify(fold.unverified(), []);
    return fold.drain();
  };

  it('is closed as unknown: it waits no more, and nobody says how long it waited', () => {
    const { legs, contacts } = legOf([...joins('x', 0), gone(600)]);
    expect(legs).toMatchObject([
      { outcome: 'unknown', waitMs: null, leftQueueAt: at(600), endedAt: at(600), endedBy: 'unknown', corrections: 0 },
    ]);
    expect(contacts).toMatchObject([{ closed: true }]);
    expect(JSON.parse(contacts[0]?.marks ?? '')).toMatchObject({ source: 'pbx' });
  });

  it('in a conversation stays answered, of no known length', () => {
    const { legs, contacts } = legOf([...joins('x', 0), answered('x', 10), gone(600)]);
    expect(legs).toMatchObject([
      { outcome: 'answered', waitMs: 10_000, endedAt: null, talkMs: null, holdMs: null, endedBy: 'unknown' },
    ]);
    expect(contacts).toMatchObject([{ closed: true }]);
  });

  it.each([
    ['an answer before', [answered('x', 100)], 'answered'],
    ['an answer after', [answered('x', 900)], 'answered'],
    ['an abandon', [event('acd.contact.left_queue', 'x', 50, { leg: 'l', reason: 'abandoned' })], 'abandoned'],
    ['its end, later', [event('acd.contact.ended', 'x', 4000, { by: 'customer' })], 'abandoned'],
    ['no restart of its source', [event('acd.source.restarted', 'pbx', 300)], 'unknown'],
    ['a later snapshot that lists it', [snapshot(700, ['x'])], 'waiting'],
    ['a later sign of life', [event('acd.contact.offered', 'x', 700, { leg: 'l', agent: 'ann' })], 'waiting'],
    ['an earlier sign of life', [event('acd.contact.offered', 'x', 500, { leg: 'l', agent: 'ann' })], 'unknown'],
    ['somebody who knows better', [event('acd.contact.reinstated', 'x', 700, { by: 'me' })], 'waiting'],
    ['who then gives it up', [event('acd.contact.reinstated', 'x', 700, { by: 'me' }), gone(800)], 'unknown'],
  ])('yields to what its source says: %s', (_, others, outcome) => {
    for (const events of [
      [...joins('x', 0), gone(600), ...others],
      [...joins('x', 0), ...others, gone(600)],
      [gone(600), ...others, ...joins('x', 0)],
    ])
      expect(legOf(events).legs).toMatchObject([{ outcome }]);
  });

  it('is the same contact whatever the order, and told however often', () => {
    const decisions = fc.array(
      fc.tuple(fc.constantFrom('c0', 'c1', 'c2', 'c3'), fc.integer({ min: 0, max: 1200 }), fc.boolean()),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(siteStream, decisions, fc.infiniteStream(fc.nat()), (stream, decided, dice) => {
        const own = decided.map(([contact, seconds, isGone]) =>
          isGone
            ? event('acd.contact.presumed_gone', contact, seconds, { reason: 'silent' }, 'queuecast/processor')
            : event('acd.contact.reinstated', contact, seconds, { by: 'me' }, 'queuecast/gateway'),
        );
        const all = [...stream, ...own];
        const shuffled = [...all, ...own].map((each) => ({ each, rank: dice.next().value as number }));
        const facts = (events: readonly AcdEvent[]) => {
          const fold = newFold({ ...DEFAULT_FOLD, graceMs: 1e12, openGraceMs: 1e12, latenessMs: 1e12 });
          foldAll(events, fold);
          fold.verify(fold.unverified(), []);
          return fold
            .drain()
            .legs.map(({ version: _version, anchor: _anchor, ...leg }) => leg)
            .sort((a, b) => (a.contact + a.leg < b.contact + b.leg ? -1 : 1));
        };
        expect(facts(shuffled.sort((a, b) => a.rank - b.rank).map(({ each }) => each))).toEqual(facts(all));
      }),
      { numRuns: 60 },
    );
  });
});

it('what Queuecast says of a contact is not the time at its source', () => {
  const fold = foldAll(joins('x', 0));
  foldAll([event('acd.contact.reinstated', 'x', 5000, { by: 'me' }, 'queuecast/gateway')], fold);
  expect(fold.watermark).toBe(at(0));
  expect(fold.settledAt).toBe(at(0));
});
