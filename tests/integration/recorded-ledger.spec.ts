import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { instant, queueId, tenantId } from '@queuecast/events';
import { ATTRIBUTIONS, LEDGER_CLASSES, type Attribution } from '@queuecast/metrics';
import { openStore, type LedgerRequest, type LedgerRow, type Store } from '@queuecast/store';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RoleProcess } from '../support/roles.js';
import { vanadReference } from '../support/vanad-reference.js';

const ZONE = 'Europe/Amsterdam';
const MAP = resolve('apps/simulator/maps/vanad-2014.yaml');
const IMPORT = ['--map', MAP, '--speed', 'max', '--tenant', 'vanad', '--site', 'main'];
const fileOf = (day: string): string => resolve(`../shared/data/vanad-2014/${day.slice(0, 7)}.csv.gz`);

/** What flows through a row, and so adds up over rows; who waits at an edge does not. */
const FLOWS = ['offered', ...LEDGER_CLASSES.filter((name) => name !== 'still_waiting')] as const;
const flowsOf = (row: LedgerRow): number[] =>
  FLOWS.map((name) => (name === 'offered' ? row.offered : row.classes[name]));
const placeOf = ({ queue, channel }: LedgerRow): string => `${queue} ${channel}`;

const byPlace = (rows: readonly LedgerRow[]): Map<string, LedgerRow[]> => {
  const places = new Map<string, LedgerRow[]>();
  for (const row of rows) places.set(placeOf(row), [...(places.get(placeOf(row)) ?? []), row]);
  return places;
};

/** A day on which hundreds of real people worked balances as a simulated one does. */
describe.each(['2014-03-03', '2014-05-12'])('the ledger of the recorded %s', (day) => {
  describe.skipIf(!existsSync(fileOf(day)))('as imported', () => {
    let directory: string;
    let store: Store;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'queuecast-recorded-ledger-'));
      const { code, printed } = await RoleProcess.finish(
        'apps/simulator/src/import.js',
        ['--file', fileOf(day), '--date', day, '--data-dir', join(directory, 'data'), ...IMPORT],
        directory,
      );
      if (code !== 0) throw new Error(`the import ended with ${code}:\n${printed}`);
      store = await openStore({ kind: 'embedded', directory: join(directory, 'data', 'store') });
    });
    afterAll(async () => {
      await store?.close();
      await rm(directory, { recursive: true, force: true });
    });

    const midnight = DateTime.fromISO(day, { zone: ZONE });
    const range = { from: instant(midnight.toMillis()), to: instant(midnight.plus({ days: 1 }).toMillis()) };
    const ledger = async (grain: LedgerRequest['grain'], attribution: Attribution): Promise<LedgerRow[]> => {
      const { rows, nextCursor } = await store.ledger({
        tenant: tenantId('vanad'),
        queues: [],
        ...range,
        grain,
        timeZone: ZONE,
        attribution,
        shortAbandonSeconds: 5,
        limit: 10_000,
      });
      expect(nextCursor).toBeNull();
      return [...rows];
    };

    it.each(ATTRIBUTIONS)(
      'balances for every queue and interval, and adds up to the day, by %s',
      async (attribution) => {
        const days = byPlace(await ledger('day', attribution));
        expect(days.size).toBeGreaterThan(5);
        for (const grain of ['minute', 'quarter', 'hour'] as const) {
          const rows = await ledger(grain, attribution);
          for (const row of rows) expect(row, `${placeOf(row)} at ${row.start}`).toMatchObject({ imbalance: 0 });
          const places = byPlace(rows);
          expect([...places.keys()].sort()).toEqual([...days.keys()].sort());
          for (const [place, parts] of places) {
            const [whole] = days.get(place) ?? [];
            const sums = FLOWS.map((_, n) => parts.reduce((sum, row) => sum + (flowsOf(row)[n] ?? 0), 0));
            expect({ place, grain, sums }).toEqual({ place, grain, sums: whole && flowsOf(whole) });
          }
        }
        for (const [, [row]] of days) expect(row).toMatchObject({ imbalance: 0 });
      },
    );

    it('hands who waits over from interval to interval, by event', async () => {
      for (const [place, rows] of byPlace(await ledger('quarter', 'event'))) {
        let waiting = 0;
        for (const row of rows) {
          expect({ place, start: row.start, carriedIn: row.carriedIn }).toMatchObject({ carriedIn: waiting });
          waiting = row.classes.still_waiting;
        }
        expect({ place, waiting }).toEqual({ place, waiting: 0 });
      }
    });

    it('is what a plain script counts in the recording, and leads to as many contacts', async () => {
      const expected = vanadReference(fileOf(day), day);
      const rows = await ledger('total', 'arrival');
      expect(rows.map(({ queue }) => queue).sort()).toEqual([...expected.keys()].sort());
      for (const { queue, offered, contacts, classes } of rows) {
        const { answered, abandoned, ...wanted } = expected.get(queue) ?? { offered: -1, answered: -1, abandoned: -1 };
        expect({ queue, offered, answered: classes.answered }).toEqual({ queue, offered: wanted.offered, answered });
        expect(classes.abandoned + classes.short_abandoned).toBe(abandoned);
        expect(contacts).toBeLessThanOrEqual(offered);
      }
      const busiest = rows.toSorted((one, other) => other.offered - one.offered)[0] as LedgerRow;
      for (const name of LEDGER_CLASSES) {
        const listed = await store.contacts({
          tenant: tenantId('vanad'),
          queues: [queueId(busiest.queue)],
          sites: [],
          ...range,
          attribution: 'arrival',
          class: name,
          shortAbandonSeconds: 5,
          limit: 10_000,
        });
        expect({ name, legs: listed.rows.length }).toEqual({ name, legs: busiest.classes[name] });
      }
    });
  });
});
