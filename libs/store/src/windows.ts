import type { ClickHouseClient } from '@clickhouse/client';
import { measuresOf, metricsNamed, metricsOver } from '@queuecast/metrics';
import { intervalRows, stretchesOf, type Stretch } from './interval-rows.js';
import { text, wellFormed } from './literals.js';
import type { QueueWindow, WindowRequest } from './port.js';

const WINDOW_METRICS = [
  'offered',
  'answered',
  'abandoned',
  'short_abandoned',
  'flowed_out',
  'callback_taken',
  'dropped',
  'closed_out',
  'still_waiting',
  'answered_within',
  'asa',
  'aht',
  'longest_wait',
] as const;

type Values = readonly (string | number | null)[];

const count = (value: string | number | null | undefined): number => Number(value ?? 0);
const optional = (value: string | number | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** The window of `request` from the values of {@link WINDOW_METRICS}; without values nothing happened in it. */
const windowOf = ({ tenant, site, queue }: WindowRequest, values: Values): QueueWindow => ({
  tenant,
  site,
  queue,
  offered: count(values[0]),
  answered: count(values[1]),
  abandoned: count(values[2]),
  shortAbandoned: count(values[3]),
  flowedOut: count(values[4]),
  callbackTaken: count(values[5]),
  dropped: count(values[6]),
  closedOut: count(values[7]),
  stillWaiting: count(values[8]),
  answeredWithin: count(values[9]),
  asaMs: optional(values[10]),
  ahtMs: optional(values[11]),
  longestWaitMs: optional(values[12]),
});

/** The requests' parts go in as data: as a list of tuples, the engine takes ten times as long to read them. */
const PART_COLUMNS =
  'n UInt32, tenant String, site String, queue String, part_grain UInt32, from_s UInt32, to_s UInt32, threshold_s UInt32, short_abandon_s UInt32, as_of_s UInt32';

const grainOf = (stretch: Stretch): number => (stretch.from === 'quarters' ? 900 : 60);

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/**
 * All windows in one statement: the rows of every queue and stretch asked for, joined with the requests they serve.
 *
 * @param now the clock: tells which minutes are no longer kept, and who waits beyond the threshold
 */
export const readWindows = async (
  client: ClickHouseClient,
  requests: readonly WindowRequest[],
  now: number,
): Promise<QueueWindow[]> => {
  if (requests.length === 0) return [];
  const metrics = metricsNamed(WINDOW_METRICS);
  const parts: string[] = [];
  const stretches = new Map<string, Stretch>();
  requests.forEach((request, n) => {
    const asOf = Math.floor(Math.min(request.to, now) / 1000);
    for (const stretch of stretchesOf(request.from, request.to, now)) {
      stretches.set(`${stretch.from}/${stretch.fromSecond}/${stretch.toSecond}`, stretch);
      const { tenant, site, thresholdSeconds, shortAbandonSeconds } = request;
      const queue = wellFormed(request.queue);
      const { fromSecond, toSecond } = stretch;
      parts.push(
        JSON.stringify([
          n,
          tenant,
          site,
          queue,
          grainOf(stretch),
          fromSecond,
          toSecond,
          thresholdSeconds,
          shortAbandonSeconds,
          asOf,
        ]),
      );
    }
  });
  if (parts.length === 0) return requests.map((request) => windowOf(request, []));
  const rows = await intervalRows(
    client,
    disjoint([...stretches.values()]),
    {
      tenants: distinct(requests.map(({ tenant }) => tenant)),
      sites: distinct(requests.map(({ site }) => site)),
      queues: distinct(requests.map(({ queue }) => queue)),
    },
    measuresOf(metrics),
  );
  const source = `SELECT n, threshold_s, short_abandon_s, as_of_s${measuresOf(metrics)
    .map(({ name }) => `, ${name}`)
    .join('')}
FROM (
${rows}
) AS kept
INNER JOIN format(JSONCompactEachRow, '${PART_COLUMNS}', ${text(parts.join('\n'))}) AS part
ON kept.tenant = part.tenant AND kept.site = part.site AND kept.queue = part.queue AND kept.grain_s = part.part_grain
WHERE start_s >= from_s AND start_s < to_s`;
  const result = await client.query({ query: metricsOver(metrics, source, ['n']), format: 'JSONCompactEachRow' });
  const values = new Map((await result.json<[number, ...(string | number | null)[]]>()).map(([n, ...row]) => [n, row]));
  return requests.map((request, n) => windowOf(request, values.get(n) ?? []));
};

/**
 * Joins stretches of the same source that overlap or touch: windows of different lengths ask for the same rows, and a
 * row read twice would count twice.
 */
const disjoint = (stretches: readonly Stretch[]): Stretch[] => {
  const joined: Stretch[] = [];
  for (const stretch of stretches.toSorted((one, other) => one.fromSecond - other.fromSecond)) {
    const at = joined.findLastIndex(({ from }) => from === stretch.from);
    const before = joined[at];
    if (before && stretch.fromSecond <= before.toSecond)
      joined[at] = { ...before, toSecond: Math.max(before.toSecond, stretch.toSecond) };
    else joined.push(stretch);
  }
  return joined;
};
