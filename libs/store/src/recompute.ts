import type { ClickHouseClient } from '@clickhouse/client';
import { aggregateLegs, LEG_MEASURES, mergeForInsert, zeroMeasures } from '@queuecast/metrics';
import { currentLegsOf } from './current-legs.js';
import {
  batchesOf,
  keptWithin,
  MINUTE,
  MINUTES_KEPT_SECONDS,
  QUARTER,
  touchedQuarters,
  type Grain,
  type TouchedQuarter,
} from './interval-keys.js';
import { text, texts, wellFormed, whole } from './literals.js';
import type { TouchedInterval } from './port.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

/** Highest fact version of the flush, by `tenant/site`: slugs, so that the slash is unambiguous. */
export type SiteVersions = ReadonlyMap<string, number>;

/** Quarters whose minutes are all kept are the sum of those; of others the legs are gone through. */
interface Batch {
  readonly quarters: readonly TouchedQuarter[];
  readonly fromMinutes: boolean;
}

/**
 * The intervals to compute, as a table. They go in as data: the engine takes seconds to read a list of twenty thousand
 * tuples, and milliseconds to read the same as JSON.
 */
const touchedTable = (quarters: readonly TouchedQuarter[], grains: readonly Grain[]): string => {
  const lines: string[] = [];
  for (const { tenant, site, queue, quarter, minutes } of quarters) {
    const key = [wellFormed(tenant), wellFormed(site), wellFormed(queue)];
    if (grains.includes(QUARTER)) lines.push(JSON.stringify([...key, QUARTER, quarter]));
    if (grains.includes(MINUTE)) for (const minute of minutes) lines.push(JSON.stringify([...key, MINUTE, minute]));
  }
  const columns = 'tenant String, site String, queue String, seconds UInt16, number UInt32';
  return `(SELECT tenant, site, queue, seconds, number FROM format(JSONCompactEachRow, '${columns}', ${text(lines.join('\n'))}))`;
};

/** SQL of the flush's version for the row's site; 0 where the flush has none. One site is the rule, and costs no lookup. */
const versionOfSite = (batch: readonly TouchedQuarter[], versions: SiteVersions): string => {
  const sites = new Set(batch.map(({ tenant, site }) => `${tenant}/${site}`));
  const cases = [...sites].map((site) => ({ site, version: whole(versions.get(site) ?? 0) }));
  if (cases.length === 1) return `toUInt64(${cases[0]?.version ?? 0})`;
  const branches = cases.map(({ site, version }) => `concat(tenant, '/', site) = ${text(site)}, ${version}`);
  return `toUInt64(multiIf(${branches.join(', ')}, 0))`;
};

const INSERT = `INSERT INTO queue_intervals
  (tenant, site, queue, channel, grain, start, version, ${LEG_MEASURES.map(({ name }) => name).join(', ')})`;

/** Condition that finds the kept intervals of the batch's quarters by the sorting key. */
const keptOf = (quarters: readonly TouchedQuarter[], grains: readonly Grain[]): string => {
  const first = (quarters[0]?.quarter ?? 0) * QUARTER;
  const last = ((quarters.at(-1)?.quarter ?? 0) + 1) * QUARTER - 1;
  return [
    `tenant IN ${texts(quarters.map(({ tenant }) => tenant))}`,
    `site IN ${texts(quarters.map(({ site }) => site))}`,
    `queue IN ${texts(quarters.map(({ queue }) => queue))}`,
    `(${grains.map((grain) => keptWithin(grain, first, last)).join(' OR ')})`,
  ].join(' AND ');
};

/**
 * One statement that derives the batch's intervals from the legs and writes them. An interval that the store knows and
 * whose legs are all gone comes out as a row of zeros. The row's version is the flush's highest of that site: versions of
 * one site ascend with the log, so that a later recompute wins, and a processor that lost the site cannot undo what its
 * successor wrote. A recompute without a flush keeps the versions there are.
 */
const fromLegsSql = ({ quarters, fromMinutes }: Batch, legs: string, versions: SiteVersions): string => {
  const grains: readonly Grain[] = fromMinutes ? [MINUTE] : [MINUTE, QUARTER];
  const flushVersion = versionOfSite(quarters, versions);
  const touched = touchedTable(quarters, grains);
  return `${INSERT}
SELECT tenant, site, queue, channel, grain, start, max(row_version),
  ${mergeForInsert()}
FROM (
SELECT tenant, site, queue, channel, toUInt16(seconds) AS grain,
  toDateTime(intDiv(queued_s, seconds) * seconds, 'UTC') AS start,
  greatest(max(version), ${flushVersion}) AS row_version,
  ${aggregateLegs()}
FROM (
${legs}
)
ARRAY JOIN [${grains.join(', ')}] AS seconds
WHERE (tenant, site, queue, seconds, intDiv(queued_s, seconds)) IN ${touched}
GROUP BY tenant, site, queue, channel, grain, start
UNION ALL
SELECT tenant, site, queue, channel, grain, start,
  if(${flushVersion} = 0, version, ${flushVersion}) AS row_version,
  ${zeroMeasures()}
FROM queue_intervals
WHERE ${keptOf(quarters, grains)}
  AND (tenant, site, queue, grain, intDiv(toUInt32(start), grain)) IN ${touched}
)
GROUP BY tenant, site, queue, channel, grain, start`;
};

/** One statement that adds up the minutes of the batch's quarters, those of zeros with the others. */
const fromMinutesSql = ({ quarters }: Batch, versions: SiteVersions): string => `${INSERT}
SELECT tenant, site, queue, channel, toUInt16(${QUARTER}), toDateTime(quarter * ${QUARTER}, 'UTC'),
  greatest(max(version), ${versionOfSite(quarters, versions)}),
  ${mergeForInsert()}
FROM (
SELECT *, intDiv(toUInt32(start), ${QUARTER}) AS quarter
FROM queue_intervals FINAL
PREWHERE ${keptOf(quarters, [MINUTE])}
)
WHERE (tenant, site, queue, toUInt16(${QUARTER}), quarter) IN ${touchedTable(quarters, [QUARTER])}
GROUP BY tenant, site, queue, channel, quarter`;

/** The first quarter of which the engine still has every minute: it lets minutes go by its own clock. */
const firstOfMinutes = async (client: ClickHouseClient): Promise<number> => {
  const result = await client.query({ query: 'SELECT toUnixTimestamp(now())', format: 'JSONCompactEachRow' });
  const [row] = await result.json<[number]>();
  return Math.ceil(((row?.[0] ?? 0) - MINUTES_KEPT_SECONDS) / QUARTER);
};

/**
 * Recomputes the intervals that hold the touched instants, from the facts as they stand. Repeating it changes nothing.
 *
 * A leg is gone through once, for its minute, and only where that minute is touched. At 1,000 legs a second a queue's
 * quarter holds tens of thousands: the legs of its other minutes are in the kept rows of those.
 */
export const recomputeIntervals = async (
  client: ClickHouseClient,
  touched: Iterable<TouchedInterval>,
  versions: SiteVersions,
): Promise<void> => {
  const quarters = touchedQuarters(touched);
  if (quarters.length === 0) return;
  const cut = await firstOfMinutes(client);
  const recent = quarters.findIndex(({ quarter }) => quarter >= cut);
  const old = recent < 0 ? quarters.length : recent;
  const batches: Batch[] = [
    ...batchesOf(quarters.slice(0, old)).map((batch) => ({ quarters: batch, fromMinutes: false })),
    ...batchesOf(quarters.slice(old)).map((batch) => ({ quarters: batch, fromMinutes: true })),
  ];
  for (const batch of batches) {
    const queues = new Set(batch.quarters.map(({ queue }) => queue));
    const range = {
      tenants: new Set(batch.quarters.map(({ tenant }) => tenant)),
      queues,
      firstQuarter: batch.quarters[0]?.quarter ?? 0,
      lastQuarter: batch.quarters.at(-1)?.quarter ?? 0,
    };
    const found = [
      `tenant IN ${texts(range.tenants)}`,
      `queue IN ${texts(queues)}`,
      anchorHoursOf(range, await strayHours(client, range)),
    ].join(' AND ');
    const legs = await currentLegsOf(client, found, queues.size);
    await client.command({ query: fromLegsSql(batch, legs, versions) });
    if (batch.fromMinutes) await client.command({ query: fromMinutesSql(batch, versions) });
  }
};
