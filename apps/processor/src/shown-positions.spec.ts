import { instant, siteId, tenantId, type Instant } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { Catalog } from '@queuecast/settings';
import { describe, expect, it } from 'vitest';
import { ProcessorMetrics } from './metrics.js';
import { ShownPositions } from './shown-positions.js';
import { SiteRuntime } from './site-runtime.js';

const at = (milliseconds: number): Instant => instant(1_000_000 + milliseconds);

const catalog = new Catalog({ tenants: [] });

describe('what was shown', () => {
  const site = (): SiteRuntime =>
    new SiteRuntime(
      { tenant: tenantId('acme'), site: siteId('main') },
      0,
      { quietMs: 1, silentMs: 1 },
      {
        settingsOf: (queue) => catalog.queue('acme', queue),
        announce: () => undefined,
        metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
        now: () => at(0),
      },
    );
  const recorder = () => {
    const shown = new ShownPositions(() => null);
    const show = (of: SiteRuntime, version: number, now: number): void => {
      of.version = version;
      shown.show(of, at(now));
    };
    const drain = () => shown.drain().map(({ shownAt, version }) => [shownAt - at(0), version]);
    return { shown, show, drain };
  };

  it('is recorded at once, and then together at the end of each second', () => {
    const { shown, show, drain } = recorder();
    const main = site();
    for (let n = 0; n < 30; n += 1) show(main, n + 1, n * 100);
    shown.settle(at(3_000));
    shown.settle(at(9_000));
    expect(drain()).toEqual([
      [0, 1],
      [1_000, 11],
      [2_000, 21],
      [3_000, 30],
    ]);
    expect(shown.isPending).toBe(false);
  });

  it('is recorded again when its figures of the day changed, and not for a frame that tells the same', () => {
    const { shown, show } = recorder();
    const main = site();
    show(main, 5, 0);
    show(main, 5, 5_000);
    main.figuresVersion = 5;
    show(main, 5, 10_000);
    expect(shown.drain().map(({ shownAt, figuresVersion }) => [shownAt - at(0), figuresVersion])).toEqual([
      [0, null],
      [10_000, 5],
    ]);
  });

  it('of an instant is recorded once: the past stays when the clock steps back, or the site changes hands', () => {
    const { shown, show, drain } = recorder();
    const main = site();
    show(main, 1, 60_000);
    show(main, 2, 0);
    shown.settle(at(60_500));
    expect(drain()).toEqual([[60_000, 1]]);
    shown.settle(at(61_000));
    expect(drain()).toEqual([[61_000, 2]]);

    const taken = site();
    taken.shownUntil = at(61_000);
    const successor = recorder();
    successor.show(taken, 1, 59_000);
    expect(successor.shown.isPending).toBe(false);
    successor.shown.settle(at(62_000));
    expect(successor.drain()).toEqual([[62_000, 1]]);
  });
});
