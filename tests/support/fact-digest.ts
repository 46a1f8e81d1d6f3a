import type { Store } from '@queuecast/store';

/** Columns that say when and where a row was written, not what is known. */
const CIRCUMSTANCES: Readonly<Record<string, string>> = {
  contact_legs: 'version',
  agent_spells: 'version',
  // The marks hold the log position of each event.
  contacts: 'version, marks',
  queue_intervals: 'version',
};

export type FactDigest = Record<string, { readonly rows: string; readonly digest: string }>;

/** Row count and content hash of every table of facts: equal for equal facts, whatever way they came. */
export const digestFacts = async (store: Store): Promise<FactDigest> => {
  const digests: FactDigest = {};
  for (const [table, except] of Object.entries(CIRCUMSTANCES)) {
    const [row] = await store.report(
      `SELECT toString(count()) AS rows, toString(sum(cityHash64(toString(tuple(* EXCEPT (${except})))))) AS digest FROM ${table} FINAL`,
      {},
    );
    digests[table] = { rows: String(row?.['rows']), digest: String(row?.['digest']) };
  }
  return digests;
};
