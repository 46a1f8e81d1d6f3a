import type { ClickHouseClient } from '@clickhouse/client';
import { currentLegs } from './current-legs.js';
import { MINUTE, QUARTER } from './interval-keys.js';
import { texts, whole } from './literals.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';
import type { JourneyRange } from './journey-rows.js';

/** Whose forecasts: what contacts were told, or a row for each estimator besides. */
export type Forecasters = 'served' | 'each';

const OTHERS = `ARRAY JOIN arrayConcat(['served'], arrayMap(name -> toString(name), mapKeys(forecasts))) AS predictor,
  arrayConcat([toInt64(ifNull(p50_ms, 0))], arrayMap(wait -> toInt64(wait), mapValues(forecasts))) AS p50`;

/**
 * SQL of the customers' legs that joined in the range beside what was forecast of them then, as the registry's measures
 * of forecasts read them, with the minute they joined in. A leg that nobody was there to see joining (its first event
 * told of an answer) has no forecast, and no row. Estimators are compared on the same legs, those that were told a band:
 * where nothing was told, the waits are those that are hardest to foretell.
 */
export const forecastRows = async (
  client: ClickHouseClient,
  range: JourneyRange,
  whose: Forecasters,
): Promise<string> => {
  const quarters = {
    tenants: range.tenants,
    queues: range.queues,
    firstQuarter: Math.floor(range.fromSecond / QUARTER),
    lastQuarter: Math.floor((range.toSecond - 1) / QUARTER),
  };
  const kept = [
    `tenant IN ${texts(range.tenants)}`,
    ...(range.queues ? [`queue IN ${texts(range.queues)}`] : []),
    anchorHoursOf(quarters, await strayHours(client, quarters)),
  ].join(' AND ');
  const wanted = [
    'NOT internal',
    `queued_s >= ${whole(range.fromSecond)} AND queued_s < ${whole(range.toSecond)}`,
    ...(range.sites ? [`site IN ${texts(range.sites)}`] : []),
  ].join(' AND ');
  const key = 'tenant, queue, site, contact, leg, anchor_hour';
  return `SELECT tenant, site, queue, channel, toUInt32(${MINUTE}) AS grain_s,
  toUInt32(intDiv(queued_s, ${MINUTE}) * ${MINUTE}) AS start_s, ${whose === 'each' ? 'predictor, ' : ''}
  is_answered, is_abandoned, waited, is_banded_leg AS is_told,
  ${whose === 'each' ? `predictor = 'served' AND is_banded_leg` : 'is_banded_leg'} AS is_banded, low, p50, high
FROM (
SELECT *, p50_ms IS NOT NULL AS is_banded_leg, outcome = 'answered' AS is_answered, outcome = 'abandoned' AS is_abandoned,
  toInt64(greatest(ifNull(wait_ms, 0), 0)) AS waited, toInt64(ifNull(low_ms, 0)) AS low, toInt64(ifNull(high_ms, 0)) AS high${
    whose === 'each' ? '' : ', toInt64(ifNull(p50_ms, 0)) AS p50'
  }
FROM (
SELECT * FROM (
${currentLegs(kept, ['site', 'contact', 'leg', 'anchor_hour', 'internal', 'outcome', 'queued_at', 'wait_ms'])}
)
WHERE ${wanted}
) AS legs
INNER JOIN (
SELECT ${key}, low_ms, p50_ms, high_ms${whose === 'each' ? ', forecasts' : ''} FROM wait_forecasts FINAL
WHERE ${kept}
) AS told USING (${key})
)
${whose === 'each' ? OTHERS : ''}`;
};
