import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '@queuecast/events';
import { openStore, StoreAwayError, type FactFlush, type SiteKey, type Store } from '@queuecast/store';
import { Ports } from '@queuecast/wiring';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  answered,
  archived,
  contact,
  flushOf,
  leg,
  queue,
  siteKey,
  spell,
} from '../../libs/store/src/facts.testing.js';
import { ClickHouseHttpFront, type Fault } from '../support/clickhouse-http-front.js';
import { settingsFrom } from '../support/processing.js';

const TABLES = ['contact_legs', 'contacts', 'agent_spells', 'events', 'queue_intervals'];

const HOUR_AGO = (Date.now() - 3_600_000) as Instant;

/** Two flushes of one site: the second answers a leg of the first and moves another to a different interval. */
const flushes = (key: SiteKey): FactFlush[] => {
  const ids = Array.from({ length: 40 }, (_, n) => n);
  const arrival = (n: number): Instant => (HOUR_AGO + n * 20_000) as Instant;
  const moved = (HOUR_AGO + 2_000_000) as Instant;
  return [
    flushOf({
      legs: ids.map((n) => leg(key, { contact: `c${n}`, anchor: arrival(n), queuedAt: arrival(n), version: n + 1 })),
      contacts: ids.map((n) => contact(key, `c${n}`, { lastAt: arrival(n), version: n + 1 })),
      spells: ids.map((n) => spell(key, `agent-${n}`, arrival(n), { version: n + 1 })),
      events: ids.map((n) => archived(key, `e${n}`, 'acd.contact.queued', { at: arrival(n), version: n + 1 })),
    }),
    flushOf({
      legs: [
        ...ids.slice(1).map((n) => answered(key, arrival(n), 4000, { contact: `c${n}`, version: 100 + n })),
        leg(key, { contact: 'c0', anchor: arrival(0), queuedAt: moved, version: 100 }),
      ],
      contacts: ids.map((n) => contact(key, `c${n}`, { lastAt: arrival(n), closed: true, version: 100 + n })),
      spells: [spell(key, 'agent-0', arrival(0), { to: moved, version: 100 })],
      events: ids.map((n) => archived(key, `f${n}`, 'acd.contact.answered', { at: arrival(n), version: 100 + n })),
      touched: [{ ...key, queue: queue('support'), at: arrival(0) }],
    }),
  ];
};

describe('a store that fails', () => {
  const directory = mkdtempSync(join(tmpdir(), 'queuecast-faults-'));
  let front: ClickHouseHttpFront;
  /** Waits for as long as the settings say by default: what is slow here is the machine. */
  let store: Store;
  /** Gives up soon, to be used where no answer comes at all. */
  let impatient: Store;
  let expected: Record<string, unknown>[][];
  let tenants = 0;

  const rows = (key: SiteKey): Promise<Record<string, unknown>[][]> =>
    Promise.all(
      TABLES.map((table) =>
        store.report(`SELECT * EXCEPT tenant FROM ${table} FINAL WHERE tenant = {tenant:String} ORDER BY ALL`, {
          tenant: key.tenant,
        }),
      ),
    );

  const fresh = (): SiteKey => siteKey(`tenant-${(tenants += 1)}`);

  beforeAll(async () => {
    front = await ClickHouseHttpFront.start({ directory });
    store = await openStore({ kind: 'server', url: front.url });
    impatient = await openStore({ kind: 'server', url: front.url, requestTimeoutMs: 2_000 });
    await store.migrate();
    const undisturbed = fresh();
    for (const flush of flushes(undisturbed)) await store.write(flush);
    expected = await rows(undisturbed);
  });
  beforeEach(() => front.heal());
  afterAll(async () => {
    await impatient.close();
    await store.close();
    await front.close();
    rmSync(directory, { recursive: true });
  });

  const statements = [
    'INSERT INTO contact_legs',
    'INSERT INTO agent_spells',
    'INSERT INTO events',
    'INSERT INTO queue_intervals',
    'INSERT INTO contacts',
  ];
  const faults: Fault[] = [
    ...statements.flatMap((statement): Fault[] => [
      { kind: 'reset', statement },
      { kind: 'reset-after', statement },
      { kind: 'exception', statement },
    ]),
    ...statements
      .filter((statement) => !statement.includes('queue_intervals'))
      .map((statement): Fault => ({ kind: 'half-insert', statement })),
    { kind: 'error-500', statement: 'INSERT INTO contact_legs' },
    { kind: 'error-500', statement: 'stray_legs' },
    { kind: 'stall', statement: 'INSERT INTO events' },
    { kind: 'stall', statement: 'INSERT INTO queue_intervals' },
  ];

  it('undisturbed, every fact is in its table', () => {
    expect(expected.slice(0, 4).map((table) => table.length)).toEqual([40, 40, 40, 80]);
  });

  it.each(faults)('$kind at "$statement": away, and repeated the same rows', async (fault) => {
    const key = fresh();
    const writer = fault.kind === 'stall' ? impatient : store;
    for (const flush of flushes(key)) {
      front.inject(fault);
      // What is given up soon may be given up before it came to the stall.
      do await expect(writer.write(flush)).rejects.toBeInstanceOf(StoreAwayError);
      while (front.pending > 0);
      await store.write(flush);
    }
    expect(await rows(key)).toEqual(expected);
  });

  it('a stalled write is given up when the settings say so', { timeout: 25_000 }, async () => {
    const key = fresh();
    const ports = new Ports(settingsFrom({ clickhouse: { url: front.url, requestTimeoutSeconds: 2 } }), 'process');
    const configured = await ports.store();
    for (const flush of flushes(key)) {
      front.inject({ kind: 'stall', statement: 'INSERT INTO queue_intervals' });
      do await expect(configured.write(flush)).rejects.toBeInstanceOf(StoreAwayError);
      while (front.pending > 0);
      await store.write(flush);
    }
    await ports.close();
    expect(await rows(key)).toEqual(expected);
  });

  it('slow, and nothing else: the same rows', async () => {
    const key = fresh();
    front.inject({ kind: 'slow', count: 5, delayMs: 40 });
    for (const flush of flushes(key)) await store.write(flush);
    expect(front.pending).toBe(0);
    expect(await rows(key)).toEqual(expected);
  });

  it('refuses connections: away for every call, and back as if nothing had been', async () => {
    const key = fresh();
    const [first, second] = flushes(key);
    if (!first || !second) throw new Error('two flushes make this test');
    await store.write(first);
    await front.refuse();
    await expect(store.write(second)).rejects.toBeInstanceOf(StoreAwayError);
    await expect(store.sites()).rejects.toBeInstanceOf(StoreAwayError);
    await expect(
      store.windows([
        {
          ...key,
          queue: queue('support'),
          from: HOUR_AGO,
          to: HOUR_AGO,
          thresholdSeconds: 1,
          shortAbandonSeconds: 1,
          businessDay: '2026-03-02',
        },
      ]),
    ).rejects.toBeInstanceOf(StoreAwayError);
    await expect(store.report('SELECT 1', {})).rejects.toBeInstanceOf(StoreAwayError);
    expect(await store.ping()).toBe(false);
    await front.accept();
    expect(await store.ping()).toBe(true);
    await store.write(second);
    expect(await rows(key)).toEqual(expected);
  });

  it('an error that repeating will not mend is thrown as it is', async () => {
    await expect(store.report('SELECT * FROM no_such_table', {})).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await expect(store.report('SELECT throwIf(1)', {})).rejects.not.toBeInstanceOf(StoreAwayError);
  });

  it('closing waits for the flush that runs', async () => {
    const key = fresh();
    const other = await openStore({ kind: 'server', url: front.url });
    const [first, second] = flushes(key);
    if (!first || !second) throw new Error('two flushes make this test');
    front.inject({ kind: 'slow', count: 3, delayMs: 60 });
    const done: string[] = [];
    const writes = [other.write(first), other.write(second)].map((write) => write.then(() => done.push('write')));
    await other.close().then(() => done.push('closed'));
    await Promise.all(writes);
    expect(done).toEqual(['write', 'write', 'closed']);
    expect(await rows(key)).toEqual(expected);
    await expect(other.write(first)).rejects.toThrow('the store is closed');
  });

  it('compressed or not, requests and answers are the same', async () => {
    for (const compression of [
      { request: true, response: true },
      { request: false, response: false },
    ]) {
      const client = createClient({ url: front.url, compression });
      await client.command({
        query: 'CREATE TABLE IF NOT EXISTS plain (n UInt8, text String) ENGINE = MergeTree ORDER BY n',
      });
      await client.insert({ table: 'plain', values: [[1, 'é\n'.repeat(2000)]], format: 'JSONCompactEachRow' });
      const result = await client.query({ query: 'SELECT max(length(text)) AS n FROM plain', format: 'JSONEachRow' });
      expect(await result.json()).toEqual([{ n: 6000 }]);
      await client.close();
    }
  });
});
