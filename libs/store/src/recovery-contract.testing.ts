import type { AgentId, Instant } from '@queuecast/events';
import type { LegFact } from '@queuecast/contact-center';
import { describe, expect, it } from 'vitest';
import { answered, archived, at, contact, flushOf, leg, queue, spell, YESTERDAY } from './facts.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';
import type { PastLeg } from './port.js';

/** A restarted processor finds what it needs. */
export const recoveryContract = (subject: StoreUnderTest): void => {
  describe('recovery', () => {
    it('gives open and recent contacts, each in its latest version, and nothing older', async () => {
      const key = subject.fresh();
      const day = Date.parse(`${YESTERDAY}T00:00:00Z`);
      const lastAt = (hour: number) => day + hour * 3_600_000;
      await subject.store.write(
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
      await subject.store.write(
        flushOf({
          contacts: [
            contact(key, 'reopened', { lastAt: lastAt(2), version: 7 }),
            contact(key, 'since-closed', { lastAt: lastAt(2), closed: true, version: 8 }),
          ],
        }),
      );
      const recovery = await subject.store.recoverSite(key, 3_600_000);
      expect(recovery.contacts.map((row) => [row.contact, row.version])).toEqual([
        ['latest', 6],
        ['old-open', 1],
        ['recent', 5],
        ['reopened', 7],
      ]);
      expect(recovery.latest).toBe(lastAt(10));
    });

    it('gives of every agent the recent spells, and the last before them', async () => {
      const key = subject.fresh();
      const hour = (n: number) => (Date.parse(`${YESTERDAY}T00:00:00Z`) + n * 3_600_000) as Instant;
      const spells = [
        spell(key, 'anna', hour(1), { to: hour(8), reason: 'lunch', queues: [queue('a'), queue('b')], version: 1 }),
        spell(key, 'anna', hour(8), { to: hour(9), version: 2 }),
        spell(key, 'anna', hour(9), { version: 3 }),
        spell(key, 'bert', hour(1), { to: hour(2), version: 4 }),
        spell(key, 'bert', hour(2), { state: 'away', version: 5 }),
      ];
      await subject.store.write(flushOf({ spells }));
      const recovery = await subject.store.recoverSite(key, 3_600_000);
      expect(recovery.spells).toEqual([spells[0], spells[1], spells[2], spells[4]]);
      expect(recovery.latest).toBe(hour(9));
      expect(await subject.store.readSpells(key, 'anna' as AgentId, hour(7))).toEqual(spells.slice(0, 3));
      expect(await subject.store.readSpells(key, 'anna' as AgentId, hour(0))).toEqual(spells.slice(0, 3));
      expect(await subject.store.readSpells(key, 'anna' as AgentId, hour(9))).toEqual([spells[2]]);
    });

    it('gives the events about the site that still matter, oldest first, bodies whole', async () => {
      const key = subject.fresh();
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
        archived(key, '9', 'acd.source.snapshot', { at: minute(9), version: 9 }),
        archived(key, '10', 'acd.source.snapshot', { at: minute(10), version: 10 }),
        archived(key, '11', 'acd.source.restarted', { at: minute(29), version: 11 }),
        archived(key, '12', 'acd.source.snapshot', { at: minute(30), version: 12 }),
      ];
      const contacts = [contact(key, 'latest', { lastAt: minute(30), version: 13 })];
      await subject.store.write(flushOf({ events, contacts }));
      expect((await subject.store.recoverSite(key, 60_000)).siteEvents).toEqual([
        events[1],
        events[2],
        events[4],
        events[6],
        events[9],
        events[10],
        events[11],
      ]);
    });

    it('tells what was shown at an instant, and by whom it was recorded first', async () => {
      const key = subject.fresh();
      const minute = (n: number) => (Date.parse(`${YESTERDAY}T10:00:00Z`) + n * 60_000) as Instant;
      const shown = (n: number, version: number, figuresVersion: number | null = version) => ({
        ...key,
        shownAt: minute(n),
        version,
        figuresVersion,
        storeBehindSince: null,
      });
      await subject.store.write(flushOf({ shown: [shown(1, 10, null), shown(2, 20)] }));
      await subject.store.write(flushOf({ shown: [shown(2, 25), { ...shown(3, 30), storeBehindSince: minute(2) }] }));
      const at = async (n: number) => subject.store.shownAt(key.tenant, minute(n));
      expect(await at(0)).toEqual([]);
      expect(await at(1.5)).toEqual([shown(1, 10, null)]);
      expect(await at(2)).toEqual([shown(2, 20)]);
      expect(await at(9)).toEqual([{ ...shown(3, 30), storeBehindSince: minute(2) }]);
      expect((await subject.store.recoverSite(key, 1000)).shownUntil).toBe(minute(3));
    });

    it('keeps of an event that came twice the first, and tells where the archive begins and ends', async () => {
      const key = subject.fresh();
      const minute = (n: number) => (Date.parse(`${YESTERDAY}T10:00:00Z`) + n * 60_000) as Instant;
      const event = (id: string, n: number, version: number) =>
        archived(key, id, 'acd.queue.closed', { at: minute(n), version, body: '{"data":{"queue":"a"}}' });
      await subject.store.write(flushOf({ events: [event('1', 1, 10), event('2', 7, 11)] }));
      await subject.store.write(flushOf({ events: [event('1', 1, 500)] }));
      const rows = await subject.store.report(
        'SELECT id, toUInt32(version) AS version FROM events FINAL WHERE tenant = {tenant:String} ORDER BY id',
        { tenant: key.tenant },
      );
      expect(rows).toEqual([
        { id: '1', version: 10 },
        { id: '2', version: 11 },
      ]);
      expect(await subject.store.archiveRange(key.tenant)).toEqual({ from: minute(1), to: minute(7), sites: ['main'] });
      expect(await subject.store.archiveRange(subject.fresh().tenant)).toBeNull();
    });

    it('knows nothing of a site without facts', async () => {
      const key = subject.fresh();
      expect(await subject.store.recoverSite(key, 1000)).toEqual({
        contacts: [],
        spells: [],
        callbacks: [],
        latest: null,
        settled: null,
        published: null,
        version: null,
        shownUntil: null,
        siteEvents: [],
      });
      expect(await subject.store.sites()).not.toContainEqual(key);
      await subject.store.write(flushOf({ events: [archived(key, 'e', 'acd.source.heartbeat')] }));
      expect(await subject.store.sites()).toContainEqual(key);
    });

    it('gives the watermark of the highest version, whatever the facts hold', async () => {
      const key = subject.fresh();
      const hour = (n: number) => (Date.parse(`${YESTERDAY}T00:00:00Z`) + n * 3_600_000) as Instant;
      await subject.store.write(
        flushOf({ watermarks: [{ ...key, latest: hour(9), published: { from: hour(1), to: hour(8) }, version: 20 }] }),
      );
      await subject.store.write(
        flushOf({
          contacts: [contact(key, 'ahead', { lastAt: hour(11), version: 30 })],
          watermarks: [{ ...key, latest: hour(8), published: null, version: 10 }],
        }),
      );
      const recovery = await subject.store.recoverSite(key, 3_600_000);
      expect([recovery.settled, recovery.latest]).toEqual([hour(9), hour(11)]);
      expect(recovery.published).toEqual({ from: hour(1), to: hour(8) });
    });

    it('gives past legs in the order in which they were queued, page by page, and when the last of so many began', async () => {
      const key = subject.fresh();
      const joined = (n: number) => (at(`${YESTERDAY}T10:00:00Z`) + n * 1_200_000) as Instant;
      const legs = Array.from({ length: 9 }, (_, n) =>
        answered(key, joined(n >> 1), n * 1000, { contact: `c${n}`, queue: queue(`q${n % 2}`), version: n + 1 }),
      );
      const open = leg(key, { contact: 'waits', anchor: joined(6), queuedAt: joined(6), version: 20 });
      const consult = answered(key, joined(2), 9000, { contact: 'consult', internal: true, version: 21 });
      const ancient = answered(key, (joined(0) - 15 * 86_400_000) as Instant, 9000, { contact: 'old', version: 22 });
      await subject.store.write(flushOf({ legs: [...legs.map((each) => ({ ...each, waitMs: null })), open] }));
      await subject.store.write(flushOf({ legs: [consult, ancient, ...legs.toReversed()] }));
      const found: PastLeg[] = [];
      for (let page; page === undefined || page.length > 0; found.push(...page))
        page = await subject.store.pastLegs(key, {
          from: joined(1),
          limit: 3,
          ...(found.at(-1) && { after: found.at(-1)! }),
        });
      expect(found.map(({ contact: id, waitMs }) => [id, waitMs])).toEqual([
        ...[2, 3, 4, 5, 6, 7, 8].map((n) => [`c${n}`, n * 1000]),
        ['waits', null],
      ]);
      const { anchor, version, tenant, site, ...rest } = legs[3]!;
      expect([anchor, version, tenant, site]).toEqual([joined(1), 4, key.tenant, key.site]);
      expect(rest).toMatchObject(found[1]!);
      expect(await subject.store.pastLegsStart(key, 14, 4)).toBe(joined(3));
      expect(await subject.store.pastLegsStart(key, 14, 4000)).toBe(joined(0));
      expect(await subject.store.pastLegsStart(subject.fresh(), 14, 4)).toBeNull();
    });

    it('gives what agents did in a stretch of time, in order', async () => {
      const key = subject.fresh();
      const hour = (n: number) => (Date.parse(`${YESTERDAY}T00:00:00Z`) + n * 3_600_000) as Instant;
      const spells = [
        spell(key, 'anna', hour(1), { to: hour(8), version: 1 }),
        spell(key, 'bert', hour(2), { to: hour(4), state: 'away', version: 2 }),
        spell(key, 'anna', hour(8), { version: 3 }),
        spell(key, 'bert', hour(9), { version: 4 }),
      ];
      await subject.store.write(flushOf({ spells }));
      expect(await subject.store.pastSpells(key, hour(1), hour(9))).toEqual(spells.slice(0, 3));
      expect(await subject.store.pastSpells(key, hour(2), hour(8))).toEqual(spells.slice(1, 2));
    });

    it('gives how long contacts wait in each queue, and who of the answered joined last', async () => {
      const key = subject.fresh();
      const joined = (n: number) => (at(`${YESTERDAY}T10:00:00Z`) + n * 60_000) as Instant;
      const legs = [
        ...[1, 2, 3, 4].map((n) => answered(key, joined(n), 1500, { contact: `c${n}`, version: n })),
        answered(key, joined(5), 9000, { contact: 'urgent', priority: 7, version: 5 }),
        answered(key, joined(6), 9000, { contact: 'consult', internal: true, version: 6 }),
        leg(key, {
          contact: 'gave-up',
          anchor: joined(7),
          queuedAt: joined(7),
          leftQueueAt: joined(8),
          endedAt: joined(8),
          outcome: 'abandoned',
          waitMs: 60_000,
          version: 7,
        }),
        leg(key, { contact: 'waiting', anchor: joined(9), queuedAt: joined(9), version: 8 }),
      ];
      const touched = legs.map(({ queue: own, queuedAt }) => ({ ...key, queue: own, at: queuedAt }));
      const watermarks = [{ ...key, latest: joined(9), published: null, version: 8 }];
      await subject.store.write(flushOf({ legs, touched, watermarks }));
      const { waits } = await subject.store.suspicionEvidence(key, 2);
      expect(waits).toEqual([
        { queue: 'support', waitMs: 2000, legs: 4 },
        { queue: 'support', waitMs: 9000, legs: 1 },
        { queue: 'support', waitMs: 60_000, legs: 1 },
      ]);
      // A flush that was cut short: who is in it is told again by the log.
      await subject.store.write(flushOf({ legs: [answered(key, joined(10), 1500, { contact: 'ahead', version: 9 })] }));
      const { answered: found } = await subject.store.suspicionEvidence(key, 2);
      expect(found.map(({ priority, contact: id, queuedAt }) => [priority, id, queuedAt])).toEqual([
        [7, 'urgent', joined(5)],
        [0, 'c4', joined(4)],
        [0, 'c3', joined(3)],
      ]);
      const { agent, channel, answeredAt } = legs[4] as LegFact;
      expect(found[0]).toMatchObject({ agent, channel, answeredAt });
    });
  });
};
