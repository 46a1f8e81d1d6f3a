import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnType, type AcdEvent, type Instant } from '@queuecast/events';
import { mergeContacts } from './marks.js';
import { marksFrom } from './contact-fold.js';
import {
  drained,
  event,
  FactTable,
  foldAll,
  journey,
  legsOf,
  newFold,
  NOON,
  queue,
  siteStream,
  timeless,
} from './fold.testing.js';

const shuffled = <T>(items: readonly T[], seed: readonly number[]): T[] =>
  items
    .map((item, index) => ({ item, key: seed[index % seed.length] as number }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
/** What Queuecast, somebody, or the source as a whole may say of a contact. */
const wordOf = (contact: string): fc.Arbitrary<(first: unknown) => AcdEvent> =>
  fc
    .tuple(fc.constantFrom('gone', 'reinstated', 'restarted', 'listed', 'unlisted'), fc.integer({ min: 0, max: 600 }))
    .map(([word, at]) => (first) => {
      const waiting = [{ contact, leg: `${contact}-1`, queue: first, queuedAt: new Date(NOON + 5000).toISOString() }];
      switch (word) {
        case 'gone':
          return event('acd.contact.presumed_gone', contact, at, { reason: 'silent' }, 'queuecast/processor');
        case 'reinstated':
          return event('acd.contact.reinstated', contact, at, { by: 'me' }, 'queuecast/gateway');
        case 'restarted':
          return event('acd.source.restarted', 'pbx', at);
        default:
          return event('acd.source.snapshot', 'pbx', at, { waiting: word === 'listed' ? waiting : [], agents: [] });
      }
    });
const isStartOf = ({ type, subject }: AcdEvent, contact: string): boolean =>
  type === 'acd.contact.started' && subject === contact;

/** The queue that a contact joined first: a leg never changes its queue, so a snapshot must not contradict. */
const firstQueueOf = (events: readonly AcdEvent[], contact: string): unknown =>
  events.flatMap((one) => (one.type === 'acd.contact.queued' && one.subject === contact ? [one.data.queue] : []))[0];
const seeds = fc.array(fc.integer(), { minLength: 60, maxLength: 60 });

describe('a leg is the same whatever the order of its events', () => {
  it('under any permutation and duplication', () => {
    fc.assert(
      fc.property(journey('c', 0), seeds, fc.array(fc.nat(30), { maxLength: 20 }), (events, seed, repeats) => {
        const again = repeats.flatMap((index) => events[index % events.length] ?? []);
        const disordered = shuffled([...events, ...again], seed);
        expect(legsOf(foldAll(disordered)).map(timeless)).toEqual(legsOf(foldAll(events)).map(timeless));
      }),
      { numRuns: 400 },
    );
  });

  it('also where it was given up, was vouched for, and its source restarted or listed who waits', () => {
    fc.assert(
      fc.property(journey('c', 0), fc.array(wordOf('c'), { maxLength: 6 }), seeds, (events, words, seed) => {
        const all = [...events, ...words.map((word) => word(firstQueueOf(events, 'c')))];
        expect(legsOf(foldAll(shuffled(all, seed))).map(timeless)).toEqual(legsOf(foldAll(all)).map(timeless));
      }),
      { numRuns: 400 },
    );
  });

  it('on every leg of a contact that was given up: a sign of life on one says that all go on', () => {
    const joins = (leg: string, at: number) => event('acd.contact.queued', 'd', at, { queue: 'sales', leg });
    const gone = event('acd.contact.presumed_gone', 'd', 600, { reason: 'overtaken' }, 'queuecast/processor');
    const answer = event('acd.contact.answered', 'd', 700, { leg: 'd-2', agent: 'ann' });
    const moved = event('acd.contact.transferred', 'd', 50, { leg: 'd-1', toQueue: 'sales' });
    for (const [last, ...before] of [
      [gone, answer],
      [answer, gone],
    ]) {
      const waiting = legsOf(foldAll([joins('d-1', 0), joins('d-2', 1), ...before, last as AcdEvent]));
      expect(waiting.map(({ outcome, endedBy }) => [outcome, endedBy])).toEqual([
        ['waiting', null],
        ['answered', null],
      ]);
      const transferred = legsOf(foldAll([joins('d-1', 0), moved, joins('d-2', 51), ...before, last as AcdEvent]));
      expect(transferred.map(({ outcome, endedBy }) => [outcome, endedBy])).toEqual([
        ['flowed_out', null],
        ['answered', null],
      ]);
    }
  });

  it('because merging marks is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(journey('c', 0), seeds, fc.nat(), fc.nat(), (events, seed, i, j) => {
        const marks = shuffled(events, seed).flatMap((one, index) => marksFrom(one, index + 1, false) ?? []);
        const fold = (part: typeof marks) => part.reduce(mergeContacts);
        const [low, high] = [1 + (i % (marks.length - 1)), 1 + (j % (marks.length - 1))].sort((a, b) => a - b) as [
          number,
          number,
        ];
        const [a, b] = [fold(marks.slice(0, high)), fold(marks.slice(low))];
        expect(mergeContacts(a, b)).toEqual(mergeContacts(b, a));
        expect(mergeContacts(mergeContacts(a, b), b)).toEqual(mergeContacts(a, b));
        expect(mergeContacts(a, b)).toEqual(fold(marks));
      }),
    );
  });
});

describe('facts do not depend on batches, restarts or what memory forgot', () => {
  const cut = fc.array(fc.record({ after: fc.nat(12), crash: fc.boolean(), lost: fc.nat(6) }), { maxLength: 30 });

  const said = fc.constantFrom('c0', 'c1', 'c2').chain((contact) => fc.tuple(fc.constant(contact), wordOf(contact)));

  const facts = (options: { graceMs: number }) =>
    fc.property(siteStream, fc.array(said, { maxLength: 6 }), cut, seeds, (stream, words, cuts, seed) => {
      const events = [...stream, ...words.map(([contact, word]) => word(firstQueueOf(stream, contact)))].sort(
        (a, b) => a.at - b.at,
      );
      const disordered = events.map((one, index) => ({ one, key: index + ((seed[index % 60] as number) % 4) }));
      const told = disordered.sort((a, b) => a.key - b.key).map(({ one }) => one);
      // Of a contact that its source has not spoken of yet, nobody says anything.
      const log = told.filter(
        ({ type, subject }, n) => !isOwnType(type) || told.slice(0, n).some((other) => isStartOf(other, subject)),
      );
      const settings = { graceMs: options.graceMs, openGraceMs: 86_400_000, latenessMs: 2_000, intervalMs: 3_000 };

      const whole = new FactTable();
      const uninterrupted = newFold(settings);
      log.forEach((one, index) => uninterrupted.apply(one, index + 1));
      whole.flush(uninterrupted);

      const table = new FactTable();
      let fold = newFold(settings);
      let offset = 0;
      let committed = 0;
      let archived = 0;
      for (const { after, crash, lost } of cuts) {
        for (const end = Math.min(log.length, offset + after); offset < end; offset += 1)
          fold.apply(log[offset] as never, offset + 1);
        if (!crash) {
          table.flush(fold);
          archived = Math.max(archived, offset);
          committed = Math.max(committed, offset - lost);
          continue;
        }
        fold = newFold(settings);
        log.slice(0, archived).forEach((one, index) => fold.restoreSiteEvent(one, index + 1));
        fold.restore(table.recover(settings.graceMs));
        offset = committed;
      }
      for (; offset < log.length; offset += 1) fold.apply(log[offset] as never, offset + 1);
      table.flush(fold);
      expect(table.rows()).toEqual(whole.rows());
    });

  it('to the row, version and correction count, with everything in memory', () => {
    fc.assert(facts({ graceMs: 3_600_000 }), { numRuns: 300 });
  });

  it('to the row when memory keeps only what is open', () => {
    fc.assert(facts({ graceMs: 5_000 }), { numRuns: 300 });
  });
});

describe('touched intervals', () => {
  const queued = (seconds: number) => event('acd.contact.queued', 'c', seconds, { queue: 'sales', leg: 'l' });
  const minutes = (touched: readonly { readonly at: Instant }[]) =>
    touched.map(({ at }) => (at - NOON) / 60_000).sort((a, b) => a - b);

  it('are where a leg arrived, and where it was thought to have arrived before', () => {
    const fold = foldAll([queued(600)]);
    expect(minutes(drained(fold).touched)).toEqual([10]);
    fold.apply(queued(300), 2);
    expect(minutes(fold.drain().touched)).toEqual([5, 10]);
  });

  it('include what the facts held of a contact read back', () => {
    const table = new FactTable();
    table.flush(foldAll([queued(600)]));
    const fold = newFold();
    fold.restore({ contacts: [], spells: [], latest: (NOON + 90_000_000) as Instant });
    fold.apply(queued(300), 2);
    expect(fold.drain()).toMatchObject({ contacts: [], legs: [], touched: [] });
    const asked = fold.unverified();
    fold.verify(asked, [...table.contacts.values()]);
    expect(minutes(fold.drain().touched)).toEqual([5, 10]);
  });
});

describe('outcomes', () => {
  const one = (...events: ReturnType<typeof event>[]) => legsOf(foldAll(events))[0];
  const joined = () => [
    event('acd.contact.started', 'c', 0, { channel: 'voice' }),
    event('acd.contact.queued', 'c', 10, { queue: 'sales', leg: 'l' }),
  ];

  it('waiting, until something ends it', () => {
    expect(one(...joined())).toMatchObject({ outcome: 'waiting', waitMs: null, endedAt: null });
  });

  it('answered: wait, ring, hold, talk and wrap-up add up to the contact', () => {
    const leg = one(
      ...joined(),
      event('acd.contact.offered', 'c', 20, { leg: 'l', agent: 'a' }),
      event('acd.contact.answered', 'c', 24, { leg: 'l', agent: 'a' }),
      event('acd.contact.held', 'c', 60, { leg: 'l', agent: 'a' }),
      event('acd.contact.resumed', 'c', 75, { leg: 'l', agent: 'a' }),
      event('acd.contact.ended', 'c', 124, { by: 'customer' }),
      event('acd.contact.wrapped_up', 'c', 150, { leg: 'l', agent: 'a', resolved: true }),
    );
    expect(leg).toMatchObject({
      outcome: 'answered',
      agent: 'a',
      waitMs: 14_000,
      ringMs: 4_000,
      holdMs: 15_000,
      talkMs: 85_000,
      wrapMs: 26_000,
      resolved: true,
    });
  });

  it('abandoned when the customer ends a contact that still waits; dropped when the system does', () => {
    expect(one(...joined(), event('acd.contact.ended', 'c', 40, { by: 'customer' }))).toMatchObject({
      outcome: 'abandoned',
      waitMs: 30_000,
    });
    expect(one(...joined(), event('acd.contact.ended', 'c', 40, { by: 'system' }))).toMatchObject({
      outcome: 'dropped_by_system',
    });
  });

  it('flowed out when transferred before an answer', () => {
    expect(one(...joined(), event('acd.contact.transferred', 'c', 40, { leg: 'l', toQueue: 'support' }))).toMatchObject(
      {
        outcome: 'flowed_out',
        transferredToQueue: 'support',
        waitMs: 30_000,
      },
    );
  });

  it('an answer in the same second as the leaving counts as an answer', () => {
    const leg = one(
      ...joined(),
      event('acd.contact.left_queue', 'c', 15, { leg: 'l', reason: 'abandoned' }),
      event('acd.contact.answered', 'c', 15, { leg: 'l', agent: 'a' }),
    );
    expect(leg?.outcome).toBe('answered');
  });

  it('a clock that stepped back gives no negative duration', () => {
    expect(one(...joined(), event('acd.contact.answered', 'c', 5, { leg: 'l', agent: 'a' }))).toMatchObject({
      outcome: 'answered',
      waitMs: 0,
    });
  });

  it.each([
    ['wraps up', 'acd.contact.wrapped_up'],
    ['holds', 'acd.contact.held'],
    ['resumes', 'acd.contact.resumed'],
  ])('answered, though a clock that stepped back has it end before, when its agent %s', (_, type) => {
    const events = (agent: string, end: AcdEvent) => [
      ...joined(),
      event('acd.contact.answered', 'c', 60, { leg: 'l', agent: 'a' }),
      end,
      event(type, 'c', 50, { leg: 'l', agent }),
    ];
    const hangUp = event('acd.contact.ended', 'c', 40, { by: 'customer' });
    const talked = { outcome: 'answered', agent: 'a', waitMs: 50_000, talkMs: 0, holdMs: 0 };
    for (const order of [events('a', hangUp), events('a', hangUp).reverse()])
      expect(one(...order)).toMatchObject(talked);
    expect(one(...events('a', hangUp))?.wrapMs).toBe(type === 'acd.contact.wrapped_up' ? 0 : null);
    const left = event('acd.contact.left_queue', 'c', 40, { leg: 'l', reason: 'abandoned' });
    expect(one(...events('a', left))).toMatchObject({ ...talked, talkMs: null, holdMs: null });
    const moved = event('acd.contact.transferred', 'c', 40, { leg: 'l', toQueue: 'support' });
    expect(one(...events('a', moved))).toMatchObject({ ...talked, transferredToQueue: 'support' });
    // Another agent's word says nothing of this answer.
    expect(one(...events('b', hangUp))).toMatchObject({ outcome: 'abandoned', waitMs: 30_000, talkMs: null });
  });

  it('abandoned by a customer who hung up just before an agent picked up, and did nothing with the line', () => {
    const hangUp = event('acd.contact.ended', 'c', 40, { by: 'customer' });
    const picksUp = event('acd.contact.answered', 'c', 40.2, { leg: 'l', agent: 'a' });
    for (const order of [
      [hangUp, picksUp],
      [picksUp, hangUp],
    ])
      expect(one(...joined(), ...order)).toMatchObject({ outcome: 'abandoned', waitMs: 30_000, answeredAt: null });
  });

  it('has no fact before anyone said which queue it is in', () => {
    expect(one(event('acd.contact.answered', 'c', 5, { leg: 'l', agent: 'a' }))).toBeUndefined();
  });

  it('refuses to move a leg to another queue, naming the field and the remedy', () => {
    const fold = foldAll(joined());
    const conflict = fold.apply(event('acd.contact.queued', 'c', 20, { queue: 'support', leg: 'l' }), 9);
    expect(conflict?.field).toBe('data.queue');
    expect(conflict?.message).toContain('a move to another queue is a new leg');
    expect(legsOf(fold)[0]?.queue).toBe('sales');
  });

  it('counts a late event that changed a leg as a correction, and its repetition not again', () => {
    const fold = foldAll([
      ...joined(),
      event('acd.source.heartbeat', 'pbx', 20),
      event('acd.contact.started', 'd', 300, { channel: 'chat' }),
    ]);
    const late = event('acd.contact.left_queue', 'c', 30, { leg: 'l', reason: 'abandoned' });
    fold.apply(late, 50);
    fold.apply(late, 51);
    expect(legsOf(fold).find((leg) => leg.leg === 'l')).toMatchObject({
      outcome: 'abandoned',
      corrections: 1,
      version: 50,
    });
  });
});

describe('a restart of the source', () => {
  const before = [
    event('acd.contact.started', 'c', 0, { channel: 'voice' }),
    event('acd.contact.queued', 'c', 1, { queue: 'sales', leg: 'l' }),
  ];
  const restart = event('acd.source.restarted', 'pbx', 100);

  it('says nothing of how a contact ended: whatever its source says, then or later, counts as it would without', () => {
    const after = [
      event('acd.contact.answered', 'c', 120, { leg: 'l', agent: 'ann' }),
      event('acd.contact.reinstated', 'c', 130, { by: 'key:ops' }, 'queuecast/gateway'),
      event('acd.contact.ended', 'c', 300, { by: 'customer' }),
    ];
    for (const order of [
      [...before, restart, ...after],
      [restart, ...before, ...after],
      [...before, ...after, restart],
    ])
      expect(legsOf(foldAll(order))[0]).toMatchObject({ outcome: 'answered', waitMs: 119_000, talkMs: 180_000 });
    expect(legsOf(foldAll([...before, restart]))[0]).toMatchObject({ outcome: 'waiting', endedBy: null, waitMs: null });
  });

  it('leaves contacts of other sources and later ones alone', () => {
    const fold = foldAll([
      event('acd.contact.queued', 'other', 1, { queue: 'sales', leg: 'o' }, 'pbx2'),
      restart,
      event('acd.contact.queued', 'later', 101, { queue: 'sales', leg: 'n' }),
    ]);
    expect(legsOf(fold).map((leg) => leg.outcome)).toEqual(['waiting', 'waiting']);
  });
});

describe('a snapshot of the source', () => {
  const state = (agent: string, at: number, name: string, source = 'pbx') =>
    event('acd.agent.state_changed', agent, at, { state: name, queues: ['sales'] }, source);
  const listing = (at: number, ...agents: string[]) =>
    event('acd.source.snapshot', 'pbx', at, {
      waiting: [],
      agents: agents.map((agent) => ({ agent, state: 'available', queues: ['sales'] })),
    });
  const statesOf = (events: readonly AcdEvent[], agent: string) =>
    drained(foldAll(events))
      .spells.filter((spell) => spell.agent === agent)
      .map(({ from, state: name, reason }) => [(from - NOON) / 1000, name, reason]);
  const morning = [
    state('ann', 0, 'available'),
    state('bob', 1, 'busy'),
    state('chatter', 2, 'available', 'chat'),
    state('gone', 3, 'offline'),
    listing(60, 'bob', 'new'),
    state('ann', 90, 'available'),
  ];

  it('signs out whom it does not list, until he is heard of later; others’ agents and who left are left alone', () => {
    for (const order of [morning, [...morning].reverse(), [morning[4], ...morning.toSpliced(4, 1)] as AcdEvent[]]) {
      expect(statesOf(order, 'ann')).toEqual([
        [0, 'available', null],
        [60, 'offline', 'absent_from_snapshot'],
        [90, 'available', null],
      ]);
      expect(statesOf(order, 'bob')).toEqual([
        [1, 'busy', null],
        [60, 'available', null],
      ]);
      expect(statesOf(order, 'chatter')).toEqual([[2, 'available', null]]);
      expect(statesOf(order, 'gone')).toEqual([[3, 'offline', null]]);
      expect(statesOf(order, 'new')).toEqual([[60, 'available', null]]);
    }
  });

  it('says nothing of whom another event tells of at the same instant', () => {
    const told = state('ann', 60, 'busy');
    for (const order of [
      [morning[0], listing(60), told],
      [morning[0], told, listing(60)],
    ])
      expect(statesOf(order as AcdEvent[], 'ann')).toEqual([
        [0, 'available', null],
        [60, 'busy', null],
      ]);
  });

  it('counts after a restart, too: the facts say whose agents they are', () => {
    const table = new FactTable();
    table.flush(foldAll(morning.slice(0, 4)));
    const restored = newFold();
    restored.restore(table.recover(3_600_000));
    restored.apply(listing(60), 100);
    expect(restored.live.queue(queue('sales')).agents).toMatchObject({ available: 1, busy: 0 });
  });

  it('leaves the same state of every agent at every time, whatever the order', () => {
    const snapshots = fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 1500 }), fc.subarray(['ann', 'bob']))
        .map(([at, agents]) => listing(at, ...agents)),
      { maxLength: 4 },
    );
    const merged = (events: readonly AcdEvent[], agent: string) =>
      statesOf(events, agent).filter(([, name], n, all) => name !== 'offline' || all[n - 1]?.[1] !== 'offline');
    fc.assert(
      fc.property(siteStream, snapshots, seeds, (stream, told, seed) => {
        const events = [...stream.filter(({ type }) => type === 'acd.agent.state_changed'), ...told];
        const timed = (of: readonly AcdEvent[]) =>
          ['ann', 'bob'].map((agent) => merged(of, agent).map(([at, name]) => [at, name]));
        expect(timed(shuffled(events, seed))).toEqual(timed(events));
      }),
      { numRuns: 200 },
    );
  });
});

describe('live state', () => {
  it('shows who waits, longest first, latecomers in their place', () => {
    const fold = foldAll([
      event('acd.contact.queued', 'b', 20, { queue: 'sales', leg: 'b' }),
      event('acd.contact.queued', 'c', 30, { queue: 'sales', leg: 'c' }),
      event('acd.contact.queued', 'a', 10, { queue: 'sales', leg: 'a' }),
    ]);
    const { waiting } = fold.live.queue(queue('sales'));
    expect(waiting.oldest(2).map((contact) => contact.contact)).toEqual(['a', 'b']);
    expect(waiting.countJoined(NOON, (NOON + 20_001) as Instant)).toBe(2);
    fold.apply(event('acd.contact.answered', 'b', 40, { leg: 'b', agent: 'x' }), 9);
    expect(waiting.oldest(5).map((contact) => contact.contact)).toEqual(['a', 'c']);
    expect(fold.live.takeTouched()).toEqual(['sales']);
  });

  it('equals the facts for any stream: waiting legs and agents by state', () => {
    fc.assert(
      fc.property(siteStream, seeds, (events, seed) => {
        const fold = foldAll(shuffled(events, seed));
        const facts = drained(fold);
        for (const id of ['sales', 'support']) {
          const waiting = facts.legs.filter((leg) => leg.queue === id && leg.outcome === 'waiting');
          expect(fold.live.queue(queue(id)).waiting.count).toBe(waiting.length);
        }
        const now = facts.spells.filter((spell) => spell.to === null && spell.queues.includes(queue('sales')));
        const { agents } = fold.live.queue(queue('sales'));
        for (const state of ['available', 'offered', 'busy', 'wrap_up', 'away'] as const)
          expect(agents[state]).toBe(now.filter((spell) => spell.state === state).length);
      }),
    );
  });

  it('forgets who waits without a sign of life for longer than any business day, tells so, and does not bring them back after a restart', () => {
    const fold = foldAll([event('acd.contact.queued', 'ghost', 0, { queue: 'sales', leg: 'l' })]);
    const forgotten: unknown[] = [];
    fold.onLegChanged((before, now) => now === null && forgotten.push(before?.contact));
    const table = new FactTable();
    table.flush(fold);
    fold.apply(event('acd.contact.started', 'next', 31 * 3600, { channel: 'voice' }), 9);
    table.flush(fold);
    expect(forgotten).toEqual(['ghost']);
    expect(fold.live.queue(queue('sales')).waiting.count).toBe(0);
    const restored = newFold();
    restored.restore(table.recover(1_000));
    expect(restored.live.queue(queue('sales')).waiting.count).toBe(0);
    expect(table.rows().legs).toMatchObject([{ contact: 'ghost', outcome: 'waiting' }]);
  });

  it('comes back after a restart from the facts alone', () => {
    fc.assert(
      fc.property(siteStream, (events) => {
        const fold = foldAll(events);
        const table = new FactTable();
        table.flush(fold);
        const restored = newFold();
        restored.restore(table.recover(1_000));
        for (const id of ['sales', 'support']) {
          const [was, is] = [fold.live.queue(queue(id)), restored.live.queue(queue(id))];
          expect(is.waiting.oldest(100)).toEqual(was.waiting.oldest(100));
          expect(is.agents).toEqual(was.agents);
        }
      }),
    );
  });
});
