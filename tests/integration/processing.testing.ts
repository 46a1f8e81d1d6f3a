import { afterEach, describe, expect, it } from 'vitest';
import type { CloudEvent } from '@queuecast/events';
import type { LogConsumer } from '@queuecast/event-log';
import type { QueueFrame } from '@queuecast/live';
import {
  appendEvents,
  settingsFrom,
  simulatedDelivery,
  startProcessor,
  totals,
  type ProcessorPorts,
  type RunningProcessor,
} from '../support/processing.js';

/** What the suite needs of the world: fresh ports, which may be opened again on the same data. */
export interface World {
  /** Opens log and store; every call of one test finds the same data. */
  open(): Promise<ProcessorPorts & { close(): Promise<void> }>;
  dispose(): Promise<void>;
}

let serial = 0;
const now = (): string => new Date().toISOString();
const event = (type: string, subject: string, data: object, more: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: '1.0',
  id: `processing-${(serial += 1)}`,
  source: 'pbx',
  type,
  time: now(),
  subject,
  tenant: 'acme',
  site: 'main',
  data,
  ...more,
});
const joins = (contact: string, queue = 'sales'): CloudEvent[] => [
  event('acd.contact.started', contact, { channel: 'voice' }),
  event('acd.contact.queued', contact, { queue, leg: `${contact}-1` }),
];

const settings = settingsFrom({
  tenants: [{ id: 'acme', queues: [{ id: 'sales', name: 'Sales' }] }],
  processor: { flushMs: 20 },
});

/** The promises of the processor, for a log and a store. */
export const describeProcessing = (name: string, newWorld: () => Promise<World>): void => {
  describe(`processing on ${name}`, () => {
    const cleanups: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    const world = async (): Promise<World> => {
      const made = await newWorld();
      cleanups.push(() => made.dispose());
      return made;
    };
    const run = async (
      made: World,
      own = settings,
      clock: () => number = Date.now,
    ): Promise<RunningProcessor & { readonly ports: ProcessorPorts; stop(): Promise<void> }> => {
      const ports = await made.open();
      const running = await startProcessor(ports, own, clock);
      let stopped = false;
      const stop = async (): Promise<void> => {
        if (stopped) return;
        stopped = true;
        await running.close();
        await ports.close();
      };
      cleanups.push(stop);
      return { ...running, ports, stop };
    };

    it('goes on after a restart with what the estimates have learnt', async () => {
      const made = await world();
      const { events } = simulatedDelivery({ tenant: 'acme', seed: 'learnt', hours: 2 });
      const end = Math.max(...events.map(({ time }) => Date.parse(time)));
      const ahead = end - Date.now();
      const clock = (): number => Date.now() + ahead;
      const first = await run(made, settings, clock);
      await first.processor.committedThrough(await appendEvents(first.ports.events, events));
      const knows = ({ estimate }: QueueFrame): boolean =>
        estimate.kind === 'band' || estimate.reason !== 'TOO_FEW_DATA';
      await first.shows('general', knows);
      await first.stop();
      // Nothing more comes: without what was learnt before there would be too few data.
      const second = await run(made, settings, clock);
      expect(knows(await second.shows('general', () => true))).toBe(true);
      await second.stop();
    });

    it('shows a contact waiting, then answered, and counts it', async () => {
      const { ports, shows, processor } = await run(await world());
      await appendEvents(ports.events, joins('c'));
      const frame = await shows('sales', ({ waiting }) => waiting === 1);
      expect(frame.oldest).toMatchObject([{ contact: 'c', leg: 'c-1' }]);
      const positions = await appendEvents(ports.events, [
        event('acd.contact.answered', 'c', { leg: 'c-1', agent: 'ann' }),
      ]);
      await shows('sales', ({ waiting, today }) => waiting === 0 && today?.answered === 1);
      await processor.committedThrough(positions);
      expect((await totals(ports.store, 'acme')).get('sales')).toMatchObject({
        offered: 1,
        answered: 1,
        still_waiting: 0,
      });
    });

    it("equals the simulator's ground truth in the ledger's terms, under duplicates and disorder", async () => {
      const { ports, processor } = await run(await world());
      const { events, truth } = simulatedDelivery({ tenant: 'acme', seed: 'truth', hours: 2 });
      await processor.committedThrough(await appendEvents(ports.events, events));
      const found = await totals(ports.store, 'acme');
      expect(truth.queues.reduce((sum, row) => sum + row.offered, 0)).toBeGreaterThan(1000);
      for (const row of truth.queues)
        expect({ queue: row.queue, ...found.get(row.queue) }).toMatchObject({
          queue: row.queue,
          ...(row.offered > 0 && {
            offered: row.offered,
            answered: row.answered,
            abandoned: row.abandoned,
            short_abandoned: row.shortAbandoned,
            flowed_out: row.flowedOut,
            callback_taken: row.callbackTaken,
            dropped: row.dropped,
            closed_out: row.closedOut,
            still_waiting: row.stillWaiting,
            answered_within: row.answeredWithin,
            total_wait: row.totalWaitMs,
            talk_time: row.talkMs,
            hold_time: row.holdMs,
            wrap_time: row.wrapMs,
            declines: row.declines,
          }),
        });
    });

    it('comes back after a restart with the same waiting list and the same figures, before any new event', async () => {
      const made = await world();
      const first = await run(made);
      const { events } = simulatedDelivery({ tenant: 'acme', seed: 'restart', hours: 1 });
      const positions = await appendEvents(first.ports.events, [...events, ...joins('w1'), ...joins('w2')]);
      await first.processor.committedThrough(positions);
      const last = positions.at(-1)?.offset ?? 0;
      const shown = await first.shows('sales', ({ offset, today }) => offset >= last && today?.stillWaiting === 2);
      const before = await totals(first.ports.store, 'acme');
      await first.stop();
      const second = await run(made);
      const again = await second.shows('sales', ({ today }) => today !== null);
      // How much longer they will wait is worked out anew, by a later clock.
      const listed = ({ waiting, oldest, agents, today }: QueueFrame) => ({
        waiting,
        oldest: oldest.map((place) => ({ ...place, remaining: null })),
        agents,
        today,
      });
      expect(listed(again)).toEqual(listed(shown));
      expect(await totals(second.ports.store, 'acme')).toEqual(before);
    });

    it('buries what is not an event of ours, with the reason and the original bytes, and goes on', async () => {
      const { ports, processor, count } = await run(await world());
      const letters: { reason: string; issues: { field: string }[]; value: string | null }[] = [];
      const reader: LogConsumer = {
        assigned: () => Promise.resolve(),
        revoked: () => Promise.resolve(),
        batch: ({ records }) => {
          for (const { value } of records) if (value) letters.push(JSON.parse(Buffer.from(value).toString()) as never);
          return Promise.resolve();
        },
      };
      const reading = await ports.deadLetters.read('letters', reader);
      cleanups.push(() => reading.close());
      const key = 'acme/main';
      const bad = [Buffer.from('{"half":'), Buffer.from('{"hello":"world"}'), Buffer.from([0xff, 0xfe, 0x00])];
      await ports.events.append(bad.map((value) => ({ key, value })));
      const positions = await appendEvents(ports.events, [
        ...joins('c'),
        event('acd.contact.queued', 'c', { queue: 'support', leg: 'c-1' }),
        event('com.example.unknown', 'x', { any: 'thing' }),
        event('acd.contact.answered', 'c', { leg: 'c-1', agent: 'ann' }),
      ]);
      await processor.committedThrough(positions);
      await expect.poll(() => letters.length).toBe(4);
      expect(letters.map(({ reason }) => reason).sort()).toEqual(['conflict', 'invalid', 'invalid', 'invalid']);
      const originals = letters.map(({ value }) => Buffer.from(value ?? '', 'base64'));
      for (const value of bad) expect(originals.some((original) => original.equals(value))).toBe(true);
      expect(await count('queuecast_processor_dead_letters_total')).toBe(4);
      expect(await count('queuecast_processor_records_total', { outcome: 'archived' })).toBe(1);
      expect(await count('queuecast_processor_records_total')).toBe(8);
      expect((await totals(ports.store, 'acme')).get('sales')).toMatchObject({ offered: 1, answered: 1 });
    });

    it('puts an event that stands under a wrong key where its site is kept in order', async () => {
      const { ports, shows, count } = await run(await world());
      const keys = Array.from({ length: 8 }, (_, n) => `foreign-${n}`);
      const events = keys.flatMap((_, n) => joins(`m${n}`));
      await ports.events.append(
        events.map((one, n) => ({ key: keys[n % 8] as string, value: Buffer.from(JSON.stringify(one)) })),
      );
      await shows('sales', ({ waiting }) => waiting === 8);
      expect(await count('queuecast_processor_records_total', { outcome: 'misplaced' })).toBeGreaterThan(0);
      await shows('sales', ({ today }) => today?.stillWaiting === 8);
    });

    it('closes and announces queues by event, the latest by its own time', async () => {
      const { ports, shows } = await run(await world());
      const later = new Date(Date.now() + 1000).toISOString();
      await appendEvents(ports.events, [
        event('acd.queue.closed', 'sales', { queue: 'sales', reason: 'strike' }, { time: later }),
        event('acd.queue.opened', 'sales', { queue: 'sales' }),
        event('acd.queue.notice_posted', 'sales', { queue: 'sales', notice: 'n', text: { en: 'Cable broken' } }),
      ]);
      const closed = await shows('sales', ({ opening }) => opening.state === 'closed');
      expect(closed.opening.by).toBe('event');
      expect((await shows('sales', ({ notices }) => notices.length === 1)).notices[0]).toMatchObject({
        text: { en: 'Cable broken' },
      });
      expect((await shows('sales', ({ estimate }) => estimate.kind === 'abstention')).estimate).toMatchObject({
        reason: 'CLOSED',
      });
    });
  });
};
