import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedLog, type EventLog } from '@queuecast/event-log';
import { openStore, type Store } from '@queuecast/store';
import { ClickHouseHttpFront, FAULTS, type FaultKind } from '../support/clickhouse-http-front.js';
import { appendEvents, settingsFrom, simulatedDelivery, startProcessor, totals } from '../support/processing.js';

/** DESIGN 11: ClickHouse is away. The store is reached by URL here, through the client's HTTP connection. */
describe('while ClickHouse is away or breaks', () => {
  let directory: string;
  let front: ClickHouseHttpFront;
  let tenants = 0;
  const open: { store: Store; events: EventLog; deadLetters: EventLog }[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-away-'));
    front = await ClickHouseHttpFront.start({ directory: join(directory, 'store') });
  });
  beforeEach(() => {
    tenants += 1;
  });
  afterEach(async () => {
    front.heal();
    for (const { store, events, deadLetters } of open.splice(0)) {
      await store.close();
      await events.close();
      await deadLetters.close();
    }
  });
  afterAll(async () => {
    await front.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** @param patience how long an answer is waited for: a busy machine takes its time, and only a stall needs an end */
  const ports = async (patience: { readonly requestTimeoutMs?: number } = {}) => {
    const log = { directory: join(directory, `log-${tenants}`), partitions: 2 };
    const events = await openEmbeddedLog({ ...log, name: `events-${tenants}` });
    const deadLetters = await openEmbeddedLog({ ...log, name: 'dead-letters' });
    const store = await openStore({ kind: 'server', url: front.url, ...patience });
    await store.migrate();
    const opened = { events, deadLetters, store };
    open.push(opened);
    return opened;
  };
  const tenant = (): string => `away${tenants}`;
  const settings = (more: object = {}) =>
    settingsFrom({ tenants: [{ id: tenant(), queues: [{ id: 'sales' }] }], processor: { flushMs: 50, ...more } });

  it('live state goes on and says it is behind, reading stops at the bound, and then everything is caught up', async () => {
    const opened = await ports();
    const running = await startProcessor(opened, settings({ maxUnflushedEvents: 2_000 }));
    const { events, truth } = simulatedDelivery({ tenant: tenant(), seed: 'away', hours: 1 });
    const first = events.slice(0, 500);
    await running.processor.committedThrough(await appendEvents(opened.events, first));

    await front.refuse();
    const behind = appendEvents(opened.events, events.slice(500));
    const frame = await running.shows('sales', ({ storeBehindSince }) => storeBehindSince !== null);
    expect(frame.offset).toBeGreaterThan(0);
    const positions = await behind;
    await expect.poll(() => running.count('queuecast_processor_unflushed_events')).toBeGreaterThanOrEqual(2_000);
    const held = await running.count('queuecast_processor_records_total');
    expect(held).toBeLessThan(events.length);

    await front.accept();
    await running.processor.committedThrough(positions);
    expect(running.processor.storeBehindSince).toBeNull();
    expect(await running.count('queuecast_processor_flush_failures_total')).toBeGreaterThan(0);
    const found = await totals(opened.store, tenant());
    for (const row of truth.queues)
      if (row.offered > 0)
        expect(found.get(row.queue)).toMatchObject({
          offered: row.offered,
          answered: row.answered,
          total_wait: row.totalWaitMs,
        });
    await running.close();
  });

  it.each(FAULTS.filter((kind): kind is FaultKind => kind !== 'slow'))(
    'a %s in the middle of a flush changes no number',
    async (kind) => {
      const opened = await ports(kind === 'stall' ? { requestTimeoutMs: 2_000 } : {});
      const running = await startProcessor(opened, settings());
      const { events, truth } = simulatedDelivery({ tenant: tenant(), seed: kind, hours: 0.5 });
      const third = Math.ceil(events.length / 3);
      for (let part = 0; part < 3; part += 1) {
        front.inject({ kind, statement: ['contact_legs', 'agent_spells', 'queue_intervals'][part] as string });
        front.inject({ kind, statement: 'INSERT', skip: 1 });
        const positions = await appendEvents(opened.events, events.slice(part * third, (part + 1) * third));
        await running.processor.committedThrough(positions);
      }
      expect(await running.count('queuecast_processor_flush_failures_total')).toBeGreaterThan(0);
      front.heal();
      const found = await totals(opened.store, tenant());
      for (const row of truth.queues)
        if (row.offered > 0)
          expect(found.get(row.queue)).toMatchObject({
            offered: row.offered,
            answered: row.answered,
            still_waiting: row.stillWaiting,
            total_wait: row.totalWaitMs,
            talk_time: row.talkMs,
          });
      await running.close();
    },
  );
});
