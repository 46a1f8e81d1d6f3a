import { instant, parseEvent, type CloudEvent } from '@queuecast/events';
import { settingsSchema } from '@queuecast/settings';
import { describe, expect, it } from 'vitest';
import { Simulation } from '../centre/simulation.js';
import { telecomCentre, townCentre } from './centres.js';
import { startDemo, type DemoOptions } from './start-demo.js';
import { demoTenants, TELECOM, TOWN } from './tenants.js';

const HOUR = 3_600_000;
/** A Tuesday afternoon. What is played, and how much of it, follows from when it begins. */
const NOW = Date.parse('2026-03-03T14:30:00Z');

/** Plays until the past is sent, and gives what was sent. */
const played = async (options: Partial<DemoOptions> = {}): Promise<CloudEvent[]> => {
  const sent: CloudEvent[] = [];
  const abort = new AbortController();
  const demo = startDemo({
    send: (events) => {
      sent.push(...events);
      return Promise.resolve();
    },
    now: () => NOW,
    signal: abort.signal,
    prewarmMs: HOUR,
    ...options,
  });
  await demo.caughtUp;
  abort.abort();
  await demo.stopped;
  return sent;
};

const ofTenant = (events: readonly CloudEvent[], tenant: string) => events.filter((event) => event.tenant === tenant);

describe('the demonstration', () => {
  it('shows eight queues of two tenants, and its settings name every one of them', () => {
    const { tenants } = settingsSchema.parse({ tenants: demoTenants });
    const settings = tenants.map(({ id, queues }) => [id, queues.map((queue) => `${queue.site}/${queue.id}`).sort()]);
    const played = [[TELECOM, telecomCentre(0)] as const, [TOWN, townCentre()] as const].map(
      ([{ tenant, site }, { queues }]) => [tenant, queues.map(({ id }) => `${site}/${id}`).sort()],
    );
    expect(settings).toEqual(played);
    expect(tenants.flatMap(({ queues }) => queues)).toHaveLength(8);
    for (const { name } of tenants.flatMap(({ queues }) => queues))
      expect(Object.keys(name ?? {}).sort()).toEqual(['de', 'en', 'fr', 'nl']);
  });

  it('begins with a restart of each source and sends its past at once, all of it valid', async () => {
    const sent = await played();
    for (const { tenant } of [TELECOM, TOWN]) {
      const own = ofTenant(sent, tenant);
      expect(own[0]?.type).toBe('acd.source.restarted');
      expect(own.length).toBeGreaterThan(500);
      expect(Date.parse(own[0]?.time ?? '')).toBeGreaterThanOrEqual(NOW - HOUR);
      expect(Date.parse(own.at(-1)?.time ?? '')).toBeGreaterThan(NOW - 60_000);
    }
    expect(sent.filter((event) => parseEvent(event, instant(NOW)).kind !== 'event')).toEqual([]);
  });

  it('goes on after what is known already, with other ids, and says how every agent stands', async () => {
    const first = await played();
    const latest = NOW - 10 * 60_000;
    const second = await played({ latestEventAt: () => Promise.resolve(latest) });
    expect(Math.min(...second.map(({ time }) => Date.parse(time)))).toBeGreaterThan(latest);
    const ids = new Set(first.map(({ id }) => id));
    expect(second.filter(({ id }) => ids.has(id))).toEqual([]);
    const agents = (events: readonly CloudEvent[]) =>
      new Set(events.filter(({ type }) => type === 'acd.agent.state_changed').map(({ subject }) => subject));
    expect(agents(second)).toEqual(agents(first));
  });

  it('is busy again soon after a restart: those who were cut off call again', async () => {
    const joined = (events: readonly CloudEvent[]) => events.filter(({ type }) => type === 'acd.contact.queued').length;
    const usual = joined(await played({ prewarmMs: 2 * 60_000 }));
    const again = joined(await played({ latestEventAt: () => Promise.resolve(NOW - 3 * 60_000) }));
    expect(again).toBeGreaterThan(2 * usual);
  });

  it('does not double the past of a run that ended a moment ago', async () => {
    const sent = await played({ latestEventAt: () => Promise.resolve(NOW - 500) });
    for (const { time } of sent) expect(Date.parse(time)).toBeGreaterThanOrEqual(NOW);
  });

  it('sends events again that could not be sent, and says so', async () => {
    const failures: string[] = [];
    const sent: CloudEvent[] = [];
    let attempts = 0;
    await played({
      prewarmMs: 60_000,
      send: (events) => {
        if (++attempts === 1) return Promise.reject(new Error('the log is away'));
        sent.push(...events);
        return Promise.resolve();
      },
      onTrouble: (reason) => failures.push(reason),
    });
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/could not be sent: the log is away/);
    expect(sent.filter(({ type }) => type === 'acd.source.restarted')).toHaveLength(2);
  });

  it('is busy at any hour: every open queue answers, and one of two is closed', () => {
    for (let hour = 1; hour < 24; hour += 3) {
      const start = Date.parse('2026-06-05T00:00:00Z') + hour * HOUR;
      const queued = new Map<string, number>();
      const closed: string[] = [];
      for (const model of [telecomCentre(start), townCentre()]) {
        const options = { scenario: 'demo', seed: 'x', start, end: start + HOUR / 2, tenant: 'demo', site: 'main' };
        for (const { event } of new Simulation({ ...options, model })) {
          const { queue } = event.data as { queue: string };
          if (event.type === 'acd.contact.queued') queued.set(queue, (queued.get(queue) ?? 0) + 1);
          if (event.type === 'acd.queue.closed') closed.push(queue);
        }
      }
      expect(closed.filter((queue) => queue === 'sales' || queue === 'fault-desk').length).toBeGreaterThanOrEqual(1);
      expect(queued.size).toBeGreaterThanOrEqual(7);
    }
  });
});
