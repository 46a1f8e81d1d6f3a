import type { ClickHouseClient } from '@clickhouse/client';
import type { LegFact } from '@queuecast/contact-center';
import { instant } from '@queuecast/events';
import {
  citation,
  measuresOf,
  METRIC_PARAMETERS,
  metricsOver,
  served,
  zeroOf,
  type Measure,
  type Metric,
  type MetricRegistry,
} from '@queuecast/metrics';
import { countingOf } from './intervals.js';
import { areOfLegs, intervalRows, type Counting, type Stretch } from './interval-rows.js';
import type {
  DayRequest,
  EstimateRecord,
  Figures,
  FiguresOptions,
  FiguresRequest,
  Knowledge,
  QueueWindow,
  WindowRequest,
} from './port.js';
import { asOfSecond, definitionsFor, describeDefinitions, numberOf } from './report-range.js';
import { groupWindows, metricsByShape } from './window-shapes.js';
import { knownRows } from './windows-as-of.js';

/** The metrics that a {@link QueueWindow} holds. */
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
  'service_level',
  'decided',
] as const;

type Values = readonly (string | number | null)[];

const count = (value: string | number | null | undefined): number => Number(value ?? 0);

/** The window of `request` from the values of {@link WINDOW_METRICS}; without values nothing happened in it. */
const windowOf = ({ request, metrics, values }: InForce, now: number): QueueWindow => ({
  tenant: request.tenant,
  site: request.site,
  queue: request.queue,
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
  serviceLevel: numberOf(values[13]),
  decided: count(values[14]),
  asOf: instant(asOfSecond(now) * 1000),
  metrics: metrics.map(citation),
});

/** What is shown of every window. */
interface Shown {
  readonly metrics: readonly Metric[];
  readonly counting: Counting;
}

/** SQL of the rows that the stretches are made of; see {@link intervalRows}. */
type RowsOfStretches = (stretches: readonly Stretch[], measures: readonly Measure[]) => Promise<string>;

/** SELECTs in one statement: bounds its text and what it takes to plan it. */
const BATCH_GROUPS = 16;

/** What the metrics are over nothing. */
const valuesOfNothing = async (client: ClickHouseClient, metrics: readonly Metric[]): Promise<Values> => {
  const columns = [
    ...METRIC_PARAMETERS.map((name) => `toUInt32(0) AS ${name}`),
    ...measuresOf(metrics).map((measure) => `${zeroOf(measure)} AS ${measure.name}`),
  ];
  const query = metricsOver(served(metrics), `SELECT ${columns.join(', ')}`, []);
  const [values] = await (await client.query({ query, format: 'JSONCompactEachRow' })).json<Values>();
  return values ?? [];
};

/**
 * The rows of every queue and stretch asked for, each read once and counted in every window that it is in. Values by
 * request, in the order of the metrics; what they are over nothing where nothing happened.
 */
const readValues = async (
  client: ClickHouseClient,
  requests: readonly WindowRequest[],
  { metrics, counting }: Shown,
  given?: RowsOfStretches,
): Promise<readonly Values[]> => {
  const measures = measuresOf(metrics);
  const byMinute = given !== undefined || !areOfLegs(measures, counting.attribution);
  const { groups, answeredBy } = groupWindows(requests, counting.now, byMinute);
  const values: Values[] = [];
  for (let first = 0; first < groups.length; first += BATCH_GROUPS) {
    const selects: string[] = [];
    for (const group of groups.slice(first, first + BATCH_GROUPS)) {
      const stretches = disjoint(group.shapes.flatMap((shape) => shape.stretches));
      const rows = await (given
        ? given(stretches, measures)
        : intervalRows(client, stretches, group.rows, measures, counting));
      const how = { areExact: given === undefined, asOf: asOfSecond(counting.now) };
      selects.push(metricsByShape(served(metrics), group, rows, measures, how));
    }
    const result = await client.query({ query: selects.join('\nUNION ALL\n'), format: 'JSONCompactEachRow' });
    const found = await result.json<[number, string, string, string, ...Values]>();
    for (const [shape, tenant, site, queue, ...row] of found)
      for (const n of answeredBy(shape, tenant, site, queue)) values[n] = row;
  }
  const isQuiet = requests.some((_, n) => values[n] === undefined);
  const nothing = isQuiet ? await valuesOfNothing(client, metrics) : [];
  return requests.map((_, n) => values[n] ?? nothing);
};

/** What is served of a request, and by which definitions. */
interface InForce {
  readonly request: DayRequest;
  readonly metrics: readonly Metric[];
  readonly values: Values;
}

/** The metrics of every window by the definitions in force on its business day; in the order of the requests. */
const readInForce = async (
  registry: MetricRegistry,
  ids: readonly string[],
  requests: readonly DayRequest[],
  read: (requests: readonly DayRequest[], metrics: readonly Metric[]) => Promise<readonly Values[]>,
): Promise<InForce[]> => {
  const byDefinitions = new Map<string, { readonly metrics: readonly Metric[]; readonly places: number[] }>();
  const byDay = new Map<string, readonly Metric[]>();
  requests.forEach(({ businessDay }, n) => {
    const metrics = byDay.get(businessDay) ?? registry.inForce(ids, businessDay);
    byDay.set(businessDay, metrics);
    const name = metrics.map(citation).join();
    const alike = byDefinitions.get(name) ?? { metrics, places: [] };
    alike.places.push(n);
    byDefinitions.set(name, alike);
  });
  const served: InForce[] = [];
  for (const { metrics, places } of byDefinitions.values()) {
    const own = places.map((n) => requests[n] as DayRequest);
    const values = await read(own, metrics);
    places.forEach((place, n) => (served[place] = { request: own[n] as DayRequest, metrics, values: values[n] ?? [] }));
  }
  return served;
};

/**
 * The wallboard's figures of every window.
 *
 * @param now the clock: tells which minutes are no longer kept, and who waits beyond the threshold
 */
export const readWindows = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly DayRequest[],
  now: number,
): Promise<QueueWindow[]> => {
  const counting = countingOf({}, now);
  const windows = await readInForce(registry, WINDOW_METRICS, requests, (own, metrics) =>
    readValues(client, own, { metrics, counting }),
  );
  return windows.map((window) => windowOf(window, now));
};

const RECORD_METRICS = ['estimates_right', 'estimates_scored', 'estimate_mae'] as const;

/** How often the estimates of every window have come true: the registry's figures, as reports have them. */
export const readEstimateRecords = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly DayRequest[],
  now: number,
): Promise<EstimateRecord[]> => {
  const counting = countingOf({}, now);
  const records = await readInForce(registry, RECORD_METRICS, requests, (own, metrics) =>
    readValues(client, own, { metrics, counting }),
  );
  return records.map(({ request: { tenant, site, queue, from }, values: [right, of, maeMs] }) => ({
    tenant,
    site,
    queue,
    from,
    right: count(right),
    of: count(of),
    maeMs: numberOf(maeMs),
  }));
};

/** As {@link readWindows}, over the legs that count as known; see the port. */
export const readWindowsAsOf = async (
  client: ClickHouseClient,
  registry: MetricRegistry,
  requests: readonly DayRequest[],
  knowledge: Knowledge,
  legs: readonly LegFact[],
): Promise<QueueWindow[]> => {
  const { at } = knowledge;
  const counting = countingOf({}, at);
  const windows = await readInForce(registry, WINDOW_METRICS, requests, (own, metrics) =>
    readValues(client, own, { metrics, counting }, (_, measures) => knownRows(client, own, knowledge, legs, measures)),
  );
  return windows.map((window) => windowOf(window, at));
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
    ...(options.businessDayStart !== undefined && { businessDayStart: options.businessDayStart }),
  };
  const known = definitionsFor(registry, range, options.metrics, 'queues', counting.attribution);
  const metrics = known.columns.map(({ versions }) => versions.at(-1) ?? versions[0]);
  const values = await readValues(client, requests, { metrics, counting });
  return {
    metrics: metrics.map(citation),
    columns: known.columns.map(({ key }, n) => ({ key, metrics: metrics.slice(n, n + 1).map(citation) })),
    changes: describeDefinitions(known).changes,
    values: requests.map((_, n) =>
      Object.fromEntries(known.columns.map(({ key }, column) => [key, numberOf(values[n]?.[column])])),
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
