import type { ClickHouseClient } from '@clickhouse/client';
import { deriveCallbacks, LAPSED_MS, type CallbackMarks, type CallbackRow } from '@queuecast/callbacks';
import type { QueueId, TenantId } from '@queuecast/events';
import { z } from 'zod';
import { instantLiteral, text, texts, whole } from './literals.js';
import { PageCursor } from './page-cursor.js';
import type { CallbackPage, CallbacksRequest, QueueKey, SiteKey } from './port.js';
import { MAX_PAGE_ROWS, requireWhole } from './report-range.js';

const PAGE_ROWS = 10_000;

/** The promises that a query gives the marks of. Their rows are right if the rest of each number is among them. */
const marksOf = async (client: ClickHouseClient, query: string): Promise<CallbackMarks[]> => {
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  return (await result.json<[marks: string]>()).map(([marks]) => JSON.parse(marks) as CallbackMarks);
};

const ofSite = ({ tenant, site }: SiteKey): string => `tenant = ${text(tenant)} AND site = ${text(site)}`;

/**
 * What is to be read for a condition: whatever fulfils it, with all of the same number and queue.
 *
 * @param within where to look
 */
const withNumbers = (within: string, condition: string): string =>
  `(${condition} OR (caller_key != '' AND (queue, caller_key) IN (
  SELECT queue, caller_key FROM callbacks WHERE ${within} AND ${condition})))`;

/** Every promise whose current version fulfils a condition, with all of its number and queue; in pages by id. */
const all = async (client: ClickHouseClient, site: SiteKey, condition: string): Promise<CallbackRow[]> => {
  const marks: CallbackMarks[] = [];
  const wanted = withNumbers(ofSite(site), condition);
  for (;;) {
    const last = marks.at(-1);
    const next = `${ofSite(site)}${last ? ` AND id > ${text(last.id)}` : ''}`;
    const page = await marksOf(
      client,
      `SELECT marks FROM callbacks FINAL
WHERE ${next} AND ${wanted} AND id IN (SELECT id FROM callbacks WHERE ${next} AND ${wanted})
ORDER BY id LIMIT ${whole(PAGE_ROWS)}`,
    );
    marks.push(...page);
    if (page.length < PAGE_ROWS) return deriveCallbacks(marks);
  }
};

/** What a processor holds: what is open and not long overdue, and what the dialer has to be told of. */
export const recoverCallbacks = (client: ClickHouseClient, site: SiteKey, now: number): Promise<CallbackRow[]> =>
  all(client, site, `(state = 'open' OR pending) AND due_at >= ${instantLiteral(now - LAPSED_MS)}`);

/** The open promises of a queue that are not long overdue, with all others of their numbers there. */
export const openCallbacks = (client: ClickHouseClient, key: QueueKey, now: number): Promise<CallbackRow[]> =>
  all(client, key, `queue = ${text(key.queue)} AND state = 'open' AND due_at >= ${instantLiteral(now - LAPSED_MS)}`);

/** Promises by id and by number, of any site of the tenant, each with all of its number and queue; those unknown are left out. */
export const readCallbacks = async (
  client: ClickHouseClient,
  tenant: TenantId,
  ids: readonly string[],
  callerKeys: readonly string[],
): Promise<CallbackRow[]> => {
  const rows = `SELECT marks, site, id, version FROM callbacks WHERE tenant = ${text(tenant)}`;
  const numbersOfIds = `SELECT caller_key FROM callbacks WHERE tenant = ${text(tenant)} AND id IN ${texts(ids)}`;
  const parts = [
    ...(ids.length === 0 ? [] : [`${rows} AND id IN ${texts(ids)}`]),
    ...(ids.length === 0 ? [] : [`${rows} AND caller_key != '' AND caller_key IN (${numbersOfIds})`]),
    ...(callerKeys.length === 0 ? [] : [`${rows} AND caller_key IN ${texts(callerKeys)}`]),
  ];
  if (parts.length === 0) return [];
  // Each part by an index of its own: the two in one condition would read the whole table.
  const query = `SELECT marks FROM (${parts.join('\nUNION ALL\n')}) ORDER BY version DESC LIMIT 1 BY site, id`;
  return deriveCallbacks(await marksOf(client, query));
};

const cursors = new PageCursor(z.tuple([z.int(), z.string()]));

/** A class of the promise ledger, from columns of `callbacks`, at an instant in milliseconds. */
export const callbackClassSql = (asOf: string): string =>
  `multiIf(state = 'kept' AND assumeNotNull(closed_at) <= due_at, 'kept',
    state = 'kept', 'late',
    state = 'cancelled' AND assumeNotNull(closed_at) <= due_at, 'cancelled',
    state != 'open' OR toUnixTimestamp64Milli(due_at) < ${asOf}, 'broken',
    'open')`;

/** The current rows of a tenant that stand for a promise of their own. */
export const countedCallbacks = (tenant: TenantId): string => `SELECT * FROM callbacks FINAL
WHERE tenant = ${text(tenant)} AND queue != '' AND duplicate_of = ''`;

/**
 * A page of a tenant's promises, in the order in which they fall due.
 *
 * @throws InvalidReportError
 */
export const listCallbacks = async (
  client: ClickHouseClient,
  request: CallbacksRequest,
  now: number,
): Promise<CallbackPage> => {
  requireWhole('limit', request.limit, 1, MAX_PAGE_ROWS);
  const after = request.cursor === undefined ? null : cursors.decode(request.cursor);
  const conditions = [
    ...(request.queues.length === 0 ? [] : [`queue IN ${texts(request.queues)}`]),
    ...(request.classes.length === 0 ? [] : [`class IN ${texts(request.classes)}`]),
    ...(request.from === undefined ? [] : [`due_at >= ${instantLiteral(request.from)}`]),
    ...(request.to === undefined ? [] : [`due_at < ${instantLiteral(request.to)}`]),
    ...(after ? [`(due_at, id) > (${instantLiteral(after[0])}, ${text(after[1])})`] : []),
  ];
  const query = `SELECT site, id, class, due_at_ms FROM (
SELECT site, due_at, toUnixTimestamp64Milli(due_at) AS due_at_ms, id, queue, ${callbackClassSql(`toInt64(${whole(now)})`)} AS class FROM (${countedCallbacks(request.tenant)})
)
${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
ORDER BY due_at, id LIMIT ${whole(request.limit + 1)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[site: string, id: string, CallbackPage['rows'][number]['class'], string]>();
  const page = records.slice(0, request.limit);
  const [last] = page.slice(-1);
  const found = await readCallbacks(client, request.tenant, [...new Set(page.map(([, id]) => id))], []);
  const byId = new Map(found.map((row) => [JSON.stringify([row.site, row.id]), row]));
  return {
    rows: page.flatMap(([site, id, cls]) => {
      const row = byId.get(JSON.stringify([site, id]));
      return row ? [{ ...row, class: cls, queue: row.queue as QueueId }] : [];
    }),
    // By what the page was ordered by: the promise itself may have been moved since.
    nextCursor: last && records.length > request.limit ? cursors.encode([Number(last[3]), last[1]]) : null,
  };
};
