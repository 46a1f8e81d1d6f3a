import type { ClickHouseClient } from '@clickhouse/client';
import type { Instant } from '@queuecast/events';
import { classCondition, LEDGER_CLASSES, type LedgerClass } from '@queuecast/metrics';
import { z } from 'zod';
import { currentLegs } from './current-legs.js';
import { InvalidReportError } from './errors.js';
import { MINUTE, QUARTER, storedSecond } from './interval-keys.js';
import { text, texts, whole } from './literals.js';
import { momentHours, waitingHours } from './moment-hours.js';
import { PageCursor } from './page-cursor.js';
import type { ContactsReport, ContactsRequest, ListedLeg } from './port.js';
import { MAX_PAGE_ROWS, requireWhole } from './report-range.js';
import { anchorHoursOf, strayHours } from './stray-legs.js';
import { checkThresholds, thresholdSql } from './thresholds.js';

const COLUMNS = [
  'site',
  'contact',
  'leg',
  'outcome',
  'internal',
  'agent',
  'queued_at',
  'answered_at',
  'left_queue_at',
  'ended_at',
  'wait_ms',
  'talk_ms',
  'hold_ms',
  'wrap_ms',
  'corrections',
];

const cursors = new PageCursor(z.tuple([z.int(), z.string(), z.string(), z.string(), z.string()]));

const milli = (column: string): string => `toUnixTimestamp64Milli(${column})`;
/** A wait is never negative, whatever the clocks of two sources say. */
const LEFT_MS = `greatest(${milli('queued_at')}, ${milli('assumeNotNull(left_queue_at)')})`;

/** By event, `still_waiting` is who waits at the end of the range, whenever they joined: what a row of the ledger counts. */
const areCarried = ({ attribution, class: name }: ContactsRequest): boolean =>
  (attribution === 'event' || attribution === 'clipped') && name === 'still_waiting';

/** The instant of a leg that lies in the range; null where there is none. */
const momentOf = ({ attribution, class: name }: ContactsRequest): string => {
  if (attribution === 'end') return milli('ended_at');
  if (attribution === 'arrival' || name === undefined) return milli('queued_at');
  return `if(left_queue_at IS NULL, NULL, ${LEFT_MS})`;
};

/** SQL of the seconds below which an abandon in the leg's queue is short. */
const shortSql = (request: ContactsRequest): string =>
  thresholdSql({ usual: request, own: request.ownThresholds }, 'shortAbandonSeconds');

/** The condition that puts a leg in the range, by its class too. */
const inRange = (request: ContactsRequest): string[] => {
  const { from, to, class: name } = request;
  if (areCarried(request))
    return [`queued_ms < ${whole(to)} AND (left_queue_at IS NULL OR ${LEFT_MS} >= ${whole(to)})`];
  return [
    `ifNull(moment_ms, -1) >= ${whole(from)} AND ifNull(moment_ms, -1) < ${whole(to)}`,
    ...(name === undefined ? [] : [classCondition(name, shortSql(request))]),
  ];
};

const hoursOf = async (client: ClickHouseClient, request: ContactsRequest): Promise<string> => {
  const tenants = [request.tenant];
  const queues = request.queues.length > 0 ? request.queues : null;
  if (areCarried(request)) return waitingHours(client, { tenants, queues, from: request.to, to: request.to });
  if (request.attribution !== 'arrival')
    return momentHours(client, { tenants, queues, from: request.from, to: request.to });
  const range = {
    tenants,
    queues,
    firstQuarter: Math.floor(storedSecond(request.from) / QUARTER),
    lastQuarter: Math.floor(storedSecond(request.to - 1) / QUARTER),
  };
  return anchorHoursOf(range, await strayHours(client, range));
};

/** The name of a leg's class; the empty text where it is in none. */
const classSql = (shortAbandonSeconds: string): string =>
  `multiIf(${LEDGER_CLASSES.map((name) => `${classCondition(name, shortAbandonSeconds)}, '${name}'`).join(', ')}, '')`;

type Time = string | null;
type Listed = [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  Time,
  Time,
  Time,
  string,
  Time,
  Time,
  Time,
  Time,
  number,
];

const numeric = (value: Time): number | null => (value === null ? null : Number(value));

const legOf = (listed: Listed): ListedLeg => {
  const [site, queue, channel, contact, leg, name, outcome, queuedAt, answeredAt, leftQueueAt, endedAt, agent] = listed;
  const [waitMs, talkMs, holdMs, wrapMs] = listed.slice(12, 16) as [Time, Time, Time, Time];
  return {
    site,
    queue,
    channel,
    contact,
    leg,
    class: name === '' ? null : (name as LedgerClass),
    outcome,
    queuedAt: Number(queuedAt) as Instant,
    answeredAt: numeric(answeredAt) as Instant | null,
    leftQueueAt: numeric(leftQueueAt) as Instant | null,
    endedAt: numeric(endedAt) as Instant | null,
    agent,
    waitMs: numeric(waitMs),
    talkMs: numeric(talkMs),
    holdMs: numeric(holdMs),
    wrapMs: numeric(wrapMs),
    corrections: listed[16],
  };
};

/**
 * One page of the offered legs behind a cell, by when they joined. Bounds are widened to whole minutes, as those of the
 * intervals are.
 *
 * @throws InvalidReportError
 */
export const readContactsReport = async (
  client: ClickHouseClient,
  request: ContactsRequest,
): Promise<ContactsReport> => {
  if (request.from >= request.to) throw new InvalidReportError('to: must be later than from');
  requireWhole('limit', request.limit, 1, MAX_PAGE_ROWS);
  checkThresholds({ usual: request, own: request.ownThresholds });
  const from = Math.floor(request.from / (MINUTE * 1000)) * MINUTE * 1000;
  const to = Math.ceil(request.to / (MINUTE * 1000)) * MINUTE * 1000;
  const own = { ...request, from, to } as ContactsRequest;
  const among = (column: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${column} IN ${texts(values)}`];
  const cursor = request.cursor === undefined ? null : cursors.decode(request.cursor);
  const wanted = [
    'NOT internal',
    ...inRange(own),
    ...among('site', request.sites),
    ...(request.channel === undefined ? [] : [`channel = ${text(request.channel)}`]),
    ...(request.agent === undefined ? [] : [`agent = ${text(request.agent)}`]),
    ...(cursor
      ? [
          `(queued_ms, site, queue, contact, leg) > (${whole(cursor[0])}, ${cursor
            .slice(1)
            .map((part) => text(String(part)))
            .join(', ')})`,
        ]
      : []),
  ];
  const keys = [`tenant = ${text(request.tenant)}`, ...among('queue', request.queues), await hoursOf(client, own)];
  const times = ['answered_at', 'left_queue_at', 'ended_at'].map(milli).join(', ');
  const result = await client.query({
    query: `SELECT site, queue, channel, contact, leg, ${classSql(shortSql(request))}, outcome, queued_ms, ${times}, agent, wait_ms, talk_ms, hold_ms, wrap_ms, corrections
FROM (
SELECT *, ${milli('queued_at')} AS queued_ms, ${momentOf(own)} AS moment_ms
FROM (
${currentLegs(keys.join(' AND '), COLUMNS)}
)
)
WHERE ${wanted.join(' AND ')}
ORDER BY queued_ms, site, queue, contact, leg
LIMIT ${whole(request.limit + 1)}`,
    format: 'JSONCompactEachRow',
  });
  const records = await result.json<Listed>();
  const rows = records.slice(0, request.limit).map(legOf);
  const last = rows.at(-1);
  return {
    rows,
    nextCursor:
      last && records.length > request.limit
        ? cursors.encode([last.queuedAt, last.site, last.queue, last.contact, last.leg])
        : null,
  };
};
