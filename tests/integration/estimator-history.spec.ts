import { mkdtemp, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EstimatorHistory, type EstimatorHistoryOptions } from '../../apps/processor/src/estimator-history.js';
import { EstimatorKeeper } from '../../apps/processor/src/estimator-keeper.js';
import { ProcessorMetrics } from '../../apps/processor/src/metrics.js';
import { SiteRuntime } from '../../apps/processor/src/site-runtime.js';
import { centreOf, Simulation } from '../../apps/simulator/src/index.js';
import { MOST_OVERTAKERS, versionOf } from '@queuecast/contact-center';
import { instant, parseEvent, queueId, siteId, tenantId, type AcdEvent } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import type { Estimate } from '@queuecast/live';
import { Catalog } from '@queuecast/settings';
import { openStore, StoreAwayError, type SiteKey, type Store } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flushOf } from '../../libs/store/src/facts.testing.js';
import { settingsFrom } from '../support/processing.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-03T09:00:00Z');
const END = START + 3 * HOUR;
const period = { start: START, end: END, timeZone: 'UTC' };
const TENANT = tenantId('acme');
const FLUSHED_EVENTS = 4_000;
const nothing = () => Promise.resolve();
const queues = centreOf('normal-day', period).queues.map(({ id }) => queueId(id));
const settings = settingsFrom({ tenants: [{ id: TENANT, timeZone: 'UTC', queues: queues.map((id) => ({ id })) }] });
const catalog = new Catalog(settings);

const morning = (site: string, hours: number): AcdEvent[] =>
  [
    ...new Simulation({
      scenario: 'normal-day',
      model: centreOf('normal-day', period),
      seed: 'history',
      start: END - hours * HOUR,
      end: END,
      tenant: TENANT,
      site,
      books: false,
    }),
  ].map(({ event, at }) => {
    const read = parseEvent(event, instant(at));
    if (read.kind !== 'event') throw new Error(JSON.stringify(read));
    return read.event;
  });

const runtimeOf = (key: SiteKey): SiteRuntime =>
  new SiteRuntime(
    key,
    0,
    { quietMs: HOUR, silentMs: HOUR },
    {
      settingsOf: (queue) => catalog.queue(TENANT, queueId(queue), key.site),
      announce: () => undefined,
      metrics: metrics(),
      now: () => END,
    },
  );

/** Applies events as they stand in the log from `from` on. */
const apply = (runtime: SiteRuntime, events: readonly AcdEvent[], from: number): void => {
  for (const [n, event] of events.entries()) runtime.apply(event, versionOf(0, from + n), from + n, event.at);
};

const metrics = (): ProcessorMetrics => new ProcessorMetrics(new Metrics({ processMetrics: false }));

const refuse = (): Promise<never> => Promise.reject(new Error('not to be asked for'));
const refusing: EstimatorHistoryOptions['store'] = { pastLegsStart: refuse, pastLegs: refuse, pastSpells: refuse };

const bandOf = (estimate: Estimate | undefined) => {
  if (estimate?.kind !== 'band') throw new Error(`no band: ${JSON.stringify(estimate)}`);
  return estimate;
};

const isAlike = (one: Estimate | undefined, other: Estimate | undefined): void => {
  if (other?.kind === 'abstention') {
    expect(one).toEqual(other);
    return;
  }
  expect(bandOf(one).p50Ms).toBeGreaterThanOrEqual(bandOf(other).lowMs);
  expect(bandOf(one).p50Ms).toBeLessThanOrEqual(bandOf(other).highMs);
};

describe('estimates of which nothing is kept', () => {
  let directory: string;
  let store: Store;

  /** A site whose first hours are in the facts; `runtime` has lived through them. */
  const siteOf = async (site: string, hours = 1, firstFlush: (lived: SiteRuntime) => Promise<void> = nothing) => {
    const key = { tenant: TENANT, site: siteId(site) };
    const events = morning(site, hours);
    const known = events.findIndex(({ at }) => at >= END - HOUR / 3);
    const runtime = runtimeOf(key);
    for (let offset = 0; offset < known; offset += FLUSHED_EVENTS) {
      apply(runtime, events.slice(offset, Math.min(known, offset + FLUSHED_EVENTS)), offset);
      const { watermark, published: _, ...facts } = runtime.fold.drain();
      await store.write(
        flushOf({ ...facts, touched: [], watermarks: watermark ? [{ ...key, ...watermark }] : [], published: [] }),
      );
      if (offset === 0) await firstFlush(runtime);
    }
    return { key, runtime, live: events.slice(known), known };
  };

  const restarted = async (key: SiteKey): Promise<SiteRuntime> => {
    const runtime = runtimeOf(key);
    const recovery = await store.recoverSite(key, HOUR / 2);
    runtime.restore(recovery, await store.suspicionEvidence(key, MOST_OVERTAKERS), null);
    return runtime;
  };

  const estimatesOf = ({ estimates }: SiteRuntime): Record<string, Estimate> => {
    const now = instant(END);
    const source = { state: 'live', lastEventAt: now, lastHeardAt: now, lagMs: 0 } as const;
    const opening = { state: 'open', until: null, by: 'calendar' } as const;
    return Object.fromEntries(queues.map((queue) => [queue, estimates.estimate(queue, opening, source, now)]));
  };

  const historyOf = (runtime: SiteRuntime, more: Partial<EstimatorHistoryOptions> = {}): EstimatorHistory =>
    new EstimatorHistory({
      store,
      sites: () => [runtime],
      metrics: metrics(),
      ...more,
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-history-'));
    store = await openStore({ kind: 'embedded', directory, now: () => END });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('are learnt from the facts while life goes on, and come out as if they had been learnt then', async () => {
    const { key, runtime: before, live, known } = await siteOf('learns', 3);
    const runtime = await restarted(key);
    expect(runtime.estimates.isUnlearnt).toBe(true);
    expect(Object.values(estimatesOf(runtime)).map((each) => each.kind === 'abstention' && each.reason)).toEqual(
      queues.map(() => 'TOO_FEW_DATA'),
    );
    const history = historyOf(runtime);
    history.look();
    let offset = 0;
    for (; offset < live.length; offset += 16) {
      const part = live.slice(offset, offset + 16);
      apply(runtime, part, known + offset);
      apply(before, part, known + offset);
      await nextTurn();
    }
    while (runtime.estimates.isUnlearnt) await nextTurn();
    await history.close();
    const [anew, then] = [estimatesOf(runtime), estimatesOf(before)];
    // What happened in one millisecond comes in another order, so not to the last digit.
    for (const queue of queues) isAlike(anew[queue], then[queue]);
  });

  it('are learnt from the facts once the store is back, and then kept for the next start', async () => {
    const { key } = await siteOf('waits-for-store');
    const runtime = await restarted(key);
    const keeper = new EstimatorKeeper(
      store,
      () => [runtime],
      metrics(),
      () => END,
    );
    await keeper.keepNow([runtime]);
    expect(await store.estimatorOf(key)).toBeNull();
    let failures = 1;
    const away: EstimatorHistoryOptions['store'] = {
      pastLegsStart: (...asked) => store.pastLegsStart(...asked),
      pastSpells: (...asked) => store.pastSpells(...asked),
      pastLegs: (...asked) =>
        failures-- > 0 ? Promise.reject(new StoreAwayError('gone for lunch')) : store.pastLegs(...asked),
    };
    const history = historyOf(runtime, { store: away });
    history.look();
    while (runtime.estimates.isUnlearnt) await nextTurn();
    await history.close();
    await keeper.keepNow([runtime]);
    const next = runtimeOf(key);
    const kept = await store.estimatorOf(key);
    next.restore(await store.recoverSite(key, HOUR / 2), await store.suspicionEvidence(key, MOST_OVERTAKERS), kept);
    expect(next.estimates.isUnlearnt).toBe(false);
    expect(estimatesOf(next)).toEqual(estimatesOf(runtime));
  });

  it('are learnt on from what was kept, and the facts that came after it, when the process was killed', async () => {
    const { key, runtime: before } = await siteOf('killed', 1, (lived) =>
      new EstimatorKeeper(
        store,
        () => [lived],
        metrics(),
        () => END,
      ).keepNow([lived]),
    );
    const kept = await store.estimatorOf(key);
    expect(kept!.version).toBeLessThan(before.version);
    const runtime = runtimeOf(key);
    runtime.restore(await store.recoverSite(key, HOUR / 2), await store.suspicionEvidence(key, MOST_OVERTAKERS), kept);
    const old = estimatesOf(runtime);
    expect(runtime.estimates.isUnlearnt).toBe(true);
    const history = historyOf(runtime);
    history.look();
    while (runtime.estimates.isUnlearnt) await nextTurn();
    await history.close();
    const [anew, then] = [estimatesOf(runtime), estimatesOf(before)];
    expect(old).not.toEqual(then);
    expect(runtime.estimates.estimator.heardUntil).toBe(before.estimates.estimator.heardUntil);
    for (const queue of queues) isAlike(anew[queue], then[queue]);
  });

  it('begin anew when history cannot be read, and are left alone when the site is given away', async () => {
    const { key } = await siteOf('given-away');
    const broken = await restarted(key);
    const history = historyOf(broken, {
      store: { ...refusing, pastLegsStart: () => Promise.reject(new Error('a damaged part')) },
    });
    history.look();
    while (broken.estimates.isUnlearnt) await nextTurn();
    await history.close();
    const given = await restarted(key);
    let sites = [given];
    const other = historyOf(given, {
      sites: () => sites,
      store: {
        ...refusing,
        pastLegsStart: (...asked) => store.pastLegsStart(...asked),
        pastLegs: (...asked) => {
          sites = [];
          return store.pastLegs(...asked);
        },
        pastSpells: (...asked) => store.pastSpells(...asked),
      },
    });
    other.look();
    await other.close();
    expect(given.estimates.isUnlearnt).toBe(true);
  });

  it('have nothing to learn from on a site without history', async () => {
    const runtime = await restarted({ tenant: TENANT, site: siteId('new') });
    expect(runtime.estimates.isUnlearnt).toBe(false);
  });
});
