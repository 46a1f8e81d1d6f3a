import type { Store } from '@queuecast/store';

/** One table of facts as it is compared: what tells its rows apart, and what of a row must be equal. */
interface ComparedTable {
  readonly name: string;
  readonly key: readonly string[];
  /** Select list without what says when and where a row was written rather than what is known. */
  readonly content: string;
  readonly where?: string;
}

/** The marks name the log position of each event: `v`, and `first` of a leg. */
const MARKS_WITHOUT_POSITIONS = `replaceRegexpAll(marks, '"(v|first)":[0-9]+', '"\\\\1":0')`;

const COMPARED: readonly ComparedTable[] = [
  {
    name: 'contact_legs',
    key: ['tenant', 'site', 'queue', 'contact', 'leg'],
    content: '* EXCEPT (version)',
  },
  { name: 'agent_spells', key: ['tenant', 'site', 'agent', 'from_at'], content: '* EXCEPT (version)' },
  {
    name: 'contacts',
    key: ['tenant', 'site', 'contact'],
    content: `* EXCEPT (version) REPLACE (${MARKS_WITHOUT_POSITIONS} AS marks)`,
  },
  {
    name: 'events',
    key: ['tenant', 'site', 'source', 'id'],
    content: '* EXCEPT (version, appended_at)',
    // When a contact is suspected first depends on how far the log had been read at the moment.
    where: `type != 'acd.contact.suspected'`,
  },
  {
    name: 'callbacks',
    key: ['tenant', 'site', 'id'],
    content: `* EXCEPT (version) REPLACE (${MARKS_WITHOUT_POSITIONS} AS marks)`,
  },
  {
    name: 'queue_intervals',
    key: ['tenant', 'site', 'queue', 'channel', 'grain', 'start'],
    content: '* EXCEPT (version) REPLACE (arraySort(contact_keys) AS contact_keys)',
    // A row of zeros says that legs were here once and moved: whether one was written meanwhile depends on the flushes.
    where: 'legs_offered + legs_internal > 0',
  },
  { name: 'published_intervals', key: ['tenant', 'site', 'queue', 'channel', 'start'], content: '*' },
  {
    name: 'interval_changes',
    key: ['tenant', 'site', 'queue', 'channel', 'start', 'contact', 'leg', 'event_source', 'event_id'],
    content: '* EXCEPT (version)',
  },
];

const sourceOf = ({ name, where }: ComparedTable): string => `${name} FINAL${where ? ` WHERE ${where}` : ''}`;

export type FactDigest = Record<string, { readonly rows: string; readonly digest: string }>;

/** Row count and content hash of every table of facts: equal for equal facts, whatever way they came. */
export const digestFacts = async (store: Store): Promise<FactDigest> => {
  const digests: FactDigest = {};
  for (const table of COMPARED) {
    const [row] = await store.report(
      `SELECT toString(count()) AS rows, toString(sum(cityHash64(toString(tuple(${table.content}))))) AS digest
FROM ${sourceOf(table)}`,
      {},
    );
    digests[table.name] = { rows: String(row?.['rows']), digest: String(row?.['digest']) };
  }
  return digests;
};

const BUCKETS = 512;
/** So many buckets of a table are shown row by row; the others only counted. */
const BUCKETS_SHOWN = 8;

/** The facts in digests of some hundred buckets of rows per table, so that the rows that differ can be found. */
export type FactBuckets = ReadonlyMap<string, ReadonlyMap<number, { readonly rows: number; readonly digest: string }>>;

const bucketOf = (table: ComparedTable): string => `cityHash64(${table.key.join(', ')}) % ${BUCKETS}`;

export const factBuckets = async (store: Store): Promise<FactBuckets> => {
  const tables = new Map<string, Map<number, { rows: number; digest: string }>>();
  for (const table of COMPARED) {
    const rows = await store.report(
      `SELECT ${bucketOf(table)} AS bucket, count() AS rows, toString(sum(cityHash64(toString(tuple(${table.content}))))) AS digest
FROM ${sourceOf(table)} GROUP BY bucket`,
      {},
    );
    tables.set(
      table.name,
      new Map(rows.map((row) => [Number(row['bucket']), { rows: Number(row['rows']), digest: String(row['digest']) }])),
    );
  }
  return tables;
};

export const rowsIn = (buckets: FactBuckets): number =>
  [...buckets.values()].reduce((sum, table) => sum + [...table.values()].reduce((all, { rows }) => all + rows, 0), 0);

/** The buckets in which two stores differ, by table; tables without any are left out. */
export const differingBuckets = (expected: FactBuckets, found: FactBuckets): ReadonlyMap<string, readonly number[]> => {
  const differing = new Map<string, number[]>();
  for (const { name } of COMPARED) {
    const [one, other] = [expected.get(name), found.get(name)];
    const numbers = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(
      (bucket) =>
        one?.get(bucket)?.rows !== other?.get(bucket)?.rows || one?.get(bucket)?.digest !== other?.get(bucket)?.digest,
    );
    if (numbers.length > 0) differing.set(name, numbers);
  }
  return differing;
};

/** Rows as text by `table` and key, of the first differing buckets of every table. */
export type FactRows = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

export const rowsOfBuckets = async (
  store: Store,
  buckets: ReadonlyMap<string, readonly number[]>,
): Promise<FactRows> => {
  const rows = new Map<string, Record<string, unknown>>();
  for (const table of COMPARED) {
    const wanted = buckets.get(table.name)?.slice(0, BUCKETS_SHOWN);
    if (!wanted) continue;
    const found = await store.report(
      `SELECT ${table.content} FROM ${sourceOf(table)} ${table.where ? 'AND' : 'WHERE'} ${bucketOf(table)} IN (${wanted.join(', ')})`,
      {},
    );
    for (const row of found) rows.set(`${table.name} ${table.key.map((column) => row[column]).join(' ')}`, row);
  }
  return rows;
};

/** One line per row that is not the same in both, with the columns that differ. */
export const describeDifferences = (expected: FactRows, found: FactRows): string[] => {
  const lines: string[] = [];
  for (const key of [...new Set([...expected.keys(), ...found.keys()])].sort()) {
    const [one, other] = [expected.get(key), found.get(key)];
    if (!one || !other) {
      lines.push(`${key}: ${one ? 'missing' : 'unexpected'} ${JSON.stringify(one ?? other)}`);
      continue;
    }
    const columns = Object.keys(one).filter((column) => JSON.stringify(one[column]) !== JSON.stringify(other[column]));
    if (columns.length === 0) continue;
    const changes = columns.map(
      (column) => `${column} ${JSON.stringify(other[column])} instead of ${JSON.stringify(one[column])}`,
    );
    lines.push(`${key}: ${changes.join('; ')}`);
  }
  return lines;
};
