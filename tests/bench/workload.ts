import type { CloudEvent } from '@queuecast/events';
import { centreOf, Simulation, type TimedEvent } from '../../apps/simulator/src/index.js';

const HOUR = 3_600_000;

export interface Workload {
  /** In order of time. */
  readonly events: readonly CloudEvent[];
  readonly sites: number;
  readonly queues: number;
}

type Centre = ReturnType<typeof centreOf>;

const EVERY_DAY = [1, 1, 1, 1, 1, 1, 1];

/** The same centre with a share of its customers and agents, who know no weekend: benchmarks run on Sundays too. */
const scaled = (centre: Centre, share: number): Centre => ({
  ...centre,
  queues: centre.queues.map((queue) => ({
    ...queue,
    weekCurve: EVERY_DAY,
    arrivalsPerDay: queue.arrivalsPerDay * share,
  })),
  teams: centre.teams.map((team) => ({
    ...team,
    shifts: team.shifts
      .filter((shift) => shift.days?.[0] ?? true)
      .map(({ start, end, agents }) => ({ start, end, agents: Math.max(1, Math.round(agents * share)) })),
  })),
});

/** About what one site of the scenario sends on a full day. */
const EVENTS_PER_SITE_AND_DAY = 200_000;

/**
 * A working day of several sites, nine queues each, that ends at `end`: about `wanted` events, in order of time.
 */
export const busyDay = (wanted: number, sites: number, end: number): Workload => {
  const start = end - 24 * HOUR;
  const share = wanted / sites / EVENTS_PER_SITE_AND_DAY;
  const timed: TimedEvent[] = [];
  let queues = 0;
  for (let n = 0; n < sites; n++) {
    const model = scaled(centreOf('normal-day', { start, end, timeZone: 'Europe/Brussels' }), share);
    queues += model.queues.length;
    timed.push(
      ...new Simulation({
        scenario: 'normal-day',
        model,
        seed: `bench/${n}`,
        start,
        end,
        tenant: `tenant-${n % 3}`,
        site: `site-${n}`,
        heartbeatMs: 60_000,
        books: false,
      }),
    );
  }
  timed.sort((one, other) => one.at - other.at);
  return { events: timed.map(({ event }) => event), sites, queues };
};
