import type { ClickHouseClient } from '@clickhouse/client';
import { aggregateLegs, MEASURES, mergeForInsert, zeroMeasures } from '@queuecast/metrics';
import { currentLegs } from './current-legs.js';
import { batchesOf, MINUTE, QUARTER, touchedQuarters, type TouchedQuarter } from './interval-keys.js';
import { text, texts, whole } from './literals.js';
import type { TouchedInterval } from './port.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';

/** Highest fact version of the flush, by `tenant/site`: slugs, so that the slash is unambiguous. */
export type SiteVersions = ReadonlyMap<string, number>;

const tuples = (quarters: readonly TouchedQuarter[], numbers: (quarter: TouchedQuarter) => Iterable<number>): string =>
  `(${quarters
    .flatMap((quarter) => {
      const queue = `${text(quarter.tenant)}, ${text(quarter.site)}, ${text(quarter.queue)}`;
      return [...numbers(quarter)].map((number) => `(${queue}, ${whole(number)})`);
    })
    .join(', ')})`;

const versionOfSite = (versions: SiteVersions): string => {
  const cases = [...versions].map(([site, version]) => `concat(tenant, '/', site) = ${text(site)}, ${whole(version)}`);
  return cases.length === 0 ? 'toUInt64(0)' : `toUInt64(multiIf(${cases.join(', ')}, 0))`;
};

/**
 * One statement that derives the batch's intervals, both grains, from the legs and writes them. An interval that the
 * store knows and whose legs are all gone comes out as a row of zeros. The row's version is the flush's highest of
 * that site: versions of one site ascend with the log, so that a later recompute wins, and a processor that lost the
 * site cannot undo what its successor wrote. A recompute without a flush keeps the versions there are.
 */
const recomputeSql = (batch: readonly TouchedQuarter[], anchorHours: string, versions: SiteVersions): string => {
  const tenants = texts(batch.map(({ tenant }) => tenant));
  const queues = texts(batch.map(({ queue }) => queue));
  const quarters = tuples(batch, ({ quarter }) => [quarter]);
  const minutes = tuples(batch, ({ minutes }) => minutes);
  const first = whole((batch[0]?.quarter ?? 0) * QUARTER);
  const last = whole(((batch.at(-1)?.quarter ?? 0) + 1) * QUARTER - 1);
  return `INSERT INTO queue_intervals
  (tenant, site, queue, channel, grain, start, version, ${MEASURES.map((measure) => measure.name).join(', ')})
SELECT tenant, site, queue, channel, grain, start, max(row_version),
  ${mergeForInsert()}
FROM (
SELECT tenant, site, queue, channel, toUInt16(seconds) AS grain,
  toDateTime(intDiv(queued_s, seconds) * seconds, 'UTC') AS start,
  greatest(max(version), ${versionOfSite(versions)}) AS row_version,
  ${aggregateLegs()}
FROM (
${currentLegs(`tenant IN ${tenants} AND queue IN ${queues} AND ${anchorHours}`)}
)
ARRAY JOIN [${MINUTE}, ${QUARTER}] AS seconds
WHERE (tenant, site, queue, intDiv(queued_s, ${QUARTER})) IN ${quarters}
  AND (seconds = ${QUARTER} OR (tenant, site, queue, intDiv(queued_s, ${MINUTE})) IN ${minutes})
GROUP BY tenant, site, queue, channel, grain, start
UNION ALL
SELECT tenant, site, queue, channel, grain, start,
  if(${versionOfSite(versions)} = 0, version, ${versionOfSite(versions)}) AS row_version,
  ${zeroMeasures()}
FROM queue_intervals
WHERE tenant IN ${tenants} AND queue IN ${queues} AND grain IN (${MINUTE}, ${QUARTER})
  AND start BETWEEN toDateTime(${first}, 'UTC') AND toDateTime(${last}, 'UTC')
  AND if(grain = ${QUARTER},
    (tenant, site, queue, intDiv(toUInt32(start), ${QUARTER})) IN ${quarters},
    (tenant, site, queue, intDiv(toUInt32(start), ${MINUTE})) IN ${minutes})
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
