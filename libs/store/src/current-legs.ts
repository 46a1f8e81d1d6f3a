import type { ClickHouseClient } from '@clickhouse/client';
import { LEG_COLUMNS } from '@queuecast/metrics';

const selectLegs = (
  columns: readonly string[],
): string => `SELECT tenant, queue, ${columns.join(', ')}, channel, version,
  toUInt32(least(greatest(intDiv(toUnixTimestamp64Milli(queued_at), 1000), 0), 4294967295)) AS queued_s
FROM contact_legs`;

/**
 * SELECT of the current version of each leg that `condition` (on columns of the sorting key) finds, with `columns` (by
 * default those that measures read) and `queued_s`. The same rows as with FINAL; over hundreds of queues' short ranges 10
 * times as fast, since FINAL merges the parts range by range.
 */
export const currentLegs = (
  condition: string,
  columns: readonly string[] = LEG_COLUMNS,
): string => `${selectLegs(columns)}
WHERE ${condition}
ORDER BY version DESC
LIMIT 1 BY tenant, queue, anchor_hour, site, contact, leg`;

/** Legs of one queue above which merging its range takes less than sorting its rows: 0.6 ms a range, 2 us a row. */
const MERGED_FROM = 300;

/** As {@link currentLegs}, in the way that takes less: over full ranges FINAL is 4 times as fast, since nothing is sorted. */
export const currentLegsOf = async (client: ClickHouseClient, condition: string, queues: number): Promise<string> => {
  const result = await client.query({
    query: `SELECT count() FROM contact_legs WHERE ${condition}`,
    format: 'JSONCompactEachRow',
  });
  const [row] = await result.json<[string]>();
  if (Number(row?.[0] ?? 0) < MERGED_FROM * queues) return currentLegs(condition);
  return `${selectLegs(LEG_COLUMNS)} FINAL\nWHERE ${condition}`;
};
