import type { ClickHouseClient } from '@clickhouse/client';
import type { LegFact } from '@queuecast/contact-center';
import { instant } from '@queuecast/events';
import {
  citation,
  measuresOf,
  metricsNamed,
  metricsOver,
  served,
  zeroOf,
  type Measure,
  type Metric,
  type MetricRegistry,
} from '@queuecast/metrics';
import { countingOf } from './intervals.js';
import { intervalRows, stretchesOf, type Counting, type Stretch } from './interval-rows.js';
import { givenRows, wellFormed } from './literals.js';
import type {
  EstimateRecord,
  Figures,
  FiguresOptions,
  FiguresRequest,
  Knowledge,
  QueueWindow,
  WindowRequest,
} from './port.js';
import { dateAt, definitionsFor, describeDefinitions, numberOf } from './report-range.js';
import { knownRows } from './windows-as-of.js';

/** The metrics whose current definitions a {@link QueueWindow} holds. */
export const WINDOW_METRICS = [
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

/** The definitions behind a wallboard's figures of the day, as every number served names them. */
export const TODAY_METRICS = metricsNamed([...WINDOW_METRICS, 'service_level']).map(citation);

type Values = readonly (string | number | null)[];

const count = (value: string | number | null | undefined): number => Number(value ?? 0);

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
  asaMs: numberOf(values[10]),
  ahtMs: numberOf(values[11]),
  longestWaitMs: numberOf(values[12]),
});

/** One stretch of one request. */
const PART_COLUMNS = [
  ['n', 'UInt32'],
  ['tenant', 'String'],
  ['site', 'String'],
  ['queue', 'String'],
  ['part_grain', 'UInt32'],
  ['from_s', 'UInt32'],
  ['to_s', 'UInt32'],
  ['threshold_s', 'UInt32'],
  ['short_abandon_s', 'UInt32'],
  ['as_of_s', 'UInt32'],
] as const;

/** Of a window that has only just begun: its figures are those of nothing. */
const NO_TIME: Stretch = { from: 'minutes', fromSecond: 0, toSecond: 0 };

const grainOf = (stretch: Stretch): number => (stretch.from === 'quarters' ? 900 : 60);

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** What is shown of every window. */
interface Shown {
  readonly metrics: readonly Metric[];
  readonly counting: Counting;
}

/** SQL of the rows that the stretches are made of; see {@link intervalRows}. */
type RowsOfStretches = (stretches: readonly Stretch[], measures: readonly Measure[]) => Promise<string>;

const isKept = (metrics: readonly Metric[], { attribution }: Counting): boolean =>
  attribution === 'arrival' && measuresOf(metrics).every(({ source }) => source === 'legs');

/**
 * All windows in one statement: the rows of every queue and stretch asked for, joined with the requests they serve.
 * Values by request, in the order of the metrics; what they are over nothing where
 * nothing happened.
 */
const readValues = async (
  client: ClickHouseClient,
  requests: readonly WindowRequest[],
  { metrics, counting }: Shown,
  given?: RowsOfStretches,
): Promise<ReadonlyMap<number, Values>> => {
  const { now } = counting;
  const parts: string[] = [];
  const stretches = new Map<string, Stretch>();
  const byMinute = given !== undefined || !isKept(metrics, counting);
  requests.forEach((request, n) => {
    const asOf = Math.floor(Math.min(request.to, now) / 1000);
    const own = stretchesOf(request.from, request.to, now, byMinute);
    for (const stretch of own) stretches.set(`${stretch.from}/${stretch.fromSecond}/${stretch.toSecond}`, stretch);
    for (const stretch of own.length > 0 ? own : [NO_TIME]) {
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
  if (stretches.size === 0) stretches.set('none', NO_TIME);
  if (parts.length === 0) return new Map();
  const measures = measuresOf(metrics);
  const partTable = givenRows(PART_COLUMNS, parts);
  const rowsOf = {
    tenants: distinct(requests.map(({ tenant }) => tenant)),
    sites: distinct(requests.map(({ site }) => site)),
    queues: distinct(requests.map(({ queue }) => queue)),
  };
  const joined = disjoint([...stretches.values()]);
  const rows = await (given ? given(joined, measures) : intervalRows(client, joined, rowsOf, measures, counting));
  const source = `SELECT n, threshold_s, short_abandon_s, as_of_s${measures.map(({ name }) => `, ${name}`).join('')}
FROM (
${rows}
) AS kept
INNER JOIN ${partTable} AS part
ON kept.tenant = part.tenant AND kept.site = part.site AND kept.queue = part.queue AND kept.grain_s = part.part_grain
WHERE start_s >= from_s AND start_s < to_s
UNION ALL
SELECT n, threshold_s, short_abandon_s, as_of_s${measures.map((measure) => `, ${zeroOf(measure)}`).join('')}
FROM ${partTable}`;
  const query = metricsOver(served(metrics), source, ['n']);
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  return new Map((await result.json<[number, ...Values]>()).map(([n, ...row]) => [n, row]));
};

/**
 * The wallboard's figures of every window.
 *
 * @param now the clock: tells which minutes are no longer kept, and who waits beyond the threshold
 */
export const readWindows = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly WindowRequest[],
  now: number,
): Promise<QueueWindow[]> => {
  if (requests.length === 0) return [];
  const metrics = registry.inForce(WINDOW_METRICS, dateAt(now, 'UTC'));
  const values = await readValues(client, requests, { metrics, counting: countingOf({}, now) });
  return requests.map((request, n) => windowOf(request, values.get(n) ?? []));
};

const RECORD_METRICS = ['estimates_right', 'estimates_scored', 'estimate_mae'] as const;

/** How often the estimates of every window have come true: the registry's figures, as reports have them. */
export const readEstimateRecords = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly WindowRequest[],
  now: number,
): Promise<EstimateRecord[]> => {
  if (requests.length === 0) return [];
  const metrics = registry.inForce(RECORD_METRICS, dateAt(now, 'UTC'));
  const values = await readValues(client, requests, { metrics, counting: countingOf({}, now) });
  return requests.map(({ tenant, site, queue, from }, n) => {
    const [right, of, maeMs] = values.get(n) ?? [];
    return { tenant, site, queue, from, right: count(right), of: count(of), maeMs: numberOf(maeMs) };
  });
};

/** As {@link readWindows}, over the legs that count as known; see the port. */
export const readWindowsAsOf = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly WindowRequest[],
  knowledge: Knowledge,
  legs: readonly LegFact[],
): Promise<QueueWindow[]> => {
  if (requests.length === 0) return [];
  const { at } = knowledge;
  const metrics = registry.inForce(WINDOW_METRICS, dateAt(at, 'UTC'));
  const values = await readValues(client, requests, { metrics, counting: countingOf({}, at) }, (_, measures) =>
    knownRows(client, requests, knowledge, legs, measures),
  );
  return requests.map((request, n) => windowOf(request, values.get(n) ?? []));
};

/**
 * Any metrics of every window; see the port.
 *
 * @throws InvalidReportError, UnknownMetricError
 */
export const readFigures = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly FiguresRequest[],
  options: FiguresOptions,
  now: number,
): Promise<Figures> => {
  const closings = requests.flatMap((request) => request.closings ?? []);
  const counting = countingOf({ ...options, closings }, now);
  const range = {
    from: instant(Math.min(now, ...requests.map(({ from }) => from))),
    to: instant(now + 1),
    timeZone: options.timeZone,
  };
  const known = definitionsFor(registry, range, options.metrics, 'queues', counting.attribution);
  const metrics = known.columns.map(({ versions }) => versions.at(-1) ?? versions[0]);
  const values = await readValues(client, requests, { metrics, counting });
  return {
    metrics: metrics.map(citation),
    columns: known.columns.map(({ key }, n) => ({ key, metrics: metrics.slice(n, n + 1).map(citation) })),
    changes: describeDefinitions(known).changes,
    values: requests.map((_, n) =>
      Object.fromEntries(known.columns.map(({ key }, column) => [key, numberOf(values.get(n)?.[column])])),
    ),
  };
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
