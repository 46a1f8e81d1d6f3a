import type { ClickHouseClient } from '@clickhouse/client';
import { instant, queueId, siteId, tenantId } from '@queuecast/events';
import type { FactFlush, Store, TouchedInterval } from '@queuecast/store';
import { restAfter } from '../../apps/processor/src/flusher.js';
import { EVENTS_PER_LEG, makeRush, settled, type History } from './history.js';
import { quantile } from './statistics.js';
import { grouped, table } from './table.js';

const RATES = [1_000, 10_000] as const;
/** As the product flushes unless it is set otherwise. */
const FLUSH_SECONDS = 0.5;
const LONGEST_REST_MS = 10_000;
/** The others are agents' changes of state, which touch no interval. */
const CONTACT_EVENTS = 0.8;
const NO_FACTS: Omit<FactFlush, 'touched'> = {
  contacts: [],
  legs: [],
  forecasts: [],
  spells: [],
  callbacks: [],
  events: [],
  watermarks: [],
  published: [],
  shown: [],
};

/**
 * What one flush touches at that rate: its events are about legs that joined their queues in the minutes before, the
 * latest mostly, since every leg makes its events between joining and the end of its wrap-up.
 */
const touchedAt = async (client: ClickHouseClient, tenant: string, events: number, now: number, round: number) => {
  const result = await client.query({
    query: `SELECT site, queue, toUnixTimestamp64Milli(queued_at) FROM contact_legs
WHERE tenant = '${tenant}' AND queued_at >= fromUnixTimestamp64Milli(toInt64(${now - 1_200_000}), 'UTC')
ORDER BY cityHash64(leg, ${round}) / pow(2, 64) / exp((toUnixTimestamp64Milli(queued_at) - ${now}) / 300000)
LIMIT ${Math.ceil(events * CONTACT_EVENTS)}`,
    format: 'JSONCompactEachRow',
  });
  return (await result.json<[string, string, string]>()).map(([site, queue, at]): TouchedInterval => ({
    tenant: tenantId(tenant),
    site: siteId(site),
    queue: queueId(queue),
    at: instant(Number(at)),
  }));
};

/** The cost of recomputing the touched intervals from the facts: nothing else is written. A table. */
export const measureFreshness = async (
  store: Store,
  client: ClickHouseClient,
  history: History,
  rounds: number,
): Promise<string> => {
  const rows: string[][] = [];
  for (const rate of RATES) {
    const tenant = `rush-${rate}`;
    await makeRush(client, tenant, rate, history);
    await settled(client);
    const flushes: { readonly ms: number; readonly cpuMs: number; readonly keys: number; readonly everyMs: number }[] =
      [];
    let everyMs = FLUSH_SECONDS * 1000;
    for (let round = 0; round <= rounds; round += 1) {
      const touched = await touchedAt(client, tenant, (rate * everyMs) / 1000, history.now, round);
      const keys = new Set(touched.map(({ queue, at }) => `${queue} ${Math.floor(at / 60_000)}`)).size;
      const cpu = process.cpuUsage();
      const began = performance.now();
      await store.write({ ...NO_FACTS, touched });
      const ms = performance.now() - began;
      const { user, system } = process.cpuUsage(cpu);
      // The next takes in what comes until the store has rested from this one.
      everyMs = ms + Math.max(FLUSH_SECONDS * 1000, restAfter(ms, LONGEST_REST_MS));
      // The first finds everything cold.
      if (round > 0) flushes.push({ ms, cpuMs: (user + system) / 1000, keys, everyMs });
    }
    const middle = (of: (flush: (typeof flushes)[number]) => number): number => quantile(flushes.map(of), 0.5);
    rows.push([
      grouped(rate),
      grouped(rate / EVENTS_PER_LEG),
      grouped(middle(({ keys }) => keys)),
      middle(({ ms }) => ms).toFixed(0),
      quantile(
        flushes.map(({ ms }) => ms),
        0.95,
      ).toFixed(0),
      middle(({ cpuMs }) => cpuMs).toFixed(0),
      (middle((flush) => flush.everyMs) / 1000).toFixed(1),
      `${middle(({ cpuMs, everyMs: every }) => (cpuMs / every) * 100).toFixed(0)} %`,
    ]);
  }
  return [
    'Keeping intervals fresh: recomputing, from the facts, what each flush touched',
    '',
    table(['events/s', 'legs/s', 'minutes touched', 'p50 ms', 'p95 ms', 'CPU ms', 'every s', 'of a core'], rows),
    '',
    `A flush begins ${FLUSH_SECONDS * 1000} ms after the last, or when the store has rested from that; each takes in what came meanwhile.`,
  ].join('\n');
};
