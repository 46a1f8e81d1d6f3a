import type { CloudEvent } from '@queuecast/events';
import type { CentreModel } from '../centre/model.js';
import { Simulation } from '../centre/simulation.js';
import { pace, pause } from '../delivery/pace.js';
import { telecomCentre, townCentre } from './centres.js';
import { TELECOM, TOWN } from './tenants.js';

export interface DemoOptions {
  /** Takes events for good, or throws: then the same events are sent again a little later. */
  readonly send: (events: CloudEvent[]) => Promise<void>;
  /** Real clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends the demonstration. */
  readonly signal: AbortSignal;
  /** Time of the latest event of a site that is known already; null, or absent, for a site without any. */
  readonly latestEventAt?: (site: { readonly tenant: string; readonly site: string }) => Promise<number | null>;
  /** How much of the past to simulate at once, so that the first look shows a day that is under way. Two hours if absent. */
  readonly prewarmMs?: number;
  /** Told when events could not be sent; they are sent again. */
  readonly onTrouble?: (reason: string) => void;
}

export interface Demo {
  /** Resolves when the past has been sent, and from now on events come as they happen. */
  readonly caughtUp: Promise<void>;
  /** Resolves when the demonstration has ended after the signal. */
  readonly stopped: Promise<void>;
}

const HOUR = 3_600_000;
const RETRY_AFTER = 1000;
/** Longer than any process lives; the simulation keeps no books, so its memory does not grow. */
const FOR_EVER = 50 * 365 * 24 * HOUR;
const BATCH = 2000;
/** How much later than what the history knows a killed run may have gone on. */
const UNKNOWN_TAIL = 60_000;
/** What comes in the first two minutes after a restart: about as many as were cut off in conversation, and as usual. */
const CALLING_AGAIN = { riseMs: 0, holdMs: 60_000, fallMs: 60_000, factor: 6 } as const;

const SITES: readonly { readonly tenant: string; readonly site: string; centre(start: number): CentreModel }[] = [
  { ...TELECOM, centre: telecomCentre },
  { ...TOWN, centre: townCentre },
];

/**
 * Plays two contact centres, at real pace after a past of two hours. After a restart it goes on from the latest event
 * known: it says that its source restarted, so that the contacts of the former run are suspected to be gone and closed as
 * unknown at the end of the day, and how every agent stands. Those who were cut off call again at once, so that the centre
 * is busy again within a minute or two.
 */
export const startDemo = (options: DemoOptions): Demo => {
  const runs = SITES.map((site) => playSite(site, options));
  return {
    caughtUp: Promise.all(runs.map((run) => run.caughtUp)).then(() => undefined),
    stopped: Promise.all(runs.map((run) => run.stopped)).then(() => undefined),
  };
};

const playSite = ({ tenant, site, centre }: (typeof SITES)[number], options: DemoOptions): Demo => {
  const { now, signal, prewarmMs = 2 * HOUR } = options;
  let onCaughtUp: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));

  const play = async (): Promise<void> => {
    const latest = (await options.latestEventAt?.({ tenant, site })) ?? null;
    const start = startAfter(latest, now(), prewarmMs);
    const simulation = new Simulation({
      scenario: 'demo',
      model: latest === null ? centre(start) : withCallersAgain(centre(start), start),
      // Another seed for another start: a second run never repeats the ids or the course of the first.
      seed: `demo/${tenant}/${start}`,
      start,
      end: start + FOR_EVER,
      tenant,
      site,
      source: `urn:queuecast:demo:${tenant}:${site}`,
      restarted: true,
      books: false,
    });
    const origin = { real: 0, simulated: 0 };
    for await (const events of pace(simulation, { speed: 1, batch: BATCH, now, signal, origin, onCaughtUp }))
      await sendUntilTaken(events, options);
    onCaughtUp();
  };

  return { caughtUp, stopped: play() };
};

/** Two hours ago; after a restart later than anything of the former run, of which the last moments may be unknown. */
const startAfter = (latest: number | null, now: number, prewarmMs: number): number =>
  latest === null ? now - prewarmMs : Math.min(now, Math.max(now - prewarmMs, latest + UNKNOWN_TAIL));

const withCallersAgain = (model: CentreModel, from: number): CentreModel => ({
  ...model,
  surges: [...model.surges, { ...CALLING_AGAIN, queues: model.queues.map(({ id }) => id), from }],
});

const sendUntilTaken = async (events: CloudEvent[], { send, signal, onTrouble }: DemoOptions): Promise<void> => {
  while (!signal.aborted) {
    try {
      await send(events);
      return;
    } catch (error) {
      onTrouble?.(`${events.length} events of the demonstration could not be sent: ${(error as Error).message}`);
      await pause(RETRY_AFTER, signal);
    }
  }
};
