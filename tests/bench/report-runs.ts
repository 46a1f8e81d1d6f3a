import type { ClickHouseClient } from '@clickhouse/client';
import type { Cell, ReportCase, Row } from './report-cases.js';

/** Milliseconds of one round, and of processor time in all threads: less noisy where others use the cores too. */
export interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What one case took, by round; the numbers were the same. */
export interface ReportRun {
  readonly name: string;
  readonly rows: number;
  readonly pages: number;
  readonly product: readonly Taken[];
  readonly byHand: readonly Taken[];
  readonly aimMs: number | null;
}

/** Integers exactly, quotients to 1e-9. */
const sameCell = (one: Cell | undefined, other: Cell | undefined): boolean => {
  if (one === other) return true;
  if (typeof one !== 'number' || typeof other !== 'number') return false;
  if (Number.isInteger(one) && Number.isInteger(other)) return false;
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one));
};

const cellOf = (value: Cell | boolean): Cell =>
  // 64-bit integers are quoted in JSON.
  typeof value === 'string' && /^-?\d+$/.test(value)
    ? Number(value)
    : typeof value === 'boolean'
      ? Number(value)
      : value;

/** A row in which nothing happened is served for every window asked for, and is none to a GROUP BY. */
const isEmpty = (row: Row): boolean => row.every((cell, n) => n < 2 || cell === 0 || cell === null);

const inOrder = (rows: readonly Row[]): Row[] =>
  rows
    .filter((row) => !isEmpty(row))
    .map((row) => ({ row, key: row.slice(0, 4).join('\u0000') }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ row }) => row);

/** @throws Error that shows the first row that is not the same */
const requireSame = (name: string, found: readonly Row[], expected: readonly Row[], what: string): void => {
  const [own, others] = [inOrder(found), inOrder(expected)];
  for (let n = 0; n < Math.max(own.length, others.length); n += 1) {
    const [one, other] = [own[n], others[n]];
    if (one?.length !== other?.length || !one?.every((cell, column) => sameCell(cell, other?.[column])))
      throw new Error(
        `${name}: row ${n} of ${own.length} is ${JSON.stringify(one)}, ${what} says ${JSON.stringify(other)} (${others.length} rows)`,
      );
  }
};

const rowsOf = async (client: ClickHouseClient, query: string): Promise<Row[]> =>
  (await (await client.query({ query, format: 'JSONCompactEachRow' })).json<(Cell | boolean)[]>()).map((row) =>
    row.map(cellOf),
  );

const timed = async <Result>(work: () => Promise<Result>): Promise<Taken & { readonly result: Result }> => {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, result };
};

/**
 * Product and hand in turns, so that both meet the same machine; every round's numbers are compared, and those of the
 * first with the legs themselves.
 */
export const runCase = async (
  { name, rounds, pages, aimMs, product, byHand, fromLegs }: ReportCase,
  client: ClickHouseClient,
  legs: ClickHouseClient,
): Promise<ReportRun> => {
  const run = { product: [] as Taken[], byHand: [] as Taken[] };
  let rows = 0;
  // The first round finds the caches cold, and is not counted.
  for (let n = 0; n <= rounds; n += 1) {
    const sql = byHand(n);
    const first = n % 2 === 0;
    const before = first ? null : await timed(() => rowsOf(client, sql));
    const own = await timed(() => product(n));
    const hand = before ?? (await timed(() => rowsOf(client, sql)));
    requireSame(name, own.result, hand.result, 'the hand-written statement');
    rows = Math.max(rows, own.result.length);
    if (n === 0 && fromLegs) {
      const expected: Row[] = [];
      for (const statement of fromLegs(n)) expected.push(...(await rowsOf(legs, statement)));
      requireSame(name, own.result, expected, 'the sum over the legs');
    }
    if (n === 0) continue;
    run.product.push({ ms: own.ms, cpuMs: own.cpuMs });
    run.byHand.push({ ms: hand.ms, cpuMs: hand.cpuMs });
  }
  return { name, rows, pages: pages?.(rows) ?? 1, ...run, aimMs: aimMs ?? null };
};
