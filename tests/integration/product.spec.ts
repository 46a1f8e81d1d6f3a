import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  centreOf,
  FaultyDelivery,
  NO_FAULTS,
  Random,
  Simulation,
  type GroundTruth,
} from '../../apps/simulator/src/index.js';
import type { CloudEvent } from '@queuecast/events';
import { openStore, type Store } from '@queuecast/store';
import { Acd } from '../support/acd.js';
import { digestFacts, type FactDigest } from '../support/fact-digest.js';
import { totals } from '../support/processing.js';
import { ServerHome, type RunningServer, type SettingsInput } from '../support/server.js';
import { ACME_KEY, GLOBEX_KEY, twoTenants } from '../support/two-tenants.js';

const PATIENT = { timeout: 60_000, interval: 100 };
const BATCH = 200;
const ANALYST_KEY = 'analyst-key-of-the-tests';

interface ReportRow {
  readonly queue: string;
  readonly channel: string;
  readonly start: string;
  readonly values: Readonly<Record<string, number | null>>;
}

const homes: ServerHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

const homeWith = async (settings: SettingsInput = twoTenants()): Promise<ServerHome> => {
  const home = await ServerHome.create(settings);
  homes.push(home);
  return home;
};

const authorized = (key: string, more: Record<string, string> = {}): RequestInit => ({
  headers: { Authorization: `Bearer ${key}`, ...more },
});

/** Everything that ever happened, one row per queue and channel. */
const report = async (server: RunningServer, key = ACME_KEY): Promise<ReportRow[]> => {
  const query = `from=2025-06-01T00:00:00Z&to=${new Date(Date.now() + 86_400_000).toISOString()}&grain=total`;
  const response = await server.fetch(`/v1/reports/intervals?${query}`, authorized(key));
  expect(response.status).toBe(200);
  return ((await response.json()) as { rows: ReportRow[] }).rows;
};

const offered = async (server: RunningServer): Promise<number> =>
  (await report(server)).reduce((sum, { values }) => sum + (values['offered'] ?? 0), 0);

/** The value of a Prometheus sample; 0 if absent. */
const sample = async (server: RunningServer, name: string): Promise<number> => {
  const lines = (await (await server.fetch('/metrics')).text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
};

/** The store of a server that has ended, read directly. */
const inspect = async <Found>(home: ServerHome, look: (store: Store) => Promise<Found>): Promise<Found> => {
  const store = await openStore({ kind: 'embedded', directory: join(home.dataDirectory, 'store') });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
};

const archivedIds = async (store: Store): Promise<Set<string>> =>
  new Set((await store.report('SELECT DISTINCT id FROM events', {})).map(({ id }) => String(id)));

/** Half an hour of a busy morning in a simulated centre, one event in twenty told twice, one late, and what is true about it. */
const halfAnHour = (tenant: string): { readonly events: CloudEvent[]; readonly truth: GroundTruth } => {
  const start = Date.parse('2026-03-02T09:00:00Z');
  const end = start + 1_800_000;
  const model = centreOf('normal-day', { start, end, timeZone: 'Europe/Brussels' });
  const seed = 'power cut';
  const simulation = new Simulation({ scenario: 'normal-day', model, seed, start, end, tenant, site: 'main' });
  const delivery = new FaultyDelivery({ ...NO_FAULTS, duplicates: 0.05, disorder: 0.05 }, new Random(seed));
  const events = [...delivery.deliver(simulation)].map(({ event }) => event);
  return { events, truth: simulation.truth() };
};

const inBatches = (events: readonly CloudEvent[]): CloudEvent[][] =>
  Array.from({ length: Math.ceil(events.length / BATCH) }, (_, n) => events.slice(n * BATCH, (n + 1) * BATCH));

describe('a server that is ended', { timeout: 300_000 }, () => {
  it('gracefully, while events pour in, has everything it acknowledged in the facts after a restart', async () => {
    const home = await homeWith();
    const server = await home.start();
    const acknowledged = new Set<string>();
    const refusals = new Set<string>();
    let sent = 0;
    /** Sends one event after the other until the server takes no more. */
    const sendUntilRefused = async (sender: number): Promise<void> => {
      const acd = new Acd({ tenant: 'acme', source: `pbx-${sender}` });
      for (let contact = 0; ; contact += 1) {
        const [started, queued] = acd.joins(`${sender}-${contact}`, 'support') as [CloudEvent, CloudEvent];
        for (const event of [started, queued]) {
          sent += 1;
          const answer = await server.send(ACME_KEY, [event]).catch(() => null);
          if (answer?.status === 202) acknowledged.add(event.id);
          else {
            refusals.add(answer === null ? 'no connection' : String(answer.status));
            return;
          }
        }
      }
    };
    const senders = Array.from({ length: 8 }, (_, sender) => sendUntilRefused(sender));
    await expect.poll(() => acknowledged.size, PATIENT).toBeGreaterThan(300);
    expect(await server.terminate()).toBe(0);
    await Promise.all(senders);
    // Every sender was refused once and stopped: told to send again, or not let in at all.
    expect(sent).toBe(acknowledged.size + 8);
    expect([...refusals].filter((refusal) => !['503', 'no connection'].includes(refusal))).toEqual([]);

    const again = await home.start();
    const joined = [...acknowledged].filter((id) => Number(id.split('-').at(-1)) % 2 === 0).length;
    // A contact whose joining was not acknowledged may have joined all the same: its answer was lost, not its event.
    await expect.poll(() => offered(again), PATIENT).toBeGreaterThanOrEqual(joined);
    expect(await offered(again)).toBeLessThanOrEqual(joined + 8);
    expect(await again.terminate()).toBe(0);
    const archived = await inspect(home, archivedIds);
    expect([...acknowledged].filter((id) => !archived.has(id))).toEqual([]);
  });

  it('by SIGKILL, again and again in the middle of ingest, has the facts of an uninterrupted run', async () => {
    const { events, truth } = halfAnHour('acme');
    const batches = inBatches(events);
    const promised = truth.queues.reduce((sum, row) => sum + row.offered, 0);

    const finish = async (home: ServerHome, server: RunningServer): Promise<FactDigest> => {
      await expect.poll(() => offered(server), PATIENT).toBe(promised);
      expect(await server.terminate()).toBe(0);
      return inspect(home, async (store) => {
        expect((await archivedIds(store)).size).toBe(new Set(events.map(({ id }) => id)).size);
        const found = await totals(store, 'acme');
        for (const expected of truth.queues) {
          const { answered, abandoned, shortAbandoned, flowedOut, dropped } = expected;
          expect(found.get(expected.queue), expected.queue).toMatchObject({
            offered: expected.offered,
            answered,
            abandoned,
            short_abandoned: shortAbandoned,
            flowed_out: flowedOut,
            dropped,
          });
        }
        return digestFacts(store);
      });
    };

    const calm = await homeWith();
    const calmServer = await calm.start();
    for (const batch of batches) expect((await calmServer.send(ACME_KEY, batch)).accepted).toBe(batch.length);
    const uninterrupted = await finish(calm, calmServer);

    // Lives that differ in what death finds: nothing flushed yet; flushes without a pause; small ones; the usual.
    const lives: SettingsInput['processor'][] = [
      { flushMs: 600_000 },
      { flushMs: 1 },
      { flushMs: 5, flushRows: 50 },
      { flushMs: 50 },
    ];
    const home = await homeWith();
    const deaths: number[] = [];
    let next = 0;
    let server: RunningServer | null = null;
    for (const [life, processor] of lives.entries()) {
      await home.configure(twoTenants({ ...(processor && { processor }) }));
      server = await home.start();
      const last = life === lives.length - 1;
      const until = last ? batches.length : Math.floor(((life + 1) * batches.length) / lives.length);
      for (; next < until; next += 1)
        expect((await server.send(ACME_KEY, batches[next] ?? [])).accepted).toBe(batches[next]?.length);
      if (last) break;
      // The power goes while a batch is in hand. Its sender knows only that it has no answer, and repeats it.
      const inHand = server.send(ACME_KEY, batches[next] ?? []).then(
        () => true,
        () => false,
      );
      await pause(life);
      await server.kill();
      if (await inHand) next += 1;
      deaths.push(next);
      if (life === 0)
        expect(await inspect(home, archivedIds), 'nothing was flushed: all of it must come from the log').toEqual(
          new Set(),
        );
    }
    expect(deaths.length).toBe(3);
    expect(await finish(home, server!)).toEqual(uninterrupted);
  });

  it('comes back with every figure, and with the waiting where they were', async () => {
    const home = await homeWith();
    const acd = new Acd({ tenant: 'acme' });
    let server = await home.start();
    await server.send(ACME_KEY, [
      ...acd.joins('waits', 'support', Date.now() - 60_000),
      ...acd.joins('talks', 'support', Date.now() - 50_000),
      acd.answers('talks', 'anna', Date.now() - 40_000),
    ]);
    await expect
      .poll(async () => (await report(server))[0]?.values, PATIENT)
      .toMatchObject({ offered: 2, answered: 1, still_waiting: 1 });
    const before = await report(server);
    await server.kill();
    server = await home.start();
    expect(await report(server)).toEqual(before);
    await server.send(ACME_KEY, [acd.answers('waits', 'anna'), acd.ends('talks')]);
    await expect.poll(async () => (await report(server))[0]?.values['answered'], PATIENT).toBe(2);
    expect(await offered(server)).toBe(2);
  });
});

describe('a server that cannot start', { timeout: 120_000 }, () => {
  it('says that the data directory is in use, and by whom, and leaves it alone', async () => {
    const home = await homeWith();
    const first = await home.start();
    await expect(home.start({ port: 0 })).rejects.toThrow(/log is in use by process \d+: stop that one first/);
    expect((await first.fetch('/health')).status).toBe(200);
  });

  it('says which port is taken, and what to do', async () => {
    const first = await (await homeWith()).start();
    const second = await homeWith();
    await expect(second.start({ port: Number(new URL(first.origin).port) })).rejects.toThrow(
      /ended with 1[^]*address already in use[^]*QUEUECAST_PORT/,
    );
  });

  it('names the line of the settings that is wrong', async () => {
    const home = await homeWith({ tenants: [{ id: 'acme', queues: [{ id: 'support', target: 80 }] }] });
    await expect(home.start()).rejects.toThrow(
      /ended with 1[^]*queuecast\.yaml:\d+:\d+.*tenants\[0\]\.queues\[0\]\.target/,
    );
  });
});

describe('a server in service', { timeout: 120_000 }, () => {
  const acd = new Acd({ tenant: 'acme' });

  const withAnalyst = (): SettingsInput => {
    const settings = twoTenants();
    const [acme, ...others] = settings.tenants ?? [];
    const analyst = { name: 'analyst', sha256: createHash('sha256').update(ANALYST_KEY).digest('hex') };
    return {
      ...settings,
      tenants: [{ ...acme!, apiKeys: [...(acme!.apiKeys ?? []), { ...analyst, scopes: ['reports'] }] }, ...others],
    };
  };

  it('refuses what is malformed with the field and the remedy, takes the rest, and goes on', async () => {
    const server = await (await homeWith()).start();
    const post = (body: string, type = 'application/json'): Promise<Response> =>
      server.fetch('/v1/events', {
        method: 'POST',
        ...authorized(ACME_KEY, { 'Content-Type': type }),
        body,
      });
    const refused = async (status: number, why: RegExp, body: string | object, type?: string): Promise<void> => {
      const response = await post(typeof body === 'string' ? body : JSON.stringify(body), type);
      expect(response.status).toBe(status);
      expect(await response.text()).toMatch(why);
    };
    const good = acd.heartbeat();
    const { time: _, ...timeless } = good;
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const legless = acd.event('acd.contact.queued', 'c', { queue: 'support' });

    await refused(400, /not JSON/, '{"specversion":');
    await refused(400, /no event/, '');
    await refused(415, /application\/json/, '<event/>', 'application/xml');
    await refused(400, /"field":"time".*RFC 3339/, timeless);
    await refused(400, /"field":"time".*set the ACD's clock/, { ...good, time: tomorrow });
    await refused(400, /"field":"data\.leg"/, legless);
    await refused(400, /at most 65536/, { ...good, data: { padding: 'x'.repeat(70_000) } });

    const mixed = await server.send(ACME_KEY, [good, legless, acd.heartbeat()]);
    expect(mixed).toMatchObject({ status: 207, accepted: 2, rejected: 1, results: [{ index: 1, status: 'rejected' }] });
    const lines = `${JSON.stringify(acd.heartbeat())}\n{broken\n${JSON.stringify(acd.heartbeat())}\n`;
    const byLine = await post(lines, 'application/x-ndjson');
    expect(byLine.status).toBe(207);
    expect(await byLine.json()).toMatchObject({ accepted: 2, rejected: 1, results: [{ line: 2 }] });

    expect((await server.fetch('/health')).status).toBe(200);
    // Each of the above is counted: nothing is dropped without a count.
    expect(await sample(server, 'queuecast_events_accepted_total{kind="event"}')).toBe(4);
    expect(await sample(server, 'queuecast_events_rejected_total{reason="schema"}')).toBe(4);
    expect(await sample(server, 'queuecast_events_rejected_total{reason="malformed"}')).toBe(2);
    expect(await sample(server, 'queuecast_events_rejected_total{reason="too_large"}')).toBe(1);
  });

  it('refuses a wrong key, a key without the scope, and a key of another tenant', async () => {
    const server = await (await homeWith(withAnalyst())).start();
    const send = async (init: RequestInit): Promise<Response> =>
      server.fetch('/v1/events', { method: 'POST', body: JSON.stringify(acd.heartbeat()), ...init });
    const json = { 'Content-Type': 'application/json' };

    const anonymous = await send({ headers: json });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toContain('Bearer');
    expect(await anonymous.text()).toContain('Authorization: Bearer');
    expect((await send(authorized('not-a-key', json))).status).toBe(401);
    const analyst = await send(authorized(ANALYST_KEY, json));
    expect(analyst.status).toBe(403);
    expect(await analyst.text()).toContain('scope ingest');
    expect((await send(authorized(GLOBEX_KEY, json))).status).toBe(400);
    expect((await send(authorized(ACME_KEY, json))).status).toBe(202);

    const range = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
    const asked = async (query: string, key: string): Promise<number> =>
      (await server.fetch(`/v1/reports/intervals?${query}`, authorized(key))).status;
    expect(await asked(range, 'not-a-key')).toBe(401);
    expect(await asked(`${range}&tenant=acme`, GLOBEX_KEY)).toBe(403);
    expect(await asked(range, ANALYST_KEY)).toBe(200);
  });

  it('reports intervals as JSON, page by page, and as CSV: the same figures', async () => {
    const server = await (await homeWith()).start();
    const at = Date.parse('2026-03-02T10:05:00Z');
    await server.send(ACME_KEY, [
      ...acd.joins('a', 'support', at),
      acd.answers('a', 'anna', at + 12_000),
      acd.ends('a', at + 72_000),
      ...acd.joins('b', 'support', at + 1_000),
      acd.leaves('b', 'abandoned', at + 31_000),
      ...acd.joins('c', 'sales', at + 20 * 60_000),
      acd.leaves('c', 'abandoned', at + 20 * 60_000 + 2_000),
    ]);
    const everything = async () => {
      const all = (await report(server)).map(({ values }) => values);
      const sum = (metric: string) => all.reduce((total, values) => total + (values[metric] ?? 0), 0);
      return ['offered', 'handled', 'abandoned', 'short_abandoned'].map(sum);
    };
    await expect.poll(everything, PATIENT).toEqual([3, 1, 1, 1]);

    const query =
      'from=2026-03-02T10:00:00Z&to=2026-03-02T11:00:00Z&grain=quarter&metrics=offered,answered,abandoned,short_abandoned,asa';
    const path = `/v1/reports/intervals?${query}`;
    const rows: ReportRow[] = [];
    for (let page: string | null = `${path}&limit=1`; page !== null;) {
      const response: Response = await server.fetch(page, authorized(ACME_KEY));
      rows.push(...((await response.json()) as { rows: ReportRow[] }).rows);
      page = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(rows).toMatchObject([
      {
        queue: 'support',
        channel: 'voice',
        start: '2026-03-02T10:00:00.000Z',
        values: { offered: 2, answered: 1, abandoned: 1, short_abandoned: 0, asa: 12_000 },
      },
      {
        queue: 'sales',
        channel: 'voice',
        start: '2026-03-02T10:15:00.000Z',
        values: { offered: 1, answered: 0, abandoned: 0, short_abandoned: 1, asa: null },
      },
    ]);

    const csv = await server.fetch(path, authorized(ACME_KEY, { Accept: 'text/csv' }));
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toBe(
      [
        'site,queue,channel,start,offered@1,answered@1,abandoned@1,short_abandoned@1,asa@1,corrected',
        'main,support,voice,2026-03-02T10:00:00.000Z,2,1,1,0,12000,',
        'main,sales,voice,2026-03-02T10:15:00.000Z,1,0,0,1,,',
        '',
      ].join('\r\n'),
    );
  });

  it('is healthy and ready, part by part, and counts what it takes', async () => {
    const server = await (await homeWith()).start();
    expect(await (await server.fetch('/health')).json()).toEqual({ status: 'up' });
    const ready = await server.fetch('/ready');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      ready: true,
      parts: {
        log: { state: 'up' },
        facts: { state: 'up' },
        store: { state: 'up' },
        processor: { state: 'up' },
      },
    });
    const event = acd.heartbeat();
    await server.send(ACME_KEY, [event, { ...event, id: 'of-no-type-we-know', type: 'com.example.lunch' }]);
    const records = (outcome: string) => sample(server, `queuecast_processor_records_total{outcome="${outcome}"}`);
    await expect.poll(() => records('folded'), PATIENT).toBe(1);
    await expect.poll(() => records('archived'), PATIENT).toBe(1);
  });
});
