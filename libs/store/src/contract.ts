import type { LegFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant } from '@queuecast/events';
import { LEDGER_CLASSES, METRICS } from '@queuecast/metrics';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidReportError, ReportTooLargeError } from './errors.js';
import {
  answered,
  archived,
  at,
  contact,
  flushOf,
  leg,
  legStates,
  queue,
  siteKey,
  spell,
  TODAY,
  TOMORROW,
  YESTERDAY,
} from './facts.testing.js';
import { ledgerOf } from './ledger.testing.js';
import type { IntervalReportRequest, IntervalReportRow, SiteKey, Store } from './port.js';

const requestFor = (key: SiteKey, more: Partial<IntervalReportRequest> = {}): IntervalReportRequest => ({
  tenant: key.tenant,
  queues: [],
  from: at(`${YESTERDAY}T00:00:00Z`),
  to: at(`${TOMORROW}T12:00:00Z`),
  grain: 'total',
  timeZone: 'UTC',
  thresholdSeconds: 150,
  shortAbandonSeconds: 5,
  metrics: [],
  limit: 1000,
  ...more,
});

const allRows = async (store: Store, request: IntervalReportRequest): Promise<IntervalReportRow[]> => {
  const rows: IntervalReportRow[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.intervals(cursor === null ? request : { ...request, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
};

const NASTY = [
  "it's; DROP TABLE contacts",
  'two\nlines\tand \\ a backslash\r',
  '{p:String} -- ${x} /* */ FORMAT TSV\n\n;',
  '"quoted" `ticked`',
  '\u0000 nul, é, €, 😀, \u2028',
  'INSERT INTO contacts FORMAT JSONCompactEachRow\n["a"]',
];

/** The clock of every store under this contract. */
export const CONTRACT_NOW = Date.parse(`${TODAY}T12:00:00Z`);

/** What every adapter of the store must do. Tests use a tenant of their own each, and leave their rows behind. */
export const storeContract = (adapter: string, open: () => Promise<Store>, shut: () => Promise<void>): void => {
  describe(`store contract: ${adapter}`, () => {
    let store: Store;
    let tenants = 0;
    const fresh = (site = 'main'): SiteKey => siteKey(`${adapter}-${(tenants += 1)}`, site);

    beforeAll(async () => {
      store = await open();
      await store.migrate();
    });
    afterAll(async () => {
      await store.close();
      await shut();
    });

    const rowsOf = (table: string, key: SiteKey): Promise<Record<string, unknown>[]> =>
      store.report(`SELECT * EXCEPT version FROM ${table} FINAL WHERE tenant = {tenant:String} ORDER BY ALL`, {
        tenant: key.tenant,
      });

    describe('facts', () => {
      it('applies the schema once: a second start changes nothing', async () => {
        await store.migrate();
        expect(await store.ping()).toBe(true);
      });

      it('gives contacts back as they were, whatever their text', async () => {
        const key = fresh();
        const contacts = NASTY.map((text, n) =>
          contact(key, text, { marks: JSON.stringify({ text }), version: n + 1 }),
        );
        await store.write(flushOf({ contacts }));
        const found = await store.readContacts(key, [...contacts.map((row) => row.contact), 'unknown' as ContactId]);
        expect(new Map(found.map((row) => [row.contact, row]))).toEqual(
          new Map(contacts.map((row) => [row.contact, row])),
        );
        const recovery = await store.recoverSite(key, 0);
        expect(recovery.contacts).toHaveLength(contacts.length);
      });

      it('stores text that is not well-formed, instead of refusing the flush for ever', async () => {
        const key = fresh();
        await store.write(flushOf({ contacts: [contact(key, 'half', { marks: '\ud83d' }), contact(key, 'whole')] }));
        expect((await store.readContacts(key, ['half' as ContactId]))[0]?.marks).toBe('\ufffd');
      });

      it('keeps versions beyond 32 bits exact', async () => {
        const key = fresh();
        const version = 7 * 2 ** 40 + 123_456_789_012;
        await store.write(flushOf({ contacts: [contact(key, 'far', { version })] }));
        expect((await store.readContacts(key, ['far' as ContactId]))[0]?.version).toBe(version);
      });

      it('never lets an older version replace a newer one', async () => {
        const key = fresh();
        const moment = at(`${YESTERDAY}T10:00:00Z`);
        const newer = answered(key, moment, 4000, { version: 10 });
        const older = leg(key, { anchor: moment, queuedAt: moment, version: 9 });
        const agent = spell(key, 'anna', moment, { state: 'busy', version: 10 });
        await store.write(
          flushOf({ legs: [newer], contacts: [contact(key, 'c', { marks: 'new', version: 10 })], spells: [agent] }),
        );
        await store.write(
          flushOf({
            legs: [older],
            contacts: [contact(key, 'c', { marks: 'old', version: 9 })],
            spells: [spell(key, 'anna', moment, { state: 'away', version: 9 })],
          }),
        );
        expect((await store.readContacts(key, ['c' as ContactId]))[0]?.marks).toBe('new');
        expect((await store.readSpells(key, 'anna' as AgentId, moment))[0]?.state).toBe('busy');
        expect((await allRows(store, requestFor(key)))[0]?.values).toMatchObject({ answered: 1, still_waiting: 0 });
      });

      it('written twice, a flush changes nothing', async () => {
        const key = fresh();
        const moment = at(`${YESTERDAY}T10:00:00Z`);
        const flush = flushOf({
          legs: [answered(key, moment, 4000), leg(key, { contact: 'other', queuedAt: moment, version: 2 })],
          contacts: [contact(key, 'c')],
          spells: [spell(key, 'anna', moment)],
          events: [archived(key, 'e1', 'acd.source.heartbeat')],
        });
        const tables = ['contact_legs', 'contacts', 'agent_spells', 'events', 'queue_intervals'];
        const read = () => Promise.all(tables.map((table) => rowsOf(table, key)));
        await store.write(flush);
        const once = await read();
        await store.write(flush);
        expect(await read()).toEqual(once);
        expect(once.map((rows) => rows.length)).toEqual([2, 1, 1, 1, 2]);
      });

      it('writes nothing for an empty flush', async () => {
        await expect(store.write(flushOf({}))).resolves.toBeUndefined();
      });
    });

    describe('intervals', () => {
      it('equal the metrics over the facts, after any sequence of flushes and at any threshold', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(legStates(siteKey('x')), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 }),
            fc.integer({ min: 0, max: 12 }),
            fc.integer({ min: 0, max: 12 }),
            async (flushes, thresholdSeconds, shortAbandonSeconds) => {
              const key = fresh();
              const current = new Map<string, LegFact>();
              let version = 0;
              for (const states of flushes) {
                const legs: LegFact[] = [];
                const touched = [];
                for (const state of states) {
                  const fact: LegFact = { ...state, ...key, version: (version += 1) };
                  const before = current.get(fact.contact);
                  if (before) touched.push({ ...key, queue: before.queue, at: before.queuedAt });
                  current.set(fact.contact, fact);
                  legs.push(fact);
                }
                await store.write(flushOf({ legs, touched }));
              }
              const facts = [...current.values()];
              const options = { thresholdSeconds, shortAbandonSeconds, asOf: CONTRACT_NOW };
              for (const [grain, length] of [
                ['minute', 60_000],
                ['quarter', 900_000],
              ] as const) {
                const expected = new Map<string, LegFact[]>();
                for (const fact of facts) {
                  const start = Math.floor(fact.queuedAt / length) * length;
                  const name = `${start} ${fact.queue} ${fact.channel ?? ''}`;
                  expected.set(name, [...(expected.get(name) ?? []), fact]);
                }
                const rows = await allRows(
                  store,
                  requestFor(key, { grain, thresholdSeconds, shortAbandonSeconds, limit: 7 }),
                );
                expect(new Map(rows.map((row) => [`${row.start} ${row.queue} ${row.channel}`, row.values]))).toEqual(
                  new Map([...expected].map(([name, legs]) => [name, ledgerOf(legs, options)])),
                );
                for (const { values } of rows)
                  expect(LEDGER_CLASSES.reduce((sum, id) => sum + (values[id] ?? NaN), 0)).toBe(values.offered);
              }
            },
          ),
          { numRuns: 12 },
        );
      });

      it('lose a leg that moves to another interval: the old one reads as if it had never been there', async () => {
        const key = fresh();
        const before = at(`${YESTERDAY}T10:07:30Z`);
        const moved = at(`${YESTERDAY}T11:40:00Z`);
        await store.write(flushOf({ legs: [answered(key, before, 4000, { version: 1 })] }));
        await store.write(
          flushOf({
            legs: [answered(key, moved, 4000, { anchor: before, version: 2 })],
            touched: [{ ...key, queue: queue('support'), at: before }],
          }),
        );
        const rows = await allRows(store, requestFor(key, { grain: 'minute', metrics: ['offered'] }));
        expect(rows.map((row) => [row.start, row.values.offered])).toEqual([[moved, 1]]);
      });

      it('are repaired by a recompute without facts', async () => {
        const key = fresh();
        const moment = at(`${YESTERDAY}T10:07:30Z`);
        await store.write(flushOf({ legs: [answered(key, moment, 4000, { version: 5 })] }));
        const once = await rowsOf('queue_intervals', key);
        await store.write(flushOf({ touched: [{ ...key, queue: queue('support'), at: moment }] }));
        expect(await rowsOf('queue_intervals', key)).toEqual(once);
      });

      it('keep sites apart that share a queue id, a contact id and an instant', async () => {
        const north = fresh('north');
        const south = siteKey(north.tenant, 'south');
        const moment = at(`${YESTERDAY}T10:07:30Z`);
        await store.write(flushOf({ legs: [answered(north, moment, 1000, { version: 900 })] }));
        await store.write(flushOf({ legs: [answered(south, moment, 2000, { version: 3 })] }));
        await store.write(flushOf({ legs: [answered(south, moment, 4000, { version: 4 })] }));
        const rows = await allRows(store, requestFor(north, { metrics: ['answered', 'total_wait'] }));
        expect(rows.map((row) => [row.site, row.values])).toEqual([
          ['north', { answered: 1, total_wait: 1000 }],
          ['south', { answered: 1, total_wait: 4000 }],
        ]);
      });

      it('come in pages that join without a gap or a repeat', async () => {
        const key = fresh();
        const legs = Array.from({ length: 25 }, (_, n) =>
          answered(key, (at(`${YESTERDAY}T10:00:00Z`) + n * 420_000) as Instant, 1000, {
            contact: `c${n}`,
            queue: queue(`q${n % 3}`),
            channel: n % 2 ? 'voice' : 'chat',
            version: n + 1,
          }),
        );
        await store.write(flushOf({ legs }));
        const request = requestFor(key, { grain: 'quarter', metrics: ['offered'] });
        const whole = await allRows(store, request);
        expect(whole.length).toBeGreaterThan(10);
        for (const limit of [1, 4, whole.length]) expect(await allRows(store, { ...request, limit })).toEqual(whole);
      });

      it('name the definitions they were computed by', async () => {
        const report = await store.intervals(requestFor(fresh(), { metrics: ['asa', 'offered'] }));
        expect(report).toEqual({ metrics: ['asa@1', 'offered@1'], rows: [], nextCursor: null });
        expect((await store.intervals(requestFor(fresh()))).metrics).toHaveLength(METRICS.length);
      });

      it.each([
        [{ metrics: ['asb'] }, /^metrics: "asb" is not a metric; choose among offered,/],
        [{ timeZone: 'Mars/Base' }, /^timeZone: /],
        [{ to: at(`${YESTERDAY}T00:00:00Z`) }, /^to: must be later than from/],
        [{ limit: 0 }, /^limit: /],
        [{ cursor: 'made-up' }, /^cursor: /],
        [{ thresholdSeconds: 1.5 }, /^thresholdSeconds: /],
      ])('refuse %j, naming the field and the remedy', async (more, message) => {
        await expect(store.intervals(requestFor(fresh(), more))).rejects.toThrow(message);
      });
    });

    describe('zones', () => {
      it.each([
        ['Europe/Brussels', '2026-03-29', 23],
        ['Europe/Brussels', '2026-10-25', 25],
        ['Europe/Brussels', '2026-06-01', 24],
        ['Asia/Kolkata', '2026-03-29', 24],
        ['Australia/Adelaide', '2026-04-05', 25],
        ['America/St_Johns', '2026-03-08', 23],
        ['Asia/Kathmandu', '2026-03-08', 24],
        ['Africa/Cairo', '2026-04-24', 23],
      ])('cuts %s, %s into its %i hours', async (zone, date, hours) => {
        const key = fresh();
        const start = DateTime.fromISO(date, { zone }).startOf('day');
        const end = start.plus({ days: 1 }).startOf('day');
        expect(end.diff(start, 'hours').hours).toBe(hours);
        const legs: LegFact[] = [];
        for (let moment = start.toMillis() - 900_000; moment < end.toMillis() + 900_000; moment += 900_000)
          legs.push(answered(key, moment as Instant, 1000, { contact: `c${moment}`, version: legs.length + 1 }));
        await store.write(flushOf({ legs }));
        const range = { from: (start.toMillis() - 900_000) as Instant, to: (end.toMillis() + 900_000) as Instant };
        const days = await allRows(
          store,
          requestFor(key, { ...range, grain: 'day', timeZone: zone, metrics: ['offered'] }),
        );
        expect(days.map((row) => [row.start, row.values.offered])).toEqual([
          [start.minus({ minutes: 15 }).startOf('day').toMillis(), 1],
          [start.toMillis(), hours * 4],
          [end.toMillis(), 1],
        ]);
        const byHour = await allRows(
          store,
          requestFor(key, {
            from: start.toMillis() as Instant,
            to: end.toMillis() as Instant,
            grain: 'hour',
            timeZone: zone,
            metrics: ['offered'],
          }),
        );
        expect(byHour.map((row) => [row.start, row.values.offered])).toEqual(
          Array.from({ length: hours }, (_, n) => [start.toMillis() + n * 3_600_000, 4]),
        );
      });
    });

    describe('windows', () => {
      it('answers many queues and bounds at once, each leg counted where it belongs', async () => {
        const key = fresh();
        const legs = Array.from({ length: 240 }, (_, n) =>
          answered(key, (at(`${TODAY}T08:00:00Z`) + n * 47_000) as Instant, (n % 9) * 1000, {
            contact: `c${n}`,
            queue: queue(`q${n % 4}`),
            channel: n % 3 ? 'voice' : 'chat',
            version: n + 1,
          }),
        );
        await store.write(flushOf({ legs }));
        const bounds = [
          [`${TODAY}T08:00:00Z`, `${TODAY}T12:00:00Z`],
          [`${TODAY}T08:07:00Z`, `${TODAY}T10:52:00Z`],
          [`${TODAY}T09:01:00Z`, `${TODAY}T09:09:00Z`],
          [`${TODAY}T08:00:00Z`, `${TODAY}T09:30:00Z`],
          [`${TOMORROW}T08:00:00Z`, `${TOMORROW}T09:00:00Z`],
        ] as const;
        const requests = bounds.flatMap(([from, to], n) =>
          ['q0', 'q1', 'q3'].map((id) => ({
            ...key,
            queue: queue(id),
            from: at(from),
            to: at(to),
            thresholdSeconds: n,
            shortAbandonSeconds: 5,
          })),
        );
        const windows = await store.windows(requests);
        expect(windows.map((window) => [window.queue, window.offered, window.answeredWithin, window.asaMs])).toEqual(
          requests.map((request) => {
            const within = legs.filter(
              (fact) => fact.queue === request.queue && fact.queuedAt >= request.from && fact.queuedAt < request.to,
            );
            const ledger = ledgerOf(within, { ...request, asOf: CONTRACT_NOW });
            return [request.queue, ledger.offered, ledger.answered_within, ledger.asa];
          }),
        );
      });

      it('takes the edges from the facts where minutes are no longer kept', async () => {
        const key = fresh();
        const legs = Array.from({ length: 90 }, (_, n) =>
          answered(key, (at('2014-03-03T08:00:00Z') + n * 60_000) as Instant, 1000, {
            contact: `c${n}`,
            version: n + 1,
          }),
        );
        await store.write(flushOf({ legs }));
        const [window] = await store.windows([
          {
            ...key,
            queue: queue('support'),
            from: at('2014-03-03T08:05:00Z'),
            to: at('2014-03-03T09:20:00Z'),
            thresholdSeconds: 1,
            shortAbandonSeconds: 0,
          },
        ]);
        expect(window).toMatchObject({ offered: 75, answered: 75, answeredWithin: 75, asaMs: 1000 });
      });

      it('counts a late answer where the contact arrived', async () => {
        const key = fresh();
        const moment = at(`${TODAY}T09:59:00Z`);
        const request = {
          ...key,
          queue: queue('support'),
          from: at(`${TODAY}T09:00:00Z`),
          to: at(`${TODAY}T10:00:00Z`),
          thresholdSeconds: 150,
          shortAbandonSeconds: 5,
        };
        await store.write(flushOf({ legs: [leg(key, { anchor: moment, queuedAt: moment })] }));
        expect((await store.windows([request]))[0]).toMatchObject({
          offered: 1,
          stillWaiting: 1,
          answered: 0,
          asaMs: null,
        });
        await store.write(flushOf({ legs: [answered(key, moment, 600_000, { version: 2 })] }));
        expect((await store.windows([request]))[0]).toMatchObject({
          offered: 1,
          stillWaiting: 0,
          answered: 1,
          answeredWithin: 0,
          longestWaitMs: 600_000,
        });
      });
    });

    describe('recovery', () => {
      it('gives open and recent contacts, each in its latest version, and nothing older', async () => {
        const key = fresh();
        const day = Date.parse(`${YESTERDAY}T00:00:00Z`);
        const lastAt = (hour: number) => day + hour * 3_600_000;
        await store.write(
          flushOf({
            contacts: [
              contact(key, 'old-open', { lastAt: lastAt(1), version: 1 }),
              contact(key, 'old-closed', { lastAt: lastAt(1), closed: true, version: 2 }),
              contact(key, 'reopened', { lastAt: lastAt(1), closed: true, version: 3 }),
              contact(key, 'since-closed', { lastAt: lastAt(1), version: 4 }),
              contact(key, 'recent', { lastAt: lastAt(9), closed: true, version: 5 }),
              contact(key, 'latest', { lastAt: lastAt(10), closed: true, version: 6 }),
            ],
          }),
        );
        await store.write(
          flushOf({
            contacts: [
              contact(key, 'reopened', { lastAt: lastAt(2), version: 7 }),
              contact(key, 'since-closed', { lastAt: lastAt(2), closed: true, version: 8 }),
            ],
          }),
        );
        const recovery = await store.recoverSite(key, 3_600_000);
        expect(recovery.contacts.map((row) => [row.contact, row.version])).toEqual([
          ['latest', 6],
          ['old-open', 1],
          ['recent', 5],
          ['reopened', 7],
        ]);
        expect(recovery.latest).toBe(lastAt(10));
      });

      it('gives of every agent the last spell, and the recent ones', async () => {
        const key = fresh();
        const hour = (n: number) => (Date.parse(`${YESTERDAY}T00:00:00Z`) + n * 3_600_000) as Instant;
        const spells = [
          spell(key, 'anna', hour(1), { to: hour(8), reason: 'lunch', queues: [queue('a'), queue('b')], version: 1 }),
          spell(key, 'anna', hour(8), { to: hour(9), version: 2 }),
          spell(key, 'anna', hour(9), { version: 3 }),
          spell(key, 'bert', hour(1), { to: hour(2), version: 4 }),
          spell(key, 'bert', hour(2), { state: 'away', version: 5 }),
        ];
        await store.write(flushOf({ spells }));
        const recovery = await store.recoverSite(key, 3_600_000);
        expect(recovery.spells).toEqual([spells[1], spells[2], spells[4]]);
        expect(recovery.latest).toBe(hour(9));
        expect(await store.readSpells(key, 'anna' as AgentId, hour(7))).toEqual(spells.slice(0, 3));
        expect(await store.readSpells(key, 'anna' as AgentId, hour(0))).toEqual(spells.slice(0, 3));
        expect(await store.readSpells(key, 'anna' as AgentId, hour(9))).toEqual([spells[2]]);
      });

      it('gives the events about the site that still matter, oldest first, bodies whole', async () => {
        const key = fresh();
        const minute = (n: number) => (Date.parse(`${YESTERDAY}T10:00:00Z`) + n * 60_000) as Instant;
        const body = (data: object) => JSON.stringify({ specversion: '1.0', data });
        const events = [
          archived(key, '1', 'acd.queue.closed', { at: minute(1), version: 1, body: body({ queue: 'a' }) }),
          archived(key, '2', 'acd.queue.opened', { at: minute(2), version: 2, body: body({ queue: 'a' }) }),
          archived(key, '3', 'acd.queue.closed', { at: minute(3), version: 3, body: body({ queue: 'b' }) }),
          archived(key, '4', 'acd.queue.notice_posted', {
            at: minute(4),
            version: 4,
            body: body({ queue: 'a', notice: 'n1' }),
          }),
          archived(key, '5', 'acd.queue.notice_posted', {
            at: minute(5),
            version: 5,
            body: body({ queue: 'a', notice: 'n2' }),
          }),
          archived(key, '6', 'acd.queue.notice_cleared', {
            at: minute(6),
            version: 6,
            body: body({ queue: 'a', notice: 'n1' }),
          }),
          archived(key, '7', 'acd.source.restarted', { at: minute(7), version: 7 }),
          archived(key, '8', 'acd.source.heartbeat', { at: minute(8), version: 8 }),
        ];
        await store.write(flushOf({ events }));
        expect((await store.recoverSite(key, 60_000)).siteEvents).toEqual([events[1], events[2], events[4], events[6]]);
      });

      it('knows nothing of a site without facts', async () => {
        const key = fresh();
        expect(await store.recoverSite(key, 1000)).toEqual({ contacts: [], spells: [], latest: null, siteEvents: [] });
        expect(await store.sites()).not.toContainEqual(key);
        await store.write(flushOf({ events: [archived(key, 'e', 'acd.source.heartbeat')] }));
        expect(await store.sites()).toContainEqual(key);
      });

      it('gives the last answered waits of each queue, latest first', async () => {
        const key = fresh();
        const legs = Array.from({ length: 12 }, (_, n) =>
          answered(key, (at(`${YESTERDAY}T10:00:00Z`) + n * 60_000) as Instant, n * 1000, {
            contact: `c${n}`,
            queue: queue(`q${n % 2}`),
            version: n + 1,
          }),
        );
        await store.write(flushOf({ legs: [...legs, leg(key, { contact: 'waiting', version: 99 })] }));
        const waits = await store.recentWaits(key, 3);
        expect(waits.map((wait) => [wait.queue, wait.waitMs])).toEqual([
          ['q1', 11_000],
          ['q0', 10_000],
          ['q1', 9000],
          ['q0', 8000],
          ['q1', 7000],
          ['q0', 6000],
        ]);
        expect(waits[0]).toEqual({ queue: 'q1', waitMs: 11_000, answeredAt: legs[11]?.answeredAt, talkMs: 55_000 });
      });
    });

    describe('generations', () => {
      it('rise by one with every new identity, and a known one keeps its own', async () => {
        const log = `log of ${fresh().tenant}'s`;
        expect(await store.generationOf(log, { id: 'a', partitions: 4 })).toBe(1);
        expect(await store.generationOf(log, { id: 'b', partitions: 4 })).toBe(2);
        expect(await store.generationOf(log, { id: 'a', partitions: 4 })).toBe(1);
        expect(await store.generationOf(log, { id: 'b', partitions: 6 })).toBe(3);
        expect(await store.generationOf(`${log} other`, { id: 'b', partitions: 6 })).toBe(1);
      });
    });

    describe('reports', () => {
      it('bind parameters: values never become part of the statement', async () => {
        for (const text of NASTY)
          expect(
            await store.report('SELECT {text:String} AS text, {list:Array(String)} AS list -- note', {
              text,
              list: [text],
            }),
          ).toEqual([{ text, list: [text] }]);
      });

      it('quote 64-bit integers', async () => {
        expect(await store.report('SELECT toUInt64(18446744073709551615) AS n', {})).toEqual([
          { n: '18446744073709551615' },
        ]);
      });

      it.each([
        'INSERT INTO contacts (tenant) VALUES (1)',
        'DROP TABLE contacts',
        'SELECT 1; DROP TABLE contacts',
        'TRUNCATE TABLE contacts',
        'SET readonly = 0',
        "SELECT 1 INTO OUTFILE 'stolen.csv'",
        "SELECT 1 /* x */ INTO /* y */ OUTFILE 'stolen.csv'",
        'SELECT 1 FORMAT CSV',
        'KILL QUERY WHERE 1',
        'SELECT 1 SETTINGS max_memory_usage = 1',
        "SELECT * FROM file('secret.txt', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "INSERT INTO FUNCTION file('stolen.csv') SELECT 1",
        'CREATE TABLE stolen (a Int8) ENGINE = Memory',
        'SELECT',
      ])('only read: %s is refused', async (sql) => {
        await expect(store.report(sql, {})).rejects.toThrow();
        expect(await store.report("SELECT 'INTO OUTFILE' AS text", {})).toEqual([{ text: 'INTO OUTFILE' }]);
      });

      it('say what to do when they ask for too much', async () => {
        await expect(store.report('SELECT number FROM numbers(200000)', {})).rejects.toThrow(ReportTooLargeError);
        await expect(store.report('SELECT 1 FORMAT CSV', {})).rejects.toThrow(InvalidReportError);
      });

      it('of several seconds let writes and windows go on', async () => {
        const key = fresh();
        const moment = at(`${TODAY}T09:00:00Z`);
        const finished: string[] = [];
        const heavy = store
          .report('SELECT max(sipHash64(number, repeat(toString(number), 20))) AS n FROM numbers(12000000)', {})
          .then(() => finished.push('report'));
        for (let n = 1; n <= 5; n += 1) {
          await store.write(flushOf({ legs: [answered(key, moment, n * 1000, { contact: `c${n}`, version: n })] }));
          finished.push('write');
          const [window] = await store.windows([
            {
              ...key,
              queue: queue('support'),
              from: moment,
              to: at(`${TODAY}T10:00:00Z`),
              thresholdSeconds: 150,
              shortAbandonSeconds: 5,
            },
          ]);
          expect(window?.answered).toBe(n);
          finished.push('windows');
        }
        await heavy;
        expect(finished).toEqual([...Array.from({ length: 5 }, () => ['write', 'windows']).flat(), 'report']);
      });
    });
  });
};
