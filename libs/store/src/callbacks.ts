import type { ClickHouseClient } from '@clickhouse/client';
import { LAPSED_MS, type CallbackRow } from '@queuecast/callbacks';
import type { QueueId, TenantId } from '@queuecast/events';
import { z } from 'zod';
import { instantLiteral, text, texts, whole } from './literals.js';
import { PageCursor } from './page-cursor.js';
import type { CallbackPage, CallbacksRequest, QueueKey, SiteKey } from './port.js';
import { MAX_PAGE_ROWS, requireWhole } from './report-range.js';
import { callbackOf } from './rows/callbacks.js';

const PAGE_ROWS = 10_000;

const marksOf = async (client: ClickHouseClient, query: string): Promise<CallbackRow[]> => {
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  return (await result.json<[marks: string, ...unknown[]]>()).map(([marks]) => callbackOf(marks));
};

const ofSite = ({ tenant, site }: SiteKey): string => `tenant = ${text(tenant)} AND site = ${text(site)}`;

/** Every row of a condition that the current version of a promise fulfils, in pages by id. */
const all = async (client: ClickHouseClient, site: SiteKey, condition: string): Promise<CallbackRow[]> => {
  const rows: CallbackRow[] = [];
  for (;;) {
    const last = rows.at(-1);
    const next = `${ofSite(site)}${last ? ` AND id > ${text(last.id)}` : ''}`;
    const page = await marksOf(
      client,
      `SELECT marks FROM callbacks FINAL
WHERE ${next} AND ${condition} AND id IN (SELECT id FROM callbacks WHERE ${next} AND ${condition})
ORDER BY id LIMIT ${whole(PAGE_ROWS)}`,
    );
    rows.push(...page);
    if (page.length < PAGE_ROWS) return rows;
  }
};

/** What a processor holds: what is open and not long overdue, and what the dialer has to be told of. */
export const recoverCallbacks = (client: ClickHouseClient, site: SiteKey, now: number): Promise<CallbackRow[]> =>
  all(client, site, `(state = 'open' OR pending) AND due_at >= ${instantLiteral(now - LAPSED_MS)}`);

/** The open promises of a queue that are not long overdue, duplicates among them. */
export const openCallbacks = (client: ClickHouseClient, key: QueueKey, now: number): Promise<CallbackRow[]> =>
  all(client, key, `queue = ${text(key.queue)} AND state = 'open' AND due_at >= ${instantLiteral(now - LAPSED_MS)}`);

/** Promises by id, of any site of the tenant; those unknown are left out. */
export const readCallbacks = (
  client: ClickHouseClient,
  tenant: TenantId,
  ids: readonly string[],
): Promise<CallbackRow[]> =>
  marksOf(
    client,
    `SELECT marks FROM callbacks WHERE tenant = ${text(tenant)} AND id IN ${texts(ids)}
ORDER BY version DESC LIMIT 1 BY site, id`,
  );

const cursors = new PageCursor(z.tuple([z.int(), z.string()]));

/** A class of the promise ledger, from columns of `callbacks`, at an instant in milliseconds. */
export const callbackClassSql = (asOf: string): string =>
  `multiIf(state = 'kept' AND assumeNotNull(closed_at) <= due_at, 'kept',
    state = 'kept', 'late',
    state = 'cancelled' AND assumeNotNull(closed_at) <= due_at, 'cancelled',
    state != 'open' OR toUnixTimestamp64Milli(due_at) < ${asOf}, 'broken',
    'open')`;

/**
 * The current rows of a tenant that stand for a promise of their own. A duplicate does once what it duplicates was
 * called off.
 */
export const countedCallbacks = (tenant: TenantId): string => `SELECT * FROM callbacks FINAL
WHERE tenant = ${text(tenant)} AND queue != '' AND (duplicate_of = '' OR (site, duplicate_of) IN (
  SELECT site, id FROM callbacks FINAL WHERE tenant = ${text(tenant)} AND state IN ('cancelled', 'withdrawn')))`;

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
  const query = `SELECT marks, class FROM (
SELECT marks, due_at, id, queue, ${callbackClassSql(`toInt64(${whole(now)})`)} AS class FROM (${countedCallbacks(request.tenant)})
)
${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
ORDER BY due_at, id LIMIT ${whole(request.limit + 1)}`;
  const result = await client.query({ query, format: 'JSONCompactEachRow' });
  const records = await result.json<[string, CallbackPage['rows'][number]['class']]>();
  const rows = records
    .slice(0, request.limit)
    .map(([marks, cls]) => ({ ...callbackOf(marks), class: cls, queue: callbackOf(marks).queue as QueueId }));
  const last = rows.at(-1);
  return { rows, nextCursor: last && records.length > request.limit ? cursors.encode([last.dueAt, last.id]) : null };
};
