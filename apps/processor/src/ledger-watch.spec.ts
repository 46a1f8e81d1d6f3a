import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LegFact } from '@queuecast/contact-center';
import { Metrics } from '@queuecast/http';
import { openStore, StoreAwayError, type Store } from '@queuecast/store';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { answered, at, flushOf, siteKey, TODAY, YESTERDAY } from '../../../libs/store/src/facts.testing.js';
import { LedgerWatch } from './ledger-watch.js';
import { ProcessorMetrics } from './metrics.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-ledger-'));
const NOW = at(`${TODAY}T12:00:00Z`);
let store: Store;
let watch: LedgerWatch;
let metrics: Metrics;
let ours: boolean;
let tenants = 0;
let key = siteKey('t');

beforeAll(async () => {
  Logger.overrideLogger(false);
  store = await openStore({ kind: 'embedded', directory, now: () => NOW });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  key = siteKey(`ledger-${(tenants += 1)}`);
  ours = true;
  metrics = new Metrics({ processMetrics: false });
  watch = new LedgerWatch(store, new ProcessorMetrics(metrics), () => ours);
});
afterEach(async () => {
  await watch.close();
  vi.restoreAllMocks();
});

/** Writes a leg, and says so as the flusher does. */
const write = async (leg: LegFact): Promise<void> => {
  await store.write(flushOf({ legs: [leg] }));
  const { tenant, site, queue, queuedAt } = leg;
  watch.touched([{ tenant, site, queue, at: queuedAt }]);
};
const leg = (time: string, outcome: string, version: number): LegFact =>
  answered(key, at(time), 1000, { contact: time, outcome, version });
const violations = async () => {
  const found = await metrics.registry.getSingleMetric('queuecast_ledger_violations')?.get();
  return (found?.values ?? []).map(({ labels, value }) => [labels['tenant'], labels['queue'], value]);
};
const count = async (name: string): Promise<number> =>
  (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0;

describe('the watch over the ledger', () => {
  it('says nothing of what balances, and that it looked', async () => {
    await write(leg(`${TODAY}T09:00:00Z`, 'answered', 1));
    await write(leg(`${TODAY}T09:20:00Z`, 'abandoned', 2));
    await watch.check();
    expect(await violations()).toEqual([]);
    expect(await count('queuecast_ledger_intervals_checked_total')).toBe(2);
  });

  it('counts the quarters that do not, until they do', async () => {
    await write(leg(`${TODAY}T09:00:00Z`, 'vanished', 1));
    await write(leg(`${TODAY}T09:01:00Z`, 'vanished', 2));
    await write(leg(`${YESTERDAY}T09:00:00Z`, 'vanished', 3));
    await watch.check();
    expect(await violations()).toEqual([[key.tenant, 'support', 2]]);
    await write(leg(`${TODAY}T09:00:00Z`, 'answered', 4));
    await watch.check();
    expect(await violations()).toEqual([[key.tenant, 'support', 2]]);
    await write(leg(`${TODAY}T09:01:00Z`, 'answered', 5));
    await watch.check();
    expect(await violations()).toEqual([[key.tenant, 'support', 1]]);
    await write(leg(`${YESTERDAY}T09:00:00Z`, 'abandoned', 6));
    await watch.check();
    expect(await violations()).toEqual([]);
  });

  it('looks at the last day of a site that it takes over, and forgets one that it gives away', async () => {
    await store.write(flushOf({ legs: [leg(`${TODAY}T03:00:00Z`, 'vanished', 1)] }));
    await watch.check();
    expect(await violations()).toEqual([]);
    watch.adopt(key, NOW);
    await watch.check();
    expect(await violations()).toEqual([[key.tenant, 'support', 1]]);
    ours = false;
    await watch.check();
    expect(await violations()).toEqual([]);
  });

  it('tries again what the store could not tell', async () => {
    await write(leg(`${TODAY}T09:00:00Z`, 'vanished', 1));
    vi.spyOn(store, 'ledger').mockRejectedValueOnce(new StoreAwayError('refused'));
    await watch.check();
    expect(await count('queuecast_ledger_check_failures_total')).toBe(1);
    expect(await violations()).toEqual([]);
    await watch.check();
    expect(await violations()).toEqual([[key.tenant, 'support', 1]]);
  });
});
