import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOfBusinessDay, windowSpan, type LegFact } from '@queuecast/contact-center';
import { instant, queueId, type Instant } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { buildFrame } from '@queuecast/live';
import { METRICS, MetricRegistry, metricsNamed, type Metric } from '@queuecast/metrics';
import { Catalog, settingsSchema } from '@queuecast/settings';
import { openStore, type SiteKey, type Store } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, at, flushOf, leg, siteKey, TODAY, YESTERDAY } from '../../../libs/store/src/facts.testing.js';
import { ProcessorMetrics } from './metrics.js';
import { SiteRuntime } from './site-runtime.js';

const SUPPORT = queueId('support');
/** Two hours ahead of UTC, all year. */
const ZONE = 'Etc/GMT-2';
/** The business day begins at four in the morning. */
const DAY_START = at(`${TODAY}T02:00:00Z`);
const second = (n: number): Instant => instant(DAY_START + n * 1000);

/** Versions that exist for this test only: from that business day on, answered of offered. */
const nextOf = (id: string, sql: string): Metric => {
  const [first] = metricsNamed([id]) as [Metric];
  return { ...first, version: 2, validFrom: TODAY, sql };
};
const registry = new MetricRegistry([
  ...METRICS,
  nextOf('service_level', 'if(legs_offered = 0, NULL, legs_answered / legs_offered)'),
  nextOf('decided', 'legs_offered'),
]);

const settings = new Catalog(
  settingsSchema.parse({
    tenants: [
      {
        id: 'acme',
        timeZone: ZONE,
        queues: [{ id: 'support', businessDayStart: '04:00', thresholdSeconds: 60, shortAbandonSeconds: 5 }],
      },
    ],
  }),
).queue('acme', 'support');

describe("a tile's service level", () => {
  const directory = mkdtempSync(join(tmpdir(), 'queuecast-day-'));
  let clock: Instant = DAY_START;
  let store: Store;
  beforeAll(async () => {
    store = await openStore({ kind: 'embedded', directory, now: () => clock, registry });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const { thresholdSeconds, shortAbandonSeconds } = settings;
  /** The tile of a site with these legs, its figures read when the clock showed `readAt`. */
  const tileOf = async (key: SiteKey, legs: readonly LegFact[], businessDay: string) => {
    await store.write(flushOf({ legs }));
    const site = new SiteRuntime(
      key,
      0,
      { quietMs: 1, silentMs: 1 },
      {
        settingsOf: () => settings,
        announce: () => undefined,
        metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
        now: () => clock,
      },
    );
    for (const each of legs) site.fold.live.legChanged(null, each);
    const read = async (): Promise<void> => {
      const from = startOfBusinessDay(ZONE, settings.businessDayStart, clock);
      const to = instant(from + 48 * 3_600_000);
      const request = { ...key, queue: SUPPORT, from, to, thresholdSeconds, shortAbandonSeconds, businessDay };
      for (const window of await store.windows([request])) site.today.set(SUPPORT, { ...window, from });
    };
    const shown = () => {
      const dayStart = startOfBusinessDay(ZONE, settings.businessDayStart, clock);
      return buildFrame(site, SUPPORT, settings, { now: clock, version: 1, dayStart, storeBehindSince: null }).today;
    };
    return { read, shown };
  };
  /** The window of today in the report. */
  const reported = async (key: SiteKey): Promise<number | null | undefined> => {
    const span = windowSpan('today', settings, clock);
    const request = { ...key, queue: SUPPORT, ...span, thresholdSeconds, shortAbandonSeconds };
    const { values } = await store.figures([request], { metrics: ['service_level@1'], timeZone: ZONE });
    return values[0]?.['service_level@1'];
  };
  const waiting = (key: SiteKey, contact: string, queuedAt: Instant, version: number): LegFact =>
    leg(key, { contact, anchor: queuedAt, queuedAt, version });

  it('is that of the window of today at every second, while callers are carried over from the day before', async () => {
    const key = siteKey('carried');
    const before = [1, 2, 3].map((n) => waiting(key, `old-${n}`, second(-600 * n), n));
    const [first, late] = [10, 20].map((n) => waiting(key, `new-${n}`, second(n), n)) as [LegFact, LegFact];
    const served = [1, 2].map((n) => answered(key, second(n), 5_000, { contact: `c${n}`, version: 30 + n }));
    clock = second(30);
    const tile = await tileOf(key, [...before, ...served, first, late], YESTERDAY);
    await tile.read();
    expect(tile.shown()).toMatchObject({ offered: 4, answered: 2, serviceLevel: 1 });
    const levels = [];
    // Both pass the threshold meanwhile, after 60 s; the figures are not read again.
    for (let n = 30; n <= 90; n += 1) {
      clock = instant(second(n) + 700);
      levels.push(tile.shown()?.serviceLevel);
      expect(tile.shown()?.serviceLevel, `second ${n}`).toBe(await reported(key));
    }
    expect(new Set(levels)).toEqual(new Set([1, 2 / 3, 2 / 4]));
    await tile.read();
    expect(tile.shown()?.serviceLevel).toBe(2 / 4);
  });

  it('is none as long as nobody has come today', async () => {
    const key = siteKey('nobody');
    clock = second(30);
    const tile = await tileOf(key, [waiting(key, 'old', second(-900), 1)], YESTERDAY);
    await tile.read();
    expect(tile.shown()).toMatchObject({ offered: 0, serviceLevel: null });
    expect(await reported(key)).toBeNull();
  });

  it('is by the definition of its business day, which is named', async () => {
    const key = siteKey('versions');
    // Half past one: it is today by the calendar, and still yesterday's business day.
    const night = at(`${YESTERDAY}T23:30:00Z`);
    const legs = [
      answered(key, night, 100_000, { contact: 'night', version: 1 }),
      answered(key, second(1), 100_000, { contact: 'day', version: 2 }),
    ];
    clock = instant(night + 200_000);
    const tile = await tileOf(key, legs, YESTERDAY);
    await tile.read();
    expect(tile.shown()?.serviceLevel).toBe(0);
    expect(tile.shown()?.metrics).toContain('service_level@1');
    clock = second(200);
    const next = await tileOf(key, legs, TODAY);
    await next.read();
    expect(next.shown()?.serviceLevel).toBe(1);
    expect(next.shown()?.metrics).toContain('service_level@2');
    expect(next.shown()?.metrics).not.toContain('service_level@1');
  });
});
