import type { ClickHouseClient } from '@clickhouse/client';
import type { ChangeCause, LegFact } from '@queuecast/contact-center';
import {
  metricsOfEach,
  PUBLISHED_METRICS,
  PUBLISHED_SHORT_ABANDON_SECONDS,
  PUBLISHED_THRESHOLD_SECONDS,
} from '@queuecast/metrics';
import { QUARTER, quarterOf } from './interval-keys.js';
import { text } from './literals.js';
import type { SitePublished } from './port.js';
import { encodeRows, textOf, type Column } from './rows/encode.js';
import { LEGS } from './rows/legs.js';

/** Rows per statement: bounds its text. */
const BATCH_ROWS = 20_000;

/** What the measures of the published metrics read of a leg. Instants are milliseconds here. */
const LEG_TYPES: Readonly<Record<string, string>> = {
  tenant: 'String',
  site: 'String',
  queue: 'String',
  channel: 'String',
  contact: 'String',
  leg: 'String',
  internal: 'Bool',
  outcome: 'String',
  ended_at: 'Nullable(Int64)',
  wait_ms: 'Nullable(Int64)',
  decided_after_ms: 'Nullable(Int64)',
  ring_ms: 'Nullable(Int64)',
  talk_ms: 'Nullable(Int64)',
  hold_ms: 'Nullable(Int64)',
  wrap_ms: 'Nullable(Int64)',
  offers: 'UInt32',
  declines: 'UInt32',
  transferred_from_queue: 'String',
  transferred_to_queue: 'String',
  transferred_to_agent: 'String',
};

type TypedColumn<Row> = Column<Row> & { readonly type: string };

const legColumns = <Row extends { readonly leg: LegFact }>(): TypedColumn<Row>[] => [
  ...LEGS.columns.flatMap(({ name, value }) => {
    const type = LEG_TYPES[name];
    return type === undefined ? [] : [{ name, type, value: (row: Row) => value(row.leg) }];
  }),
  { name: 'start_s', type: 'UInt32', value: ({ leg }) => quarterOf(leg.queuedAt) * QUARTER },
];

/** Rows as a table in a statement: they go in as data, which the engine reads fastest. */
const given = async <Row>(columns: readonly TypedColumn<Row>[], rows: readonly Row[]): Promise<string> => {
  const structure = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  return `format(JSONCompactEachRow, '${structure}', ${text(await textOf(encodeRows(columns, rows)))})`;
};

/** SQL of the parameters that published figures are by. */
export const PUBLISHED_PARAMETERS = `toUInt32(${PUBLISHED_THRESHOLD_SECONDS}) AS threshold_s,
  toUInt32(${PUBLISHED_SHORT_ABANDON_SECONDS}) AS short_abandon_s, toUInt32(0) AS as_of_s`;

/** SQL of the published figures by metric, without zeros, out of columns `<prefix><n>`. */
export const figuresMap = (prefix: string): string =>
  `mapFilter((metric, figure) -> figure != 0, map(${PUBLISHED_METRICS.map(
    ({ key }, n) => `${text(key)}, toInt64(${prefix}${n})`,
  ).join(', ')}))`;

/** The figures of given legs added up by `grouping`, each leg as often as its `sign` says. */
const figuresOf = (legs: string, grouping: readonly string[], sign: string): string => {
  const keep = [...grouping, 'weight'];
  const source = `SELECT *, toInt64(${sign}) AS weight, ${PUBLISHED_PARAMETERS} FROM ${legs}`;
  return `SELECT ${grouping.join(', ')}, ${figuresMap('sum_')} AS figures
FROM (
SELECT ${grouping.join(', ')}, ${PUBLISHED_METRICS.map((_, n) => `sum(weight * toInt64(v${n})) AS sum_${n}`).join(', ')}
FROM (
${metricsOfEach(PUBLISHED_METRICS, source, keep)}
)
GROUP BY ${grouping.join(', ')}
)`;
};

interface PublishedLeg {
  readonly leg: LegFact;
  readonly marker: number;
}

const PUBLISHED_LEG: readonly TypedColumn<PublishedLeg>[] = [
  ...legColumns<PublishedLeg>(),
  { name: 'marker_s', type: 'UInt32', value: ({ marker }) => marker },
];

interface Marker {
  readonly tenant: string;
  readonly site: string;
  readonly marker: number;
}

const MARKER: readonly TypedColumn<Marker>[] = [
  { name: 'tenant', type: 'String', value: ({ tenant }) => tenant },
  { name: 'site', type: 'String', value: ({ site }) => site },
  { name: 'marker_s', type: 'UInt32', value: ({ marker }) => marker },
];

/**
 * Publishes once: of two writings of a publication the first counts. After a crash the second may rest on facts that are
 * ahead of it already.
 */
const writePublications = async (client: ClickHouseClient, sites: readonly SitePublished[]): Promise<void> => {
  const markers: Marker[] = [];
  const legs: PublishedLeg[] = [];
  for (const { tenant, site, publications } of sites)
    for (const publication of publications) {
      const marker = quarterOf(publication.range.to - 1) * QUARTER;
      markers.push({ tenant, site, marker });
      for (const leg of publication.legs) legs.push({ leg, marker });
    }
  if (markers.length === 0) return;
  const markerTable = await given(MARKER, markers);
  const grouping = ['tenant', 'site', 'queue', 'channel', 'start_s', 'marker_s'];
  const rows = legs.length === 0 ? '' : `${figuresOf(await given(PUBLISHED_LEG, legs), grouping, '1')}\nUNION ALL\n`;
  await client.command({
    query: `INSERT INTO published_intervals (tenant, site, queue, channel, start, figures)
SELECT tenant, site, queue, channel, start_s, figures
FROM (
${rows}SELECT tenant, site, '' AS queue, '' AS channel, marker_s AS start_s, marker_s, CAST(map(), 'Map(String, Int64)') AS figures
FROM ${markerTable}
)
WHERE (tenant, site, marker_s) NOT IN (
  SELECT tenant, site, toUInt32(start) FROM published_intervals
  WHERE queue = '' AND (tenant, site, toUInt32(start)) IN (SELECT tenant, site, marker_s FROM ${markerTable})
)`,
  });
};

interface ChangedLeg {
  readonly leg: LegFact;
  readonly sign: number;
  readonly isCorrection: boolean;
  readonly cause: ChangeCause;
}

const CAUSE: readonly TypedColumn<ChangedLeg>[] = [
  { name: 'version', type: 'UInt64', value: ({ cause }) => cause.version },
  { name: 'correction', type: 'Bool', value: ({ isCorrection }) => isCorrection },
  { name: 'event_type', type: 'String', value: ({ cause }) => cause.event.type },
  { name: 'event_id', type: 'String', value: ({ cause }) => cause.event.id },
  { name: 'event_source', type: 'String', value: ({ cause }) => cause.event.source },
  { name: 'event_at', type: 'DateTime64(3)', value: ({ cause }) => cause.event.at },
  { name: 'behind_ms', type: 'UInt64', value: ({ cause }) => cause.behindMs },
];

const LEG_CELLS = legColumns<ChangedLeg>();

const CHANGED_LEG: readonly TypedColumn<ChangedLeg>[] = [
  ...LEG_CELLS,
  ...CAUSE,
  { name: 'sign', type: 'Int8', value: ({ sign }) => sign },
];

const CHANGE_KEY = [
  'tenant',
  'site',
  'queue',
  'channel',
  'start_s',
  'contact',
  'leg',
  ...CAUSE.map(({ name }) => name),
];

/** Whether two sides of one change are of the same interval and the same to every published metric: a hold, a resolution. */
const cancel = (one: ChangedLeg | undefined, other: ChangedLeg | undefined): boolean =>
  one?.sign === -1 &&
  other?.sign === 1 &&
  one.cause === other.cause &&
  LEG_CELLS.every(({ value }) => value(one) === value(other));

/** Without pairs that cancel out: an engine takes long to find what takes us nothing. */
const figuring = (changes: readonly ChangedLeg[]): ChangedLeg[] => {
  const left: ChangedLeg[] = [];
  for (let n = 0; n < changes.length; n += 1)
    if (cancel(changes[n], changes[n + 1])) n += 1;
    else left.push(changes[n] as ChangedLeg);
  return left;
};

/** Cuts changes into batches, never between the two sides of one: a row holds both. */
const batchesOf = function* (changes: readonly ChangedLeg[]): Generator<readonly ChangedLeg[]> {
  for (let start = 0, end = 0; start < changes.length; start = end) {
    end = Math.min(start + BATCH_ROWS, changes.length);
    while (changes[end] && changes[end]?.cause === changes[end - 1]?.cause) end += 1;
    yield changes.slice(start, end);
  }
};

/** Keyed by the position of the event, so that a repetition writes the same row. What changes no figure leaves none. */
const writeChanges = async (client: ClickHouseClient, changes: readonly ChangedLeg[]): Promise<void> => {
  for (const batch of batchesOf(figuring(changes)))
    await client.command({
      query: `INSERT INTO interval_changes (${CHANGE_KEY.map((name) => (name === 'start_s' ? 'start' : name)).join(', ')}, deltas)
SELECT ${CHANGE_KEY.join(', ')}, figures
FROM (
${figuresOf(await given(CHANGED_LEG, batch), CHANGE_KEY, 'sign')}
)
WHERE notEmpty(mapKeys(figures))`,
    });
};

/** Writes what intervals were when they ended, and what has changed them since. Writing it twice changes nothing. */
export const writePublished = async (client: ClickHouseClient, sites: readonly SitePublished[]): Promise<void> => {
  await writePublications(client, sites);
  await writeChanges(
    client,
    sites.flatMap(({ changes }) => changes),
  );
};
