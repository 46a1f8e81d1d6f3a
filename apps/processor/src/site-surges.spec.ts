import type { LegFact } from '@queuecast/contact-center';
import { instant, queueId, siteId, tenantId } from '@queuecast/events';
import { Catalog, settingsSchema } from '@queuecast/settings';
import { StoreAwayError, type WaitHistoryCell, type WaitHistoryRequest } from '@queuecast/store';
import { Metrics } from '@queuecast/http';
import { describe, expect, it } from 'vitest';
import { ProcessorMetrics } from './metrics.js';
import { SiteRuntime } from './site-runtime.js';
import { SiteSurges } from './site-surges.js';
import { UsualArrivals } from './usual-arrivals.js';

const HOUR = 3_600_000;
/** A Monday, 11:00 in Brussels. */
const NOW = Date.parse('2026-03-02T10:00:00Z');
const SALES = queueId('sales');
const catalog = new Catalog(
  settingsSchema.parse({
    tenants: [
      { id: 'acme', timeZone: 'Europe/Brussels', queues: [{ id: 'sales' }, { id: 'claims', timeZone: 'UTC' }] },
    ],
  }),
);
const cell = (weekday: number, hour: number, contacts: number, days: number): WaitHistoryCell => ({
  queue: SALES,
  weekday,
  hour,
  contacts,
  days,
  answered: new Map(),
  left: new Map(),
});
const surges = (...cells: readonly WaitHistoryCell[]): SiteSurges => {
  const made = new SiteSurges((queue) => catalog.queue('acme', queue));
  made.know([SALES], cells, NOW);
  return made;
};
const joins = (site: SiteSurges, count: number, at: number, more: Partial<LegFact> = {}): void => {
  for (let n = 0; n < count; n += 1)
    site.learn(null, { queue: SALES, queuedAt: instant(at), internal: false, ...more } as LegFact);
};
const surgeAt = (site: SiteSurges, at = NOW) => site.surgeOf(SALES, instant(at));

describe('a surge on a site', () => {
  it('is measured by what is usual at this hour of the weekday, by the clock of the queue', () => {
    const site = surges(cell(0, 11, 960, 8), cell(0, 10, 8, 8), cell(1, 11, 8, 8));
    joins(site, 40, NOW);
    expect(surgeAt(site)).toEqual({ ratio: 4, since: NOW });
    const asUsual = surges(cell(0, 11, 4_800, 8));
    joins(asUsual, 40, NOW);
    expect(surgeAt(asUsual)).toBeNull();
  });

  it('is not told with fewer than three past days to go by', () => {
    const site = surges(cell(0, 11, 2, 2), cell(1, 11, 8, 8));
    joins(site, 400, NOW);
    expect(surgeAt(site)).toBeNull();
  });

  it('knows an hour in which nobody has ever called, on a weekday of which enough is known', () => {
    const site = surges(cell(0, 15, 300, 8));
    joins(site, 40, NOW);
    expect(surgeAt(site)?.ratio).toBe(40);
  });

  it('is of customers, each counted once, and not of what is usual an hour later', () => {
    const site = surges(cell(0, 11, 8, 8), cell(0, 12, 40_000, 8));
    joins(site, 40, NOW, { internal: true });
    const leg = { queue: SALES, queuedAt: instant(NOW), internal: false } as LegFact;
    for (let n = 0; n < 40; n += 1) site.learn(leg, leg);
    expect(surgeAt(site)).toBeNull();
    joins(site, 40, NOW + HOUR - 1);
    expect(surgeAt(site, NOW + HOUR - 1)?.ratio).toBe(40);
    expect(surgeAt(site, NOW + HOUR)).toBeNull();
  });
});

describe('what usually comes next on a site', () => {
  const minutes = (site: SiteSurges, after: number): number => site.growthOf(SALES, instant(NOW + after * 60_000));

  it('is the coming half hour by the last, as these hours of the weekday have it', () => {
    // 20, 40 and 60 an hour; it is 11:00 on a Monday in Brussels.
    const site = surges(cell(0, 10, 160, 8), cell(0, 11, 320, 8), cell(0, 12, 480, 8));
    expect(minutes(site, 0)).toBe(2);
    expect(minutes(site, 15)).toBeCloseTo(40 / 30, 9);
    expect(minutes(site, 30)).toBe(1);
    expect(minutes(site, 45)).toBeCloseTo(50 / 40, 9);
    expect(minutes(site, 60)).toBeCloseTo(60 / 40, 9);
  });

  it('is as much as of late where few contacts or few days say, and never a multiple', () => {
    expect(minutes(surges(cell(0, 10, 8, 8), cell(0, 11, 320, 8), cell(0, 12, 320, 8)), 0)).toBe(1);
    expect(minutes(surges(cell(0, 10, 40, 2), cell(0, 11, 80, 2), cell(0, 12, 80, 2)), 0)).toBe(1);
    expect(minutes(surges(), 0)).toBe(1);
    expect(minutes(surges(cell(0, 10, 80, 8), cell(0, 11, 4_000, 8), cell(0, 12, 4_000, 8)), 0)).toBe(2);
  });
});

describe('what is usual', () => {
  const runtime = () => {
    const site = new SiteRuntime(
      { tenant: tenantId('acme'), site: siteId('main') },
      0,
      { quietMs: 1, silentMs: 1 },
      {
        settingsOf: (queue) => catalog.queue('acme', queue),
        announce: () => undefined,
        metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
        now: () => NOW,
      },
    );
    site.fold.live.touch(SALES);
    site.fold.live.touch(queueId('claims'));
    return site;
  };

  it('is read once an hour, queues of one calendar together, without the running day', async () => {
    const asked: WaitHistoryRequest[] = [];
    let now = NOW;
    const site = runtime();
    const usual = new UsualArrivals({
      store: {
        waitHistory: (request) => {
          asked.push(request);
          return Promise.resolve([cell(0, 11, 8, 8)]);
        },
      },
      catalog,
      sites: () => [site],
      now: () => now,
    });
    usual.look();
    await expect.poll(() => site.surges.readAt).toBe(NOW);
    expect(asked.map(({ queues, timeZone }) => [queues, timeZone])).toEqual([
      [['sales'], 'Europe/Brussels'],
      [['claims'], 'UTC'],
    ]);
    for (const { from, to } of asked) expect([from, to]).toEqual([NOW - 56 * 24 * HOUR, NOW - 24 * HOUR]);
    now += HOUR - 1;
    usual.look();
    await usual.close();
    expect(asked).toHaveLength(2);
  });

  it('is asked for again after the store was away, and nothing is a surge until then', async () => {
    const site = runtime();
    let away = true;
    const usual = new UsualArrivals({
      store: {
        waitHistory: () => (away ? Promise.reject(new StoreAwayError('away')) : Promise.resolve([cell(0, 11, 8, 8)])),
      },
      catalog,
      sites: () => [site],
      now: () => NOW,
    });
    joins(site.surges, 40, NOW);
    usual.look();
    await new Promise((resolve) => setImmediate(resolve));
    expect(surgeAt(site.surges)).toBeNull();
    expect(site.surges.readAt).toBeNull();
    away = false;
    usual.look();
    await expect.poll(() => site.surges.readAt).toBe(NOW);
    expect(surgeAt(site.surges)?.ratio).toBe(40);
    await usual.close();
  });
});
