import type { ClickHouseClient } from '@clickhouse/client';
import type { EstimatorState, SiteKey } from './port.js';

/** Keeps a state beside the facts; of several the highest version counts. */
export const writeEstimatorState = async (
  client: ClickHouseClient,
  { tenant, site }: SiteKey,
  { version, bytes }: EstimatorState,
): Promise<void> => {
  await client.insert({
    table: 'estimator_states',
    columns: ['tenant', 'site', 'version', 'state'],
    values: [[tenant, site, String(version), Buffer.from(bytes).toString('base64')]],
    format: 'JSONCompactEachRow',
  });
};

/** The state kept last; null if none was. */
export const readEstimatorState = async (
  client: ClickHouseClient,
  { tenant, site }: SiteKey,
): Promise<EstimatorState | null> => {
  const result = await client.query({
    query: `SELECT toString(version) AS version, state FROM estimator_states
WHERE tenant = {tenant:String} AND site = {site:String} ORDER BY estimator_states.version DESC LIMIT 1`,
    query_params: { tenant, site },
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ version: string; state: string }>();
  return row ? { version: Number(row.version), bytes: Buffer.from(row.state, 'base64') } : null;
};
