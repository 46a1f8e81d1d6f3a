import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import type { CloudEvent } from '@queuecast/events';

export const TENANT = 'crash';
/** One site with the whole stretch; the others, so that several partitions are busy, with its first hours. */
const SITES = ['main', 'north', 'south', 'west'] as const;
const OTHER_SITES_HOURS = 2;
const HOUR = 3_600_000;

/** The queues of the simulated centre. */
export const QUEUES: readonly string[] = centreOf('normal-day', { start: 0, end: HOUR, timeZone: 'UTC' }).queues.map(
  ({ id }) => id,
);

export interface DayOptions {
  readonly seed: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly hours: number;
}

/** A simulated stretch as it is delivered: the order in which a sender sends it, in batches of uneven size. */
export interface DeliveredDay {
  /** Every event's time lies between these, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly batches: readonly (readonly CloudEvent[])[];
  /** Deliveries, repetitions included. */
  readonly deliveries: number;
  readonly distinct: number;
  readonly ghosts: number;
  /** The last contact of every site: what shows that everything before it was folded. */
  readonly last: readonly { readonly site: string; readonly queue: string; readonly contact: string }[];
}

/** The last full working day, in UTC: servers keep minutes for eight days and refuse events of the future. */
export const lastWorkingDay = (now: number): number => {
  let day = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  do day -= 24 * HOUR;
  while ([0, 6].includes(new Date(day).getUTCDay()));
  return day;
};

/** Ghosts, 5 % duplicates, 5 % disorder, and 0.5 % of the events late by ten minutes to two hours. */
export const deliverDay = ({ seed, from, hours }: DayOptions): DeliveredDay => {
  const ids = new Set<string>();
  let ghosts = 0;
  const timed = SITES.flatMap((site) => {
    const end = from + (site === 'main' ? hours : Math.min(hours, OTHER_SITES_HOURS)) * HOUR;
    const simulation = new Simulation({
      scenario: 'normal-day',
      model: centreOf('normal-day', { start: from, end, timeZone: 'Europe/Brussels' }),
      seed: `${seed}/${site}`,
      start: from,
      end,
      tenant: TENANT,
      site,
      ghostShare: 0.02,
      books: false,
    });
    const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05, late: 0.005 };
    const deliveries = [...new FaultyDelivery(faults, new Random(`${seed}/${site}/delivery`)).deliver(simulation)];
    ghosts += ghostsOf(deliveries.map(({ event }) => event));
    for (const { event } of deliveries) ids.add(`${event.source} ${event.id}`);
    return deliveries;
  });
  // Stable: what one site says at one instant stays in its order.
  timed.sort((one, other) => one.at - other.at);
  const last = SITES.map((site) => ({ site, queue: 'the-last', contact: `last-of-${site}` }));
  const events = [
    ...timed.map(({ event }) => event),
    ...last.flatMap((each) => lastContact(each, from + hours * HOUR)),
  ];
  return {
    from,
    to: from + hours * HOUR,
    batches: batchesOf(events, new Random(`${seed}/batches`)),
    deliveries: events.length,
    distinct: ids.size + 2 * last.length,
    ghosts,
    last,
  };
};

/** Contacts of which nothing is heard after they were queued or answered. */
const ghostsOf = (events: readonly CloudEvent[]): number => {
  const ended = new Set<string>();
  const queued = new Set<string>();
  for (const { type, subject } of events) {
    if (subject === undefined) continue;
    if (type === 'acd.contact.queued') queued.add(subject);
    if (type === 'acd.contact.ended') ended.add(subject);
  }
  return [...queued].filter((contact) => !ended.has(contact)).length;
};

const lastContact = (
  { site, queue, contact }: { readonly site: string; readonly queue: string; readonly contact: string },
  at: number,
): CloudEvent[] =>
  [
    { type: 'acd.contact.started', data: { channel: 'voice' } },
    { type: 'acd.contact.queued', data: { queue, leg: `${contact}-1` } },
  ].map(({ type, data }) => ({
    specversion: '1.0',
    id: `${contact}-${type}`,
    source: `crash-test-${site}`,
    type,
    time: new Date(at).toISOString(),
    subject: contact,
    tenant: TENANT,
    site,
    data,
  }));

/** Mostly what a connector sends at once, now and then what it sends after an outage. */
const batchesOf = (events: readonly CloudEvent[], random: Random): CloudEvent[][] => {
  const batches: CloudEvent[][] = [];
  for (let start = 0; start < events.length;) {
    const size = random.chance(0.1) ? random.integer(200, 1500) : random.integer(1, 200);
    batches.push(events.slice(start, start + size));
    start += size;
  }
  return batches;
};
