import type { ClickHouseClient } from '@clickhouse/client';
import { aggregateLegs, LEG_MEASURES, mergeForInsert, zeroMeasures } from '@queuecast/metrics';
import { currentLegs } from './current-legs.js';
import { batchesOf, MINUTE, QUARTER, startsWithin, touchedQuarters, type TouchedQuarter } from './interval-keys.js';
import { text, texts, wellFormed, whole } from './literals.js';
import type { TouchedInterval } from './port.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

/** Highest fact version of the flush, by `tenant/site`: slugs, so that the slash is unambiguous. */
export type SiteVersions = ReadonlyMap<string, number>;

/**
 * The touched intervals of both grains, as a table. They go in as data: the engine takes seconds to read a list of
 * twenty thousand tuples, and milliseconds to read the same as JSON.
 */
const touchedTable = (batch: readonly TouchedQuarter[]): string => {
  const lines: string[] = [];
  for (const { tenant, site, queue, quarter, minutes } of batch) {
    const key = [wellFormed(tenant), wellFormed(site), wellFormed(queue)];
    lines.push(JSON.stringify([...key, QUARTER, quarter]));
    for (const minute of minutes) lines.push(JSON.stringify([...key, MINUTE, minute]));
  }
  const columns = 'tenant String, site String, queue String, seconds UInt16, number UInt32';
  return `format(JSONCompactEachRow, '${columns}', ${text(lines.join('\n'))})`;
};

/** SQL of the flush's version for the row's site; 0 where the flush has none. One site is the rule, and costs no lookup. */
const versionOfSite = (batch: readonly TouchedQuarter[], versions: SiteVersions): string => {
  const sites = new Set(batch.map(({ tenant, site }) => `${tenant}/${site}`));
  const cases = [...sites].map((site) => ({ site, version: whole(versions.get(site) ?? 0) }));
  if (cases.length === 1) return `toUInt64(${cases[0]?.version ?? 0})`;
  const branches = cases.map(({ site, version }) => `concat(tenant, '/', site) = ${text(site)}, ${version}`);
  return `toUInt64(multiIf(${branches.join(', ')}, 0))`;
};

/**
 * One statement that derives the batch's intervals, both grains, from the legs and writes them. An interval that the
 * store knows and whose legs are all gone comes out as a row of zeros. The row's version is the flush's highest of
 * that site: versions of one site ascend with the log, so that a later recompute wins, and a processor that lost the
 * site cannot undo what its successor wrote. A recompute without a flush keeps the versions there are.
 */
const recomputeSql = (batch: readonly TouchedQuarter[], anchorHours: string, versions: SiteVersions): string => {
  const flushVersion = versionOfSite(batch, versions);
  const tenants = texts(batch.map(({ tenant }) => tenant));
  const queues = texts(batch.map(({ queue }) => queue));
  const touched = `(SELECT tenant, site, queue, seconds, number FROM ${touchedTable(batch)})`;
  const first = (batch[0]?.quarter ?? 0) * QUARTER;
  const last = ((batch.at(-1)?.quarter ?? 0) + 1) * QUARTER - 1;
  return `INSERT INTO queue_intervals
  (tenant, site, queue, channel, grain, start, version, ${LEG_MEASURES.map((measure) => measure.name).join(', ')})
SELECT tenant, site, queue, channel, grain, start, max(row_version),
  ${mergeForInsert()}
FROM (
SELECT tenant, site, queue, channel, toUInt16(seconds) AS grain,
  toDateTime(intDiv(queued_s, seconds) * seconds, 'UTC') AS start,
  greatest(max(version), ${flushVersion}) AS row_version,
  ${aggregateLegs()}
FROM (
${currentLegs(`tenant IN ${tenants} AND queue IN ${queues} AND ${anchorHours}`)}
)
ARRAY JOIN [${MINUTE}, ${QUARTER}] AS seconds
WHERE (tenant, site, queue, seconds, intDiv(queued_s, seconds)) IN ${touched}
GROUP BY tenant, site, queue, channel, grain, start
UNION ALL
SELECT tenant, site, queue, channel, grain, start,
  if(${flushVersion} = 0, version, ${flushVersion}) AS row_version,
  ${zeroMeasures()}
FROM queue_intervals
WHERE tenant IN ${tenants} AND site IN ${texts(batch.map(({ site }) => site))} AND queue IN ${queues} AND grain IN (${MINUTE}, ${QUARTER})
  AND ${startsWithin(first, last)}
  AND (tenant, site, queue, grain, intDiv(toUInt32(start), grain)) IN ${touched}
)
GROUP BY tenant, site, queue, channel, grain, start`;
};

/** Recomputes the intervals that hold the touched instants, from the facts as they stand. Repeating it changes nothing. */
export const recomputeIntervals = async (
  client: ClickHouseClient,
  touched: Iterable<TouchedInterval>,
  versions: SiteVersions,
): Promise<void> => {
  for (const batch of batchesOf(touchedQuarters(touched))) {
    const range = {
      tenants: batch.map(({ tenant }) => tenant),
      queues: batch.map(({ queue }) => queue),
      firstQuarter: batch[0]?.quarter ?? 0,
      lastQuarter: batch.at(-1)?.quarter ?? 0,
    };
    const anchorHours = anchorHoursOf(range, await strayHours(client, range));
    await client.command({ query: recomputeSql(batch, anchorHours, versions) });
  }
};
