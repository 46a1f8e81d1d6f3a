import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { instant, queueId, siteId, tenantId, type Instant } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { buildFrame, liveServiceLevel, SourceWatch, type QueueFrame } from '@queuecast/live';
import { Catalog, settingsSchema } from '@queuecast/settings';
import type { QueueWindow } from '@queuecast/store';
import { FramePublisher } from './frame-publisher.js';
import { ProcessorMetrics } from './metrics.js';
import { SiteRuntime } from './site-runtime.js';

describe('frames of one queue', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const publisher = () => {
    const sent: { at: number; value: number }[] = [];
    let value = 0;
    const made = new FramePublisher(
      (frames) => frames.forEach((frame) => sent.push({ at: Date.now(), value: frame.waiting })),
      250,
      () => Date.now(),
    );
    const change = (to: number): void => {
      value = to;
      made.changed('q', () => ({ waiting: value }) as QueueFrame);
      made.flush();
    };
    return { made, sent, change };
  };

  it('go out at once after a pause, then at most four a second, the last state never lost', () => {
    const { sent, change } = publisher();
    const start = Date.now();
    for (let n = 1; n <= 100; n += 1) {
      change(n);
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1_000);
    expect(sent[0]).toEqual({ at: start, value: 1 });
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(sent.at(-1)?.value).toBe(100);
    sent.forEach(({ at }, n) => n > 0 && expect(at - (sent[n - 1]?.at ?? 0)).toBeGreaterThanOrEqual(250));
  });

  it('go on after the clock stepped back', () => {
    const { sent, change } = publisher();
    change(1);
    vi.setSystemTime(Date.now() - 3_600_000);
    change(2);
    expect(sent.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('still waiting to go out are sent at the end', () => {
    const { made, sent, change } = publisher();
    change(1);
    change(2);
    vi.advanceTimersByTime(240);
    vi.setSystemTime(Date.now() + 20);
    made.close();
    expect(sent.at(-1)?.value).toBe(2);
  });
});

describe('live service level', () => {
  it('is the registry’s, and counts who passes the threshold thereafter as missed', () => {
    const figures = { serviceLevel: 6 / 7, decided: 7 };
    expect([0, 1, 2].map((passed) => liveServiceLevel(figures, passed))).toEqual([6 / 7, 6 / 8, 6 / 9]);
  });

  it('says nothing while there is nothing to divide by', () => {
    const nothing = { serviceLevel: null, decided: 0 };
    expect(liveServiceLevel(nothing, 0)).toBeNull();
    expect(liveServiceLevel(nothing, 1)).toBe(0);
  });
});

describe("today's figures", () => {
  const midnight = Date.parse('2026-03-02T23:00:00Z');
  const catalog = new Catalog(settingsSchema.parse({ tenants: [{ id: 'acme', timeZone: 'Europe/Brussels' }] }));
  const [acme, claims] = [{ tenant: tenantId('acme'), site: siteId('main') }, queueId('claims')];

  it('are shown for the day that they were read for only', () => {
    const site = new SiteRuntime(
      acme,
      0,
      { quietMs: 1, silentMs: 1 },
      {
        settingsOf: (queue) => catalog.queue('acme', queue),
        announce: () => undefined,
        metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
        now: () => midnight,
      },
    );
    const window: QueueWindow = {
      ...acme,
      queue: claims,
      offered: 7,
      answered: 7,
      abandoned: 0,
      shortAbandoned: 0,
      flowedOut: 0,
      callbackTaken: 0,
      dropped: 0,
      closedOut: 0,
      stillWaiting: 0,
      answeredWithin: 7,
      asaMs: 0,
      ahtMs: 0,
      longestWaitMs: 0,
      serviceLevel: 1,
      decided: 7,
      asOf: instant(midnight),
      metrics: [],
    };
    const yesterday = instant(midnight - 86_400_000);
    site.today.set(claims, { ...window, from: yesterday });
    const shown = (dayStart: Instant) =>
      buildFrame(site, claims, catalog.queue('acme', 'claims'), {
        now: instant(midnight + 1),
        version: 1,
        dayStart,
        storeBehindSince: null,
      }).today;
    expect(shown(yesterday)).toMatchObject({ offered: 7, from: yesterday });
    expect(shown(instant(midnight))).toBeNull();
  });
});

describe('a source', () => {
  const watch = () => new SourceWatch({ quietMs: 30_000, silentMs: 120_000 });
  const heard = (source: SourceWatch, type: 'acd.contact.queued' | 'acd.source.heartbeat', at: number, arrived = at) =>
    source.heard({ type, at: instant(at) }, instant(arrived));

  it('is live, then quiet while only heartbeats come, then silent when nothing does', () => {
    const source = watch();
    expect(source.health(instant(0)).state).toBe('silent');
    heard(source, 'acd.contact.queued', 0);
    expect(source.health(instant(30_000)).state).toBe('live');
    heard(source, 'acd.source.heartbeat', 40_000);
    expect(source.health(instant(41_000)).state).toBe('quiet');
    expect(source.health(instant(160_001)).state).toBe('silent');
    heard(source, 'acd.contact.queued', 170_000);
    expect(source.health(instant(170_000)).state).toBe('live');
  });

  it('tells how far its events are behind when they come', () => {
    const source = watch();
    heard(source, 'acd.contact.queued', 10_000, 12_500);
    expect(source.health(instant(13_000))).toEqual({
      state: 'live',
      lastEventAt: 10_000,
      lastHeardAt: 12_500,
      lagMs: 2_500,
    });
  });
});
