import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueuecastModule } from '../../apps/queuecast/src/queuecast.module.js';
import { tenantId, type CloudEvent } from '@queuecast/events';
import { createHttpApp, Metrics, Readiness, Sessions, SignInTickets } from '@queuecast/http';
import type { QueueFrame, WallboardClientEvents, WallboardServerEvents } from '@queuecast/live';
import { settingsSchema } from '@queuecast/settings';
import type { Store } from '@queuecast/store';
import { loadNumberSeal, Ports } from '@queuecast/wiring';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { io, type Socket } from 'socket.io-client';
import { Acd } from '../support/acd.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';

const ROUNDS = 5;
/** The report is made so large that it should last this many times as long as the rounds beside it, and at least: */
const MARGIN = 6;
const LEAST_REPORT_MS = 5_000;
/** The lane's own limit is a minute. */
const MOST_REPORT_MS = 40_000;
const FIRST_SIZE = 2_000_000;

const secret = new TextEncoder().encode('the secret of the lanes test, long enough to sign with');

/** Work for the engine in proportion to `size`, over the facts, as an analyst's careless query would be. */
const carelessReport = (store: Store, size: number): Promise<Record<string, unknown>[]> =>
  store.report(
    `SELECT toString(sum(cityHash64(number, contact, leg, outcome))) AS fingerprint
     FROM numbers({size:UInt64}) AS numbers CROSS JOIN (SELECT * FROM contact_legs FINAL LIMIT 10) AS legs`,
    { size },
  );

describe('the embedded product in one process', () => {
  const acd = new Acd({ tenant: 'acme' });
  let directory: string;
  let ports: Ports;
  let store: Store;
  let app: NestExpressApplication;
  let wallboard: Socket<WallboardServerEvents, WallboardClientEvents>;
  let url: string;
  let latest: QueueFrame | null = null;
  const watchers = new Set<() => void>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-lanes-'));
    const settings = settingsSchema.parse({ ...twoTenants({ live: { framesPerSecond: 20 } }), dataDir: directory });
    ports = new Ports(settings, 'process');
    store = await ports.store();
    const options = {
      settings,
      store,
      secret,
      events: await ports.events(),
      deadLetters: await ports.deadLetters(),
      bus: await ports.bus(),
      seal: await loadNumberSeal(settings, 'process'),
      metrics: new Metrics({ processMetrics: false }),
      readiness: new Readiness(),
      tickets: new SignInTickets(),
    };
    app = await createHttpApp(QueuecastModule.register(options), { docs: false });
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const { token } = await new Sessions(secret, new Set(['acme'])).mint(tenantId('acme'), 3600);
    wallboard = io(`${url}/wallboard`, { transports: ['websocket'], forceNew: true, auth: { token } });
    const take = (frame: QueueFrame): void => {
      if (frame.queue !== 'support') return;
      latest = frame;
      for (const look of watchers) look();
    };
    wallboard.on('snapshot', ({ frames }) => frames.forEach(take));
    wallboard.on('frame', take);
  });
  afterAll(async () => {
    wallboard?.disconnect();
    await app?.close();
    await ports?.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Resolves when a frame that fulfils the condition has come over the socket. */
  const shown = (condition: (frame: QueueFrame) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!latest || !condition(latest)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });

  const acknowledged = async (events: readonly CloudEvent[]): Promise<void> => {
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${ACME_KEY}`, 'Content-Type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
    expect(response.status).toBe(202);
  };

  let joined = 0;
  /** One contact more: acknowledged, then shown on the wallboard, then in the figures that come from the written facts. */
  const round = async (done: (what: string) => void): Promise<void> => {
    joined += 1;
    const expected = joined;
    await acknowledged(acd.joins(`c-${expected}`, 'support'));
    done('acknowledged');
    await shown(({ waiting }) => waiting === expected);
    done('shown');
    await shown(({ today }) => today?.offered === expected);
    done('written');
  };

  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };

  it('acknowledges, shows and writes while a report of several seconds runs', { timeout: 180_000 }, async () => {
    // Only the size of the report follows from measured times; what is asserted is the order of completion.
    for (let warm = 0; warm < 10; warm += 1) await round(() => undefined);
    const roundMs = await timed(() => round(() => undefined));
    await carelessReport(store, FIRST_SIZE / 10);
    const reportMs = await timed(() => carelessReport(store, FIRST_SIZE));
    const wantedMs = Math.min(MOST_REPORT_MS, Math.max(LEAST_REPORT_MS, MARGIN * ROUNDS * roundMs));
    const size = Math.ceil((FIRST_SIZE * wantedMs) / reportMs);

    const order: string[] = [];
    const report = carelessReport(store, size).then((rows) => {
      order.push('reported');
      return rows;
    });
    for (let n = 0; n < ROUNDS; n += 1) await round((what) => order.push(what));
    const [row] = await report;

    expect(row?.['fingerprint']).toMatch(/^\d+$/);
    expect(order).toEqual([
      ...Array.from({ length: ROUNDS }, () => ['acknowledged', 'shown', 'written']).flat(),
      'reported',
    ]);
  });

  it('serves a quick report beside a slow one', { timeout: 180_000 }, async () => {
    const order: string[] = [];
    const reportMs = await timed(() => carelessReport(store, FIRST_SIZE));
    const slow = carelessReport(store, Math.ceil((FIRST_SIZE * LEAST_REPORT_MS) / reportMs)).then(() =>
      order.push('slow'),
    );
    const query = `from=${new Date(Date.now() - 86_400_000).toISOString()}&to=${new Date(Date.now() + 86_400_000).toISOString()}&grain=total`;
    const response = await fetch(`${url}/v1/reports/intervals?${query}`, {
      headers: { Authorization: `Bearer ${ACME_KEY}` },
    });
    const { rows } = (await response.json()) as { rows: { values: Record<string, number> }[] };
    order.push('quick');
    await slow;
    expect(rows[0]?.values['offered']).toBe(joined);
    expect(order).toEqual(['quick', 'slow']);
  });
});
