import type { AcdEvent, EventId, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallbackRow } from './callback-row.js';
import { LAPSED_MS, SiteCallbacks } from './site-callbacks.js';

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

  read(ids: readonly string[]): CallbackRow[] {
    return ids.flatMap((id) => this.rows.get(id) ?? []);
  }
}

const flush = (fold: SiteCallbacks, table: Table, now: Instant): void => {
  for (let asked = fold.unverified(); asked.length > 0; asked = fold.unverified())
    fold.verify(asked, table.read(asked));
  table.write(fold.drain());
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

const hours = fc.integer({ min: 0, max: 50 });
const story = (id: string, more: Record<string, unknown>) =>
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
    .map((rest) => [promised(id, 0, more), ...rest]);

const stories = fc
  .tuple(story('a', {}), story('b', { duplicateOf: 'a' }), story('c', {}))
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
            fold.restore([...table.rows.values()].filter(({ state, pending }) => state === 'open' || pending));
            for (const again of uncommitted) fold.apply(...again);
          }
        }
        flush(fold, table, at(60));
        expect(table.rows).toEqual(foldAll(log));
      }),
      { numRuns: 300 },
    );
  });

  it('counts a number once at a time: a duplicate only when the promise before it was called off', () => {
    fc.assert(
      fc.property(stories, (events) => {
        const fold = new SiteCallbacks(tenant, site);
        for (const [told, version] of events) fold.apply(told, version);
        const [original, duplicate, other] = ['a', 'b', 'c'].map((id) => fold.get(id)?.row.state);
        const calledOff = original === 'cancelled' || original === 'withdrawn';
        const open = [original === 'open', duplicate === 'open' && calledOff, other === 'open'].filter(Boolean).length;
        expect(fold.counts(queue, at(0), HOUR).open).toBe(open);
      }),
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

  it('lets a duplicate stand in for a promise that was called off, and tells the dialer of it only then', () => {
    const pendingAfter = (...events: AcdEvent[]) => {
      const fold = new SiteCallbacks(tenant, site);
      for (const [n, told] of events.entries()) fold.apply(told, n);
      return [...fold.pending()].map(({ row }) => row.id);
    };
    const twice = [promised('a', 0), promised('b', 1, { duplicateOf: 'a' })];
    expect(pendingAfter(...twice)).toEqual(['a']);
    expect(pendingAfter(...twice, kept('a', 3))).toEqual([]);
    expect(pendingAfter(...twice, cancelled('a', 3))).toEqual(['b']);
    expect(pendingAfter(...twice.toReversed(), cancelled('a', 3, 'system'))).toEqual(['b']);
  });

  it('counts what is open, due soon and overdue', () => {
    const fold = new SiteCallbacks(tenant, site);
    for (const [n, hour] of [0, 1, 2, 10].entries()) fold.apply(promised(String(n), hour), n);
    fold.apply(promised('again', 3, { duplicateOf: '3' }), 5);
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
