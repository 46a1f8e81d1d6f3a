import type { AgentId, ContactId } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { allRows, NASTY, requestFor, rowsOf } from './contract-subject.testing.js';
import { answered, archived, at, contact, flushOf, leg, spell, YESTERDAY } from './facts.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

/** What is written comes back, whatever its order, its text and how often it is sent. */
export const factsContract = (subject: StoreUnderTest): void => {
  describe('facts', () => {
    it('applies the schema once: a second start changes nothing', async () => {
      await subject.store.migrate();
      expect(await subject.store.ping()).toBe(true);
    });

    it('gives contacts back as they were, whatever their text', async () => {
      const key = subject.fresh();
      const contacts = NASTY.map((text, n) => contact(key, text, { marks: JSON.stringify({ text }), version: n + 1 }));
      await subject.store.write(flushOf({ contacts }));
      const found = await subject.store.readContacts(key, [
        ...contacts.map((row) => row.contact),
        'unknown' as ContactId,
      ]);
      expect(new Map(found.map((row) => [row.contact, row]))).toEqual(
        new Map(contacts.map((row) => [row.contact, row])),
      );
      const recovery = await subject.store.recoverSite(key, 0);
      expect(recovery.contacts).toHaveLength(contacts.length);
    });

    it('stores text that is not well-formed, instead of refusing the flush for ever', async () => {
      const key = subject.fresh();
      await subject.store.write(
        flushOf({ contacts: [contact(key, 'half', { marks: '\ud83d' }), contact(key, 'whole')] }),
      );
      expect((await subject.store.readContacts(key, ['half' as ContactId]))[0]?.marks).toBe('\ufffd');
    });

    it('keeps versions beyond 32 bits exact', async () => {
      const key = subject.fresh();
      const version = 7 * 2 ** 40 + 123_456_789_012;
      await subject.store.write(flushOf({ contacts: [contact(key, 'far', { version })] }));
      expect((await subject.store.readContacts(key, ['far' as ContactId]))[0]?.version).toBe(version);
    });

    it('never lets an older version replace a newer one', async () => {
      const key = subject.fresh();
      const moment = at(`${YESTERDAY}T10:00:00Z`);
      const newer = answered(key, moment, 4000, { version: 10 });
      const older = leg(key, { anchor: moment, queuedAt: moment, version: 9 });
      const agent = spell(key, 'anna', moment, { state: 'busy', version: 10 });
      await subject.store.write(
        flushOf({ legs: [newer], contacts: [contact(key, 'c', { marks: 'new', version: 10 })], spells: [agent] }),
      );
      await subject.store.write(
        flushOf({
          legs: [older],
          contacts: [contact(key, 'c', { marks: 'old', version: 9 })],
          spells: [spell(key, 'anna', moment, { state: 'away', version: 9 })],
        }),
      );
      expect((await subject.store.readContacts(key, ['c' as ContactId]))[0]?.marks).toBe('new');
      expect((await subject.store.readSpells(key, 'anna' as AgentId, moment))[0]?.state).toBe('busy');
      expect((await allRows(subject.store, requestFor(key)))[0]?.values).toMatchObject({
        answered: 1,
        still_waiting: 0,
      });
    });

    it('written twice, a flush changes nothing', async () => {
      const key = subject.fresh();
      const moment = at(`${YESTERDAY}T10:00:00Z`);
      const flush = flushOf({
        legs: [answered(key, moment, 4000), leg(key, { contact: 'other', queuedAt: moment, version: 2 })],
        contacts: [contact(key, 'c')],
        spells: [spell(key, 'anna', moment)],
        events: [archived(key, 'e1', 'acd.source.heartbeat')],
      });
      const tables = ['contact_legs', 'contacts', 'agent_spells', 'events', 'queue_intervals'];
      const read = () => Promise.all(tables.map((table) => rowsOf(subject.store, table, key)));
      await subject.store.write(flush);
      const once = await read();
      await subject.store.write(flush);
      expect(await read()).toEqual(once);
      expect(once.map((rows) => rows.length)).toEqual([2, 1, 1, 1, 2]);
    });

    it('writes nothing for an empty flush', async () => {
      await expect(subject.store.write(flushOf({}))).resolves.toBeUndefined();
    });
  });

  describe('generations', () => {
    it('rise by one with every new identity, and a known one keeps its own', async () => {
      const log = `log of ${subject.fresh().tenant}'s`;
      expect(await subject.store.generationOf(log, { id: 'a', partitions: 4 })).toBe(1);
      expect(await subject.store.generationOf(log, { id: 'b', partitions: 4 })).toBe(2);
      expect(await subject.store.generationOf(log, { id: 'a', partitions: 4 })).toBe(1);
      expect(await subject.store.generationOf(log, { id: 'b', partitions: 6 })).toBe(3);
      expect(await subject.store.generationOf(`${log} other`, { id: 'b', partitions: 6 })).toBe(1);
    });
  });
};
