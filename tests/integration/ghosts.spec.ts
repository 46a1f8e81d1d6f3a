import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centreOf, Simulation } from '../../apps/simulator/src/index.js';
import type { CloudEvent } from '@queuecast/events';
import { openEmbeddedLog } from '@queuecast/event-log';
import { openStore } from '@queuecast/store';
import { afterEach, describe, expect, it } from 'vitest';
import { appendEvents, settingsFrom, startProcessor, totals } from '../support/processing.js';

const HOUR = 3_600_000;
const SECOND = 1000;
/** A working day in Brussels (UTC+1), whose business day ends at 04:00 of the next. */
const MORNING = Date.parse('2026-03-02T09:00:00Z');
const DAY_END = Date.parse('2026-03-03T03:00:00Z');

const settings = settingsFrom({
  tenants: [
    {
      id: 'acme',
      timeZone: 'Europe/Brussels',
      queues: [{ id: 'sales', businessDayStart: '04:00', suspectOvertakenBy: 3 }],
    },
  ],
  processor: { flushMs: 20 },
});

let serial = 0;
const event = (type: string, subject: string, at: number, data: object): CloudEvent => ({
  specversion: '1.0',
  id: `ghosts-${(serial += 1)}`,
  source: 'pbx',
  type,
  time: new Date(at).toISOString(),
  subject,
  tenant: 'acme',
  site: 'main',
  data,
});
const joins = (contact: string, at: number): CloudEvent[] => [
  event('acd.contact.started', contact, at, { channel: 'voice' }),
  event('acd.contact.queued', contact, at, { queue: 'sales', leg: `${contact}-1` }),
];
const answered = (contact: string, at: number, agent = `agent of ${contact}`): CloudEvent =>
  event('acd.contact.answered', contact, at, { leg: `${contact}-1`, agent });
const served = (contact: string, at: number): CloudEvent[] => [
  ...joins(contact, at),
  answered(contact, at + 5 * SECOND),
  event('acd.contact.ended', contact, at + 60 * SECOND, { by: 'customer' }),
];
const heartbeat = (at: number): CloudEvent => event('acd.source.heartbeat', 'pbx', at, {});

describe('contacts that their source forgot', () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** A processor on its own data, with a clock of its own that can be put forward. */
  const installation = async () => {
    const directory = await mkdtemp(join(tmpdir(), 'queuecast-ghosts-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true }));
    let ahead = MORNING - Date.now();
    const now = (): number => Date.now() + ahead;
    const forwardTo = (instant: number): void => {
      ahead += Math.max(0, instant - now());
    };
    const start = async () => {
      const open = (name: string) => openEmbeddedLog({ directory: join(directory, 'log'), name, partitions: 1 });
      const [events, deadLetters] = [await open('events'), await open('dead-letters')];
      const store = await openStore({ kind: 'embedded', directory: join(directory, 'store'), now });
      await store.migrate();
      const ports = { events, deadLetters, store };
      const running = await startProcessor(ports, settings, now);
      let stopped = false;
      const stop = async (): Promise<void> => {
        if (stopped) return;
        stopped = true;
        await running.close();
        await store.close();
        await deadLetters.close();
        await events.close();
      };
      cleanups.push(stop);
      const send = async (...sent: readonly CloudEvent[]): Promise<void> => {
        forwardTo(sent.reduce((latest, { time }) => Math.max(latest, Date.parse(time)), 0));
        await running.processor.committedThrough(await appendEvents(events, sent));
      };
      /** What Queuecast itself said, oldest first; when it suspects depends on when it looks. */
      const own = async (): Promise<string[]> => {
        const rows = await store.report(
          `SELECT type, subject, JSONExtractString(body, 'data', 'reason') AS reason, toUnixTimestamp64Milli(at) AS ms
FROM events FINAL WHERE source LIKE 'queuecast/%' ORDER BY at, subject`,
          {},
        );
        return rows.map(({ type, subject, reason, ms }) =>
          [
            String(type).replace('acd.contact.', ''),
            subject,
            reason,
            type === 'acd.contact.suspected' ? null : new Date(Number(ms)).toISOString().slice(0, 16),
          ]
            .filter(Boolean)
            .join(' '),
        );
      };
      const legs = async () => {
        const rows = await store.report(
          `SELECT contact, outcome, ended_by, wait_ms, talk_ms FROM contact_legs FINAL ORDER BY contact`,
          {},
        );
        return new Map(rows.map((row) => [String(row['contact']), row]));
      };
      return { ...running, ...ports, send, own, legs, stop };
    };
    return { forwardTo, start };
  };

  it('are suspected, reinstated by a sign of life, and else closed as unknown at the end of their business day', async () => {
    const { start } = await installation();
    const run = await start();
    await run.send(...joins('lost', MORNING), ...joins('slow', MORNING + SECOND));
    await run.shows('sales', ({ waiting }) => waiting === 2);
    const later = [1, 2, 3].flatMap((n) => served(`later-${n}`, MORNING + n * 10 * SECOND));
    await run.send(...later, ...joins('talks', MORNING + 60 * SECOND), answered('talks', MORNING + 65 * SECOND, 'ann'));
    await run.send(...joins('waits', MORNING + 200 * SECOND));

    const suspicious = await run.shows('sales', ({ suspected, waiting }) => suspected === 2 && waiting === 1);
    expect(suspicious.oldest.map(({ contact }) => contact)).toEqual(['waits']);
    expect(suspicious.suspects).toMatchObject([
      { contact: 'lost', believed: 'waiting', reason: 'overtaken', lastHeardAt: MORNING },
      { contact: 'slow', believed: 'waiting', reason: 'overtaken', lastHeardAt: MORNING + SECOND },
    ]);

    // The slow one was real.
    await run.send(event('acd.contact.offered', 'slow', MORNING + 210 * SECOND, { leg: 'slow-1', agent: 'bob' }));
    const reinstated = await run.shows('sales', ({ suspected, waiting }) => suspected === 1 && waiting === 2);
    expect(reinstated).toMatchObject({ oldest: [{ contact: 'slow' }, { contact: 'waits' }] });
    expect(await run.count('queuecast_processor_reinstated_total', { by: 'source' })).toBe(1);

    // Ann hung up on the talking one and nobody said so: she is free again.
    const free = { state: 'available', queues: ['sales'] };
    await run.send(event('acd.agent.state_changed', 'ann', MORNING + 300 * SECOND, free));
    await run.send(answered('slow', MORNING + 400 * SECOND), answered('waits', MORNING + 401 * SECOND));
    await run.shows('sales', ({ suspects }) => suspects.some(({ contact }) => contact === 'talks'));
    expect(await run.count('queuecast_processor_suspected_contacts')).toBe(2);

    // An hour before the day ends, nothing is decided; a minute after it, it is.
    await run.send(heartbeat(DAY_END - HOUR));
    expect((await run.legs()).get('lost')).toMatchObject({ outcome: 'waiting' });
    await run.send(heartbeat(DAY_END + 60 * SECOND));
    await run.shows('sales', ({ suspected, waiting }) => suspected === 0 && waiting === 0);
    await expect.poll(async () => (await run.legs()).get('lost')?.['outcome']).toBe('unknown');
    const legs = await run.legs();
    expect(legs.get('lost')).toMatchObject({ outcome: 'unknown', ended_by: 'unknown', wait_ms: null });
    expect(legs.get('talks')).toMatchObject({ outcome: 'answered', ended_by: 'unknown', talk_ms: null });
    expect(legs.get('waits')).toMatchObject({ outcome: 'answered', ended_by: '' });
    await expect
      .poll(() => run.own())
      .toEqual([
        'suspected lost overtaken',
        'suspected slow overtaken',
        'suspected talks agent_elsewhere',
        'presumed_gone lost overtaken 2026-03-03T03:00',
        'presumed_gone talks agent_elsewhere 2026-03-03T03:00',
      ]);
    const sales = (await totals(run.store, 'acme')).get('sales');
    expect(sales).toMatchObject({ offered: 7, answered: 6, dropped: 1, still_waiting: 0, handled: 3 });
    expect(sales?.['total_wait']).toBe(3 * 5000 + 5000 + 399_000 + 201_000);
    expect(await run.count('queuecast_processor_presumed_gone_total')).toBe(2);

    // The source comes back to it the next day, and its word counts.
    await run.send(
      event('acd.contact.left_queue', 'lost', MORNING + 40 * SECOND, { leg: 'lost-1', reason: 'abandoned' }),
    );
    expect((await run.legs()).get('lost')).toMatchObject({ outcome: 'abandoned', wait_ms: '40000' });
    expect((await totals(run.store, 'acme')).get('sales')).toMatchObject({ offered: 7, dropped: 0, abandoned: 1 });
  });

  it('of a source that restarted are suspected at once, come back by its own word, and count for no wait', async () => {
    const { start } = await installation();
    const first = await start();
    await first.send(...joins('lost', MORNING), ...joins('kept', MORNING + SECOND), ...joins('listed', MORNING));
    await first.send(...joins('talks', MORNING), answered('talks', MORNING + 5 * SECOND, 'ann'));
    await first.send(event('acd.source.restarted', 'pbx', MORNING + 60 * SECOND, {}));
    const restarted = await first.shows('sales', ({ suspected }) => suspected === 4);
    expect(restarted).toMatchObject({ waiting: 0, oldest: [] });
    expect(restarted.suspects.map(({ believed, reason }) => `${believed} ${reason}`).sort()).toEqual([
      'in_conversation source_restarted',
      ...Array.from({ length: 3 }, () => 'waiting source_restarted'),
    ]);
    await expect.poll(() => first.own(), { timeout: 20_000 }).toHaveLength(4);
    await first.stop();

    // They stay suspected when the processor restarts, too, and are told once.
    const run = await start();
    await run.shows('sales', ({ suspected, waiting }) => suspected === 4 && waiting === 0);
    await run.send(
      answered('kept', MORNING + 120 * SECOND),
      event('acd.source.snapshot', 'pbx', MORNING + 125 * SECOND, {
        waiting: [{ contact: 'listed', leg: 'listed-1', queue: 'sales', queuedAt: new Date(MORNING).toISOString() }],
        agents: [],
      }),
    );
    await run.shows('sales', ({ suspected, waiting }) => suspected === 2 && waiting === 1);
    await run.send(event('acd.contact.ended', 'kept', MORNING + 300 * SECOND, { by: 'customer' }));
    await run.send(answered('listed', MORNING + 130 * SECOND), heartbeat(DAY_END + 60 * SECOND));
    await run.shows('sales', ({ suspected }) => suspected === 0);
    await expect.poll(async () => (await run.legs()).get('lost')?.['outcome'], { timeout: 20_000 }).toBe('unknown');
    const legs = await run.legs();
    expect(legs.get('lost')).toMatchObject({ ended_by: 'unknown', wait_ms: null });
    expect(legs.get('kept')).toMatchObject({ outcome: 'answered', wait_ms: '119000', talk_ms: '180000' });
    expect(legs.get('talks')).toMatchObject({ outcome: 'answered', ended_by: 'unknown', talk_ms: null });
    await expect
      .poll(() => run.own(), { timeout: 20_000 })
      .toEqual([
        ...['kept', 'listed', 'lost', 'talks'].map((contact) => `suspected ${contact} source_restarted`),
        'presumed_gone lost absent_from_snapshot 2026-03-03T03:00',
        'presumed_gone talks source_restarted 2026-03-03T03:00',
      ]);
    const sales = (await totals(run.store, 'acme')).get('sales');
    expect(sales).toMatchObject({ offered: 4, answered: 3, dropped: 1, still_waiting: 0, longest_wait: 130_000 });
    expect(sales?.['total_wait']).toBe(119_000 + 130_000 + 5_000);
  });

  it('stay suspected over a restart, are announced once, and are closed though the source is silent', async () => {
    const { forwardTo, start } = await installation();
    const first = await start();
    await first.send(
      ...joins('lost', MORNING),
      ...[1, 2, 3].flatMap((n) => served(`later-${n}`, MORNING + n * SECOND)),
    );
    await first.send(...served('last', MORNING + 200 * SECOND));
    await first.shows('sales', ({ suspected }) => suspected === 1);
    await expect.poll(() => first.own()).toHaveLength(1);
    await first.stop();

    const second = await start();
    expect(await second.shows('sales', ({ suspected }) => suspected === 1)).toMatchObject({ waiting: 0, oldest: [] });
    // Our own clock says nothing while the source speaks, and goes on for it when it does not.
    forwardTo(DAY_END + HOUR);
    await expect.poll(async () => (await second.legs()).get('lost')?.['outcome']).toBe('unknown');
    // The archive is written after the legs.
    const told = ['suspected lost overtaken', 'presumed_gone lost overtaken 2026-03-03T03:00'];
    await expect.poll(() => second.own()).toEqual(told);
    await second.stop();
    const third = await start();
    expect(await third.shows('sales', ({ today }) => today !== null)).toMatchObject({ suspected: 0, waiting: 0 });
    expect((await third.legs()).get('lost')).toMatchObject({ outcome: 'unknown' });
    expect(await third.own()).toEqual(told);
  });

  it('are closed at the end of the day though the facts were not asked for them yet, as when a backlog is folded', async () => {
    const run = await (await installation()).start();
    // Told in disorder: as far as memory knows, the facts may hold more of it.
    const lost = joins('lost', MORNING).reverse();
    const later = [1, 2, 3].flatMap((n) => served(`later-${n}`, MORNING + n * 10 * SECOND));
    await run.send(...lost, ...later, heartbeat(DAY_END + 60 * SECOND), ...served('next-day', DAY_END + HOUR));
    expect((await run.legs()).get('lost')).toMatchObject({ outcome: 'unknown', ended_by: 'unknown' });
    // What was decided stands in the log behind all that was sent, and is archived when it comes back from there.
    await expect.poll(() => run.own()).toContain('presumed_gone lost overtaken 2026-03-03T03:00');
    expect((await run.legs()).get('next-day')).toMatchObject({ outcome: 'answered', talk_ms: '55000' });
  });

  it('are given up, and nobody else is: the books of a simulated morning, with those moved from waiting to dropped', async () => {
    const { start } = await installation();
    const run = await start();
    const end = MORNING + 2 * HOUR;
    const simulation = new Simulation({
      scenario: 'normal-day',
      model: centreOf('normal-day', { start: MORNING, end, timeZone: 'Europe/Brussels' }),
      seed: 'ghosts',
      start: MORNING,
      end,
      tenant: 'acme',
      site: 'main',
      ghostShare: 0.02,
    });
    const events = [...simulation].map(({ event: each }) => each);
    const truth = simulation.truth();
    // The queues that are not configured end their day at midnight in Brussels.
    await run.send(...events, heartbeat(Date.parse('2026-03-02T23:01:00Z')));
    const { ghosts } = truth;
    await expect
      .poll(() => run.count('queuecast_processor_presumed_gone_total'))
      .toBeGreaterThan(0.8 * (ghosts.waiting + ghosts.talking));
    const ended = new Set(events.flatMap(({ type, subject }) => (type === 'acd.contact.ended' ? [subject] : [])));
    const legs = await run.legs();
    const givenUp = [...legs.values()].filter((leg) => leg['ended_by'] === 'unknown');
    expect(givenUp.filter(({ contact }) => ended.has(contact as string))).toEqual([]);
    const sums = await totals(run.store, 'acme');
    const unknown = await run.store.report(
      `SELECT queue, count() AS legs FROM contact_legs FINAL WHERE outcome = 'unknown' GROUP BY queue`,
      {},
    );
    const unknownOf = new Map(unknown.map(({ queue, legs: count }) => [queue, Number(count)]));
    expect([...unknownOf.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0.8 * ghosts.waiting);
    for (const row of truth.queues.filter(({ offered }) => offered > 0)) {
      const moved = unknownOf.get(row.queue) ?? 0;
      expect({ queue: row.queue, ...sums.get(row.queue) }).toMatchObject({
        queue: row.queue,
        offered: row.offered,
        answered: row.answered,
        abandoned: row.abandoned,
        dropped: row.dropped + moved,
        still_waiting: row.stillWaiting - moved,
        handled: row.completed,
        total_wait: row.totalWaitMs,
        talk_time: row.talkMs,
        wrap_time: row.wrapMs,
      });
    }
  });
});
