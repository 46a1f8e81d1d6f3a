import type { AcdEvent, EventId, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, type CallbackRow } from './callback-row.js';
import { deriveCallbacks } from './caller-group.js';
import type { CallbackMarks } from './marks.js';
import { LAPSED_MS, SiteCallbacks, type CallbacksAsked } from './site-callbacks.js';

const tenant = 'acme' as TenantId;
const site = 'main' as SiteId;
const queue = 'support' as QueueId;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2, 9);
const at = (hours: number): Instant => (START + hours * HOUR) as Instant;
const text = (instant: number): string => new Date(instant).toISOString();
const NUMBER = `v1.k1.${'n'.repeat(16)}.${'c'.repeat(38)}`;

type Told = Pick<AcdEvent, 'type' | 'data'> & { readonly hours: number; readonly id: string };

const event = ({ type, data, hours, id }: Told): AcdEvent =>
  ({
    id: `${id}-${type}` as EventId,
    source: 'test',
    at: at(hours),
    tenant,
    site,
    subject: id,
    type,
    data,
  }) as AcdEvent;

const promised = (id: string, hours: number, more: Record<string, unknown> = {}): AcdEvent =>
  event({
    type: 'acd.callback.promised',
    id,
    hours,
    data: {
      callback: id,
      queue,
      dueAt: text(at(hours + 24)),
      channel: 'voice',
      origin: 'web',
      number: NUMBER,
      ...more,
    },
  });
const moved = (id: string, hours: number, dueHours: number): AcdEvent =>
  event({ type: 'acd.callback.moved', id, hours, data: { callback: id, dueAt: text(at(dueHours)) } });
const kept = (id: string, hours: number): AcdEvent =>
  event({ type: 'acd.callback.kept', id, hours, data: { callback: id } });
const cancelled = (id: string, hours: number, by: 'customer' | 'system' = 'customer'): AcdEvent =>
  event({ type: 'acd.callback.cancelled', id, hours, data: { callback: id, by } });

/** A table of rows as the store has it: of two rows of one promise the one with the higher version. */
class Table {
  readonly rows = new Map<string, CallbackRow>();

  write(rows: readonly CallbackRow[]): void {
    for (const row of rows) if (row.version >= (this.rows.get(row.id)?.version ?? -1)) this.rows.set(row.id, row);
  }

  /** Each with all of its number. */
  read({ ids, callerKeys }: CallbacksAsked): CallbackRow[] {
    const keys = new Set(callerKeys);
    for (const id of ids) keys.add(this.rows.get(id)?.callerKey ?? '');
    return this.all().filter(({ id, callerKey }) => ids.includes(id) || (callerKey !== '' && keys.has(callerKey)));
  }

  /** What is open or to be told, each with all of its number. */
  recover(): CallbackRow[] {
    const held = [...this.rows.values()].filter(({ state, pending }) => state === 'open' || pending);
    return this.read({ ids: held.map(({ id }) => id), callerKeys: [] });
  }

  private all(): CallbackRow[] {
    return deriveCallbacks([...this.rows.values()].map(({ marks }) => JSON.parse(marks) as CallbackMarks));
  }
}

const flush = (fold: SiteCallbacks, table: Table, now: Instant): void => {
  for (let asked = fold.unverified(); asked.ids.length > 0; asked = fold.unverified())
    fold.verify(asked, table.read(asked));
  table.write(fold.drain());
  fold.written();
  fold.evict(now);
};

const foldAll = (events: readonly (readonly [AcdEvent, number])[], now = at(60)): Map<string, CallbackRow> => {
  const [fold, table] = [new SiteCallbacks(tenant, site), new Table()];
  for (const [told, version] of events) fold.apply(told, version);
  flush(fold, table, now);
  return table.rows;
};
const rowOf = (events: readonly AcdEvent[], id = 'a'): CallbackRow | undefined =>
  foldAll(events.map((told, version) => [told, version + 1])).get(id);

/** One number, asked for on the page. */
const NUMBER_ONE = { callerKey: 'one', origin: 'web' } as const;

const hours = fc.integer({ min: 0, max: 50 });
const story = (id: string, when: number, more: Record<string, unknown>) =>
  fc
    .array(
      fc.oneof(
        fc.tuple(hours, hours).map(([when, due]) => moved(id, when, due + 10)),
        hours.map((when) => kept(id, when)),
        hours.map((when) => cancelled(id, when)),
        hours.map((when) => cancelled(id, when, 'system')),
        hours.map((when) =>
          event({ type: 'acd.callback.attempted', id, hours: when, data: { callback: id, outcome: 'busy' } }),
        ),
        fc.tuple(hours, fc.integer({ min: 1, max: 4 })).map(([when, attempt]) =>
          event({
            type: 'acd.callback.delivery_attempted',
            id,
            hours: when,
            data: { callback: id, delivery: `${id}-promised-${START}`, attempt, retryAt: text(at(when + 1)) },
          }),
        ),
      ),
      { maxLength: 6 },
    )
    .map((rest) => [promised(id, when, more), ...rest]);

const stories = fc
  .tuple(
    story('a', 0, NUMBER_ONE),
    story('b', 5, { ...NUMBER_ONE, window: { from: text(at(28)), to: text(at(29)) }, dueAt: text(at(29)) }),
    story('c', 0, {}),
    story('d', 26, NUMBER_ONE),
  )
  // Told in the order in which it happened, as a rule.
  .map((all) => [all.flat().sort((x, y) => x.at - y.at)])
  .map((all) => all.flat().map((told, version): [AcdEvent, number] => [told, version + 1]));

const permuted = stories.chain((events) =>
  fc.tuple(
    fc.constant(events),
    fc
      .tuple(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 6 }),
      )
      .map(([shuffled, again]) => [
        ...shuffled,
        ...again.map(([told], n): [AcdEvent, number] => [told, events.length + n + 1]),
      ]),
  ),
);

describe('the fold of promises', () => {
  it('gives the same rows for any permutation and any repetition of the same events', () => {
    fc.assert(
      fc.property(permuted, ([events, shuffled]) => {
        expect(foldAll(shuffled)).toEqual(foldAll(events));
      }),
    );
  });

  it('gives the same rows wherever it is flushed, forgotten, killed and started again', () => {
    const step = fc.constantFrom('go on', 'flush', 'flush without commit', 'kill');
    fc.assert(
      fc.property(permuted, fc.array(step), ([, shuffled], steps) => {
        // The log gives positions in the order of reading.
        const log = shuffled.map(([told], n): [AcdEvent, number] => [told, n + 1]);
        const table = new Table();
        let fold = new SiteCallbacks(tenant, site);
        let uncommitted: (readonly [AcdEvent, number])[] = [];
        for (const [n, entry] of log.entries()) {
          fold.apply(...entry);
          uncommitted.push(entry);
          if (steps[n] === 'flush' || steps[n] === 'flush without commit') flush(fold, table, at(60));
          if (steps[n] === 'flush') uncommitted = [];
          if (steps[n] === 'kill') {
            fold = new SiteCallbacks(tenant, site);
            fold.restore(table.recover());
            for (const again of uncommitted) fold.apply(...again);
          }
        }
        flush(fold, table, at(60));
        expect(table.rows).toEqual(foldAll(log));
      }),
      { numRuns: 300 },
    );
  });

  it('lets one promise of a number stand at a time, and every other have the same call', () => {
    fc.assert(
      fc.property(stories, (events) => {
        const rows = [...foldAll(events).values()];
        const ofNumber = rows.filter(({ callerKey }) => callerKey !== '');
        // Or several, each made when the one before it was overdue.
        const standing = ofNumber
          .filter(({ state, duplicateOf }) => state === 'open' && duplicateOf === '')
          .sort((x, y) => x.promisedAt - y.promisedAt);
        for (const [n, { dueAt }] of standing.entries())
          expect(dueAt).toBeLessThan(standing[n + 1]?.promisedAt ?? Infinity);
        if (ofNumber.some(({ state }) => state === 'open')) expect(standing.length).toBeGreaterThan(0);
        for (const shadow of ofNumber) {
          if (shadow.duplicateOf === '') continue;
          const call = rows.find(({ id }) => id === shadow.duplicateOf)!;
          expect(call.duplicateOf).toBe('');
          expect(shadow.pending).toBe(false);
          if (shadow.state !== 'open') continue;
          expect(call.state).toBe('open');
          // Whatever it shows, the dialer has been told.
          expect(isWithin(call, shadow)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forgets the number when the promise is over, and knows it until then', () => {
    expect(rowOf([promised('a', 0)])?.marks).toContain(NUMBER);
    expect(rowOf([promised('a', 0), kept('a', 2)])?.marks).not.toContain(NUMBER);
    expect(rowOf([promised('a', 0), cancelled('a', 2)])?.marks).not.toContain(NUMBER);
  });

  it('moves what is due, but not once it is overdue or over', () => {
    expect(rowOf([promised('a', 0), moved('a', 2, 30)])).toMatchObject({ dueAt: at(30), moves: 1 });
    expect(rowOf([promised('a', 0), moved('a', 2, 30), moved('a', 29, 40)])).toMatchObject({ dueAt: at(40), moves: 2 });
    expect(rowOf([promised('a', 0), moved('a', 25, 40)])).toMatchObject({ dueAt: at(24), moves: 0 });
    expect(rowOf([promised('a', 0), kept('a', 2), moved('a', 3, 40)])).toMatchObject({ dueAt: at(24), moves: 0 });
  });

  it('calls a promise broken that the centre withdraws, and cancelled only what the customer cancels', () => {
    expect(rowOf([promised('a', 0), cancelled('a', 1, 'system')])?.state).toBe('withdrawn');
    expect(rowOf([promised('a', 0), cancelled('a', 1)])?.state).toBe('cancelled');
    expect(rowOf([promised('a', 0), kept('a', 1), cancelled('a', 2)])?.state).toBe('kept');
  });

  /** Folded and written, event by event. */
  const after = (...events: AcdEvent[]) => {
    const [fold, table] = [new SiteCallbacks(tenant, site), new Table()];
    for (const [n, told] of events.entries()) {
      fold.apply(told, n + 1);
      flush(fold, table, at(0));
    }
    return { fold, row: (id: string) => table.rows.get(id)!, told: [...fold.pending()].map(({ row }) => row.id) };
  };
  const first = promised('a', 0, NUMBER_ONE);
  const window = { from: text(at(20)), to: text(at(21)) };
  const second = promised('b', 1, { ...NUMBER_ONE, window, dueAt: window.to });

  it('lets a promise stand in for one of its number that was called off, and tells the dialer of it only then', () => {
    expect(after(first, second).told).toEqual(['a']);
    expect(after(first, second, cancelled('a', 3)).told).toEqual(['b']);
    expect(after(first, second, cancelled('a', 3, 'system')).told).toEqual(['b']);
    expect(after(first, second, cancelled('b', 3)).told).toEqual(['a']);
  });

  it('ends with the call whatever asked for the same one, and lets the number ask anew', () => {
    const { told, row, fold } = after(first, second, kept('a', 3), promised('c', 4, NUMBER_ONE));
    expect([row('a'), row('b')].map(({ state, closedAt }) => [state, closedAt])).toEqual([
      ['kept', at(3)],
      ['kept', at(3)],
    ]);
    expect(row('b').marks).not.toContain(NUMBER);
    expect(row('c')).toMatchObject({ state: 'open', duplicateOf: '' });
    expect(told).toEqual(['c']);
    expect(fold.counts(queue, at(5), HOUR).open).toBe(1);
  });

  it('makes a call too many rather than one too few where a clock is wrong', () => {
    // The call was before by the log and after by its clock, or the other way round.
    expect(after(first, kept('a', 5), promised('c', 4, NUMBER_ONE)).row('c')).toMatchObject({ state: 'open' });
    expect(after(first, promised('c', 4, NUMBER_ONE), kept('a', 3)).told).toEqual(['c']);
  });

  it('calls at the newest time that was asked for, whoever asked', () => {
    const { row } = after(first, second);
    expect(row('a')).toMatchObject({ dueAt: at(21), window: { from: at(20) }, movedAt: at(1), moves: 1 });
    expect(after(first, second, moved('a', 2, 23)).row('a')).toMatchObject({ dueAt: at(23), window: null });
    // What is within what was asked for stays, and who asked sees nothing of it.
    const any = after(second, promised('c', 2, NUMBER_ONE));
    expect(any.row('b')).toMatchObject({ dueAt: at(21), moves: 0 });
    expect(any.row('c')).toMatchObject({ dueAt: at(26), window: null, duplicateOf: 'b' });
    // It asked for before 21, and the call was moved to 23 later: it shows that.
    expect(after(first, second, moved('a', 2, 23)).row('b')).toMatchObject({ dueAt: at(23), duplicateOf: 'a' });
  });

  it('hands a place in line to the promise that its number had', () => {
    const place = { queuedAt: text(at(1)), priority: 2, position: 1 };
    const swap = event({
      ...promised('s', 2, { ...NUMBER_ONE, origin: 'place', leg: '7', place }),
      hours: 2,
      id: 's',
    });
    const { row, told } = after(first, second, swap);
    expect(told).toEqual(['a']);
    expect(row('a')).toMatchObject({ origin: 'place', leg: '7', contact: 's', dueAt: at(26), movedAt: at(2) });
    expect(row('a').place).toMatchObject({ queuedAt: at(1), position: 1 });
  });

  it('makes a promise of its own for a number whose last is overdue, and keeps both by one call', () => {
    const overdue = promised('a', -30, NUMBER_ONE);
    const { row, told, fold } = after(overdue, second);
    expect(row('b')).toMatchObject({ state: 'open', duplicateOf: '', dueAt: at(21) });
    expect(told).toEqual(['a', 'b']);
    expect(fold.counts(queue, at(2), HOUR)).toMatchObject({ open: 2, overdue: 1 });
    const delivered = event({
      type: 'acd.callback.delivered',
      id: 'b',
      hours: 2,
      data: { delivery: `b-promised-${at(1)}` },
    });
    const late = after(overdue, second, delivered, kept('a', 3));
    expect([late.row('a').state, late.row('b').state]).toEqual(['kept', 'kept']);
    // The dialer knows of the other: it is told that it need not call.
    expect(late.told).toEqual(['b']);
  });

  it('leaves promises of an ACD to it, however many it makes to a number', () => {
    const acd = { callerKey: 'one', origin: 'acd' };
    expect(after(promised('a', 0, acd), promised('b', 1, acd)).told).toEqual(['a', 'b']);
  });

  it('tells of nothing before it is in the facts', () => {
    const [fold, table] = [new SiteCallbacks(tenant, site), new Table()];
    fold.apply(first, 1);
    expect([...fold.pending()]).toEqual([]);
    flush(fold, table, at(0));
    expect([...fold.pending()].map(({ row }) => row.id)).toEqual(['a']);
    fold.apply(second, 2);
    expect([...fold.pending()].map(({ row }) => row.id)).toEqual(['a']);
  });

  it('counts what is open, due soon and overdue', () => {
    const fold = new SiteCallbacks(tenant, site);
    for (const [n, hour] of [0, 1, 2].entries()) fold.apply(promised(String(n), hour), n);
    fold.apply(promised('3', 10, NUMBER_ONE), 3);
    fold.apply(promised('again', 11, NUMBER_ONE), 5);
    fold.apply(kept('2', 5), 6);
    expect(fold.counts(queue, at(24.5), HOUR)).toEqual({ open: 3, dueSoon: 1, overdue: 1, nextDueAt: at(25) });
    expect(fold.counts('other' as QueueId, at(24), HOUR)).toEqual({ open: 0, dueSoon: 0, overdue: 0, nextDueAt: null });
  });

  it('holds what is open or has to be told, and nothing else', () => {
    const [fold, table] = [new SiteCallbacks(tenant, site), new Table()];
    fold.apply(promised('a', 0), 1);
    fold.apply(promised('b', 0), 2);
    fold.apply(kept('b', 1), 3);
    flush(fold, table, at(2));
    expect(fold.size).toBe(1);
    fold.evict((at(24) + LAPSED_MS + 1) as Instant);
    expect([fold.size, fold.queues()]).toEqual([0, []]);
  });
});
