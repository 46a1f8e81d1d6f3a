import { SiteFold } from '@queuecast/contact-center';
import { instant, parseEvent, queueId, siteId, tenantId, type QueueId } from '@queuecast/events';
import type { Forecast } from '@queuecast/wait-estimates';
import { SiteEstimates } from '../../apps/processor/src/site-estimates.js';
import { ZoneClock } from '../../apps/simulator/src/local-time.js';
import type { Mapping } from '../../apps/simulator/src/import/mapping.js';
import { readCalls } from '../../apps/simulator/src/import/read-file.js';
import { noRows, recordedEvents } from '../../apps/simulator/src/import/recorded-days.js';

/** One file of a recording. */
export interface Period {
  readonly name: string;
  readonly file: string;
  /** False: only learnt from. */
  readonly scored: boolean;
}

export interface ReplayOptions {
  readonly mapping: Mapping;
  /** In the order of time. */
  readonly periods: readonly Period[];
  readonly seed: number;
  /** Local dates, both included, of the calls wanted; all by default. */
  readonly from?: string;
  readonly to?: string;
  readonly progress?: (line: string) => void;
}

/** An answered contact of a scored period. */
export interface Scored {
  readonly period: string;
  readonly queue: QueueId;
  /** Seconds. */
  readonly wait: number;
  readonly forecasts: Readonly<Record<string, Forecast | null>>;
}

export interface Replay {
  readonly scored: readonly Scored[];
  /** Arrivals of scored periods for whom the site had no estimate, by reason. */
  readonly abstained: ReadonlyMap<string, number>;
  readonly arrivals: number;
  readonly events: number;
  /** Microseconds per event folded and learnt from, by the wall clock. */
  readonly eventMicroseconds: number;
  readonly estimates: SiteEstimates;
  readonly fold: SiteFold;
  /** Instant of the last event. */
  readonly end: number;
}

const OPEN = { state: 'open', until: null, by: 'calendar' } as const;
const FORGET_EVERY = 20_000;

/**
 * Plays recorded calls through the fold and the estimates as the processor does, and keeps what was told of every contact
 * that was answered. Agents' states are not inferred: that looks ahead within a day.
 */
export const replay = async ({ mapping, periods, seed, from, to, progress }: ReplayOptions): Promise<Replay> => {
  const site = { tenant: 'bench', site: 'recording', recording: mapping.name };
  const zone = new ZoneClock(mapping.timeZone);
  const fold = new SiteFold(tenantId(site.tenant), siteId(site.site));
  const estimates = new SiteEstimates(seed);
  fold.onLegChanged((before, after, at) => estimates.learn(before, after, at));
  const scored: Scored[] = [];
  const abstained = new Map<string, number>();
  let [period, arrivals, events, version, end] = [periods[0], 0, 0, 0, 0];
  let folding = 0n;
  estimates.estimator.onScored((queue, _at, wait, forecasts) => {
    if (period?.scored) scored.push({ period: period.name, queue, wait, forecasts });
  });
  for (period of periods) {
    const started = performance.now();
    const calls = recordedEvents(
      readCalls(period.file, mapping, zone),
      {
        site,
        zone,
        selection: { from: from ?? null, to: to ?? null, queues: null },
        exactDuplicates: mapping.exactDuplicates,
        inferAgents: false,
      },
      noRows(),
      (line, reason) => progress?.(`${period!.file}:${line}: ${reason}`),
    );
    for await (const { event, at } of calls) {
      const parsed = parseEvent(event, instant(at));
      if (parsed.kind !== 'event') throw new Error(`not an event of the contract: ${JSON.stringify(parsed)}`);
      events += 1;
      end = at;
      if (parsed.event.type === 'acd.contact.queued') {
        const source = { state: 'live', lastEventAt: instant(at), lastHeardAt: instant(at), lagMs: 0 } as const;
        const told = estimates.estimate(queueId(parsed.event.data.queue), OPEN, source, instant(at));
        if (period.scored) {
          arrivals += 1;
          if (told.kind === 'abstention') abstained.set(told.reason, (abstained.get(told.reason) ?? 0) + 1);
        }
      }
      const begun = process.hrtime.bigint();
      fold.apply(parsed.event, (version += 1));
      folding += process.hrtime.bigint() - begun;
      if (version % FORGET_EVERY === 0) forget(fold);
    }
    progress?.(`${period.name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  return {
    scored,
    abstained,
    arrivals,
    events,
    eventMicroseconds: Number(folding) / 1000 / Math.max(1, events),
    estimates,
    fold,
    end,
  };
};

/** As after a flush: what is written need not be remembered. */
const forget = (fold: SiteFold): void => {
  fold.verify(fold.unverified(), []);
  fold.drain();
  fold.evict();
};
