import type { ClickHouseClient } from '@clickhouse/client';
import type { LegOutcome, SpellFact } from '@queuecast/contact-center';
import type { AgentId, ContactId, Instant, LegId, Milliseconds, QueueId } from '@queuecast/events';
import { instantLiteral, text, whole } from './literals.js';
import type { PastLeg, PastLegsRequest, SiteKey } from './port.js';
import { ofSite, rowsOf } from './recovery.js';
import { SPELL_COLUMNS, spellOf, type SpellRecord } from './rows/spells.js';

const HOUR_MS = 3_600_000;

const millisecondsOf = (column: string): string => `toUnixTimestamp64Milli(${column})`;

type PastLegRecord = readonly [
  queue: string,
  contact: string,
  leg: string,
  queuedAt: string,
  outcome: string,
  agent: string,
  answeredAt: string | null,
  leftQueueAt: string | null,
  endedAt: string | null,
  wrappedUpAt: string | null,
  waitMs: string | null,
  talkMs: string | null,
  holdMs: string | null,
  wrapMs: string | null,
];

const COLUMNS = [
  'queue',
  'contact',
  'leg',
  `${millisecondsOf('queued_at')} AS queued_ms`,
  'outcome',
  'agent',
  ...['answered_at', 'left_queue_at', 'ended_at', 'wrapped_up_at'].map(millisecondsOf),
  'wait_ms',
  'talk_ms',
  'hold_ms',
  'wrap_ms',
].join(', ');

const instantOf = (quoted: string | null): Instant | null => (quoted === null ? null : (Number(quoted) as Instant));
const durationOf = (quoted: string | null): Milliseconds | null =>
  quoted === null ? null : (Number(quoted) as Milliseconds);

const pastLegOf = ([
  queue,
  contact,
  leg,
  queuedAt,
  outcome,
  agent,
  answeredAt,
  leftQueueAt,
  endedAt,
  wrappedUpAt,
  waitMs,
  talkMs,
  holdMs,
  wrapMs,
]: PastLegRecord): PastLeg => ({
  queue: queue as QueueId,
  contact: contact as ContactId,
  leg: leg as LegId,
  internal: false,
  queuedAt: Number(queuedAt) as Instant,
  outcome: outcome as LegOutcome,
  agent: agent === '' ? null : (agent as AgentId),
  answeredAt: instantOf(answeredAt),
  leftQueueAt: instantOf(leftQueueAt),
  endedAt: instantOf(endedAt),
  wrappedUpAt: instantOf(wrappedUpAt),
  waitMs: durationOf(waitMs),
  talkMs: durationOf(talkMs),
  holdMs: durationOf(holdMs),
  wrapMs: durationOf(wrapMs),
});

/** Legs stored under an hour that is not theirs, or the next, came very late: not in order, so nothing to learn from. */
const queuedFrom = (from: Instant): string =>
  `NOT internal AND queued_at >= ${instantLiteral(from)} AND anchor_hour >= ${instantLiteral(from - HOUR_MS)}`;

/** When the first of the last `legs` legs was queued, or of those of the last `days` days; null of none. */
export const readPastLegsStart = async (
  client: ClickHouseClient,
  site: SiteKey,
  days: number,
  legs: number,
): Promise<Instant | null> => {
  const [row] = await rowsOf<[string | null]>(
    client,
    `SELECT minOrNull(queued_ms) FROM (
  SELECT ${millisecondsOf('queued_at')} AS queued_ms FROM contact_legs FINAL
  WHERE ${ofSite(site)} AND NOT internal
    AND anchor_hour >= (SELECT max(anchor_hour) FROM contact_legs WHERE ${ofSite(site)}) - INTERVAL ${whole(days)} DAY
  ORDER BY queued_ms DESC LIMIT ${whole(legs)}
)`,
  );
  return instantOf(row?.[0] ?? null);
};

/** A page of a site's legs, in the order in which they were queued. */
export const readPastLegs = async (
  client: ClickHouseClient,
  site: SiteKey,
  { from, after, limit }: PastLegsRequest,
): Promise<PastLeg[]> => {
  const next = after
    ? `${queuedFrom(after.queuedAt)}
  AND (queued_at, contact, leg) > (${instantLiteral(after.queuedAt)}, ${text(after.contact)}, ${text(after.leg)})`
    : queuedFrom(from);
  const page = await rowsOf<PastLegRecord>(
    client,
    `SELECT ${COLUMNS} FROM contact_legs FINAL
WHERE ${ofSite(site)} AND ${next}
ORDER BY queued_ms, contact, leg LIMIT ${whole(limit)}`,
  );
  return page.map(pastLegOf);
};

/** What the agents of a site did from `from` on, `to` excluded, in the order of time. */
export const readPastSpells = async (
  client: ClickHouseClient,
  site: SiteKey,
  from: Instant,
  to: Instant,
): Promise<SpellFact[]> =>
  (
    await rowsOf<SpellRecord>(
      client,
      `SELECT ${SPELL_COLUMNS} FROM agent_spells FINAL
WHERE ${ofSite(site)} AND from_at >= ${instantLiteral(from)} AND from_at < ${instantLiteral(to)}
ORDER BY from_ms, agent`,
    )
  ).map(spellOf);
